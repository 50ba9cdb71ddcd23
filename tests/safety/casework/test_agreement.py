"""Krippendorff's α: a worked example, its ends, and what does not change it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.safety.casework.agreement import krippendorff_alpha

_UNITS = st.lists(st.lists(st.sampled_from("abc"), min_size=2, max_size=4), min_size=1, max_size=12)


def test_the_binary_example_of_the_paper():
    """Krippendorff (2011), section A: ten units, two observers, α = 0.095."""
    first, second = "0100000000", "1110010010"
    units = [(one, other) for one, other in zip(first, second, strict=True)]
    assert krippendorff_alpha(units) == pytest.approx(0.095, abs=5e-4)


def test_the_nominal_example_of_the_paper():
    """Section B: twelve units, two observers, five categories; α = 0.692."""
    first = ["a", "a", "b", "b", "d", "c", "c", "c", "e", "d", "d", "a"]
    second = ["b", "a", "b", "b", "b", "c", "c", "c", "e", "d", "d", "d"]
    assert krippendorff_alpha(zip(first, second, strict=True)) == pytest.approx(0.692, abs=5e-4)


def test_all_agree_or_nothing_can_be_said():
    assert krippendorff_alpha([("a", "a"), ("b", "b")]) == 1
    assert krippendorff_alpha([]) is None
    assert krippendorff_alpha([("a",), ("b",)]) is None
    assert krippendorff_alpha([("a", "a"), ("a", "a")]) is None


@given(_UNITS)
def test_never_above_one_and_the_order_says_nothing(units: list[list[str]]):
    alpha = krippendorff_alpha(units)
    assert alpha is None or alpha <= 1 + 1e-12
    turned = krippendorff_alpha([list(reversed(unit)) for unit in reversed(units)])
    assert turned == (pytest.approx(alpha) if alpha is not None else None)
