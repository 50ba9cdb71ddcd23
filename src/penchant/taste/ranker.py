"""The final ranker: integer scores → slots drawn one by one with their propensities.

Scores are base-2 logarithms of odds in Q16, from integer rows by `blend.Stages`, so anyone who has the rows of a page
record and the epoch's blend has the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from penchant.taste.fixed import Q16, Q30, Int64s, fork, gumbel, random_bits, softmax_q30

Features: TypeAlias = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Draw:
    """One drawn slot."""

    index: int
    """Which candidate, as its position in the list that was drawn from."""
    propensity_q30: int
    """Probability in Q30 that this slot, given the slots before it, holds that candidate."""


def order(scores: Int64s, video_ids: Int64s) -> npt.NDArray[np.intp]:
    """Positions from the best score to the worst, equal scores by the smaller video id; (K,), (K,) → (K,)."""
    return np.lexsort((video_ids, -scores))


def draw(
    scores: Int64s,
    feasible: npt.NDArray[np.bool_],
    video_ids: Int64s,
    temperature_q16: int,
    seed: int,
    slot: int,
) -> Draw | None:
    """Draws one slot among the feasible candidates with odds 2**(score / temperature); None if there is none.

    The logit is `score * 65,536 // temperature` (floor); the noise of a candidate is keyed by (seed, slot, its video
    id), so it neither depends on the order of the list nor on who else is in it. Equal sums go to the smaller
    id. With a temperature of 0 the best score is taken, with propensity 1.

    Args:
        scores: (K,) int64, Q16.
        feasible: (K,) bool, what the spacing rules allow in this slot, given the slots before it.
        video_ids: (K,) int64, positive and distinct.
        temperature_q16: not negative.
        seed: of the page, 64 bits.
        slot: counts from 0 within the page.
    """
    if not feasible.any():
        return None
    if temperature_q16 == 0:
        return Draw(index=_first_best(scores, feasible, video_ids), propensity_q30=Q30)
    logits = scores * Q16 // temperature_q16
    noise = gumbel(random_bits(fork(seed, slot), video_ids))
    index = _first_best(logits + noise, feasible, video_ids)
    return Draw(index=index, propensity_q30=int(softmax_q30(logits, feasible)[index]))


def _first_best(values: Int64s, feasible: npt.NDArray[np.bool_], video_ids: Int64s) -> int:
    best = np.flatnonzero(feasible & (values == values[feasible].max()))
    return int(best[np.argmin(video_ids[best])])
