"""Look-alikes, and what a viewer's own plays say about them."""

import numpy as np
import pytest

from penchant.taste.content import closeness_q16, comparable, cosines_q16, taste_q16


def _clusters(seed: int, offset: int = 40) -> np.ndarray:
    """(80, 64) int8: eight clusters of ten, far from the origin as real feature vectors are."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(8, 64)) * 20 + offset
    return np.clip(np.rint(np.repeat(centres, 10, axis=0) + rng.normal(size=(80, 64)) * 10), -127, 127).astype(np.int8)


def test_centring_makes_clusters_stand_apart() -> None:
    vectors = comparable(_clusters(1), np.ones(80, dtype=bool))
    cosines = cosines_q16(vectors.unit, vectors.unit) / 65_536
    same = np.repeat(np.arange(8), 10)[:, None] == np.repeat(np.arange(8), 10)[None, :]
    assert cosines[same].mean() > 0.6
    assert cosines[~same].mean() < 0
    assert np.diag(cosines) == pytest.approx(1, abs=0.02)
    off = cosines[~np.eye(80, dtype=bool)]
    assert vectors.spread_q16 / 65_536 == pytest.approx(np.sqrt((off**2).mean()), abs=0.01)


def test_videos_without_a_vector_have_none() -> None:
    raw = _clusters(2)
    known = np.arange(80) % 3 != 0
    vectors = comparable(raw, known)
    assert (vectors.unit.any(axis=1) == known).all()
    alone = comparable(raw[:1], np.array([True]))
    assert not alone.unit.any()
    assert comparable(np.zeros((0, 0), dtype=np.int8), np.zeros(0, dtype=bool)).unit.shape == (0, 0)


def test_one_cosine_is_the_same_in_any_batch() -> None:
    unit = comparable(_clusters(3), np.ones(80, dtype=bool)).unit
    together = cosines_q16(unit, unit)
    assert together.tolist() == [[int(cosines_q16(a[None], b[None])[0, 0]) for b in unit] for a in unit]


def test_taste_is_nothing_without_a_history_and_bounded_with_one() -> None:
    none = np.zeros(1, dtype=np.int64)
    assert taste_q16(none, none).tolist() == [0]
    much = np.array([10_000 << 16])
    assert 1.9 < taste_q16(much, none)[0] / 65_536 <= 2
    assert taste_q16(none, much)[0] / 65_536 < -3
    near, far = closeness_q16(np.array([16_000, -16_000]), 16_384)
    assert near == 16 << 16
    assert far == (1 << 16) // 16
