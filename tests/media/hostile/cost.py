"""`python -m tests.media.hostile.cost`: what each file of the corpus costs: verdict, seconds, memory at its peak.

Each in a process of its own, so that the peak is that of its own children.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.media.hostile.corpus import HOSTILE
from tests.media.hostile.fuzz import make_clip
from tests.media.hostile.judging import judge


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="penchant-cost-") as folder:
        clip = make_clip(Path(folder) / "clip.mp4", width=160, height=284)
        print(f"{'file':34}{'verdict':20}{'s':>6}{'MiB':>7}")
        for name in ("itself", *HOSTILE):
            subprocess.run([sys.executable, "-m", __spec__.name, name, str(clip)], check=True)


def one(name: str, clip: Path) -> None:
    content = clip.read_bytes() if name == "itself" else HOSTILE[name].make(clip.read_bytes())
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="penchant-cost-") as folder:
        code = judge(content, Path(folder)).code
    took, peak_kib = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(f"{name:34}{code:20}{took:6.1f}{peak_kib / 1024:7.0f}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        one(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
