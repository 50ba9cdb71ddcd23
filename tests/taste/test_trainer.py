"""The trainer finds what makes the watched one stand out, and its weights are a function of the examples."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from penchant.taste import blend
from penchant.taste.fixed import Q16
from penchant.taste.trainer import SAMPLED, WATCHED, Example, Trainer

COLUMNS, CONTEXT = 5, 2


def examples(count: int, seed: int) -> list[Example]:
    """The watched one of 100 has a high column 0 where the context says so, else a high column 1."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        rows = rng.normal(size=(100, COLUMNS))
        which = int(rng.integers(0, 2))
        target = int(np.argmax(rows[:, which] + 0.3 * rng.normal(size=100)))
        whole = np.rint(rows * Q16).astype(np.int32)
        others = rng.integers(0, 100, SAMPLED)
        context = np.array([1024 if which else 0, 0], dtype=np.int64)
        made.append(Example(whole[[target, *others]], whole, context, target))
    return made


def hits(trainer: Trainer, tests: list[Example]) -> float:
    assert trainer.scale is not None
    whole = blend.quantised(trainer.weights)
    ranks = []
    for example in tests:
        scores = blend.score(blend.list_inputs(example.rows, example.context, trainer.scale), whole)
        ranks.append(int((scores > scores[example.target]).sum()))
    return float(np.mean(np.array(ranks) < 10))


@pytest.mark.slow
def test_it_learns_what_depends_on_the_context():
    trainer = Trainer(COLUMNS, CONTEXT, [0.0] * COLUMNS)
    for example in examples(3_000, seed=1):
        trainer.learn(example)
    assert np.mean(trainer.curve.means[-10:]) < np.mean(trainer.curve.means[:10]) - 1.5
    assert len(trainer.losses) == WATCHED
    assert hits(trainer, examples(200, seed=2)) > 0.95
    first = trainer.union_weights
    assert first[0] > 0.3
    assert first[1] > 0.3
    assert np.abs(first[2:]).max() < 0.2


@pytest.mark.slow
def test_equal_examples_give_equal_weights():
    made = examples(600, seed=3)
    first, second = Trainer(COLUMNS, CONTEXT, [0.0] * COLUMNS), Trainer(COLUMNS, CONTEXT, [0.0] * COLUMNS)
    for trainer in (first, second):
        for example in made:
            trainer.learn(example)
    for left, right in zip(first.weights.arrays(), second.weights.arrays(), strict=True):
        assert_array_equal(left, right)
    assert_array_equal(first.union_weights, second.union_weights)


def test_before_it_has_learned_the_first_stage_is_the_prior_product():
    trainer = Trainer(2, CONTEXT, [1.0, 0.5])
    rows = np.array([[Q16, 0], [0, 4 * Q16], [Q16, Q16]], dtype=np.int32)
    assert trainer.stages().first(rows).tolist() == [Q16, 2 * Q16, 3 * Q16 // 2]


@pytest.mark.slow
def test_members_learn_apart_and_what_came_back_goes_on_alike():
    made = examples(700, seed=11)
    first, second = Trainer(COLUMNS, CONTEXT, [0.0] * COLUMNS), Trainer(COLUMNS, CONTEXT, [0.0] * COLUMNS)
    for example in made[:500]:
        first.learn(example)
    second.restore(*first.arrays())
    for example in made[500:]:
        first.learn(example)
        second.learn(example)
    for left, right in zip(first.members, second.members, strict=True):
        for one, other in zip(left.arrays(), right.arrays(), strict=True):
            assert_array_equal(one, other)
    assert not np.allclose(first.members[0].skip, first.members[1].skip)


def test_short_lists_and_missed_targets_teach_the_first_stage_only():
    trainer = Trainer(COLUMNS, CONTEXT, [0.0] * COLUMNS)
    for example in examples(400, seed=4):
        missed = Example(example.union, example.rows[:0], example.context, -1)
        short = Example(example.union, example.rows[: SAMPLED - 1], example.context, 0)
        trainer.learn(missed)
        trainer.learn(short)
    assert not trainer.curve.means
    assert trainer.union_weights.any()


@pytest.mark.slow
def test_the_watchdog_takes_back_what_went_wrong_and_says_so():
    trainer = Trainer(COLUMNS, CONTEXT, [0.0] * COLUMNS)
    for example in examples(2_000, seed=5):
        trainer.learn(example)
    assert not trainer.rolled_back
    tests = examples(200, seed=6)
    assert hits(trainer, tests) > 0.9
    broken = [np.full_like(array, np.nan) for array in trainer.members[-1].arrays()]
    trainer.members[-1] = blend.Weights(*broken)
    for example in examples(100, seed=7):
        trainer.learn(example)
    assert len(trainer.rolled_back) == 1
    assert not np.isfinite(trainer.rolled_back[0].loss)
    assert hits(trainer, tests) > 0.9


@pytest.mark.slow
def test_a_world_that_turned_around_is_learned_anew():
    """One roll-back at most: then the worse loss is the measure, and learning goes on."""
    trainer = Trainer(COLUMNS, CONTEXT, [0.0] * COLUMNS)
    for example in examples(2_000, seed=8):
        trainer.learn(example)

    def turned(example: Example) -> Example:
        rows = example.rows[:, ::-1].copy()
        return Example(example.union[:, ::-1].copy(), rows, example.context, example.target)

    for example in examples(3_000, seed=9):
        trainer.learn(turned(example))
    assert len(trainer.rolled_back) <= 2
    assert hits(trainer, [turned(example) for example in examples(200, seed=10)]) > 0.8


@pytest.mark.slow
def test_what_was_not_shown_teaches_nothing():
    """Everything but the shown has a high column 2: held against the whole list that is learned, else it is not."""
    rng = np.random.default_rng(9)
    against_all, against_shown = (Trainer(COLUMNS, CONTEXT, [0.0] * COLUMNS) for _ in range(2))
    context = np.zeros(CONTEXT, dtype=np.int64)
    for number in range(1_500):
        rows = rng.normal(size=(100, COLUMNS))
        shown = rng.choice(100, 10, replace=False)
        rows[np.setdiff1d(np.arange(100), shown), 2] += 3
        target = int(shown[np.argmax(rows[shown, 0])])
        whole, places = np.rint(rows * Q16).astype(np.int32), np.arange(100)
        left = shown[shown != target]
        for trainer, example in (
            (against_all, Example.of(target, (places, whole), (places, whole), context, number)),
            (against_shown, Example.shown(whole, context, target, left, number)),
        ):
            assert example is not None
            trainer.learn(example)
    assert against_all.union_weights[2] < -0.5
    assert abs(against_shown.union_weights[2]) < 0.1
    assert against_shown.union_weights[0] > 0.5
    assert np.mean(against_shown.curve.means[-5:]) < np.mean(against_shown.curve.means[:5]) - 1


def test_a_page_on_which_nothing_was_left_is_no_example():
    rows = np.zeros((100, COLUMNS), dtype=np.int32)
    none, context = np.zeros(0, dtype=np.int64), np.zeros(CONTEXT, dtype=np.int64)
    assert Example.shown(rows, context, 3, none, 0) is None
