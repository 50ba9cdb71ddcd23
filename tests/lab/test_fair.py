"""Fair rates against what they are made of, and strengths against worlds whose viewers differ."""

import numpy as np
import pytest

from penchant.lab.fair import Lifts, RecentLifts, strengths

HOUR_MS = 3_600_000
NOW_MS = 1_790_000_000_000


def test_a_lift_is_long_views_over_expected_ones_and_drawn_to_its_prior():
    lifts, whole = Lifts(3), Lifts(3)
    rng = np.random.default_rng(1)
    things, long, expected = rng.integers(0, 3, 50), rng.integers(0, 2, 50).astype(float), rng.random(50)
    for thing, outcome, chance in zip(things.tolist(), long.tolist(), expected.tolist(), strict=True):
        lifts.add(thing, outcome, chance)
    whole.add_all(things, long, expected)
    for thing in range(3):
        own = things == thing
        assert lifts.lift(thing, 0) == pytest.approx(np.log(long[own].sum() / expected[own].sum()))
        assert whole.lift(thing, 2, 0.3) == pytest.approx(lifts.lift(thing, 2, 0.3))
        assert lifts.lift(thing, 1e9, 0.3) == pytest.approx(0.3, abs=1e-6)


def test_a_recent_lift_forgets():
    recent = RecentLifts(1, 24)
    recent.add(0, 1, 0.25, NOW_MS)
    fresh = recent.lift(0, 1, 0.0, NOW_MS)
    assert fresh == pytest.approx(np.log(2 / 1.25))
    assert recent.lift(0, 1, 0.0, NOW_MS + 24 * HOUR_MS) == pytest.approx(np.log(1.5 / 1.125))
    assert abs(recent.lift(0, 1, 0.0, NOW_MS + 1_000 * HOUR_MS)) < 1e-6


def test_strengths_are_of_videos_and_not_of_their_viewers():
    """One video is shown to those who watch everything long, a better one to those who watch next to nothing."""
    rng = np.random.default_rng(2)
    quality = np.array([0.0, 1.5, -0.5, 0.0, 0.5])
    viewers, places, long = [], [], []
    for viewer in range(3_000):
        eager = viewer % 2
        shown = [0 if eager else 1, 2, 3, 4]
        chances = 1 / (1 + np.exp(-(quality[shown] + (2.0 if eager else -2.0))))
        viewers += [viewer] * 4
        places += shown
        long += (rng.random(4) < chances).tolist()
    numbers, outcomes = np.array(places), np.array(long)
    assert outcomes[numbers == 0].mean() > outcomes[numbers == 1].mean() + 0.3
    (found,) = strengths(np.array(viewers), outcomes, [numbers])
    assert np.argmax(found) == 1
    assert np.argmin(found) in (0, 2)
    assert found[0] < found[1] - 0.8


def test_strengths_of_several_fields_add_up_and_nothing_is_nothing():
    rng = np.random.default_rng(3)
    videos, tags = rng.integers(0, 20, 4_000), np.zeros(4_000, dtype=np.int64)
    tags[:] = videos % 3
    long = rng.random(4_000) < np.where(tags == 1, 0.7, 0.3)
    of_video, of_tag = strengths(np.repeat(np.arange(400), 10), long, [videos, tags])
    assert of_tag[1] > max(of_tag[0], of_tag[2]) + 0.5
    assert abs(of_video).max() < of_tag[1]
    nothing = np.zeros(0, dtype=np.int64)
    assert [len(part) for part in strengths(nothing, nothing.astype(bool), [nothing, nothing])] == [0, 0]
