"""Walk rows against the formula, written plainly."""

import numpy as np
from numpy.testing import assert_allclose

from penchant.taste.similar import Plays
from penchant.taste.walks import fit_walks, reach


def test_rows_are_those_of_the_paper():
    rng = np.random.default_rng(1)
    matrix = (rng.random((50, 20)) < 0.3).astype(float)
    matrix[:, 0] = 1
    matrix[0] = 1
    plays = Plays.of(3, [{10 + int(place): 1 for place in np.flatnonzero(row)} for row in matrix])
    walks = fit_walks(plays, neighbours=19, alpha=0.8, beta=0.4, block=7)
    to_viewer = (matrix / matrix.sum(axis=0)).T ** 0.8
    to_video = (matrix / matrix.sum(axis=1, keepdims=True)) ** 0.8
    wanted = np.where(to_viewer > 0, to_viewer, 0) @ to_video / matrix.sum(axis=0) ** 0.4
    np.fill_diagonal(wanted, 0)
    dense = np.zeros((20, 20))
    np.put_along_axis(dense, walks.neighbours.astype(np.int64), walks.weights.astype(float), axis=1)
    assert_allclose(dense, wanted, rtol=1e-5)
    assert (np.diff(walks.weights, axis=1) <= 0).all()
    weights = np.array([0.7, 0.3], dtype=np.float32)
    assert_allclose(reach(walks, np.array([2, 5]), weights), 0.7 * wanted[2] + 0.3 * wanted[5], rtol=1e-5)


def test_nothing_and_a_single_video():
    assert not len(fit_walks(Plays.empty()).video_ids)
    alone = fit_walks(Plays.of(1, [{5: 1}]))
    assert alone.video_ids.tolist() == [5]
    assert reach(alone, np.array([0]), np.ones(1, dtype=np.float32)).tolist() == [0]
