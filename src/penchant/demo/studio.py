"""Runs the child program that makes clips: one process, an order at a time, ended with the block."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from penchant.core.errors import PenchantError
from penchant.demo.messages import Made, Order
from penchant.demo.plan import Clip

_CLIPS_PER_CHILD = 30
"""A fresh process now and then, so that what instruments and letters keep in memory stays small."""


class StudioFailed(PenchantError):
    """The child program ended without an answer."""

    code = "demo_failed"


class Studio:
    """Makes clips as files in a folder."""

    def __init__(self, folder: Path, niceness: int = 0) -> None:
        self._folder = folder
        self._niceness = niceness
        self._process: subprocess.Popen[bytes] | None = None
        self._made = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def make(self, clip: Clip) -> tuple[Made, Path, Path]:
        """Make one clip; returns what it is, its MP4 and its poster, which the caller removes.

        Raises:
            StudioFailed: the child ended; the next call starts another one.
        """
        if self._made >= _CLIPS_PER_CHILD:
            self._end()
        process = self._running()
        video, poster = self._folder / f"{clip.number}.mp4", self._folder / f"{clip.number}.jpg"
        order = msgspec.json.encode(Order(clip, str(video), str(poster)))
        assert process.stdin is not None
        assert process.stdout is not None
        line = b""
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(order + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
        if not line.endswith(b"\n"):
            self._end()
            raise StudioFailed(f"clip {clip.number} ({clip.theme}, {clip.style}) was not made: the child program ended")
        self._made += 1
        return msgspec.json.decode(line, type=Made), video, poster

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "penchant.demo.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # One core per child: two children on two cores are faster than threads that wait for each other.
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
                # Ctrl-C is the parent's to act on: it ends the child by closing the pipe.
                start_new_session=True,
            )
            if self._niceness:
                with contextlib.suppress(OSError):
                    os.setpriority(os.PRIO_PROCESS, self._process.pid, self._niceness)
            self._made = 0
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
