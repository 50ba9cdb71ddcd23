"""How much reports say: the second voice more than the hundredth, fresh accounts hardly anything."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from penchant.safety.casework.weights import FULL, TRUSTED, confidence, standing

_WEIGHTS = st.lists(st.integers(0, FULL), max_size=600)


@given(_WEIGHTS, st.integers(0, FULL))
def test_one_voice_more_never_says_less_and_reports_alone_are_never_sure(weights: list[int], more: int):
    assert confidence(weights) <= confidence([*weights, more]) <= 800


@given(st.integers(1, 1000))
def test_nobody_signed_in_adds_nothing(count: int):
    assert confidence([0] * count) == confidence([]) == 100


def test_the_second_voice_says_more_than_the_seventh():
    told = [confidence([FULL] * count) for count in range(9)]
    steps = [later - earlier for earlier, later in pairwise(told)]
    assert steps == sorted(steps, reverse=True)
    assert told[1] == 300


def test_a_trusted_flagger_counts_most():
    assert confidence([TRUSTED], trusted=True) > confidence([FULL] * 1000)


@given(st.integers(0, 4000), st.integers(0, 50), st.integers(0, 50))
def test_standing_grows_with_age_and_with_being_right_and_falls_with_being_wrong(hours: int, right: int, wrong: int):
    age = timedelta(hours=hours)
    now = standing(age, right, wrong)
    assert 0 <= now <= FULL
    assert standing(age + timedelta(days=1), right, wrong) >= now
    assert standing(age, right + 1, wrong) >= now
    assert standing(age, right, wrong + 1) <= now


def test_a_fresh_account_is_worth_a_tenth_and_who_is_always_wrong_less_and_less():
    assert standing(timedelta(0), 0, 0) == 100
    assert standing(timedelta(days=14), 0, 0) == FULL
    assert standing(timedelta(days=14), 0, 8) == 200
