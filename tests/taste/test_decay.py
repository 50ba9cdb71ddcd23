"""Sums that halve with time, against the sum written plainly."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from penchant.taste.decay import HOUR_MS, Decayed

START_MS = 1_790_000_000_000


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3_000 * HOUR_MS), st.floats(0.1, 9)), min_size=1, max_size=30),
    st.integers(0, 100 * HOUR_MS),
)
def test_they_are_what_the_definition_says(happened: list[tuple[int, int, float]], later_ms: int):
    """Over a range of months, so that the landmark moves."""
    happened.sort(key=lambda entry: entry[1])
    now_ms = START_MS + happened[-1][1] + later_ms
    half_lives = np.array([2.0, 24.0])
    sums = Decayed(tuple(half_lives), precise=True)
    sums.grow(4)
    wanted = np.zeros((4, 2))
    for place, at_ms, amount in happened:
        sums.add(place, amount, START_MS + at_ms)
        wanted[place] += amount * 0.5 ** ((now_ms - START_MS - at_ms) / HOUR_MS / half_lives)
    assert np.allclose(sums.at(slice(0, 4), now_ms), wanted, rtol=1e-9, atol=1e-12)


def test_vectors_keep_their_direction_and_grow_with_the_catalogue():
    sums = Decayed((2.0,), (3,))
    sums.grow(1)
    sums.add(0, np.array([1, 2, 3], dtype=np.float32), START_MS)
    sums.grow(5)
    assert np.allclose(sums.at(np.array([0]), START_MS + 2 * HOUR_MS)[0, 0], [0.5, 1, 1.5])
    assert not sums.at(slice(1, 5), START_MS).any()


def test_turning_is_a_change_of_axes():
    sums = Decayed((8.0,), (2,))
    sums.grow(1)
    sums.add(0, np.array([1, 0], dtype=np.float32), START_MS)
    sums.turn(np.array([[0, 0, 2], [1, 1, 1]], dtype=np.float32))
    assert np.allclose(sums.at(slice(0, 1), START_MS), [[[0, 0, 2]]])
