"""What the blend sees of a request beside its candidates: where and when it is, and what came last for the viewer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from penchant.taste.decay import Floats
from penchant.taste.fixed import Int64s

SESSION_MS: Final = 30 * 60_000
"""A pause as long as this begins a new session."""
SURFACES: Final = 5
"""Of the most used ones each has an input of its own."""
CONTEXT: Final = SURFACES + 8
"""How many inputs there are."""
MOMENT: Final = 3
"""Numbers of a `moment`."""
KNOWN_AT_MOST: Final = 60
"""A longer profile says no more."""
_MINUTE_MS: Final = 60_000
_DAY_MS: Final = 24 * 60 * _MINUTE_MS
_LONG_PAUSE_MS: Final = (1 << 14) * _MINUTE_MS


@dataclass(frozen=True, slots=True)
class Last:
    """A viewer's latest impression."""

    at_ms: int
    surface: int
    long: bool
    in_session: int
    """Its number among those without a pause of `SESSION_MS`, from 1 on."""
    ever: int
    """Its number in all, from 1 on."""

    @classmethod
    def after(cls, before: Last | None, at_ms: int, surface: int, *, long: bool) -> Last:
        """This impression, after `before`."""
        if before is None:
            return cls(at_ms, surface, long, 1, 1)
        follows = at_ms - before.at_ms < SESSION_MS
        return cls(at_ms, surface, long, before.in_session + 1 if follows else 1, before.ever + 1)


def moment(known: int, as_of_ms: int) -> Floats:
    """Who comes to a video and when, (`MOMENT`,): log2(1 + videos in the profile); the hour of the day on a circle."""
    angle = 2 * np.pi * (as_of_ms % _DAY_MS) / _DAY_MS
    return np.array([np.log2(1 + min(known, KNOWN_AT_MOST)), np.sin(angle), np.cos(angle)])


def context_inputs(known: int, last: Last | None, surface: int, as_of_ms: int, surfaces: Mapping[int, int]) -> Int64s:
    """(X,) Q10: which of the most used surfaces it is, how long the profile is, the hour of the day on a circle; how
    long ago the viewer's last impression was, its number in the session and in all, whether it was on this surface,
    and whether it was watched long.

    Args:
        known: videos in the profile.
        surfaces: number of a surface → its input, the most used ones first.
    """
    one = 1 << 10
    number = surfaces.get(surface, -1)
    kinds = [one if number == place else 0 for place in range(SURFACES)]
    angle = 2 * np.pi * (as_of_ms % _DAY_MS) / _DAY_MS
    pause_ms = _LONG_PAUSE_MS if last is None else min(max(as_of_ms - last.at_ms, 0), _LONG_PAUSE_MS)
    in_session = last.in_session if last is not None and pause_ms < SESSION_MS else 0
    numbers = (
        *(np.log1p(min(known, KNOWN_AT_MOST)) - 3, np.sin(angle), np.cos(angle)),
        (np.log2(1 + pause_ms / _MINUTE_MS) - 7) / 4,
        np.log2(1 + in_session) / 2 - 1,
        np.log2(1 + (0 if last is None else last.ever)) / 2 - 1,
        float(last is not None and last.surface == surface),
        float(last is not None and last.long),
    )
    return np.array([*kinds, *(round(one * float(value)) for value in numbers)], dtype=np.int64)
