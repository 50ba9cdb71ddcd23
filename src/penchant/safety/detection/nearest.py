"""All hashes within a few bits of those that are asked for, exactly, without comparing with every one.

A hash is cut into 16 parts of 16 bits. Where two hashes differ in at most 31 bits, one part differs in at most one
bit: so 17 look-ups in each of 16 tables find every match, and only what they bring is compared whole.
Source: Norouzi, Punjani, Fleet, Fast Exact Search in Hamming Space with Multi-Index Hashing (arXiv 1307.2982), 3.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from penchant.safety.detection.pdq import BYTES, MATCH_BITS, Hashes, distance

_PARTS: Final = 16
_LINEAR_UNTIL: Final = 4_000
"""Of fewer hashes comparing with every one is faster."""
_ASKED_AT_ONCE: Final = 64
_FLIPS: Final = np.concatenate([[0], 1 << np.arange(16)]).astype(np.uint16)
assert MATCH_BITS < 2 * _PARTS


class Near(NamedTuple):
    """M pairs."""

    asked: NDArray[np.intp]
    """(M,) places among what was asked."""
    known: NDArray[np.intp]
    """(M,) places among what is known."""
    bits: NDArray[np.int64]
    """(M,) in which they differ."""


class HashIndex:
    """Hashes to be found again; never changed, made anew when there are others."""

    def __init__(self, hashes: Hashes) -> None:
        """hashes: (N, 32) uint8, N ≥ 0."""
        self._hashes = np.ascontiguousarray(hashes, np.uint8).reshape(-1, BYTES)
        self._tables: list[tuple[NDArray[np.int32], NDArray[np.int64]]] = []
        if len(self._hashes) > _LINEAR_UNTIL:
            parts = _parts_of(self._hashes)
            self._tables = [_table(parts[:, number]) for number in range(_PARTS)]

    def __len__(self) -> int:
        return len(self._hashes)

    def near(self, asked: Hashes, most_bits: int = MATCH_BITS) -> Near:
        """Every pair of an asked and a known hash that differ in at most `most_bits` ≤ 31 bits."""
        if most_bits > MATCH_BITS:
            raise ValueError(f"at most {MATCH_BITS} bits")
        if not len(asked) or not len(self._hashes):
            return Near(np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0, np.int64))
        found = []
        for start in range(0, len(asked), _ASKED_AT_ONCE):
            piece = asked[start : start + _ASKED_AT_ONCE]
            which, known = self._candidates(piece) if self._tables else _every_pair(len(piece), len(self._hashes))
            bits = distance(piece[which], self._hashes[known])
            close = np.flatnonzero(bits <= most_bits)
            # A pair is brought by every table in which its parts are close.
            _, first = np.unique(which[close] * len(self._hashes) + known[close], return_index=True)
            close = close[first]
            found.append((which[close] + start, known[close], bits[close]))
        return Near(*(np.concatenate(column) for column in zip(*found, strict=True)))

    def _candidates(self, asked: Hashes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        parts, pairs = _parts_of(asked), []
        for number, (order, starts) in enumerate(self._tables):
            keys = (parts[:, number, None] ^ _FLIPS).astype(np.intp)
            begins, ends = starts[keys].ravel(), starts[keys + 1].ravel()
            counts = ends - begins
            which = np.repeat(np.repeat(np.arange(len(asked)), len(_FLIPS)), counts)
            within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
            pairs.append((which, order[np.repeat(begins, counts) + within]))
        which, known = (np.concatenate(column) for column in zip(*pairs, strict=True))
        return which, known.astype(np.intp)


def _parts_of(hashes: Hashes) -> NDArray[np.uint16]:
    """(N, 16): every 16th bit belongs to one part, because neighbouring bits are alike in many pictures."""
    bits = np.unpackbits(hashes, axis=1).reshape(-1, _PARTS, _PARTS)
    return np.packbits(bits.transpose(0, 2, 1).reshape(-1, 2 * 8 * _PARTS), axis=1).view(np.uint16)


def _table(part: NDArray[np.uint16]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The hashes' places ordered by a part, and where each of its 65,536 values begins."""
    order = np.argsort(part, kind="stable").astype(np.int32)
    return order, np.concatenate([[0], np.cumsum(np.bincount(part, minlength=1 << 16))])


def _every_pair(asked: int, known: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    return np.repeat(np.arange(asked), known), np.tile(np.arange(known), asked)
