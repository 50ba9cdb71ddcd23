"""`./dev fuzz --minutes N`: damaged clips through the real children until the time is over.

A seed gives the same file each time. Whatever is neither made nor refused for what the *file* is (a crash, a time
limit, a rendition that does not play back, something touched outside) is saved in `.fuzz/` with its seed.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import msgspec
from tests.media.conftest import ClipRecipe
from tests.media.hostile.judging import judge
from tests.media.hostile.mutations import mutated, small_clips

from penchant.media.sandbox import try_sandbox

_OUR_FAULT = {"crashed", "timed_out", "check_failed", "no_space", "gave_up", "sandbox_off"}
_MAKER = Path(__file__).parent.parent / "clip_maker.py"
_FOUND = Path(".fuzz")


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0, help="how long")
    parser.add_argument("--seed", type=int, help="first seed; without it another one each time")
    parser.add_argument("--only", action="store_true", help="this one seed, to see it again")
    options = parser.parse_args()
    granted, reason = try_sandbox()
    if granted is None or granted.weak:
        print(f"no fuzzing here, the sandbox is not whole: {reason or ', '.join(granted.missing if granted else ())}")
        return 2
    first = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 32)
    with tempfile.TemporaryDirectory(prefix="penchant-fuzz-") as folder:
        clips = small_clips(make_clip, Path(folder))
        ends_at = time.monotonic() + 60 * options.minutes
        return _run(clips, first, ends_at, most=1 if options.only else None)


def _run(clips: list[bytes], first: int, ends_at: float, most: int | None) -> int:
    verdicts: Counter[str] = Counter()
    found = 0
    seed = first
    while time.monotonic() < ends_at and seed - first != most:
        content = mutated(clips, seed)
        with tempfile.TemporaryDirectory(prefix="penchant-fuzz-") as folder:
            try:
                code, detail, _ = judge(content, Path(folder))
            except AssertionError as error:
                code, detail = "escaped", str(error)
        verdicts[code] += 1
        if code in _OUR_FAULT or code == "escaped":
            found += 1
            _FOUND.mkdir(exist_ok=True)
            (_FOUND / f"{seed}-{code}").write_bytes(content)
            print(f"\rseed {seed}: {code}: {detail[-300:]}")
        seed += 1
        left = max(0, round(ends_at - time.monotonic()))
        print(f"\r{seed - first} files from seed {first}, {found} found, {left} s left ", end="", flush=True)
    print("\n" + ", ".join(f"{code} {count}" for code, count in verdicts.most_common()))
    return 1 if found else 0


def make_clip(path: Path, **changes: object) -> Path:
    recipe = msgspec.convert({"path": str(path), **changes}, ClipRecipe)
    subprocess.run([sys.executable, str(_MAKER)], input=msgspec.json.encode(recipe), check=True)
    return path


if __name__ == "__main__":
    sys.exit(main())
