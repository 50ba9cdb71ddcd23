"""Intervals that hold at every look: one may look after each viewer and stop whenever one likes.

Two kinds. `difference_sequence`: asymptotic confidence sequences for the difference of two arms in anything that has a
variance. `bounded_sequence`: betting confidence sequences for the mean of values in [0, 1], which hold for any number
of values, however few.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]

NARROWEST_AT: Final = 500
"""Viewers, in two even arms, for which the interval of their difference is made as narrow as it gets."""
LOOK_FROM: Final = 100
"""Viewers that the smaller arm has to have before anything is said: the interval leans on variances being known."""
_GRID: Final = 400
"""Steps of [0, 1] that are tried as the mean."""
_BET_AT_MOST: Final = 0.5
"""Of what can be lost in one value: no bet is ruinous."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and where it may lie."""

    mean: float
    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether the value may be the truth."""
        return self.low <= value <= self.high


EVERYTHING: Final = Interval(float("nan"), -float("inf"), float("inf"))
"""Before anything can be said."""


def difference_sequence(
    outcomes: Floats, treated: npt.NDArray[np.bool_], chance: float, alpha: float
) -> tuple[Floats, Floats, Floats]:
    """Difference of two arms' means, and the ends of its intervals, after each of N viewers: (N,), (N,) → 3 × (N,).

    All N intervals hold the truth at once with probability 1 - alpha. Until each arm has `LOOK_FROM` viewers they are
    infinitely wide.

    Args:
        outcomes: one for each viewer, in the order in which they came.
        treated: which of them were in the second arm.
        chance: with which a viewer was assigned to it.
    """
    values = difference_values(outcomes, treated, chance)
    means, width = mean_sequence(values, alpha, NARROWEST_AT / (4 * chance * (1 - chance)))
    width[np.minimum(np.cumsum(treated), np.cumsum(~treated)) < LOOK_FROM] = np.inf
    return means, means - width, means + width


def mean_sequence(values: Floats, alpha: float, narrowest_at: float) -> tuple[Floats, Floats]:
    """Means and half the widths of asymptotic confidence sequences after each of N values: (N,) → (N,), (N,).

    With t values of variance s² and r = rho²: s * sqrt(2 * (t * r + 1) / (t² * r) * log(sqrt(t * r + 1) / alpha)).

    Source: Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, arXiv 2103.06476, theorem 2.2; rho for the narrowest interval
    at a time: appendix B.2.
    """
    count = np.arange(1, len(values) + 1, dtype=np.float64)
    means = np.cumsum(values) / count
    # Of values less their own mean: squares of large numbers would cancel.
    spread = values - means[-1] if len(values) else values
    variances = np.maximum(np.cumsum(spread**2) / count - (np.cumsum(spread) / count) ** 2, 0)
    rho2 = (-2 * np.log(alpha) + np.log(-2 * np.log(alpha) + 1)) / narrowest_at
    grown = count * rho2 + 1
    return means, np.sqrt(variances * 2 * grown / (count**2 * rho2) * np.log(np.sqrt(grown) / alpha))


def difference_values(outcomes: Floats, treated: npt.NDArray[np.bool_], chance: float) -> Floats:
    """One value for each of N viewers, whose mean is the difference between two arms: (N,), (N,) → (N,).

    Viewers were assigned to the second arm with a known `chance`. Each value is the difference of the two arms' means
    so far, and this viewer's deviation from their own arm's, weighed by how rare the arm is: unbiased whatever the
    means so far are, as only earlier viewers are in them.

    Source: Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, arXiv 2103.06476, section 3.2 (augmented inverse propensity
    weights in a randomised experiment), with the arms' running means as the model.
    """
    second = _means_before(outcomes, treated)
    first = _means_before(outcomes, ~treated)
    own = np.where(treated, (outcomes - second) / chance, -(outcomes - first) / (1 - chance))
    values: Floats = second - first + own
    return values


def _means_before(outcomes: Floats, own: npt.NDArray[np.bool_]) -> Floats:
    """(N,) mean outcome of those before each viewer who are in an arm; before there is any, of everybody before."""
    counted: npt.NDArray[np.int64] = np.cumsum(own) - own
    of_arm = (np.cumsum(outcomes * own) - outcomes * own) / np.maximum(counted, 1)
    before = np.arange(len(outcomes))
    of_all = (np.cumsum(outcomes) - outcomes) / np.maximum(before, 1)
    return np.where(counted > 0, of_arm, of_all)


def bounded_sequence(values: Floats, alpha: float) -> tuple[Floats, Floats]:
    """Ends of the intervals after each of N values in [0, 1], (N,) → (N,), (N,); none is wider than the one before.

    For every possible mean m somebody bets against it, up and down, half of their money each. If m is the mean their
    wealth stays a martingale, so the chance that it ever passes 1/alpha is alpha (Ville). What they grew rich against
    is out of the interval.

    Source: Waudby-Smith, Ramdas, arXiv 2010.09686, section 4.4 (the hedged capital process) with the bets of equation
    26.
    """
    count = len(values)
    turn = np.arange(1, count + 1, dtype=np.float64)
    means = (0.5 + np.cumsum(values)) / (turn + 1)
    variances = (0.25 + np.cumsum((values - means) ** 2)) / (turn + 1)
    before = np.concatenate([[0.25], variances[:-1]])
    bets = np.sqrt(2 * np.log(2 / alpha) / (before * turn * np.log(turn + 1)))
    grid = np.linspace(0, 1, _GRID + 1)
    up = down = np.zeros(len(grid))
    low, high = np.zeros(count), np.ones(count)
    inside = np.ones(len(grid), dtype=bool)
    limit = np.log(1 / alpha) - np.log(0.5)
    most_up = _BET_AT_MOST / np.maximum(grid, 1e-9)
    most_down = _BET_AT_MOST / np.maximum(1 - grid, 1e-9)
    for place in range(count):
        away = values[place] - grid
        up = up + np.log1p(np.minimum(bets[place], most_up) * away)
        down = down + np.log1p(-np.minimum(bets[place], most_down) * away)
        inside &= np.maximum(up, down) < limit
        found = np.flatnonzero(inside)
        if len(found):
            # The truth may lie between two steps of the grid.
            low[place], high[place] = grid[max(found[0] - 1, 0)], grid[min(found[-1] + 1, _GRID)]
        else:
            low[place], high[place] = low[place - 1], high[place - 1]
    return low, high
