"""The profile of a minor, whatever anybody wishes; and what follows from a profile."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.accounts.protection.model import (
    LEAST_LIMIT_MINUTES,
    MOST_LIMIT_MINUTES,
    OF_ADULTS,
    Protections,
    may_message,
    may_push,
    protections_of,
)

LIMITS = st.integers(LEAST_LIMIT_MINUTES, MOST_LIMIT_MINUTES)
minors = st.builds(
    protections_of,
    st.just("minor"),
    wants_private=st.booleans(),
    market_limit_minutes=LIMITS,
    guardian_limit_minutes=st.none() | LIMITS,
)
adults = st.builds(
    protections_of,
    st.just("adult"),
    wants_private=st.booleans(),
    market_limit_minutes=LIMITS,
    guardian_limit_minutes=st.none() | LIMITS,
)


@given(minors)
def test_no_wish_takes_anything_from_a_minors_profile(profile: Protections):
    assert profile.private
    assert profile.messages_from == "mutual"
    assert profile.quiet is not None
    assert profile.daily_limit_minutes is not None
    assert profile.daily_limit_minutes <= MOST_LIMIT_MINUTES
    assert profile.theme_cap
    assert not profile.profiled_on_themes


@given(adults)
def test_an_adult_decides_for_themselves_and_has_no_limit(profile: Protections):
    assert replace(profile, private=False) == OF_ADULTS


@given(minors, minors | adults, st.booleans())
def test_no_stranger_writes_to_a_minor_and_no_minor_to_a_stranger(minor: Protections, other: Protections, mutual: bool):
    assert may_message(minor, other, mutual=mutual) == mutual
    assert may_message(other, minor, mutual=mutual) == mutual


@given(adults, adults, st.booleans())
def test_adults_write_to_each_other(one: Protections, other: Protections, mutual: bool):
    assert may_message(one, other, mutual=mutual)


@given(minors, st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1)))
def test_a_minors_phone_is_quiet_for_ten_hours_of_every_night(profile: Protections, moment: datetime):
    rings = may_push(profile, moment)
    assert rings == (7 <= moment.hour < 21)
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    hours = [may_push(profile, midnight + timedelta(hours=hour)) for hour in range(24)]
    assert hours.count(False) == 10
    assert may_push(OF_ADULTS, moment)


@pytest.mark.parametrize(("market", "guardian", "limit"), [(60, None, 60), (60, 30, 30), (60, 120, 120)])
def test_a_guardians_limit_goes_before_that_of_the_market(market: int, guardian: int | None, limit: int):
    own = {"wants_private": False, "market_limit_minutes": market, "guardian_limit_minutes": guardian}
    assert protections_of("minor", **own).daily_limit_minutes == limit  # type: ignore[arg-type]
