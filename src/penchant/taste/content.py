"""What a viewer thinks of a video that nobody has watched yet: their own rate of plays among videos that look alike.

Vectors are int8 as published. For comparing, they are centred on the catalogue's mean and scaled to length 127, and
a cosine is measured in units of the catalogue's own spread, so that the recipe holds for any encoder.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from penchant.taste.fixed import Q16, Int64s, exp2_q30, log2_q16

Int8s: TypeAlias = npt.NDArray[np.int8]
Centre: TypeAlias = npt.NDArray[np.float64]

STEEPNESS_Q16: Final = Q16 * 3 // 2
"""Doublings of a past play's weight for every spread that its video is closer."""
NEAREST_Q16: Final = 4 * Q16
"""Doublings are cut here, so that one look-alike is not everything."""
PRIOR_VIDEOS: Final = 4
"""The prior counts as much as so many past plays at the mean distance."""
PRIOR_RATE_Q16: Final = Q16 // 4
"""Rate of plays that is taken for granted: one in four."""

_LENGTH_SQUARED: Final = 127 * 127
_AT_ONCE: Final = 4_096
"""Vectors that are worked on at once: as doubles they fit into the processor's cache."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """Comparable vectors. Shapes: (V, D)."""

    unit: Int8s
    """Centred, of length about 127; a row of zeros where a video has no vector."""
    spread_q16: int
    """Root mean square of the cosine of two of them, Q16; at least 1/16."""


def comparable(raw: Int8s, known: npt.NDArray[np.bool_]) -> Vectors:
    """Centres and scales vectors, (V, D) int8 and (V,) bool → `Vectors`. Exact sums, correctly rounded operations."""
    unit = np.zeros(raw.shape, dtype=np.int8)
    centre = centre_of(raw, known)
    if centre is None:
        return Vectors(unit, Q16)
    unit[known] = centred(raw[known], centre)
    return Vectors(unit, _spread_q16(unit, int(known.sum())))


def centre_of(raw: Int8s, known: npt.NDArray[np.bool_]) -> Centre | None:
    """(D,) the mean of the known ones; None of fewer than two."""
    count = int(known.sum())
    return raw[known].sum(axis=0, dtype=np.int64) / count if count >= 2 else None


def centred(raw: Int8s, centre: Centre) -> Int8s:
    """(V, D) vectors as published → unit vectors about a centre."""
    unit = np.empty(raw.shape, dtype=np.int8)
    for first in range(0, len(raw), _AT_ONCE):
        # Squares of doubles add up differently on other machines; integers (1/64 steps) do not.
        steps = np.rint((raw[first : first + _AT_ONCE] - centre) * 64)
        lengths = np.sqrt((steps * steps).sum(axis=1))
        unit[first : first + _AT_ONCE] = np.rint(steps * 127 / np.maximum(lengths, 1)[:, None])
    return unit


def _spread_q16(unit: Int8s, count: int) -> int:
    gram = np.zeros((unit.shape[1], unit.shape[1]))
    for first in range(0, len(unit), _AT_ONCE):
        wide = unit[first : first + _AT_ONCE].astype(np.float64)
        gram += wide.T @ wide  # integers below 2**53: exact
    # Mean over pairs of different videos, by what is left when each with itself is taken away.
    total = sum(int(value) ** 2 for value in gram.ravel())
    squares = (total / 127**4 - count) / (count * (count - 1))
    return max(round(math.sqrt(max(squares, 0.0)) * Q16), Q16 // 16)


def products(left: Int8s, right: Int8s) -> Int64s:
    """Products of unit vectors, (A, D) and (B, D) int8 → (A, B): cosines in steps of 1/127².

    Every partial sum stays below 2**24, so float32 adds them exactly, in whatever order.
    """
    exact: Int64s = (left.astype(np.float32) @ right.astype(np.float32).T).astype(np.int64)
    return exact


def cosines_q16(left: Int8s, right: Int8s) -> Int64s:
    """Cosines in Q16, rounded down, (A, D) and (B, D) int8 → (A, B)."""
    cosines: Int64s = (products(left, right) << 16) // _LENGTH_SQUARED
    return cosines


def closeness_q16(steps: Int64s, spread_q16: int) -> Int64s:
    """Weights of past plays by `products`: 2**(steepness * cosine / spread), cut at both ends, Q16."""
    per_step_q32 = (STEEPNESS_Q16 << 32) // (_LENGTH_SQUARED * spread_q16)
    doublings = np.clip((steps * per_step_q32) >> 16, -NEAREST_Q16, NEAREST_Q16)
    return exp2_q30(doublings) >> 14


def taste_q16(liked: Int64s, skipped: Int64s) -> Int64s:
    """log2 of the viewer's own rate of plays near a video, over the prior rate, Q16: between about -3 and 2.

    (liked + a * p) / (liked + skipped + a) / p, a kernel estimate with prior p of weight a.

    Args:
        liked: (K,) sum of weight * closeness over the viewer's plays, Q16.
        skipped: (K,) the same over their skips.

    Source: Nadaraya 1964, "On estimating regression", equation 1, with a prior.
    """
    prior = PRIOR_VIDEOS * PRIOR_RATE_Q16
    rate = log2_q16(liked + prior) - log2_q16(liked + skipped + PRIOR_VIDEOS * Q16)
    taste: Int64s = rate - log2_q16(np.array([PRIOR_RATE_Q16])) + log2_q16(np.array([Q16]))
    return taste
