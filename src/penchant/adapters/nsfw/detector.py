"""Starts the program, gives it a few of a clip's pictures, and says what it thinks of them."""

import subprocess
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from penchant.adapters.apart import last_words, run_apart
from penchant.adapters.nsfw.messages import Look, Scores
from penchant.core.errors import PenchantError
from penchant.safety.ports import Exhibit, Finding

MOST_PICTURES: Final = 12
CERTAIN: Final = 0.8
"""A picture from this score on counts. Source: open_nsfw's own advice, "> 0.8 is very likely"."""
LEAST_SHARE: Final = 0.25
"""Of the pictures that have to count: one that is misjudged in passing says nothing."""
_LIMIT_S: Final = 120.0


class NudityFailed(PenchantError):
    """There is no answer: the model cannot be loaded, broke down or took too long."""

    code = "nudity_failed"


class NudityDetector:
    """A `Detector`; a process for each video, a fifth of a gigabyte of memory while it runs."""

    name = "nudity"

    def look(self, item: Exhibit) -> Sequence[Finding]:
        """A finding where a quarter of the pictures are judged to show nudity.

        Raises:
            NudityFailed: there is no answer.
        """
        if item.pictures is None or not len(item.pictures):
            return []
        chosen = np.unique(np.linspace(0, len(item.pictures) - 1, MOST_PICTURES).round().astype(np.intp))
        scores = nudity_scores(item.pictures[chosen])
        counting = [at for at, score in zip(chosen.tolist(), scores, strict=True) if score >= CERTAIN]
        if len(counting) < LEAST_SHARE * len(chosen):
            return []
        times: list[str | int] = [int(item.times_ms[at]) for at in counting if at < len(item.times_ms)]
        evidence: dict[str, str | int | list[str | int]] = {
            "pictures": len(counting),
            "of": len(chosen),
            "at_ms": times,
        }
        return [Finding("nudity", self.name, round(1000 * max(scores)), evidence)]


def nudity_scores(pictures: NDArray[np.uint8]) -> list[float]:
    """A score for each of (N, H, W, 3) RGB, 0 to 1.

    Raises:
        NudityFailed: there is no answer.
    """
    given = msgspec.json.encode(Look(*pictures.shape[:3])) + b"\n" + np.ascontiguousarray(pictures).tobytes()
    try:
        done = run_apart("penchant.adapters.nsfw", given, _LIMIT_S)
    except subprocess.TimeoutExpired as error:
        raise NudityFailed(f"no answer within {_LIMIT_S:.0f} s") from error
    try:
        return msgspec.json.decode(done.stdout, type=Scores).scores
    except msgspec.DecodeError as error:
        raise NudityFailed(last_words(done)) from error
