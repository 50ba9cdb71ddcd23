"""The rule feed: each rule alone, and what shipped does not do."""

import numpy as np
from numpy.testing import assert_allclose

from penchant.lab.rules import AFFINITY, ENGAGEMENT, FRESH_HALF_LIFE_MS, FRESHNESS, TRUST, RuleFeed

NOW_MS = 1_790_000_000_000


def feed(*, decays: bool) -> RuleFeed:
    """Four videos: one new, one old, two of one creator; the last without facts."""
    published = np.array([NOW_MS, NOW_MS - FRESH_HALF_LIFE_MS, NOW_MS, NOW_MS])
    return RuleFeed(published, np.array([0, 0, 1, -1]), np.array([2, 1, 2, -1]), decays=decays)


def test_every_rule_counts_and_only_as_meant_a_video_gets_older():
    likes = np.array([3, 0, 1, 0])
    meant = feed(decays=True).scores(likes, [2], NOW_MS)
    logs = np.log1p([3, 0, 1, 0]) / np.log1p(3)
    trust = np.log1p([3, 3, 1, 0]) / np.log1p(3)
    wanted = FRESHNESS * np.array([1, 0.5, 1, 1]) + ENGAGEMENT * logs + TRUST * trust
    assert_allclose(meant, wanted + AFFINITY * np.array([0.5, 0, 1, 0]))
    shipped = feed(decays=False).scores(likes, [2], NOW_MS)
    assert_allclose(shipped - meant, [0, FRESHNESS / 2, 0, 0], atol=1e-12)


def test_without_a_like_all_are_equal():
    assert len(set(feed(decays=False).scores(np.zeros(4, dtype=np.int64), [], NOW_MS))) == 1
