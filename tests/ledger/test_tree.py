"""The tree of RFC 6962, against a second way to write it down and against what may be altered."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from penchant.ledger.tree import (
    EMPTY_ROOT,
    consistency_proof,
    extends,
    includes,
    inclusion_proof,
    leaf_hash,
    root,
    root_of,
)

LEAVES = [leaf_hash(number.to_bytes(2)) for number in range(300)]


def plainly(leaves: list[bytes]) -> bytes:
    """MTH as section 2.1 has it, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + plainly(leaves[:split]) + plainly(leaves[split:])).digest()


def perfect(level: int, n: int) -> bytes:
    return plainly(LEAVES[n << level : (n + 1) << level])


sizes = st.integers(0, len(LEAVES))


@given(sizes)
def test_a_root_is_that_of_the_definition(size: int):
    assert root(size, perfect) == plainly(LEAVES[:size])
    assert root_of(LEAVES[:size]) == plainly(LEAVES[:size])


@given(st.data())
def test_a_leaf_is_proved_and_no_other_in_its_place(data: st.DataObject):
    size = data.draw(st.integers(1, len(LEAVES)))
    index, other = (data.draw(st.integers(0, size - 1)) for _ in range(2))
    proof, top = inclusion_proof(index, size, perfect), plainly(LEAVES[:size])
    assert includes(top, size, index, LEAVES[index], proof)
    assert includes(top, size, other, LEAVES[index], proof) == (other == index)
    assert includes(top, size, index, LEAVES[other], proof) == (other == index)
    assert not includes(top, size, size, LEAVES[index], proof)
    for changed in _changed(data, proof):
        assert not includes(top, size, index, LEAVES[index], changed)


@given(st.data())
def test_growth_is_proved_and_nothing_else(data: st.DataObject):
    new = data.draw(sizes)
    old = data.draw(st.integers(0, new))
    proof = consistency_proof(old, new, perfect)
    before, after = plainly(LEAVES[:old]), plainly(LEAVES[:new])
    assert extends(before, old, after, new, proof)
    assert not extends(after, new, before, old, proof) or old == new
    if old:
        altered = [*LEAVES[: old - 1], leaf_hash(b"another")]
        assert not extends(plainly(altered), old, after, new, proof)
    for changed in _changed(data, proof):
        assert not extends(before, old, after, new, changed)


def test_an_empty_log_is_the_beginning_of_every_log():
    assert extends(EMPTY_ROOT, 0, plainly(LEAVES), 300, [])
    assert not extends(LEAVES[0], 0, plainly(LEAVES), 300, [])


def _changed(data: st.DataObject, proof: list[bytes]) -> list[list[bytes]]:
    """Longer, shorter, and with one bit turned."""
    longer = [*proof, LEAVES[0]]
    if not proof:
        return [longer]
    at, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
    turned = (int.from_bytes(proof[at]) ^ 1 << bit).to_bytes(32)
    return [longer, proof[:-1], [*proof[:at], turned, *proof[at + 1 :]]]
