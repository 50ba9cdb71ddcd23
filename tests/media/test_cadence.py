"""Constant frame rate: the rate that is chosen, and that every tick is filled once."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.media.cadence import Ticks, output_rate


def steady(rate: float, count: int = 100) -> list[float]:
    return [index / rate for index in range(count)]


@pytest.mark.parametrize(
    ("source", "rendition"),
    [
        (30, Fraction(30)),
        (60, Fraction(30)),
        (120, Fraction(30)),
        (240, Fraction(30)),
        (50, Fraction(25)),
        (25, Fraction(25)),
        (48, Fraction(24)),
        (24000 / 1001, Fraction(24000, 1001)),
        (30000 / 1001, Fraction(30000, 1001)),
        (60000 / 1001, Fraction(30000, 1001)),
        (10, Fraction(10)),
        (18, Fraction(18)),
        (1, Fraction(5)),
    ],
)
def test_common_rates(source: float, rendition: Fraction) -> None:
    assert output_rate(steady(source)) == rendition


def test_a_pause_does_not_slow_a_recording() -> None:
    times = [*steady(60), *(5 + at for at in steady(60))]
    assert output_rate(times) == 30


def test_one_frame_has_the_highest_rate() -> None:
    assert output_rate([0.0]) == 30


def test_a_steady_source_maps_one_to_one() -> None:
    ticks = Ticks(Fraction(30), most_ticks=10_000)
    # Milliseconds, as Matroska rounds them.
    counts = [ticks.until(round(at, 3)) for at in steady(30, 90)]
    assert counts == [0] + [1] * 89
    assert ticks.finish(3.0) == 1
    assert ticks.filled == 90


def test_double_rate_drops_every_second_frame() -> None:
    ticks = Ticks(Fraction(30), most_ticks=10_000)
    counts = [ticks.until(at) for at in steady(60, 120)]
    assert sum(counts) + ticks.finish(2.0) == 60
    assert max(counts) == 1


@given(
    st.lists(st.floats(-1, 30, allow_nan=False), min_size=1, max_size=200),
    st.sampled_from([Fraction(30), Fraction(25), Fraction(24000, 1001)]),
)
def test_ticks_are_filled_once_and_bounded(times: list[float], rate: Fraction) -> None:
    ticks = Ticks(rate, most_ticks=600)
    filled = sum(ticks.until(at) for at in times)
    filled += ticks.finish(20.0)
    assert filled == ticks.filled
    assert 1 <= filled <= 600
    assert filled >= int(20 * rate) - 1
