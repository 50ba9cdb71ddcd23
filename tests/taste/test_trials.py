"""What is believed of new videos, and which pool they are in."""

import numpy as np
import pytest

from penchant.taste.learner import Learner
from penchant.taste.publish import TRIALS_OF_A_CREATOR, trials_of
from penchant.taste.trials import DECIDED, STRENGTH, Pool, Spent, Trials, log_odds_q16
from penchant.testing.memory_log import MemoryLog, published


def trials(*videos: tuple[int, int, int]) -> Trials:
    """From (creator, shown, long) each."""
    creators, shown, long = np.array(videos, dtype=np.int64).reshape(-1, 3).T
    return Trials(np.arange(len(videos)) + 10, creators, shown, long)


@pytest.mark.parametrize(("alpha", "beta"), [(1, 9), (3, 17), (20, 80), (5, 5), (60, 3)])
def test_log_odds_have_the_moments_of_the_beta_distribution(alpha: float, beta: float):
    rates = np.random.default_rng(1).beta(alpha, beta, 200_000)
    truth = np.log2(rates / (1 - rates))
    middle, spread = log_odds_q16(np.array([[alpha * 256, beta * 256]]))
    assert middle[0] / 65536 == pytest.approx(truth.mean(), abs=0.13)
    assert spread[0] / 65536 == pytest.approx(truth.std(), rel=0.06)


def test_the_prior_is_the_rate_of_all_on_trial_and_of_the_creators_others():
    plain = trials(*[(number, 90, 9) for number in range(40)], (100, 0, 0), (101, 0, 0), (101, 90, 45), (101, 90, 45))
    alpha, beta = plain.beliefs_q8[40] / 256
    rate = plain.rate_q16 / 65536
    assert rate == pytest.approx((40 * 9 + 90 + 2) / (40 * 90 + 180 + 20), abs=1e-4)
    assert alpha == pytest.approx(STRENGTH * rate, abs=0.02)
    assert alpha + beta == pytest.approx(STRENGTH, abs=0.01)
    unknown, many, on_trial = plain.beliefs_of(np.array([1, 2, 10]), np.array([0, 40_000, 7]), np.array([0, 10_000, 7]))
    assert unknown / 256 == pytest.approx([alpha, beta], abs=0.01)
    assert many / 256 == pytest.approx([250 + alpha, 750 + beta], abs=0.01)
    assert on_trial.tolist() == plain.beliefs_q8[0].tolist()
    # A creator of good videos is believed to make another one; one's own counts come after the prior.
    by_good = plain.beliefs_q8[41] / 256
    assert by_good[0] > 3 * alpha
    assert by_good.sum() == pytest.approx(STRENGTH, abs=0.01)
    assert plain.beliefs_q8[0].sum() / 256 == pytest.approx(STRENGTH + 90, abs=0.01)


def test_pools_are_decided_by_counts():
    found = trials(*[(number, 60, 6) for number in range(50)], (60, 5, 5), (61, DECIDED, 12), (62, 90, 1), (63, 60, 7))
    assert found.pools[50:].tolist() == [Pool.NEWCOMER, Pool.PROMOTED, Pool.DROPPED, Pool.STAYING]
    # What nobody watches long is dropped as soon as that can be told from bad luck.
    nobody = [trials(*[(number, 60, 6) for number in range(50)], (60, shown, 0)).pools[-1] for shown in range(10, 90)]
    first = nobody.index(Pool.DROPPED) + 10
    assert DECIDED <= first <= 60
    assert set(nobody[first - 10 :]) == {Pool.DROPPED}


def test_who_had_more_than_their_share_of_the_showings_waits():
    found = trials(*[(1, 20, 2)] * 6, (2, 20, 2), (3, 20, 2), (4, 20, 2), (5, 20, 2))
    spent = Spent.of(found.creators, np.full(10, 20.0))
    assert found.waiting(spent, 40).tolist() == [True] * 6 + [False] * 4
    assert not found.waiting(spent, 60).any()
    # Of few showings nobody had too many, and a lone creator has nobody to wait for.
    assert not found.waiting(spent.at(0.1), 10).any()
    alone = trials((1, 20, 2), (1, 20, 2))
    assert not alone.waiting(Spent.of(alone.creators, np.full(2, 90.0)), 10).any()
    # What is pushed out by newer uploads still counts for its creator.
    before = Spent.of(np.array([5, 1, 2, 3]), np.array([60.0, 20, 20, 20]))
    assert found.waiting(before, 40).tolist() == [False] * 9 + [True]


def test_nothing_on_trial():
    empty = Trials.empty()
    assert empty.beliefs_q8.shape == (0, 2)
    assert len(empty.pools) == 0
    assert len(empty.waiting(Spent.of(np.zeros(0, int), np.zeros(0)), 20)) == 0
    assert empty.beliefs_of(np.array([5]), np.zeros(1, int), np.zeros(1, int)).sum() == STRENGTH << 8


def test_of_a_creator_who_floods_the_catalogue_only_the_newest_are_on_trial():
    log = MemoryLog()
    for number in range(TRIALS_OF_A_CREATOR + 30):
        log.add(0, published(1_000 + number, creator=7))
    for number in range(20):
        log.add(0, published(5_000 + number, creator=20 + number))
    learner = Learner()
    learner.fold(log.events)
    found = trials_of(learner.state.videos)
    assert (found.creators == 7).sum() == TRIALS_OF_A_CREATOR
    assert set(range(5_000, 5_020)) <= set(found.video_ids.tolist())
    assert 1_000 not in found.video_ids
    # The newest first, with what the log says of them.
    log.watch(3, 5_019, 1, 6_000)
    learner.fold(log.events)
    newest = trials_of(learner.state.videos)
    assert (newest.video_ids[0], newest.shown[0], newest.long[0]) == (5_019, 1, 1)
