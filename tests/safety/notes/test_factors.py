"""The factorisation finds the least of the loss that it says it minimises."""

import numpy as np
import pytest

from penchant.safety.notes.factors import Fit, Matrix, fit
from penchant.safety.notes.model import Rules

RULES = Rules()


def some_ratings(seed: int) -> Matrix:
    rng = np.random.default_rng(seed)
    note, rater = np.nonzero(rng.random((14, 30)) < 0.4)
    camp = np.where(rater % 2, 1.0, -1.0)
    chance = 0.5 + 0.4 * np.where(note % 3 == 0, 1.0, np.where(note % 3 == 1, camp, -camp))
    value = (rng.random(len(note)) < chance).astype(np.float64)
    return Matrix(14, 30, note, rater, value, rng.uniform(0.1, 1.0, len(note)))


def loss(matrix: Matrix, found: Fit) -> float:
    """As published, with means over ratings, notes and raters."""
    n, u = matrix.note, matrix.rater
    said = (
        found.mean + found.note_intercept[n] + found.rater_intercept[u] + found.note_factor[n] * found.rater_factor[u]
    )
    error = float((matrix.weight * (matrix.value - said) ** 2).sum() / matrix.weight.sum())
    intercepts = found.mean**2 + np.mean(found.note_intercept**2) + np.mean(found.rater_intercept**2)
    factors = np.mean(found.note_factor**2) + np.mean(found.rater_factor**2)
    return error + RULES.intercept_penalty * float(intercepts) + RULES.factor_penalty * float(factors)


@pytest.mark.parametrize("seed", range(4))
def test_no_small_step_in_any_direction_lowers_the_loss(seed: int):
    matrix = some_ratings(seed)
    found = fit(matrix, RULES)
    least, rng = loss(matrix, found), np.random.default_rng(99)
    for _ in range(200):
        step = 10.0 ** rng.uniform(-3, -1)
        moved = Fit(
            found.mean + step * float(rng.standard_normal()) * float(rng.integers(2)),
            *(
                own + step * rng.standard_normal(len(own)) * (rng.random(len(own)) < 0.5)
                for own in (found.note_intercept, found.note_factor, found.rater_intercept, found.rater_factor)
            ),
        )
        assert loss(matrix, moved) > least


def test_the_start_makes_no_difference_to_what_is_found():
    matrix = some_ratings(0)
    first, second = fit(matrix, RULES, seed=1), fit(matrix, RULES, seed=2)
    assert np.allclose(first.note_intercept, second.note_intercept, atol=1e-4)
    assert np.allclose(first.note_factor, second.note_factor, atol=1e-4)


def test_few_ratings_are_believed_less_than_many():
    """Two notes that everybody finds helpful, rated by five and by twenty of those who find others not to be."""
    rows = [(note, rater, 0.0) for note in range(2, 12) for rater in range(20)]
    rows += [(0, rater, 1.0) for rater in range(5)] + [(1, rater, 1.0) for rater in range(20)]
    note, rater, value = (np.array(column) for column in zip(*rows, strict=True))
    found = fit(Matrix(12, 20, note, rater, value, np.ones(len(rows))), RULES)
    assert 0.1 < found.note_intercept[0] < found.note_intercept[1] - 0.1
