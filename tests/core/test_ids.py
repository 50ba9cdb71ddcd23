import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.core.clock import ManualClock
from penchant.core.errors import NotFound
from penchant.core.ids import EPOCH_MS, Ids, created_ms, format_id, parse_id


@given(st.integers(0, 2**63 - 1))
def test_parsing_what_was_formatted_gives_the_id(id_: int):
    assert parse_id(format_id(id_)) == id_


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1))
def test_text_sorts_as_ids_do(one: int, other: int):
    assert (format_id(one) < format_id(other)) == (one < other)


@given(st.text(max_size=20))
def test_any_text_is_an_id_or_not_found(text: str):
    try:
        assert 0 <= parse_id(text) < 2**63
    except NotFound:
        pass


def test_letters_that_look_alike_are_read_as_what_was_meant():
    assert parse_id("0000000000O1L") == parse_id("0000000000011")


def test_new_ids_carry_their_time_and_grow():
    clock = ManualClock(EPOCH_MS + 5_000)
    ids = Ids(clock)
    first = ids.new()
    clock.advance(1)
    assert created_ms(first) == EPOCH_MS + 5_000
    assert ids.new() > first


@pytest.mark.parametrize("wrong", [-1, 2**63])
def test_what_is_no_id_cannot_be_formatted(wrong: int):
    with pytest.raises(ValueError, match="63-bit"):
        format_id(wrong)


def test_one_maker_never_repeats_itself_even_when_the_clock_stands_or_goes_back():
    clock = ManualClock(EPOCH_MS + 5_000)
    ids = Ids(clock)
    made = [ids.new() for _ in range(5_000)]
    clock.advance(-3_000)
    made += [ids.new() for _ in range(5_000)]
    assert made == sorted(set(made))
