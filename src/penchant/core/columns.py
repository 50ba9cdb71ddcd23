"""Columns of integers in few bytes: a lossless code for tables whose columns resemble each other.

`encode` takes a table (K, C) of int64, `decode` gives it back. For each column seven numbers are told (`Told`):

1. **What is usual.** A number is told as how far it is from the column's most frequent one, `usual`, in units of
   `2**shift`, the largest that all of them are whole in: `y = (x - usual) >> shift`. Where y is 0 it is usual. (Where
   no number is frequent, `usual` is one below all of them, and none of them is usual.)
2. **What is like another column.** Column c may be like an earlier one, its `parent` p; otherwise `slope` is 0. What is
   unusual is told as `e = y - (slope * y[p] >> 4) - centre`, with signs folded: 0, -1, 1, -2 … are 0, 1, 2, 3 …. Of
   that the lowest `low` bits are told as they are, the rest is below 256.

Three parts follow, columns one after the other:

* `gaps`: which numbers are unusual where those of the column `near` < c are usual, or the other way round; where
  near = C: which are unusual; where near = C + 1: which are usual. How many lie between one and the next, a byte each;
  255 says that at least so many do, and the next byte goes on.
* `highs`: of each unusual number what is above its low bits (a byte each).
* `lows`: their low bits, the highest first, eight in a byte: of the columns that have one such bit, then of those that
  have two, and so on.

Sums and differences are modulo 2**64, so any table comes back. What is encoded is K, then, compressed by Zstandard, the
CBOR of the seven lists, gaps and highs; then lows.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple, TypeAlias

import cbor2
import numpy as np
import numpy.typing as npt

from penchant.core.compression import compress, decompress

Int64s: TypeAlias = npt.NDArray[np.int64]
UInt64s: TypeAlias = npt.NDArray[np.uint64]
Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]

_SLOPE_BITS: Final = 4
_SLOPE_AT_MOST: Final = 127
_HIGH_MEAN: Final = 6
"""What is above the low bits is so much on average, or less: Zstandard says that in three bits and a half."""
_FREQUENT: Final = 0.1
_MOST: Final = (1 << 63) - 1
_WORTH: Final = 0.85
"""A parent has to leave less than this of the variance."""
_MOST_BYTES: Final = 1 << 24


class Told(NamedTuple):
    """Of each column; (C,) each."""

    usual: Int64s
    shift: Int64s
    near: Int64s
    parent: Int64s
    slope: Int64s
    centre: Int64s
    low: Int64s


def encode(table: Int64s) -> list[Any]:
    """(K, C) int64 → a number and four byte strings."""
    # Here and below a column is a row: (C, K).
    numbers = np.ascontiguousarray(table.T)
    usual, share = _most_frequent(numbers)
    shift = _shared_shift(numbers - usual[:, None])
    usual = np.where(share < _FREQUENT, numbers.min(axis=1, initial=_MOST) - (1 << shift), usual)
    own = (numbers - usual[:, None]) >> shift[:, None]
    unusual = own != 0
    near, (parent, slope, centre) = _near(unusual), _parents(own, unusual)
    like = slope[:, None] * own[parent] >> _SLOPE_BITS
    folded = _fold(own - like - centre[:, None])
    low = _low_bits(folded, unusual)
    told = Told(usual, shift, near, parent, slope, centre, low)
    gaps = _gaps(np.flatnonzero(unusual ^ _masks(unusual)[near]))
    highs = (folded >> low.astype(np.uint64)[:, None])[unusual].astype(np.uint8)
    parts = cbor2.dumps([column.tolist() for column in told]), gaps.tobytes(), highs.tobytes()
    return [len(table), *(compress(part) for part in parts), _lows(folded, unusual, low)]


def decode(encoded: list[Any]) -> Int64s:
    """The inverse.

    Raises:
        ValueError: a part is no frame of Zstandard.
    """
    count, *frames, lows = encoded
    head, *bytes_ = (decompress(frame, _MOST_BYTES) for frame in frames)
    told = Told(*(np.array(column, dtype=np.int64) for column in cbor2.loads(head)))
    gaps, highs = (np.frombuffer(part, np.uint8) for part in bytes_)
    unusual = np.zeros((len(told.usual), count), dtype=np.bool_)
    unusual.reshape(-1)[_places(gaps)] = True
    masks = _masks(unusual)
    for column, near in enumerate(told.near.tolist()):
        masks[column] ^= masks[near]
    unusual = masks[:-2]
    folded = np.zeros(unusual.shape, dtype=np.uint64)
    folded[unusual] = highs
    folded <<= told.low.astype(np.uint64)[:, None]
    _add_lows(folded, unusual, told.low, lows)
    own = (folded >> np.uint64(1)).astype(np.int64) ^ -(folded & np.uint64(1)).astype(np.int64)
    own = np.where(unusual, own + told.centre[:, None], 0)
    for column in np.flatnonzero(told.slope).tolist():
        like = told.slope[column] * own[told.parent[column]] >> _SLOPE_BITS
        own[column] += np.where(unusual[column], like, 0)
    return np.ascontiguousarray(((own << told.shift[:, None]) + told.usual[:, None]).T)


def _most_frequent(numbers: Int64s) -> tuple[Int64s, Floats]:
    """(C, K) → (C,) the most frequent number of each column, the smallest of several; and its share."""
    width, count = numbers.shape
    if not count:
        return np.zeros(width, dtype=np.int64), np.ones(width)
    ordered = np.sort(numbers, axis=1).reshape(-1)
    begins = np.append(True, ordered[1:] != ordered[:-1])
    begins[::count] = True
    first = np.flatnonzero(begins)
    many = np.diff(first, append=len(ordered))
    # The longest run of each column, the first of several.
    ranked = many * len(ordered) + (len(ordered) - 1 - first)
    longest, left = np.divmod(
        np.maximum.reduceat(ranked, np.searchsorted(first, count * np.arange(width))), len(ordered)
    )
    return ordered[len(ordered) - 1 - left], longest / count


def _shared_shift(apart: Int64s) -> Int64s:
    """(C, K) → (C,) how many of the lowest bits are 0 in all; 0 where everything is."""
    joined = np.bitwise_or.reduce(apart, axis=1)
    lowest = (joined & -joined).astype(np.uint64)
    return np.where(joined == 0, 0, np.log2(np.maximum(lowest, 1).astype(np.float64)).astype(np.int64))


def _near(unusual: Bools) -> Int64s:
    """For each column the earlier one that is unusual in nearly the same places; or C, or C + 1 (`_masks`)."""
    width, count = unusual.shape
    weights = unusual.astype(np.float64)
    many = weights.sum(axis=1)
    different = np.empty((width + 2, width))
    different[:width] = many[:, None] + many - 2 * (weights @ weights.T)
    different[:width][np.tril_indices(width)] = np.inf
    different[width:] = many, count - many
    near: Int64s = different.argmin(axis=0)
    return near


def _masks(unusual: Bools) -> Bools:
    """(C, K) and two more, that may be near: nothing is unusual, everything is."""
    return np.concatenate([unusual, np.zeros_like(unusual[:1]), np.ones_like(unusual[:1])])


def _parents(own: Int64s, unusual: Bools) -> tuple[Int64s, Int64s, Int64s]:
    """For each column the earlier one that leaves least of its variance among its unusual numbers, (C,) each."""
    width = len(own)
    numbers, weights = own.astype(np.float64), unusual.astype(np.float64)
    many = np.maximum(weights.sum(axis=1), 1)
    # [p, c]: sums over what is unusual in c.
    sums, squares, own_sums = numbers @ weights.T, (numbers * numbers) @ weights.T, numbers.sum(axis=1)
    products = numbers @ numbers.T - sums * own_sums / many
    spread = np.maximum(squares - sums * sums / many, 1e-9)
    slopes = np.clip(np.rint(products / spread * (1 << _SLOPE_BITS)), -_SLOPE_AT_MOST, _SLOPE_AT_MOST)
    share = slopes / (1 << _SLOPE_BITS)
    left = np.diagonal(spread) - 2 * share * products + share * share * spread
    left[np.tril_indices(width)] = np.inf
    every = np.arange(width)
    best = left.argmin(axis=0) if width else every
    helps = left[best, every] < _WORTH * np.diagonal(spread)
    parent = np.where(helps, best, every)
    slope = np.where(helps, slopes[best, every], 0).astype(np.int64)
    centre = np.rint((own_sums - slope / (1 << _SLOPE_BITS) * sums[best, every]) / many)
    return parent, slope, np.clip(centre, -(1 << 62), 1 << 62).astype(np.int64)


def _fold(numbers: Int64s) -> UInt64s:
    folded: UInt64s = ((numbers << 1) ^ (numbers >> 63)).astype(np.uint64)
    return folded


def _low_bits(folded: UInt64s, unusual: Bools) -> Int64s:
    """(C,) how many bits are told as they are."""
    told = np.where(unusual, folded, 0)
    mean = told.sum(axis=1, dtype=np.float64) / np.maximum(unusual.sum(axis=1), 1)
    by_mean = np.ceil(np.log2(np.maximum(mean / _HIGH_MEAN, 1)))
    most = told.max(axis=1, initial=0)
    # What is above has to fit a byte; a double may be rounded up to the next power of two, which costs a bit.
    by_most = np.frexp(most.astype(np.float64))[1] - 8
    low: Int64s = np.maximum(by_mean, np.maximum(by_most, 0)).astype(np.int64)
    return low


def _lows(folded: UInt64s, unusual: Bools, low: Int64s) -> bytes:
    """From (C, K)."""
    bits = [np.zeros(0, dtype=np.uint8)]
    for many in np.unique(low[low > 0]).tolist():
        own = folded[unusual & (low == many)[:, None]].astype(">u8").view(np.uint8).reshape(-1, 8)
        bits.append(np.unpackbits(own, axis=1)[:, 64 - many :].reshape(-1))
    return np.packbits(np.concatenate(bits)).tobytes()


def _add_lows(folded: UInt64s, unusual: Bools, low: Int64s, lows: bytes) -> None:
    """(C, K) `folded` gets its lowest bits."""
    bits, at = np.unpackbits(np.frombuffer(lows, np.uint8)), 0
    for many in np.unique(low[low > 0]).tolist():
        here = unusual & (low == many)[:, None]
        size = int(here.sum()) * many
        own = np.zeros((size // many, 64), dtype=np.uint8)
        own[:, 64 - many :] = bits[at : at + size].reshape(-1, many)
        folded[here] |= np.packbits(own, axis=1).view(">u8").reshape(-1).astype(np.uint64)
        at += size


def _gaps(places: npt.NDArray[np.intp]) -> npt.NDArray[np.uint8]:
    """How many lie between one place and the next, as bytes."""
    between = np.diff(places, prepend=-1) - 1
    many = between // 255 + 1
    gaps = np.full(int(many.sum()), 255, dtype=np.uint8)
    gaps[np.cumsum(many) - 1] = between % 255
    return gaps


def _places(gaps: npt.NDArray[np.uint8]) -> npt.NDArray[np.intp]:
    ends = gaps < 255
    return np.cumsum(gaps.astype(np.int64) + ends)[ends] - 1
