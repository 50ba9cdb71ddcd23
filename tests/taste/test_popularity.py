"""Counters that forget nothing but time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.taste.popularity import (
    Counters,
    backward_q16,
    forward_weight,
    landmark,
    lift_q16,
    quality_q16,
)

DAY = 20_700


@given(st.lists(st.integers(0, 24 * 20), min_size=1, max_size=30), st.integers(0, 24 * 60))
def test_forward_decay_is_decay(hours: list[int], later: int) -> None:
    start = DAY * 24
    at = landmark(DAY)
    now = start + max(hours) + later
    total = sum(forward_weight(start + hour, at) for hour in hours)
    real = sum(0.5 ** ((now - start - hour) / 24) for hour in hours)
    assert backward_q16(total, now, at) / 65_536 == pytest.approx(real, rel=0.004, abs=2e-5)


@given(st.lists(st.integers(24 * 23, 24 * 32), max_size=30), st.integers(24 * 23, 24 * 32))
def test_taking_back_is_exact_across_a_new_landmark(hours: list[int], wrong: int) -> None:
    """Open encounters are at most eight days old when the landmark moves."""
    day = 20_704 - 32  # a multiple of 32
    before, after = landmark(day), landmark(day + 32)
    assert after - before == 32
    kept = sum(forward_weight(day * 24 + hour, before) for hour in hours)
    mistaken = (kept + forward_weight(day * 24 + wrong, before)) >> 32
    assert mistaken - forward_weight(day * 24 + wrong, after) == kept >> 32


def _counters(shown: list[int], played: list[int], recent: list[float]) -> Counters:
    return Counters(
        shown=np.array(shown),
        played=np.array(played),
        long=np.array(played) // 2,
        recent_q16=(np.array(recent) * 65_536).astype(np.int64),
        hour=DAY * 24,
    )


def test_what_has_no_past_has_no_trend() -> None:
    lift = lift_q16(_counters([10, 100, 5], [5, 60, 0], [5, 60, 0]), DAY * 24)
    assert np.abs(lift).max() <= 2


def test_what_is_played_more_than_it_used_to_be_rises() -> None:
    counters = _counters([1000, 1000, 0], [500, 500, 0], [40, 10, 0])
    lift = lift_q16(counters, DAY * 24)
    assert lift[0] / 65_536 == pytest.approx(np.log2(41 / 26), abs=0.001)
    assert lift[1] / 65_536 == pytest.approx(np.log2(11 / 26), abs=0.001)
    assert lift[2] == 0
    later = lift_q16(counters, DAY * 24 + 240)
    assert abs(later[0]) < abs(lift[0]) / 4


def test_quality_is_shrunk_to_the_catalogue() -> None:
    assert quality_q16(_counters([0, 0], [0, 0], [0, 0])).tolist() == [0, 0]
    quality = quality_q16(_counters([1000, 10, 10_000], [1000, 10, 2000], [0, 0, 0]))
    assert quality[0] > quality[1] > 0 > quality[2]


def test_large_counters_do_not_overflow() -> None:
    counters = Counters(
        shown=np.array([10**9, 1]),
        played=np.array([10**9, 1]),
        long=np.array([10**9, 0]),
        recent_q16=np.array([10**8 << 16, 0]),
        hour=DAY * 24,
    )
    assert np.abs(lift_q16(counters, DAY * 24)).max() < 40 << 16
    assert np.abs(quality_q16(counters)).max() < 40 << 16
