import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.lab.bench_report import Times, this_machine, versions


def test_percentiles_are_times_that_occurred():
    times = Times.of([number / 1000 for number in range(1, 201)])
    assert (times.count, times.p50_ms, times.p99_ms, times.worst_ms) == (200, 100.0, 198.0, 200.0)


@given(st.lists(st.floats(0.00001, 10), min_size=1, max_size=50))
def test_they_are_in_order(seconds: list[float]):
    times = Times.of(seconds)
    assert times.p50_ms <= times.p99_ms <= times.worst_ms == pytest.approx(max(seconds) * 1000, abs=0.01)


def test_a_report_says_where_and_with_what():
    machine = this_machine()
    assert machine.cores >= 1
    assert machine.memory_bytes > 1 << 28
    assert {"penchant", "python", "numpy", "psycopg"} <= set(versions())
