"""Any table comes back; one whose columns resemble each other takes less."""

import cbor2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penchant.core.columns import Int64s, decode, encode

_LIMITS = (1, 2, 40, 3_000, 1 << 31, (1 << 63) - 1)


@st.composite
def tables(draw: st.DrawFn) -> Int64s:
    """Columns of every size, some usual nearly everywhere, some like the one before, some in large steps."""
    count, width = draw(st.integers(0, 40)), draw(st.integers(0, 8))
    rng = np.random.default_rng(draw(st.integers(0, 1 << 32)))
    table = np.zeros((count, width), dtype=np.int64)
    for column in range(width):
        limit = draw(st.sampled_from(_LIMITS))
        table[:, column] = rng.integers(-limit, limit, count)
        if column and draw(st.booleans()):
            table[:, column] = table[:, column - 1] * 3 + rng.integers(-2, 3, count)
        if draw(st.booleans()):
            table[:, column] = table[:, column] << draw(st.integers(0, 40))
        if draw(st.booleans()):
            table[rng.random(count) < 0.8, column] = draw(st.integers(-(1 << 63), (1 << 63) - 1))
    return table


def _size(table: Int64s) -> int:
    return len(cbor2.dumps(encode(table)))


@settings(deadline=None)
@given(tables())
def test_any_table_comes_back(table: Int64s):
    again = decode(cbor2.loads(cbor2.dumps(encode(table))))
    assert again.dtype == np.int64
    assert again.shape == table.shape
    assert np.array_equal(again, table)


def test_what_resembles_costs_little():
    rng = np.random.default_rng(3)
    own = rng.integers(-2_000, 2_000, (300, 1))
    alone, twice = _size(own), _size(np.concatenate([own, own * 2 + rng.integers(0, 2, own.shape)], axis=1))
    assert twice < alone + 120, "a column that follows from another one"
    assert _size(own << 20) < alone + 20, "large steps"
    rare = np.where(rng.random((300, 1)) < 0.1, own, 77)
    assert _size(rare) < alone / 2, "a column that is mostly one number"


@pytest.mark.parametrize("part", [1, 2, 3])
def test_what_was_cut_off_is_refused(part: int):
    encoded = encode(np.arange(300).reshape(100, 3) ** 2)
    encoded[part] = encoded[part][:-1]
    with pytest.raises(ValueError, match="breaks off"):
        decode(encoded)
