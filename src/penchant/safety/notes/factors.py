"""The bridging factorisation: how helpful a note is beyond what its raters' viewpoints explain."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from penchant.safety.notes.model import Rules

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SEED: Final = 20_220_228
"""Of the raters' first factors; any number does, it has to be the same for everyone."""
_SWEEPS: Final = 400
_STILL: Final = 1e-7


@dataclass(frozen=True)
class Matrix:
    """N ratings as columns, sorted by (note, rater); notes and raters are numbered in the order of their names."""

    notes: int
    raters: int
    note: Ints
    """(N,)"""
    rater: Ints
    """(N,)"""
    value: Floats
    """(N,) in [0, 1]"""
    weight: Floats
    """(N,) how much of a voice each rating is"""

    def only(self, kept: Bools) -> "Matrix":
        """Without the ratings that are not kept; notes and raters keep their numbers."""
        return Matrix(self.notes, self.raters, self.note[kept], self.rater[kept], self.value[kept], self.weight[kept])

    def weighed(self, weight: Floats) -> "Matrix":
        return Matrix(self.notes, self.raters, self.note, self.rater, self.value, weight)


@dataclass(frozen=True)
class Fit:
    """r̂ = mean + rater_intercept + note_intercept + rater_factor · note_factor."""

    mean: float
    note_intercept: Floats
    """(notes,)"""
    note_factor: Floats
    rater_intercept: Floats
    """(raters,)"""
    rater_factor: Floats


def fit(matrix: Matrix, rules: Rules, seed: int = SEED) -> Fit:
    """Minimise the weighted squared error with penalties on intercepts and factors.

    The loss is the mean over ratings plus the mean of each kind of parameter times its penalty. Alternating least
    squares: each half-step is solved in closed form for every note, or rater, at once. Sums are NumPy's `bincount`,
    in the order of the ratings and on one thread, so the same ratings give the same bits.

    Source: Community Notes guide, "Matrix Factorization"; Wojcik et al. 2022, arXiv 2210.15723.
    """
    n, u, w = matrix.note, matrix.rater, matrix.weight
    total = max(float(w.sum()), 1e-12)
    note, rater = _Side(n, w, matrix.notes, rules), _Side(u, w, matrix.raters, rules)

    rater_factor = np.random.default_rng(seed).standard_normal(matrix.raters)
    rater_intercept, note_intercept = np.zeros(matrix.raters), np.zeros(matrix.notes)
    note_factor = np.zeros(matrix.notes)
    mean = float((w * matrix.value).sum()) / (total * (1 + rules.intercept_penalty))
    for _ in range(_SWEEPS):
        before = note_intercept
        note_intercept, note_factor = note.solve(matrix.value - mean - rater_intercept[u], rater_factor[u])
        rater_intercept, rater_factor = rater.solve(matrix.value - mean - note_intercept[n], note_factor[n])
        rest = matrix.value - rater_intercept[u] - note_intercept[n] - rater_factor[u] * note_factor[n]
        mean = float((w * rest).sum()) / (total * (1 + rules.intercept_penalty))
        if np.abs(note_intercept - before).max(initial=0.0) < _STILL:
            break
    return _turned(Fit(mean, note_intercept, note_factor, rater_intercept, rater_factor))


class _Side:
    """One half-step: intercept and factor of every note (or rater) while the other side stands still."""

    def __init__(self, index: Ints, weight: Floats, size: int, rules: Rules) -> None:
        self._index, self._weight, self._size = index, weight, size
        # The loss is a mean over ratings and the penalty one over notes (or raters) that were rated at all.
        of_each = float(weight.sum()) / max(int(np.count_nonzero(np.bincount(index, minlength=size))), 1)
        self._factor_penalty = max(rules.factor_penalty * of_each, 1e-12)
        self._ones = self._sum(np.ones_like(weight)) + max(rules.intercept_penalty * of_each, 1e-12)

    def solve(self, rest: Floats, other: Floats) -> tuple[Floats, Floats]:
        """The two unknowns of each by Cramer's rule; rest (N,): what they have to explain, other (N,): the factor."""
        cross, square = self._sum(other), self._sum(other * other) + self._factor_penalty
        left, right = self._sum(rest), self._sum(rest * other)
        determinant = self._ones * square - cross * cross
        return (left * square - right * cross) / determinant, (right * self._ones - left * cross) / determinant

    def _sum(self, values: Floats) -> Floats:
        return np.bincount(self._index, self._weight * values, self._size).astype(np.float64)


def _turned(found: Fit) -> Fit:
    """Both signs of the factors fit alike: the first note with the largest one has a positive one."""
    if found.note_factor.size == 0 or found.note_factor[np.argmax(np.abs(found.note_factor))] >= 0:
        return found
    return Fit(found.mean, found.note_intercept, -found.note_factor, found.rater_intercept, -found.rater_factor)
