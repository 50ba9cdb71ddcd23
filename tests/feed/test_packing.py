"""A record comes back to the byte, whatever stands in it; so do those that rest as all did once."""

from hashlib import sha256
from typing import Any

import cbor2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penchant.core.compression import compress
from penchant.feed.packing import FORMAT, pack, unpack
from penchant.feed.typical import TYPICAL

SALT = bytes(range(32))
_NAMES = ("rows", "crowd", "content", "uniform", "fresh")


def _ints(rng: np.random.Generator, type_: str, *shape: int) -> bytes:
    """Any that the type has."""
    bounds = np.iinfo(type_)
    return (
        rng.integers(bounds.min, bounds.max, shape, dtype=np.dtype(type_).newbyteorder("="), endpoint=True)
        .astype(type_)
        .tobytes()
    )


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    """Of this version: any numbers, any of the fields empty."""
    rng = np.random.default_rng(draw(st.integers(0, 1 << 32)))
    count = draw(st.integers(0, 30))
    columns = draw(st.lists(st.sampled_from(_NAMES), unique=True))
    sources = draw(st.lists(st.sampled_from(_NAMES), unique=True))

    def some(type_: str, width: int = 1) -> bytes:
        return _ints(rng, type_, count, width) if draw(st.booleans()) else b""

    return {
        "version": 7,
        "columns": columns,
        "candidates": _ints(rng, "<i8", count),
        "sources": [[name, np.packbits(rng.random(count) < 0.3).tobytes()] for name in sources],
        "rows": some("<i2", len(columns)),
        "turned_rows": some("<i2", len(columns)),
        "order": rng.permutation(count).astype("<u2").tobytes() if draw(st.booleans()) else b"",
        "creators": some("<u2"),
        "sounds": some("<u2"),
        "pressure": some("<i8"),
        "beliefs": some("<i4", 2),
        "else": draw(st.dictionaries(st.text(max_size=3), st.integers(0, 1 << 63) | st.binary(max_size=9))),
    }


@settings(deadline=None)
@given(records())
def test_any_record_comes_back(fields: dict[str, Any]):
    record = cbor2.dumps(fields, canonical=True)
    packed = pack(SALT, record)
    assert packed.startswith(FORMAT)
    assert unpack(packed) == SALT + record


@settings(deadline=None)
@given(records(), st.sampled_from(["order", "version"]))
def test_what_has_another_shape_comes_back_too(fields: dict[str, Any], what: str):
    count = len(fields["candidates"]) // 8
    odd = {"order": bytes(2 * count), "version": 6}
    record = cbor2.dumps(fields | {what: odd[what]}, canonical=True)
    assert unpack(pack(SALT, record)) == SALT + record


def test_what_was_kept_before_is_read():
    record = cbor2.dumps({"version": 6, "candidates": bytes(80)}, canonical=True)
    assert unpack(compress(SALT + record)) == SALT + record
    assert pack(SALT, record) == compress(SALT + record)


def test_what_was_cut_off_is_refused():
    for wrong in (b"", b"nothing", compress(SALT)[:-1]):
        with pytest.raises(ValueError):
            unpack(wrong)


def test_the_dictionary_is_what_it_was():
    """It is a part of the format: with another one nothing that rests can be read."""
    assert sha256(TYPICAL).hexdigest() == "19fddadfa8071182fa78fa222ba3a58bb3062e7ba00f191e679d6f83e6b3cdb4"
