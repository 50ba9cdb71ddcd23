"""Whether media is processed here: the worker tries the sandbox when it starts and writes down what it got.

Other processes, which never start a media child, read it there.
"""

import os
from pathlib import Path

import structlog

from penchant.media.sandbox import try_sandbox

_NOTE = "media-sandbox.txt"

_log = structlog.get_logger("media")


def note_readiness(data: Path, *, strict: bool) -> str:
    """Try the sandbox and write what follows into the data folder: `on`, `weak: …` or `off: …`; returns it."""
    granted, reason = try_sandbox()
    if granted is not None and not granted.weak:
        words = "on"
    else:
        dangers = ", ".join(granted.missing) if granted is not None else reason
        words = f"{'off' if strict or granted is None else 'weak'}: {dangers}"
        _log.warning("sandbox_incomplete", state=words)
    whole = data / f".{_NOTE}.{os.getpid()}"
    whole.write_text(words, "utf-8")
    whole.replace(data / _NOTE)
    return words


def read_readiness(data: Path) -> str:
    """What the last worker to start wrote; `unknown` before the first."""
    try:
        return (data / _NOTE).read_text("utf-8")
    except FileNotFoundError:
        return "unknown"
