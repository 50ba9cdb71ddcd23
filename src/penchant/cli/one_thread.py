"""Linear algebra as the worker and the taste process have it: one thread, and the machine's own kernel."""

import os
import subprocess
import sys
from typing import Final

import typer

UNSET: Final = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
"""Whoever sets these steers linear algebra to another kernel than the machine's own."""
ONE_THREAD: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def environment() -> dict[str, str]:
    """Ours, made so for a process that is started with it."""
    return {name: value for name, value in os.environ.items() if name not in UNSET} | ONE_THREAD


def have_one_thread() -> None:
    """Run the whole command again as a process with this environment, where ours is another.

    NumPy has read it by now, so that setting it here would change nothing.
    """
    if environment() != dict(os.environ):
        again = [sys.executable, "-m", "penchant", *sys.argv[1:]]
        raise typer.Exit(subprocess.run(again, env=environment(), check=False).returncode)
