"""Poster choice."""

import numpy as np
import pytest

from penchant.media.poster_quality import frame_quality, pick_covers, pick_poster


def picture(seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    blocks = rng.integers(20, 235, (16, 9))
    return np.kron(blocks, np.ones((10, 10))).astype(np.uint8)


def blurred(luma: np.ndarray, times: int = 30) -> np.ndarray:
    y = luma.astype(np.float64)
    for _ in range(times):
        y = (y + np.roll(y, 1, 0) + np.roll(y, -1, 0) + np.roll(y, 1, 1) + np.roll(y, -1, 1)) / 5
    return y.astype(np.uint8)


def test_a_clear_picture_beats_black_white_grey_blur_and_darkness() -> None:
    clear = frame_quality(picture())
    for worse in (
        np.zeros((160, 90), np.uint8),
        np.full((160, 90), 255, np.uint8),
        np.full((160, 90), 128, np.uint8),
        blurred(picture()),
        (picture() // 12).astype(np.uint8),
    ):
        assert frame_quality(worse) < clear


def test_the_first_frame_only_if_it_is_alone() -> None:
    assert pick_poster([9.0, 1.0, 2.0, 2.0]) == 2
    assert pick_poster([1.0]) == 0
    assert pick_poster([1.0, 0.0]) == 1
    with pytest.raises(ValueError, match="without frames"):
        pick_poster([])


def test_covers_are_the_best_in_order_of_time_and_the_first_frame_only_fills_up() -> None:
    assert pick_covers([9.0, 1.0, 3.0, 2.0], 2) == [2, 3]
    assert pick_covers([9.0, 1.0, 3.0], 6) == [0, 1, 2]
    assert pick_covers([9.0], 6) == [0]
