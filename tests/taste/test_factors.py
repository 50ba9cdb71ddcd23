"""Taste vectors: equal plays give equal ones, like viewers are near, sums go over into new ones."""

import numpy as np
from numpy.testing import assert_array_equal

from penchant.taste.factors import Factors, carry_over, fit_factors
from penchant.taste.similar import Plays

THEMES, PER_THEME = 4, 12


def two_sided_world(seed: int, viewers: int = 200) -> tuple[list[dict[int, int]], np.ndarray]:
    """Viewers who play one theme of four, and now and then anything."""
    rng = np.random.default_rng(seed)
    themes = rng.integers(0, THEMES, viewers)
    rows = []
    for theme in themes:
        own = theme * PER_THEME + rng.choice(PER_THEME, 6, replace=False)
        rows.append({int(video): 1 for video in (*own, *rng.choice(THEMES * PER_THEME, 2))})
    return rows, themes


def test_equal_plays_give_equal_factors():
    rows, _ = two_sided_world(1)
    first, second = (fit_factors(Plays.of(1, shuffled), 8) for shuffled in (rows, rows[::-1]))
    assert_array_equal(first.vectors, second.vectors)
    assert_array_equal(first.mean, second.mean)


def test_viewers_of_a_theme_look_the_same_way():
    rows, themes = two_sided_world(2)
    factors = fit_factors(Plays.of(1, rows), 8)
    ways = np.array([factors.direction(factors.viewer(factors.places(np.array(list(row))))) for row in rows])
    likeness = ways @ ways.T
    same = themes[:, None] == themes[None, :]
    assert likeness[same].mean() > 0.6
    assert likeness[~same].mean() < 0.1


def test_a_viewer_is_turned_by_what_they_played_last():
    rows, _ = two_sided_world(3)
    factors = fit_factors(Plays.of(1, rows), 8)
    before, after = np.arange(PER_THEME), PER_THEME + np.arange(PER_THEME)
    of_after = factors.direction(factors.viewer(after))
    slow = factors.direction(factors.viewer(np.concatenate([after[:3], before])))
    quick = factors.direction(factors.viewer(np.concatenate([after[:3], before]), half_life=3))
    assert quick @ of_after > slow @ of_after + 0.1


def test_sums_of_vectors_go_over_into_new_factors():
    """What was near before is near afterwards, though the axes are others."""
    rows, _ = two_sided_world(4)
    more, _ = two_sided_world(5, viewers=40)
    old, new = fit_factors(Plays.of(1, rows), 8), fit_factors(Plays.of(2, rows + more), 8)
    profile = np.array([0, 1, 2, 3])
    carried = old.viewer(profile) @ carry_over(old, new)
    fresh = new.viewer(profile)
    assert carried @ fresh / np.linalg.norm(carried) / np.linalg.norm(fresh) > 0.95


def test_too_little_to_learn_from_is_nothing():
    assert not fit_factors(Plays.empty()).dimensions
    assert not fit_factors(Plays.of(1, [{1: 1, 2: 1}])).dimensions
    few = fit_factors(Plays.of(1, [{1: 1, 2: 1}, {2: 1, 3: 1}, {1: 1}]))
    assert few.dimensions == 2
    assert_array_equal(few.places(np.array([3, 7, 1])), [2, -1, 0])
    assert_array_equal(Factors.empty().places(np.array([3])), [-1])


def test_viewers_who_repeat_each_other_leave_no_endless_axis():
    """Two kinds of viewers are two axes, however many viewers there are."""
    factors = fit_factors(Plays.of(1, [{1: 1, 2: 1}, {3: 1, 4: 1}] * 6), 8)
    assert factors.dimensions == 2
    assert np.isfinite(factors.vectors).all()
    ways = [factors.direction(factors.viewer(factors.places(np.array(own)))) for own in ([1, 2], [3, 4])]
    assert ways[0] @ ways[1] < -0.9


def test_many_viewers_of_one_or_two_videos_are_learned_from():
    """A young market, of which LAPACK's default eigenvalue driver says "Internal Error"."""
    rng = np.random.default_rng(10)
    viewers, videos = rng.integers(0, 800, 1_700), (9_000 * rng.random(1_700) ** 2).astype(np.int64)
    pairs = np.unique(np.stack([viewers, videos], axis=1), axis=0)
    _, lengths = np.unique(pairs[:, 0], return_counts=True)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    found = fit_factors(Plays(1, starts, pairs[:, 1].copy(), np.full(len(pairs), 3)))
    assert found.dimensions > 1
    assert np.isfinite(found.vectors).all()
