"""Where a glance ends and a play begins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.taste.labels import Outcome, long_threshold_ms, outcome, play_threshold_ms


@pytest.mark.parametrize(
    ("watched_ms", "duration_ms", "expected"),
    [
        (1_900, 6_000, Outcome.SKIPPED),
        (2_000, 6_000, Outcome.PLAYED),
        (5_400, 6_000, Outcome.LONG),
        (4_000, 15_000, Outcome.SKIPPED),
        (4_500, 15_000, Outcome.PLAYED),
        (9_999, 180_000, Outcome.SKIPPED),
        (10_000, 180_000, Outcome.PLAYED),
        (18_000, 180_000, Outcome.LONG),
        (900, 1_000, Outcome.LONG),
        (1_999, 0, Outcome.SKIPPED),
        (2_000, 0, Outcome.PLAYED),
    ],
)
def test_outcome(watched_ms: int, duration_ms: int, expected: Outcome) -> None:
    assert outcome(watched_ms, duration_ms) is expected


@given(st.integers(0, 200_000), st.integers(0, 400_000), st.integers(0, 10_000))
def test_watching_more_is_never_worse(duration_ms: int, watched_ms: int, more_ms: int) -> None:
    assert outcome(watched_ms + more_ms, duration_ms) >= outcome(watched_ms, duration_ms)
    assert play_threshold_ms(duration_ms) <= long_threshold_ms(duration_ms)
