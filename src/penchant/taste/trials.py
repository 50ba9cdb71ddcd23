"""New videos on trial: what is believed of each before many have seen it, and which pool it is in.

A video is a *newcomer* until `DECIDED` viewers were shown it. Then what is believed of its rate of long views is held
against that of all on trial: clearly above, it is *promoted* (a candidate of every slot, whatever other parts know of
it); clearly below, it is *dropped* (no more trials; uniform draws still reach it); between, it stays. With `TRIED`
viewers it has *graduated*: by then the ordinary parts know it. All of it is a function of counts, so of the log.

What is believed is a Beta distribution. Its prior is dynamic: the rate of all on trial, moved towards that of the
creator's others, and worth `STRENGTH` showings. In integers, so that a page record holds what a draw depended on.

Source: Chapelle, Li 2011, "An empirical evaluation of Thompson sampling", NIPS, section 3, for Beta-Bernoulli arms.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from penchant.taste.fixed import Int64s, exp2_q30, log2_q16
from penchant.taste.lookup import Lookup

DECIDED: Final = 20
"""Viewers who were shown a video before anything is decided of it."""
TRIED: Final = 100
"""Viewers with whom a video has graduated."""
STRENGTH: Final = 10
"""Showings that the prior counts for."""
OF_CREATOR: Final = 20
"""Showings of a creator's other videos on trial with which these move the prior half the way."""
LATE_AT_LEAST: Final = 50
"""Late showings of everything on trial below which no creator has had too many of them."""
COUNTS_AT_MOST: Final = 1_000
"""More viewers than that are counted as so many: nobody needs to be surer."""
_BEFORE: Final = (2, 20)
"""Long views and showings that are assumed before there were any."""
_LEAST_Q8: Final = 1 << 7
_LOG2_E_Q16: Final = 94_548
_LOG2_LOG2_E_Q16: Final = 34_653


class Pool(IntEnum):
    """Where a video on trial stands."""

    NEWCOMER = 0
    STAYING = 1
    PROMOTED = 2
    DROPPED = 3


@dataclass(frozen=True)
class Trials:
    """Listed videos that fewer than `TRIED` viewers were shown. Shapes: T videos, (T,) each."""

    video_ids: Int64s
    creators: Int64s
    shown: Int64s
    """Viewers who were shown it."""
    long: Int64s
    """Those of them who watched it long."""

    @classmethod
    def empty(cls) -> Trials:
        none = np.zeros(0, dtype=np.int64)
        return cls(none, none, none, none)

    @cached_property
    def rate_q16(self) -> int:
        """Long views among showings of everything on trial."""
        return ((int(self.long.sum()) + _BEFORE[0]) << 16) // (int(self.shown.sum()) + _BEFORE[1])

    def beliefs_of(self, video_ids: Int64s, shown: Int64s, long: Int64s) -> Int64s:
        """(K, 2) Q8: what is believed of any videos, by (K,) counts where they are not on trial."""
        alpha = STRENGTH * self.rate_q16 >> 8
        beliefs = _believed_q8(np.full(len(shown), alpha, dtype=np.int64), shown, long)
        at = Lookup.of(self.video_ids).places(video_ids)
        beliefs[at >= 0] = self.beliefs_q8[at[at >= 0]]
        return beliefs

    @cached_property
    def beliefs_q8(self) -> Int64s:
        """(T, 2) Q8: a Beta distribution's alpha and beta."""
        _, which = np.unique(self.creators, return_inverse=True)
        # The creator's others: a video's own counts come after the prior.
        shown, long = (
            np.bincount(which, own, minlength=len(which)).astype(np.int64)[which] - own
            for own in (self.shown, self.long)
        )
        prior_q16 = (OF_CREATOR * self.rate_q16 + (long << 16)) // (OF_CREATOR + shown)
        alpha = np.maximum(STRENGTH * prior_q16 >> 8, _LEAST_Q8)
        return _believed_q8(alpha, self.shown, self.long)

    @cached_property
    def pools(self) -> Int64s:
        """(T,) a `Pool` each: one standard deviation from the rate of all decides."""
        middle, spread = log_odds_q16(self.beliefs_q8)
        rate = self.rate_q16
        level = int(log2_q16(np.array([rate]))[0] - log2_q16(np.array([max((1 << 16) - rate, 1)]))[0])
        pools = np.full(len(self.shown), Pool.STAYING, dtype=np.int64)
        pools[middle - spread > level] = Pool.PROMOTED
        pools[middle + spread < level] = Pool.DROPPED
        pools[self.shown < DECIDED] = Pool.NEWCOMER
        return pools

    def waiting(self, spent: Spent, percent: int) -> npt.NDArray[np.bool_]:
        """(T,) whose creator had more than `percent` of what was lately shown of videos with few viewers."""
        total = float(spent.shown.sum())
        had_more = spent.creators[spent.shown * 100 > percent * total]
        waiting = np.isin(self.creators, had_more)
        # Where nobody else is on trial there is nobody to wait for.
        return waiting if total >= LATE_AT_LEAST and not waiting.all() else np.zeros(len(waiting), dtype=bool)


@dataclass(frozen=True)
class Spent:
    """What was lately shown of videos with fewer than `TRIED` viewers, on trial or not any more. Shapes: (N,)."""

    creators: Int64s
    """Ascending."""
    shown: npt.NDArray[np.float64]

    @classmethod
    def of(cls, creators: Int64s, shown: npt.NDArray[np.floating]) -> Spent:
        """From (V,) videos: their creators, and how often each was shown lately."""
        numbers, which = np.unique(creators, return_inverse=True)
        return cls(numbers, np.bincount(which, shown, minlength=len(numbers)).astype(np.float64))

    def at(self, factor: float) -> Spent:
        """Everything by one factor: sums that decay, at another time."""
        return Spent(self.creators, self.shown * factor)


def _believed_q8(alpha_q8: Int64s, shown: Int64s, long: Int64s) -> Int64s:
    """(K, 2): a prior of `STRENGTH` showings, of which so many are long views, and what was counted."""
    many = shown > COUNTS_AT_MOST
    long = np.where(many, long * COUNTS_AT_MOST // np.maximum(shown, 1), long)
    left = np.where(many, COUNTS_AT_MOST, shown) - long
    beta = np.maximum((STRENGTH << 8) - alpha_q8, _LEAST_Q8)
    return np.stack([alpha_q8 + (long << 8), beta + (left << 8)], axis=1)


def log_odds_q16(beliefs_q8: Int64s) -> tuple[Int64s, Int64s]:
    """Mean and standard deviation of the base-2 log-odds of Beta-distributed rates, (K, 2) Q8 → (K,), (K,) Q16.

    In natural logarithms the mean is psi(alpha) - psi(beta) and the variance psi'(alpha) + psi'(beta), with
    psi(x) = ln x - 1/2x and psi'(x) = 1/x + 1/2x².
    Source: Abramowitz, Stegun 1964, 6.3.18 and 6.4.12, the first two terms.
    """
    held = np.maximum(beliefs_q8, 1)
    inverse_q16 = (1 << 24) // held
    logarithms = log2_q16(held) - (_LOG2_E_Q16 * inverse_q16 >> 17)
    variance_q16 = (inverse_q16 + (1 << 31) // (held * held)).sum(axis=1)
    spread = exp2_q30((log2_q16(variance_q16) - (16 << 16) >> 1) + _LOG2_LOG2_E_Q16) >> 14
    return logarithms[:, 0] - logarithms[:, 1], spread
