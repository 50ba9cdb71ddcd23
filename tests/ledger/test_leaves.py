"""Leaves: every kind is read as it was written, and nothing else is read at all."""

from dataclasses import fields

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.ledger.leaves import KINDS, Epoch, Leaf, LeafWrong, Page, commit, commitment, decode, encode

_VALUES = {int: st.integers(-(2**63), 2**63 - 1), bytes: st.binary(max_size=200)}
leaves = st.one_of(
    *(st.builds(type_, **{field.name: _VALUES[field.type] for field in fields(type_)}) for type_ in KINDS.values())
)


@given(leaves)
def test_a_leaf_is_read_as_it_was_written(leaf: Leaf):
    assert decode(encode(leaf)) == leaf


def test_kinds_have_numbers_of_their_own_and_fit_the_format():
    assert sorted(KINDS) == list(range(1, len(KINDS) + 1))
    for type_ in KINDS.values():
        assert {field.type for field in fields(type_)} <= {int, bytes}
        assert type_ is Page or fields(type_)[0].name == "at_ms"


def test_a_page_says_when_to_nobody_and_takes_forty_bytes():
    entry = encode(Page(bytes(32)))
    assert len(entry) == 40
    assert cbor2.loads(entry) == {0: 1, 1: 1, 3: bytes(32)}


@given(leaves, st.data())
def test_an_altered_entry_is_refused_or_another_leaf(leaf: Leaf, data: st.DataObject):
    entry = encode(leaf)
    at = data.draw(st.integers(0, len(entry) - 1))
    altered = entry[:at] + bytes([entry[at] ^ 1 << data.draw(st.integers(0, 7))]) + entry[at + 1 :]
    try:
        assert decode(altered) != leaf
    except LeafWrong:
        pass


@pytest.mark.parametrize(
    "entry",
    [
        b"",
        b"\xff",
        cbor2.dumps([1, 1]),
        cbor2.dumps({0: 1, 1: 99, 2: 0}),
        cbor2.dumps({0: 2, 1: 1, 3: bytes(32)}),
        cbor2.dumps({0: 1, 1: 1, 3: 5}),
        cbor2.dumps({0: 1, 1: 1, 3: bytes(32), 4: 0}),
        cbor2.dumps({0: 1, 1: 2, 2: 0, 3: b"", 4: b"", 5: 1.5, 6: b""}),
        cbor2.dumps({0: 1, 1: 2, 2: True, 3: b"", 4: b"", 5: 1, 6: b""}),
        cbor2.dumps({1: 1, 0: 1, 3: bytes(32)}),
        bytes.fromhex("a3001801010103") + b"\x40",
        encode(Page(bytes(32))) + b"\0",
        b"\x9f" * 50_000,
    ],
)
def test_what_is_no_leaf_is_refused(entry: bytes):
    with pytest.raises(LeafWrong):
        decode(entry)


def test_a_leaf_without_room_is_refused():
    with pytest.raises(LeafWrong, match="does not fit"):
        encode(Epoch(0, bytes(66_000), b"", 0, b""))


def test_a_commitment_says_nothing_without_its_salt():
    (one, salt), (other, _) = commit(b"the same"), commit(b"the same")
    assert one != other
    assert commitment(salt + b"the same") == one
    assert commitment(salt + b"another") != one
