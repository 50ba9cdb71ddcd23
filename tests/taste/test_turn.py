"""Who turns, and to what."""

import numpy as np
import pytest

from penchant.taste.turn import BEFORE_AT_LEAST, RECENT, foreign, turns_to


def viewer(seed: int, old: int, new: int, tightness: float = 3.0) -> np.ndarray:
    """(P, D) vectors of long views, the newest first: `new` of another theme after `old` of one."""
    rng = np.random.default_rng(seed)
    themes = tightness * rng.normal(size=(2, 32))
    return np.concatenate([themes[1] + rng.normal(size=(new, 32)), themes[0] + rng.normal(size=(old, 32))])


@pytest.mark.parametrize("new", [2, 3, 5])
def test_a_few_long_views_of_another_theme_are_a_turn(new: int):
    for seed in range(20):
        vectors = viewer(seed, 30, new)
        found = turns_to(np.arange(len(vectors)), vectors)
        assert set(range(new)) <= set(found.tolist())


def test_one_excursion_is_none_and_a_turn_that_goes_on_becomes_the_profile():
    turning = [len(turns_to(np.arange(31), viewer(seed, 30, 1))) for seed in range(100)]
    assert np.mean([count > 0 for count in turning]) < 0.75
    settled = [len(turns_to(np.arange(60), viewer(seed, 20, 40))) > 0 for seed in range(100)]
    staying = [len(turns_to(np.arange(40), viewer(seed, 40, 0))) > 0 for seed in range(100)]
    assert np.mean(settled) == pytest.approx(np.mean(staying), abs=0.15)


def test_where_little_is_known_nobody_turns():
    vectors = viewer(1, BEFORE_AT_LEAST + RECENT - 4, 3)
    assert not foreign(vectors).any()
    unknown = viewer(2, 30, 3)
    unknown[:3] = 0
    assert not foreign(unknown)[:3].any()
    assert len(foreign(np.zeros((0, 32)))) == 0
    assert not foreign(np.zeros((40, 0))).any()
