"""Fair rates: how much more often something is watched long than its viewers and surfaces explain.

A video shown mostly to people who watch everything long has a high rate that says little of it. So long views are
counted against those that were expected of these viewers on these surfaces, and a lift is the logarithm of the ratio.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from penchant.lab.metrics import Floats
from penchant.taste.decay import Decayed
from penchant.taste.fixed import Int64s

RIDGE: Final = 5.0
"""Of the strengths: it stands for so many comparisons with outcomes as expected."""
_STEPS: Final = 60


@dataclass
class Lifts:
    """Long views and expected ones of N things (videos, creators, lengths, …)."""

    size: int
    long: Floats = field(init=False)
    expected: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.long, self.expected = np.zeros((2, self.size))

    def add_all(self, things: Int64s, long: Floats, expected: Floats) -> None:
        """(P,) impressions at once."""
        self.long += np.bincount(things, long, self.size)
        self.expected += np.bincount(things, expected, self.size)

    def add(self, thing: int, long: float, expected: float) -> None:
        """One impression."""
        self.long[thing] += long
        self.expected[thing] += expected

    def lift(self, thing: int, weight: float, prior: float = 0.0) -> float:
        """Natural logarithm of long views over expected ones, drawn to `prior` as by `weight` expected ones."""
        long = self.long[thing] + weight * np.exp(prior)
        return float(np.log(long / (self.expected[thing] + weight)))


class RecentLifts:
    """The same for what happened lately: all sums halve with time."""

    def __init__(self, size: int, half_life_h: float) -> None:
        self._long, self._expected = (Decayed((half_life_h,), precise=True) for _ in range(2))
        self._long.grow(size)
        self._expected.grow(size)

    def add(self, thing: int, long: float, expected: float, at_ms: int) -> None:
        """One impression."""
        self._long.add(thing, long, at_ms)
        self._expected.add(thing, expected, at_ms)

    def lift(self, thing: int, weight: float, prior: float, as_of_ms: int) -> float:
        """As `Lifts.lift`."""
        at = slice(thing, thing + 1)
        long = float(self._long.at(at, as_of_ms)[0, 0]) + weight * float(np.exp(prior))
        return float(np.log(long / (float(self._expected.at(at, as_of_ms)[0, 0]) + weight)))


def strengths(
    viewers: Int64s, long: npt.NDArray[np.bool_], fields: Sequence[Int64s], ridge: float = RIDGE
) -> list[Floats]:
    """What makes one video of a viewer's list be watched long rather than another of the same list.

    A conditional logit: of each viewer's list, every video that was watched long against all of the list, with the
    strength of a video as the sum of those of its fields (itself, its tag, its length). What is special of a viewer
    cancels out.

    Source: McFadden 1974, "Conditional logit analysis of qualitative choice behavior", equation 12.

    Args:
        viewers: (P,) whose impression each is, equal ones side by side.
        long: (P,) whether it was watched long.
        fields: each (P,), numbers from 0 on.

    Returns:
        For each field the (N,) strengths of its numbers, 0 where nothing speaks for or against one.
    """
    # A tenth of the start of every command and process, none of which but this one needs it.
    from scipy import optimize, sparse

    sizes = [int(own.max(initial=-1)) + 1 for own in fields]
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    if not len(viewers):
        return [np.zeros(size) for size in sizes]
    starts = np.flatnonzero(np.diff(viewers, prepend=viewers[0] - 1))
    lists = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(viewers))))
    columns = np.stack([own + offset for own, offset in zip(fields, offsets[:-1], strict=True)], axis=1)
    count = len(viewers)
    matrix = sparse.csr_array(
        (np.ones(columns.size), columns.ravel(), np.arange(0, columns.size + 1, len(fields))),
        shape=(count, int(offsets[-1])),
    )
    turned = matrix.T.tocsr()
    wanted = long.astype(np.float64)
    positives = np.add.reduceat(wanted, starts)
    # A list of many long views tells more, but not as many times more: its entries hang together.
    weights = 1 / np.sqrt(np.maximum(positives, 1))

    def loss(values: Floats) -> tuple[float, Floats]:
        scores = matrix @ values
        most = np.maximum.reduceat(scores, starts)
        odds = np.exp(scores - most[lists])
        totals = np.add.reduceat(odds, starts)
        logs = scores - most[lists] - np.log(totals)[lists]
        push = weights[lists] * (positives[lists] * odds / totals[lists] - wanted)
        total = -(weights[lists] * wanted * logs).sum() + ridge / 2 * values @ values
        return float(total), turned @ push + ridge * values

    found = optimize.minimize(
        loss, np.zeros(int(offsets[-1])), jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}
    )
    return [found.x[start:end] for start, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)]
