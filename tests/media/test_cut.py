"""What part of a file is taken: always within the file, never too short, or refused with a field to mend."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.core.errors import Invalid
from penchant.media.cut import SHORTEST_MS, Cut, clean_cut

LONGEST_MS = 180_500
TIMES = st.integers(-1_000, 400_000)


@given(start_ms=TIMES, end_ms=TIMES | st.none(), duration_ms=st.integers(500, 400_000), mute=st.booleans())
def test_a_cut_gives_a_part_within_the_file_or_is_refused(
    start_ms: int, end_ms: int | None, duration_ms: int, mute: bool
) -> None:
    try:
        cut = clean_cut(start_ms, end_ms, LONGEST_MS, mute=mute)
    except Invalid as refused:
        assert refused.fields
        assert set(refused.fields) <= {"start_ms", "end_ms"}
        assert start_ms < 0 or (end_ms is not None and not SHORTEST_MS <= end_ms - start_ms <= LONGEST_MS)
        return
    assert cut.mute == mute
    part = cut.part_of(duration_ms)
    if part is None:
        assert start_ms > duration_ms - SHORTEST_MS or (end_ms or 0) > duration_ms
        return
    assert part.start_ms == start_ms
    assert start_ms + part.duration_ms == min(duration_ms, duration_ms if end_ms is None else end_ms)
    if cut.trims:
        assert part.duration_ms >= SHORTEST_MS


@pytest.mark.parametrize("mute", [False, True])
def test_without_a_cut_all_of_the_file_is_taken_however_short(mute: bool) -> None:
    assert Cut(mute=mute).part_of(500) == (0, 500)


def test_the_end_may_be_a_little_beyond_the_file_as_browsers_see_it() -> None:
    assert Cut(1_000, 5_040).part_of(5_000) == (1_000, 4_000)
    assert Cut(1_000, 5_501).part_of(5_000) is None
