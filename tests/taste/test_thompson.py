"""Thompson draws: as often as they say, from integers alone."""

import numpy as np
import pytest

from penchant.taste.fixed import Q16, Q30, fork
from penchant.taste.thompson import WORLDS, draw_trial, promoted, sampled_q16, short_list
from penchant.taste.trials import Pool, Trials, log_odds_q16

BELIEFS = np.array([[300, 2_200], [600, 5_000], [2_000, 12_000], [700, 2_000], [256, 2_304]])
SCORES = np.array([0, Q16 // 2, 0, -Q16, Q16 // 4])
IDS = np.array([3, 5, 8, 13, 21])
FEASIBLE = np.array([True, True, True, False, True])


def test_odds_are_drawn_from_what_is_believed():
    for belief in BELIEFS.tolist():
        rates = np.random.default_rng(2).beta(belief[0] / 256, belief[1] / 256, 100_000)
        truth = np.log2(rates / (1 - rates))
        drawn = sampled_q16(np.array([belief]), np.array([7]), 11, 20_000)[:, 0] / Q16
        assert drawn.mean() == pytest.approx(truth.mean(), abs=0.15)
        assert drawn.std() == pytest.approx(truth.std(), rel=0.08)


def test_the_same_to_the_bit_whoever_else_is_in_the_list():
    alone = sampled_q16(BELIEFS[2:3], IDS[2:3], 99, 4)
    assert np.array_equal(sampled_q16(BELIEFS, IDS, 99, 4)[:, 2:3], alone)
    assert sampled_q16(BELIEFS, IDS, 99, 1)[0].tolist() == [-177026, -149686, -214140, -114731, -298399]
    # Written again in plain integers, as the documentation says it.
    middle, spread = (int(value[0]) for value in log_odds_q16(BELIEFS[2:3]))
    for world in range(4):
        words = [fork(99, 3 * world + number, 8) for number in range(3)]
        noise = sum(word >> shift & 0xFFFF for word in words for shift in (0, 16, 32, 48)) - 393_210
        assert alone[world, 0] == middle + (noise * spread >> 16)


@pytest.mark.slow
def test_frequencies_are_those_of_the_logged_shares():
    pages = 3_000
    counts, weights = np.zeros(5), np.zeros(5)
    shares = np.zeros(5)
    for seed in range(pages):
        drawn = draw_trial(SCORES, BELIEFS, FEASIBLE, IDS, seed, 2)
        assert drawn is not None
        counts[drawn.index] += 1
        share = drawn.propensity_q30 / Q30
        assert 1 / WORLDS <= share <= 1
        weights[drawn.index] += 1 / share
        shares[drawn.index] += share
    truth = np.bincount(
        np.flatnonzero(FEASIBLE)[
            (sampled_q16(BELIEFS[FEASIBLE], IDS[FEASIBLE], 5, 200_000) + SCORES[FEASIBLE]).argmax(axis=1)
        ],
        minlength=5,
    )
    truth = truth / truth.sum()
    assert truth[3] == counts[3] == 0
    for at in np.flatnonzero(FEASIBLE):
        error = (truth[at] * (1 - truth[at]) / pages) ** 0.5
        assert counts[at] / pages == pytest.approx(truth[at], abs=4 * error)
        # Weighed by 1 / propensity every video counts once for every page: estimates stand on that.
        assert weights[at] / pages == pytest.approx(1, abs=5 * (1 / truth[at] - 1) ** 0.5 / pages**0.5 + 0.01)
        # What is logged strays from the truth by the error that is stated, and a little up for having been drawn.
        assert shares[at] / counts[at] == pytest.approx(truth[at], abs=0.03)


def test_nothing_feasible_nothing_drawn():
    assert draw_trial(SCORES, BELIEFS, np.zeros(5, dtype=bool), IDS, 1, 1) is None


def test_a_short_list_has_the_newest_newcomers_and_one_draw_of_the_others():
    count = 400
    shown = np.where(np.arange(count) < 300, 0, 50)
    long = np.where(np.arange(count) >= 390, 25, np.where(shown > 0, 4, 0))
    found = Trials(np.arange(count)[::-1] + 1, np.arange(count), shown, long)
    everything, nowhere = np.ones(count, dtype=bool), np.zeros(count)
    chosen = short_list(found, everything, nowhere, 3, 40)
    assert len(set(chosen.tolist())) == 40
    assert set(found.video_ids[:20].tolist()) <= set(chosen.tolist())
    assert not np.isin(found.video_ids[found.pools == Pool.PROMOTED], chosen).any()
    assert not np.isin(chosen, short_list(found, ~np.isin(found.video_ids, chosen), nowhere, 3, 40)).any()
    # Nearness lifts: of the newcomers that are not the newest those come that look like what the viewer plays.
    near = np.where((np.arange(count) >= 250) & (np.arange(count) < 300), 1.0, -1.0)
    of_near = short_list(found, everything, near, 3, 40)
    assert np.isin(of_near, found.video_ids[250:300]).sum() > 2 * np.isin(chosen, found.video_ids[250:300]).sum()
    assert set(promoted(found, everything, nowhere, 20).tolist()) == set(found.video_ids[390:].tolist())
