"""Runs a program of ours that alone imports a large library: bytes in, bytes out, once.

Then its memory is given back.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import penchant


def run_apart(module: str, given: bytes, limit_s: float) -> subprocess.CompletedProcess[bytes]:
    """Run `python -m MODULE` with `given` on its standard input, in an empty folder and a nearly empty environment.

    Raises:
        subprocess.TimeoutExpired: it took longer than `limit_s`, and was ended.
    """
    with tempfile.TemporaryDirectory(prefix="penchant-apart-") as home:
        return subprocess.run(
            [sys.executable, "-P", "-s", "-m", module],
            input=given,
            capture_output=True,
            timeout=limit_s,
            cwd=home,
            # Nothing of ours, and no way to fetch anything: neither settings nor secrets nor a proxy.
            env={
                "PATH": "/usr/bin:/bin",
                "LANG": "C.UTF-8",
                "HOME": home,
                "TMPDIR": home,
                "PYTHONPATH": str(Path(penchant.__file__).parent.parent),
                "HF_HUB_OFFLINE": "1",
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
            },
            start_new_session=True,
        )


def last_words(done: subprocess.CompletedProcess[bytes]) -> str:
    """Why there is no answer, as far as the program said."""
    return f"exit code {done.returncode}: {done.stderr[-2000:].decode('utf-8', 'replace')}"
