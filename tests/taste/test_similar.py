"""Item-item rows against the formula, written plainly."""

import numpy as np
import pytest
from numpy.linalg import inv

from penchant.taste.similar import (
    Plays,
    RefitFailed,
    fit_rows,
    recency_q16,
)


def _random_plays(seed: int, viewers: int = 60, videos: int = 25) -> tuple[Plays, np.ndarray]:
    rng = np.random.default_rng(seed)
    matrix = rng.integers(0, 4, (viewers, videos)) * (rng.random((viewers, videos)) < 0.3)
    matrix[matrix == 2] = 0
    matrix[:, 0] = 1
    places = [np.flatnonzero(row).tolist() for row in matrix]
    rows = [{10 + place: int(row[place]) for place in own} for own, row in zip(places, matrix, strict=True)]
    return Plays.of(7, rows), matrix.astype(float)


def test_rows_are_those_of_the_paper() -> None:
    plays, matrix = _random_plays(1)
    rows = fit_rows(plays, neighbours=25)
    size = matrix.shape[1]
    gram = matrix.T @ matrix
    inverse = inv(gram + max(4 * np.trace(gram) / size, 8) * np.eye(size))
    wanted = -inverse / np.diag(inverse)[None, :]
    np.fill_diagonal(wanted, 0)
    dense = np.zeros((size, size))
    np.put_along_axis(dense, rows.neighbours.astype(np.int64), rows.weights_q24 / 2**24, axis=1)
    assert np.abs(dense - np.maximum(wanted, 0)).max() < 2**-24
    assert rows.video_ids.tolist() == list(range(10, 35))
    assert rows.position == 7


def test_the_order_of_viewers_does_not_matter_and_k_keeps_the_largest() -> None:
    plays, _ = _random_plays(2)
    pairs = [
        dict(zip(plays.videos[a:b].tolist(), plays.strengths[a:b].tolist(), strict=True))
        for a, b in zip(plays.starts[:-1], plays.starts[1:], strict=True)
    ]
    turned = Plays.of(7, pairs[::-1])
    assert turned.videos.tobytes() == plays.videos.tobytes()
    few, all_ = fit_rows(turned, neighbours=5), fit_rows(plays, neighbours=25)
    assert few.weights_q24.tobytes() == np.ascontiguousarray(all_.weights_q24[:, :5]).tobytes()
    assert (np.diff(all_.weights_q24, axis=1) <= 0).all()


def test_nothing_played_gives_no_rows() -> None:
    assert len(fit_rows(Plays.empty()).video_ids) == 0


def test_the_most_played_stay_with_their_viewers() -> None:
    plays, matrix = _random_plays(4)
    few = plays.most_played(6)
    counts = (matrix > 0).sum(axis=0)
    kept = np.sort(np.lexsort((np.arange(25), -counts))[:6])
    assert np.unique(few.videos).tolist() == (kept + 10).tolist()
    assert len(few.starts) == len(plays.starts)
    for viewer in range(len(few.starts) - 1):
        before = dict(
            zip(
                plays.videos[plays.starts[viewer] : plays.starts[viewer + 1]].tolist(),
                plays.strengths[plays.starts[viewer] : plays.starts[viewer + 1]].tolist(),
                strict=True,
            )
        )
        own = slice(int(few.starts[viewer]), int(few.starts[viewer + 1]))
        after = dict(zip(few.videos[own].tolist(), few.strengths[own].tolist(), strict=True))
        assert after == {video: strength for video, strength in before.items() if video - 10 in kept}
    assert plays.most_played(25) is plays


def test_one_viewer_and_one_video_are_enough_for_a_row() -> None:
    rows = fit_rows(Plays.of(1, [{5: 3}]))
    assert rows.video_ids.tolist() == [5]
    assert rows.weights_q24.tolist() == [[0]]


def test_recency_halves() -> None:
    weights = recency_q16(25, half_life=12)
    assert weights[[0, 12, 24]].tolist() == [65_536, 32_768, 16_384]
    assert (recency_q16(10_000) >= 1).all()


def test_numbers_that_are_not_numbers_are_refused() -> None:
    plays, _ = _random_plays(1)
    broken = Plays(1, plays.starts, plays.videos, plays.strengths * np.nan)  # type: ignore[arg-type]
    with pytest.raises(RefitFailed):
        fit_rows(broken)
