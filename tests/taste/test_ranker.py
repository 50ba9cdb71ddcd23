"""Slots are drawn with the propensities that are logged."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.taste.fixed import Q16, Q30
from penchant.taste.ranker import draw, order


def test_equal_scores_go_by_video_id() -> None:
    assert order(np.array([5, 9, 5]), np.array([30, 20, 10])).tolist() == [1, 2, 0]


def test_a_draw_without_temperature_takes_the_best_that_is_feasible() -> None:
    scores, ids = np.array([9, 5, 5]), np.array([1, 30, 20])
    drawn = draw(scores, np.array([False, True, True]), ids, temperature_q16=0, seed=1, slot=0)
    assert drawn is not None
    assert (drawn.index, drawn.propensity_q30) == (2, Q30)


def test_nothing_feasible_draws_nothing() -> None:
    assert draw(np.array([1]), np.array([False]), np.array([1]), temperature_q16=Q16, seed=1, slot=0) is None


@given(st.integers(0, 2**63), st.integers(0, 20), st.permutations(range(12)))
def test_a_draw_does_not_depend_on_the_order_of_the_list(seed: int, slot: int, places: list[int]) -> None:
    scores = np.arange(12, dtype=np.int64) % 5 * Q16
    ids = np.arange(12, dtype=np.int64) * 1_000_003 + 1
    feasible = np.arange(12) != 3
    first = draw(scores, feasible, ids, Q16, seed, slot)
    second = draw(scores[places], feasible[places], ids[places], Q16, seed, slot)
    assert first is not None
    assert second is not None
    assert ids[first.index] == ids[places][second.index]
    assert first.propensity_q30 == second.propensity_q30


@pytest.mark.slow
def test_propensities_are_the_frequencies() -> None:
    """Two slots with a spacing rule between them, 3,000 seeds: every pair as often as its logged propensity."""
    scores = np.array([3, 2, 2, 0, -1], dtype=np.int64) * Q16 // 2
    ids = np.array([11, 12, 13, 14, 15], dtype=np.int64)
    creators = np.array([1, 1, 2, 2, 3])
    pages = 3_000
    counted: dict[tuple[int, int], int] = {}
    logged: dict[tuple[int, int], float] = {}
    for seed in range(pages):
        first = draw(scores, np.ones(5, dtype=bool), ids, Q16 // 2, seed, 0)
        assert first is not None
        second = draw(scores, creators != creators[first.index], ids, Q16 // 2, seed, 1)
        assert second is not None
        pair = (first.index, second.index)
        counted[pair] = counted.get(pair, 0) + 1
        logged[pair] = first.propensity_q30 / Q30 * second.propensity_q30 / Q30
    assert sum(logged.values()) == pytest.approx(1, abs=0.001)
    for pair, share in logged.items():
        error = (share * (1 - share) / pages) ** 0.5
        assert counted[pair] / pages == pytest.approx(share, abs=4.5 * error + 1e-5), pair
