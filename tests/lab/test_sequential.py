"""Intervals that are looked at after every viewer: how often they are wrong, and whether they see what is there."""

import numpy as np
import pytest

from penchant.lab.sequential import LOOK_FROM, bounded_sequence, difference_sequence

ALPHA = 0.05
VIEWERS = 800


def false_alarms(of_viewers: str, runs: int) -> float:
    """Share of A/A runs in which zero left the interval at any of the looks after each viewer."""
    rng = np.random.default_rng(11)
    wrong = 0
    for _ in range(runs):
        outcomes = {
            "counts": lambda: rng.poisson(rng.gamma(1.0, 3.0, VIEWERS)).astype(float),
            "shares": lambda: rng.binomial(10, 0.25, VIEWERS) / 10,
            "watch times": lambda: np.minimum(rng.lognormal(9, 1.2, VIEWERS), 3_600_000),
        }[of_viewers]()
        _, low, high = difference_sequence(outcomes, rng.random(VIEWERS) < 0.5, 0.5, ALPHA)
        wrong += bool(((low > 0) | (high < 0)).any())
    return wrong / runs


@pytest.mark.parametrize("of_viewers", ["counts", "shares", "watch times"])
def test_an_a_a_that_is_looked_at_after_every_viewer_alarms_less_often_than_alpha(of_viewers: str):
    assert false_alarms(of_viewers, 1_000) <= ALPHA


def test_looking_after_every_viewer_with_a_fixed_interval_alarms_far_more_often():
    """What this is against: the usual interval of 1.96 standard errors, and a look after every viewer."""
    rng = np.random.default_rng(12)
    wrong, count = 0, np.arange(1, VIEWERS + 1)
    for _ in range(500):
        values = rng.normal(size=VIEWERS)
        means, errors = np.cumsum(values) / count, 1 / np.sqrt(count)
        wrong += bool((np.abs(means) > 1.96 * errors)[LOOK_FROM:].any())
    assert wrong / 500 > 2 * ALPHA


def test_a_real_difference_is_found_and_measured():
    rng = np.random.default_rng(13)
    found = covered = 0
    for _ in range(200):
        treated = rng.random(1_200) < 0.5
        outcomes = rng.poisson(np.where(treated, 4.0, 3.0)).astype(float)
        _, low, high = difference_sequence(outcomes, treated, 0.5, ALPHA)
        found += bool((low > 0).any())
        covered += bool((low <= 1).all() and (high >= 1).all())
    assert found >= 199
    assert covered >= 190


@pytest.mark.slow
def test_where_few_are_held_out_the_interval_still_holds():
    rng = np.random.default_rng(14)
    wrong = 0
    for _ in range(200):
        treated = rng.random(30_000) < 0.01
        outcomes = rng.poisson(rng.gamma(1.0, 3.0, 30_000)).astype(float)
        _, low, high = difference_sequence(outcomes, treated, 0.01, ALPHA)
        assert np.isfinite(low[-1])
        wrong += bool(((low > 0) | (high < 0)).any())
    assert wrong / 200 <= ALPHA


@pytest.mark.slow
def test_a_mean_of_bounded_values_is_held_from_the_first_value_on():
    """Any distribution, any number of values: preferences are often 0, 1/2 or 1."""
    rng = np.random.default_rng(15)
    for chances in ((0.3, 0.4, 0.3), (0.02, 0.96, 0.02), (0.5, 0.0, 0.5)):
        wrong = 0
        for _ in range(300):
            low, high = bounded_sequence(rng.choice([0.0, 0.5, 1.0], 200, p=chances), ALPHA)
            assert (np.diff(low) >= 0).all()
            assert (np.diff(high) <= 0).all()
            wrong += not low[-1] <= 0.5 <= high[-1]
        assert wrong / 300 <= ALPHA


def test_a_preference_is_found_and_all_of_one_mind_are_believed_soon():
    rng = np.random.default_rng(16)
    low, high = bounded_sequence(rng.choice([0.0, 0.5, 1.0], 400, p=(0.25, 0.3, 0.45)), ALPHA)
    assert low[-1] > 0.5
    assert high[-1] > 0.6 >= low[-1]
    low, _ = bounded_sequence(np.ones(40), ALPHA)
    assert np.flatnonzero(low > 0.5)[0] < 12
