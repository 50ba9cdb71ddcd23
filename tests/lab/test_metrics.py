"""Measures against their definitions, written plainly."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.lab.metrics import MISSED, Lists, gain, group_auc, hit, mid_rank, ndcg_of_group, paired_gain

SCORES = st.lists(st.integers(0, 4), min_size=2, max_size=12)


@given(SCORES, st.data())
def test_mid_ranks_are_means_over_all_ways_to_break_ties(scores: list[int], data: st.DataObject):
    target = data.draw(st.integers(0, len(scores) - 1))
    better = sum(score > scores[target] for score in scores)
    equal = sum(score == scores[target] for score in scores)
    assert mid_rank(np.array(scores), target) == np.mean([better + place for place in range(equal)])


@given(SCORES, st.data())
def test_group_auc_counts_pairs(scores: list[int], data: st.DataObject):
    labels = data.draw(st.lists(st.booleans(), min_size=len(scores), max_size=len(scores)))
    pairs = [
        (left > right) + (left == right) / 2
        for (left, yes), (right, no) in itertools.product(zip(scores, labels, strict=True), repeat=2)
        if yes and not no
    ]
    found = group_auc(np.array(scores, dtype=float), np.array(labels))
    assert (math.isnan(found) and not pairs) or found == pytest.approx(np.mean(pairs))


@given(st.lists(st.integers(0, 2), min_size=1, max_size=6), st.data())
def test_group_ndcg_is_the_mean_over_all_orders_of_equal_ones(scores: list[int], data: st.DataObject):
    labels = data.draw(st.lists(st.booleans(), min_size=len(scores), max_size=len(scores)))
    found = ndcg_of_group(np.array(scores, dtype=float), np.array(labels), 5)
    best = sum(1 / math.log2(place + 2) for place in range(min(sum(labels), 5)))
    values = []
    for order in itertools.permutations(range(len(scores))):
        if all(scores[left] >= scores[right] for left, right in itertools.pairwise(order)):
            values.append(sum(labels[one] / math.log2(place + 2) for place, one in enumerate(order[:5])))
    assert found == pytest.approx(np.mean(values) / best if best else 0)


def test_hits_and_gains():
    ranks = np.array([0, 9, 9.5, 10, MISSED])
    assert hit(ranks, 10).tolist() == [1, 1, 0.5, 0, 0]
    assert gain(ranks, 10) == pytest.approx([1, 1 / math.log2(11), 1 / math.log2(11.5), 0, 0])


def test_lists():
    lists = Lists(videos=200, length=3)
    tags = np.array([0, 0, 1, -1, *[2] * 196])
    lists.add(np.array([0, 1, 2, 3]), tags)
    lists.add(np.array([0, 3, 4]), tags)
    assert lists.coverage == 5 / 200
    assert lists.top1_share == (2 + 1) / 6
    assert lists.diversity == 5 / 6


def test_a_gain_is_paired_within_viewers():
    rng = np.random.default_rng(1)
    viewers = np.repeat(np.arange(300), 3)
    theirs = rng.random(900)
    mean, low, high = paired_gain(theirs + 0.1, theirs, viewers)
    assert mean == pytest.approx(0.1)
    assert low == pytest.approx(0.1)
    assert high == pytest.approx(0.1)
    mean, low, high = paired_gain(rng.random(900), theirs, viewers)
    assert low < 0 < high
