"""How a video does with everyone: exact counters, what is played more these days, how often it is watched long.

Counters are integers and commute: adding and taking back in any order gives the same sum, so an amended watch
leaves no trace. The decayed counter uses forward decay: an event of hour t adds 2**(t / HALF_LIFE_HOURS) on a grid
of integers, and a reader divides by 2**(now / HALF_LIFE_HOURS).

Source: Cormode, Shkapenyuk, Srivastava, Xu 2009, "Forward decay", ICDE, section III.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from penchant.taste.fixed import EXP2_TABLE, Q16, Int64s, exp2_q30, log2_q16

HALF_LIFE_HOURS: Final = 24
"""Of recent plays. One day did as well as three on KuaiRand, and turns faster."""
SMOOTHING_PLAYS: Final = 1
"""Plays added to both sides of the lift, so that one play is not a trend."""
PRIOR_IMPRESSIONS: Final = 50
"""Weight of the catalogue's own long-view rate in that of a video (a Beta prior)."""
_LANDMARK_DAYS: Final = 32
_GRID_BITS: Final = 10


def landmark(day: int) -> int:
    """The half-life period that weighs 1 when the log has reached `day`; moves every 32, never into open encounters."""
    return (day // _LANDMARK_DAYS - 1) * _LANDMARK_DAYS


def forward_weight(hour: int, landmark_day: int) -> int:
    """What an event of that hour adds, in steps of 2**-10: 2**(hour / 24 - landmark), on the integer grid."""
    day, rest = divmod(hour, HALF_LIFE_HOURS)
    if day < landmark_day:
        day, rest = landmark_day, 0
    fraction = int(EXP2_TABLE[rest * 1024 // HALF_LIFE_HOURS]) >> (30 - _GRID_BITS)
    return fraction << (day - landmark_day)


def backward_q16(total: int, hour: int, landmark_day: int) -> int:
    """A sum of forward weights as a count decayed to that hour, in Q16, rounded down; at most 2**62."""
    # `fraction` counts 1/2**31: it is the part of a half-life by which `hour` is past its period's beginning.
    day, rest = divmod(hour, HALF_LIFE_HOURS)
    fraction = int(EXP2_TABLE[1024 - rest * 1024 // HALF_LIFE_HOURS]) if rest else 2 * (1 << 30)
    return min((total * fraction) >> (31 + _GRID_BITS - 16 + max(day - landmark_day, 0)), 1 << 62)


ALL: Final = slice(None)


@dataclass(frozen=True, slots=True)
class Counters:
    """The counters of V videos as published. Shapes: (V,) int64 each."""

    shown: Int64s
    """Viewers who were shown the video."""
    played: Int64s
    """Viewers who played it above the skip threshold."""
    long: Int64s
    """Viewers who watched it long."""
    recent_q16: Int64s
    """`played`, each halved for every day between it and `hour`."""
    hour: int
    """The hour of the Unix era at which `recent_q16` holds."""


def lift_q16(counters: Counters, as_of_hour: int, places: Int64s | slice = ALL) -> Int64s:
    """log2 of recent plays over what lifetime plays let expect, Q16, at `places`: 65,536 is twice as many.

    (recent + s) / (played * sum(recent) / sum(played) + s), recent decayed on to `as_of_hour`. It is 0 for all in a
    catalogue whose plays are all of one day: what has no past has no trend.
    """
    ago = max(as_of_hour - counters.hour, 0)
    factor = int(exp2_q30(np.array([-(min(ago, 700) * Q16 // HALF_LIFE_HOURS)]))[0])
    recent = ((counters.recent_q16 >> 8) * (factor >> 8)) >> 14
    share_q30 = (int(recent.sum()) << 14) // max(int(counters.played.sum()), 1)
    expected = (counters.played[places] * share_q30) >> 14
    lift: Int64s = log2_q16(recent[places] + SMOOTHING_PLAYS * Q16) - log2_q16(expected + SMOOTHING_PLAYS * Q16)
    return lift


def quality_q16(counters: Counters, places: Int64s | slice = ALL) -> Int64s:
    """log2 of the long-view rate over that of the whole catalogue, with a Beta prior at that rate, Q16."""
    # One long view of two is the prior of the prior: an empty log has a rate too.
    all_long, all_shown = int(counters.long.sum()) + 1, int(counters.shown.sum()) + 2
    rate_q16 = (all_long << 16) // all_shown
    longs_q16 = (counters.long[places] << 16) + PRIOR_IMPRESSIONS * rate_q16
    expected_q16 = (counters.shown[places] + PRIOR_IMPRESSIONS) * rate_q16
    quality: Int64s = log2_q16(longs_q16) - log2_q16(expected_q16)
    return quality
