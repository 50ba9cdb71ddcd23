"""What the demo and its child program say to each other, one JSON line each way."""

from __future__ import annotations

import msgspec

from penchant.demo.plan import Clip


class Order(msgspec.Struct, frozen=True):
    """Make this clip and write it to these files."""

    clip: Clip
    video_path: str
    poster_path: str


class Made(msgspec.Struct, frozen=True):
    """It is made."""

    width: int
    height: int
    duration_ms: int
    encoder: str
    """Name and version of the content encoder."""
    vector: bytes
    """int8 values, one byte each."""
    cpu_ms: int
    """Processor time that it took."""
