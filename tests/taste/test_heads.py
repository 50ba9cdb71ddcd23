"""The heads: gradients against automatic ones, integers against floats, labels that come late, calibration."""

from uuid import UUID

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from numpy.testing import assert_allclose, assert_array_equal

from penchant.taste import head_trainer
from penchant.taste.blend import Scale
from penchant.taste.fixed import Q16
from penchant.taste.head_trainer import HeadTrainer
from penchant.taste.heads import CHANCE_BITS, HEADS, LONG, Heads, HeadWeights, forward, inputs_of, loss_and_gradients

COLUMNS, CONTEXT = 4, 2
LIKE = HEADS.index("like")
SOMEBODY = UUID(int=7)


def random_weights(seed: int) -> HeadWeights:
    rng = np.random.default_rng(seed)
    shapes = [array.shape for array in HeadWeights.new(COLUMNS + CONTEXT, 0).arrays()]
    return HeadWeights(*(0.4 * rng.normal(size=shape).astype(np.float32) for shape in shapes))


def scale() -> Scale:
    return Scale(np.zeros(COLUMNS, dtype=np.int64), np.full(COLUMNS, Q16, dtype=np.int64))


def learned(count: int, seed: int = 1) -> tuple[HeadTrainer, np.ndarray, np.ndarray]:
    """A trainer that has seen `count` showings: column 0 makes long views likely, column 1 likes."""
    rng = np.random.default_rng(seed)
    rows = np.rint(rng.normal(size=(count, COLUMNS)) * Q16).astype(np.int32)
    chances = 1 / (1 + np.exp(-(2 * rows[:, :2] / Q16 - [0.5, 3])))
    trainer = HeadTrainer(COLUMNS, CONTEXT)
    context = np.zeros(CONTEXT, dtype=np.int64)
    for number, row in enumerate(rows):
        labels = np.zeros(len(HEADS), dtype=np.float32)
        labels[[LONG, LIKE]] = rng.random(2) < chances[number]
        trainer.learn((SOMEBODY, number), row, context, labels, scale())
    return trainer, rows, chances


def test_gradients_are_those_of_automatic_differentiation() -> None:
    rng = np.random.default_rng(1)
    weights = random_weights(1)
    seen = rng.normal(size=(9, COLUMNS + CONTEXT)).astype(np.float32)
    labels = rng.random((9, len(HEADS))).astype(np.float32)
    labels[rng.random(labels.shape) < 0.3] = np.nan
    known, wanted = np.isfinite(labels), np.nan_to_num(labels)

    def loss(hidden, bias, out, skip, base):
        logits = anp.dot(anp.maximum(anp.dot(seen, hidden) + bias, 0), out) + anp.dot(seen, skip) + base
        return anp.sum(known * (anp.log(1 + anp.exp(logits)) - wanted * logits)) / 9

    doubles = [array.astype(np.float64) for array in weights.arrays()]
    losses, gradients = loss_and_gradients(seen, labels, weights)
    assert losses.sum() == pytest.approx(loss(*doubles), rel=1e-5)
    for place, gradient in enumerate(gradients):
        assert_allclose(gradient, grad(loss, place)(*doubles), rtol=1e-3, atol=1e-6)


def test_integer_chances_are_near_the_floats_and_do_not_depend_on_the_list() -> None:
    rng = np.random.default_rng(2)
    rows = np.rint(rng.normal(size=(300, COLUMNS)) * 2 * Q16).astype(np.int32)
    context = rng.integers(-1024, 1024, CONTEXT)
    heads = Heads(scale(), random_weights(2))
    together = heads.chances(rows, context)
    logits, _ = forward((inputs_of(rows, context, scale()) / 1024).astype(np.float32), heads.weights)
    assert_allclose(together / 2**CHANCE_BITS, 1 / (1 + np.exp(-logits.astype(np.float64))), atol=0.003)
    assert_array_equal(together, np.concatenate([heads.chances(row[None], context) for row in rows]))


def test_they_learn_chances_and_are_calibrated() -> None:
    trainer, rows, chances = learned(6_000)
    heads = trainer.heads()
    assert heads is not None
    said = heads.chances(rows[-1_000:], np.zeros(CONTEXT, dtype=np.int64)) / 2**CHANCE_BITS
    assert np.corrcoef(said[:, LONG], chances[-1_000:, 0])[0, 1] > 0.97
    assert np.corrcoef(said[:, LIKE], chances[-1_000:, 1])[0, 1] > 0.9
    assert np.abs(said[:, LONG] - chances[-1_000:, 0]).mean() < 0.06
    error = trainer.calibration.error()
    assert error[LONG] < 0.05
    assert error[LIKE] < 0.03


def test_a_label_that_comes_late_is_replayed_as_it_is_now() -> None:
    early, _, _ = learned(3_000)
    late, _, _ = learned(3_000)
    for number in range(3_000):
        assert late.amend((SOMEBODY, number), LIKE, 1.0)
    assert not late.amend((UUID(int=8), 1), LIKE, 1.0)
    context = np.zeros(CONTEXT, dtype=np.int64)
    rng = np.random.default_rng(5)
    for number in range(3_000, 3_320):
        row = np.rint(rng.normal(size=COLUMNS) * Q16).astype(np.int32)
        labels = np.full(len(HEADS), np.nan, dtype=np.float32)
        for trainer in (early, late):
            trainer.learn((SOMEBODY, number), row, context, labels, scale())
    row = np.zeros((1, COLUMNS), dtype=np.int32)
    said = [trainer.heads().chances(row, context)[0, LIKE] / 2**CHANCE_BITS for trainer in (early, late)]  # type: ignore[union-attr]
    assert said[0] < 0.2
    assert said[1] > said[0] + 0.2


def test_going_on_from_a_snapshot_is_as_if_nothing_had_happened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(head_trainer, "BUFFER", 500)
    whole, rows, _ = learned(1_200)
    context, labels = np.zeros(CONTEXT, dtype=np.int64), np.ones(len(HEADS), dtype=np.float32)
    restored = HeadTrainer(COLUMNS, CONTEXT)
    restored.restore(*whole.arrays())
    for trainer in (whole, restored):
        trainer.amend((SOMEBODY, 1_100), LIKE, 1.0)
        for number in range(100):
            trainer.learn((SOMEBODY, 5_000 + number), rows[number], context, labels, scale())
    for name, array in whole.arrays()[0].items():
        assert_array_equal(array, restored.arrays()[0][name])
    # What was overwritten is not known any more, nor what somebody is forgotten with.
    assert not whole.knows((SOMEBODY, 1))
    assert whole.knows((SOMEBODY, 5_099))
    whole.forget(SOMEBODY)
    assert not whole.knows((SOMEBODY, 5_099))
