"""The blend: gradients against automatic ones, integers against floats, a list against one by one."""

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from numpy.testing import assert_allclose, assert_array_equal

from penchant.taste import blend
from penchant.taste.blend import Scale, Stages, Weights
from penchant.taste.fixed import Q16

COLUMNS, CONTEXT = 6, 3


def random_weights(seed: int) -> Weights:
    rng = np.random.default_rng(seed)
    size = blend.inputs(COLUMNS, CONTEXT)
    shapes = ((size, 16), (16,), (16,), (size,))
    return Weights(*(0.4 * rng.normal(size=shape).astype(np.float32) for shape in shapes))


def random_list(seed: int, count: int = 300) -> tuple[np.ndarray, np.ndarray, Scale]:
    rng = np.random.default_rng(seed)
    rows = np.rint(rng.normal(size=(count, COLUMNS)) * 3 * Q16 - 5 * Q16).astype(np.int32)
    return rows, rng.integers(-1024, 1024, CONTEXT), Scale.of(rows)


def test_gradients_are_those_of_automatic_differentiation():
    rng = np.random.default_rng(1)
    weights = random_weights(1)
    seen = rng.normal(size=(5, 9, blend.inputs(COLUMNS, CONTEXT))).astype(np.float32)
    targets = rng.integers(0, 9, 5)

    def loss(hidden, bias, out, skip):
        logits = anp.dot(anp.maximum(anp.dot(seen, hidden) + bias, 0), out) + anp.dot(seen, skip)
        chosen = logits[anp.arange(5), targets]
        return anp.mean(anp.log(anp.sum(anp.exp(logits), axis=1)) - chosen)

    doubles = [array.astype(np.float64) for array in weights.arrays()]
    ours, gradients = blend.loss_and_gradients(seen, targets, weights)
    assert ours == pytest.approx(loss(*doubles), rel=1e-5)
    for place, gradient in enumerate(gradients):
        assert_allclose(gradient, grad(loss, place)(*doubles), rtol=1e-3, atol=1e-6)


def test_integers_are_near_the_floats():
    """Within a hundredth of a doubling of odds: far below what changes an order that matters."""
    weights = random_weights(2)
    rows, context, scale = random_list(2)
    seen = blend.list_inputs(rows, context, scale)
    ours = blend.score(seen, blend.quantised(weights)) / Q16
    floats, _ = blend.forward((seen / 1024).astype(np.float32)[None], weights)
    assert_allclose(ours, floats[0] * np.log2(np.e), atol=0.02)


def test_members_side_by_side_are_one_network_that_says_their_mean():
    members = [random_weights(seed) for seed in (4, 5, 6)]
    rows, context, scale = random_list(4)
    seen = (blend.list_inputs(rows, context, scale) / 1024).astype(np.float32)[None]
    together, _ = blend.forward(seen, blend.joined(members))
    apart = np.mean([blend.forward(seen, member)[0] for member in members], axis=0)
    assert_allclose(together, apart, rtol=1e-4, atol=1e-4)
    whole = blend.score(blend.list_inputs(rows, context, scale), blend.quantised(blend.joined(members))) / Q16
    assert_allclose(whole, apart[0] * np.log2(np.e), atol=0.02)


def test_a_list_scores_as_its_candidates_one_by_one():
    """To the last bit, which floats do not: rows and context are what a page record keeps."""
    rows, context, scale = random_list(3)
    seen, whole = blend.list_inputs(rows, context, scale), blend.quantised(random_weights(3))
    together = blend.score(seen, whole)
    assert_array_equal(together, [blend.score(one[None], whole)[0] for one in seen])
    assert_array_equal(together[::-1], blend.score(seen[::-1].copy(), whole))


def test_inputs_stay_within_bounds():
    rows = np.array([[2**31 - 1] * COLUMNS, [-(2**31)] * COLUMNS], dtype=np.int32)
    scale = Scale(np.zeros(COLUMNS, dtype=np.int64), np.full(COLUMNS, Q16 // 16, dtype=np.int64))
    seen = blend.list_inputs(rows, np.zeros(CONTEXT, dtype=np.int64), scale)
    assert np.abs(seen).max() == blend.INPUT_AT_MOST << blend.INPUT_BITS
    huge = Weights(*(np.full_like(array, 1e9) for array in random_weights(1).arrays()))
    assert np.abs(blend.score(seen, blend.quantised(huge))).max() < 2**53


def test_an_empty_list_is_an_empty_list():
    _, context, scale = random_list(4)
    seen = blend.list_inputs(np.zeros((0, COLUMNS), dtype=np.int32), context, scale)
    assert blend.score(seen, blend.quantised(random_weights(4))).shape == (0,)


def test_a_share_is_what_a_score_loses_without_what_a_group_of_columns_says():
    rows, context, scale = random_list(7, 120)
    groups = [np.array([0, 1]), np.array([4])]
    prior = np.array([1.0, 0.5, 0, 0, 0, 2.0])
    none = np.zeros(COLUMNS, dtype=np.float32)
    untrained = Stages(prior, None, none, None)
    mean = rows.mean(axis=0).astype(np.int32)
    changed = rows[[5]].copy()
    changed[:, [0, 1]] = mean[[0, 1]]
    wanted = untrained.first(rows[[5]]) - untrained.first(changed)
    assert untrained.shares(rows, context, [5], groups).tolist() == [[int(wanted[0]), 0]]
    # A network that sees nothing but column 4 owes everything to it.
    seeing = random_weights(3)
    for array in (seeing.hidden, seeing.skip):
        kept = np.zeros(len(array), dtype=bool)
        kept[[4, 4 + COLUMNS, 4 + 2 * COLUMNS]] = True
        array[~kept] = 0
    trained = Stages(prior, scale, none, seeing)
    shares = trained.shares(rows, context, [0, 40, 119], groups)
    assert (shares[:, 0] == 0).all()
    scores = trained.second(rows, context, trained.first(rows))
    assert np.corrcoef(shares[:, 1], scores[[0, 40, 119]])[0, 1] > 0.99
    assert np.ptp(scores[[0, 40, 119]] - shares[:, 1]) <= 2


def test_both_stages_speak_in_doublings_of_odds():
    """The draw takes scores for base-2 logarithms in Q16, whichever stage made them."""
    rows, context, scale = random_list(8, 50)
    weights = np.array([0.3, -0.2, 0.1, 0, 0, 0.5], dtype=np.float32)
    stages = Stages(np.zeros(COLUMNS), scale, weights, None)
    natural = np.clip(scale.inputs(rows) / 1024, -6, 6) @ weights
    first = stages.first(rows)
    assert_allclose(first / Q16, natural * np.log2(np.e), atol=0.01)
    assert_array_equal(stages.second(rows, context, first), first)
