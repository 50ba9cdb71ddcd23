"""Starts the program, gives it pictures, and hands out what is written in them."""

import subprocess
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from penchant.adapters.apart import last_words, run_apart
from penchant.adapters.ocr.messages import Lines, Read
from penchant.media.on_screen import ReaderFailed

_START_S: Final = 60.0
_PICTURE_S: Final = 15.0
"""A picture takes one or two seconds of a core; other work may have it."""


def read_lines(pictures: NDArray[np.uint8]) -> list[list[str]]:
    """A `ReadLines`; a process for each call, half a gigabyte of memory while it runs.

    Raises:
        ReaderFailed: there is no answer.
    """
    given = msgspec.json.encode(Read(*pictures.shape[:3])) + b"\n" + np.ascontiguousarray(pictures).tobytes()
    limit_s = _START_S + _PICTURE_S * len(pictures)
    try:
        done = run_apart("penchant.adapters.ocr", given, limit_s)
    except subprocess.TimeoutExpired as error:
        raise ReaderFailed(f"no answer within {limit_s:.0f} s", code="timed_out") from error
    try:
        return msgspec.json.decode(done.stdout, type=Lines).lines
    except msgspec.DecodeError as error:
        raise ReaderFailed(last_words(done)) from error
