"""The Merkle tree of RFC 6962: roots, proofs that a leaf is in it, and proofs that it only grew.

D[a:b] are leaves a to b - 1, MTH(D[a:b]) is the hash of the tree over them. Everything is made from hashes of *perfect*
subtrees, `perfect(level, n)` = MTH(D[n * 2**level:(n + 1) * 2**level]), wherever they are kept.

Source: RFC 6962, section 2.1; RFC 9162, sections 2.1.3.2 and 2.1.4.2, for the two ways to verify.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Final

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()

Perfect = Callable[[int, int], bytes]
"""(level, n) → hash of the n-th perfect subtree of 2**level leaves."""


def leaf_hash(entry: bytes) -> bytes:
    """MTH of one entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """MTH of a tree whose halves hash to `left` and `right`."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """MTH of a tree whose leaves, or whose equally high perfect subtrees, have these hashes."""
    return root(len(hashes), lambda level, n: _perfect_of(hashes[n << level : (n + 1) << level]))


def _perfect_of(hashes: Sequence[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = [node_hash(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]


def root(size: int, perfect: Perfect) -> bytes:
    """MTH(D[0:size])."""
    return _range(perfect, 0, size) if size else EMPTY_ROOT


def _range(perfect: Perfect, start: int, end: int) -> bytes:
    """MTH(D[start:end]); `start` is a multiple of every power of two that the recursion splits off."""
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return perfect(level, start >> level)
    middle = start + _split(size)
    return node_hash(_range(perfect, start, middle), _range(perfect, middle, end))


def _split(size: int) -> int:
    """The largest power of two below `size` > 1."""
    return 1 << (size - 1).bit_length() - 1


def inclusion_proof(index: int, size: int, perfect: Perfect) -> list[bytes]:
    """PATH(index, D[0:size]): the siblings of a leaf, from the lowest up.

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(_range(perfect, middle, end))
            end = middle
        else:
            proof.append(_range(perfect, start, middle))
            start = middle
    return proof[::-1]


def consistency_proof(old: int, new: int, perfect: Perfect) -> list[bytes]:
    """PROOF(old, D[0:new]): that the tree of `new` leaves begins with that of `old`; empty where nothing is to show.

    Raises:
        ValueError: the old tree is the larger one.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves cannot begin with one of {old}")
    if old in (0, new):
        return []
    proof: list[bytes] = []
    start, end = 0, new
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(_range(perfect, middle, end))
            end = middle
        else:
            proof.append(_range(perfect, start, middle))
            start = middle
    # The verifier has the old root already; only a right part of it is news.
    if start:
        proof.append(_range(perfect, start, end))
    return proof[::-1]


def includes(root: bytes, size: int, index: int, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the leaf with the hash `leaf` is the one at `index` in the tree of that root."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(sibling, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def extends(old_root: bytes, old: int, new_root: bytes, new: int, proof: Sequence[bytes]) -> bool:
    """Whether the tree of `new` leaves begins with that of `old`."""
    if not 0 <= old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    of_old = of_new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            of_old, of_new = node_hash(sibling, of_old), node_hash(sibling, of_new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            of_new = node_hash(of_new, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and of_old == old_root and of_new == new_root
