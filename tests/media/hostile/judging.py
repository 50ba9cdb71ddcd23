"""What becomes of a file in a workshop, and whether anything beside its folder was touched."""

import time
from pathlib import Path
from typing import NamedTuple

from penchant.media.limits import ChildLimits, MediaLimits
from penchant.media.reasons import REASONS
from penchant.media.sandbox import MediaRefused
from penchant.media.workshop import open_workshop

CANARY = b"the canary that nobody may read"
_LONGEST_S = 60.0
_LIMITS = ChildLimits(memory_bytes=2048 << 20)
"""Half of what is allowed: no small file may need more."""


class Verdict(NamedTuple):
    """`ready`, or a code of `media.reasons` with its detail; what was made, byte for byte."""

    code: str
    detail: str
    made: bytes


def judge(content: bytes, folder: Path, limits: MediaLimits | None = None) -> Verdict:
    """Give a file to the real children, as the worker does, beside a canary that they could reach by `..`."""
    source, canary, root = folder / "source.mov", folder / "canary.txt", folder / "work"
    source.write_bytes(content)
    canary.write_bytes(CANARY)
    canary.chmod(0o666)
    began = time.monotonic()
    verdict = _verdict(source, root, limits)
    assert time.monotonic() - began < _LONGEST_S
    assert verdict.code == "ready" or verdict.code in REASONS
    assert CANARY not in verdict.made
    assert canary.read_bytes() == CANARY
    assert source.read_bytes() == content
    assert {path.name for path in folder.iterdir()} == {"source.mov", "canary.txt", "work"}
    assert not list(root.iterdir())
    return verdict


def _verdict(source: Path, root: Path, limits: MediaLimits | None) -> Verdict:
    try:
        with open_workshop(source, root, limits, _LIMITS) as workshop:
            made = workshop.first_playable()
            return Verdict("ready", "", made.rendition.path.read_bytes() + made.poster.path.read_bytes())
    except MediaRefused as refused:
        return Verdict(refused.code, refused.detail, b"")
