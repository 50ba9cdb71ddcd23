"""Rows by neighbourhoods: those of the formula where the neighbourhood is everything, and near them where it is not."""

import numpy as np
import pytest
from scipy import sparse

from penchant.taste import similar
from penchant.taste.local_rows import local_rows
from penchant.taste.similar import Plays, fit_rows

VIDEOS = 60


def plays(seed: int) -> Plays:
    """Viewers of three tastes, each a third of the videos, who play some of the others too."""
    rng = np.random.default_rng(seed)
    taste = rng.integers(0, 3, 400)
    liked = np.arange(VIDEOS) % 3 == taste[:, None]
    played = rng.random((400, VIDEOS)) < np.where(liked, 0.4, 0.05)
    return Plays.of(3, [{int(video): 3 for video in np.flatnonzero(row)} for row in played])


def dense(places: np.ndarray, weights: np.ndarray) -> np.ndarray:
    found = np.zeros((VIDEOS, VIDEOS))
    np.add.at(found, (np.arange(VIDEOS)[:, None], places.astype(np.int64)), weights / 2**24)
    return found


def test_with_everything_near_the_rows_are_the_exact_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = fit_rows(plays(1), neighbours=VIDEOS)
    monkeypatch.setattr(similar, "EXACT_AT_MOST", VIDEOS - 1)
    local = fit_rows(plays(1), neighbours=VIDEOS)
    assert local.video_ids.tolist() == exact.video_ids.tolist()
    assert local.position == exact.position
    ours, theirs = dense(local.neighbours, local.weights_q24), dense(exact.neighbours, exact.weights_q24)
    assert np.abs(ours - theirs).max() < 2**-20
    assert (np.diff(local.weights_q24, axis=1) <= 0).all()


def test_few_near_ones_still_find_the_same_taste() -> None:
    found = plays(2)
    rows = np.repeat(np.arange(len(found.starts) - 1), np.diff(found.starts))
    matrix = sparse.csc_array((found.strengths.astype(float), (rows, found.videos)), shape=(400, VIDEOS))
    places, weights = local_rows(matrix, ridge=100.0, neighbours=5, near=12)
    assert places.shape == weights.shape == (VIDEOS, 5)
    alike = places % 3 == (np.arange(VIDEOS) % 3)[:, None]
    assert (weights > 0).any(axis=1).all()
    assert alike[weights > 0].mean() > 0.95


def test_a_video_that_nobody_else_played_anything_with_has_an_empty_row() -> None:
    alone = Plays.of(1, [{1: 1}, {2: 1, 3: 1}, {2: 1, 3: 1}])
    rows = np.repeat(np.arange(3), np.diff(alone.starts))
    matrix = sparse.csc_array((np.ones(5), (rows, alone.videos - 1)), shape=(3, 3))
    places, weights = local_rows(matrix, ridge=1.0, neighbours=3, near=2)
    assert weights[0].tolist() == [0, 0, 0]
    assert weights[1, 0] > 0
    assert places[1, 0] == 2
