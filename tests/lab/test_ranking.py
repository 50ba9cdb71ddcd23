"""Impression ranking: its gradients, its windows, and what it must not know."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.lab.worlds import DAY_MS, START_MS, write_world

from penchant.lab.dataset import Dataset, read_dataset
from penchant.lab.impressions import COLUMNS, Impressions
from penchant.lab.ranking import Lists, loss_and_gradients, ranking
from penchant.taste.blend import Weights


def quiet(_words: str, _done: int, _total: int) -> None:
    """No progress."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return read_dataset(write_world(tmp_path_factory.mktemp("world")))


def test_gradients_are_the_slopes_of_the_loss():
    rng = np.random.default_rng(1)
    seen = rng.normal(size=(9, 4)).astype(np.float32)
    long = np.array([1, 0, 0, 1, 1, 0, 0, 1, 0], dtype=np.float32)
    lists = np.array([0, 0, 0, 1, 1, 1, 1, 2, 2])
    weights = Weights(*(rng.normal(size=shape).astype(np.float32) for shape in ((4, 3), (3,), (3,), (4,))))
    _, gradients = loss_and_gradients(seen, long, lists, weights)
    step = 1e-2
    for number, (array, gradient) in enumerate(zip(weights.arrays(), gradients, strict=True)):
        for at in np.ndindex(array.shape):
            losses = []
            for side in (step, -step):
                arrays = [own.copy() for own in weights.arrays()]
                arrays[number][at] += side
                losses.append(loss_and_gradients(seen, long, lists, Weights(*arrays))[0])
            assert (losses[0] - losses[1]) / (2 * step) == pytest.approx(gradient[at], abs=2e-3)


def test_lists_are_of_one_viewer_in_one_window():
    viewers, windows = np.array([5, 3, 5, 5, 3]), np.array([0, 0, 0, 1, 1])
    long = np.array([True, False, False, True, False])
    lists = Lists.of(np.arange(5, dtype=np.float32)[:, None], long, viewers, windows)
    assert [own.tolist() for own in np.split(lists.rows[:, 0], lists.starts[1:-1])] == [[1], [0, 2], [4], [3]]
    assert [lists.rows[own, 0].tolist() for own in lists.both()] == [[0, 2]]


def test_the_viewers_side_is_frozen_within_a_window(data: Dataset):
    """Another outcome of one impression changes no column of that viewer's own, nor of what came before."""
    events = data.events
    windows = (events.time_ms - START_MS) // DAY_MS
    number = int(np.flatnonzero(windows == 1)[0])
    other = events.long_views.copy()
    other[number] = ~other[number]
    before = Impressions(data).rows(events, windows, quiet)
    after = Impressions(data).rows(replace(events, long_views=other), windows, quiet)
    assert_array_equal(before[: number + 1], after[: number + 1])
    own = COLUMNS.index("viewer")
    assert_array_equal(before[windows == 1, own], after[windows == 1, own])
    later = (windows == 2) & (events.viewers == events.viewers[number])
    assert (before[later, own] != after[later, own]).all()
    same = (windows == 1) & (events.videos == events.videos[number]) & (events.time_ms > events.time_ms[number])
    assert same.any()
    assert (before[same, COLUMNS.index("of_video")] != after[same, COLUMNS.index("of_video")]).all()


def test_a_window_whose_outcomes_are_random_cannot_be_ranked(data: Dataset):
    """Whatever leaked of an outcome would order these."""
    rng = np.random.default_rng(4)
    events = data.events
    measured = events.time_ms >= START_MS + 2 * DAY_MS
    random = np.where(measured, rng.random(len(events)) < 0.3, events.long_views)
    found = ranking(data, replace(events, long_views=random), quiet, start_ms=START_MS + 2 * DAY_MS)
    assert_allclose(found.models["penchant"]["gauc"], 0.5, atol=4 * found.models["penchant"]["gauc_se"])
