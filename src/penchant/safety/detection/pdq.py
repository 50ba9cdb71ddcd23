"""PDQ, the perceptual hash of pictures by Meta: 256 bits that survive re-encoding and resizing. Pure NumPy.

Everything up to the median is linear, so that smoothing, shrinking and transform are two matrix products.
Source: Facebook, The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm (2019), section "PDQ".
"""

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

BYTES: Final = 32
MATCH_BITS: Final = 31
"""Hashes that differ in at most so many bits are of the same picture; of unrelated pictures about 128 differ."""
LEAST_QUALITY: Final = 50
"""Flat and blurred pictures give hashes that mean nothing; quality is 0 to 100."""

_SIDE = 64
_FREQUENCIES = 16
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)

Hashes = NDArray[np.uint8]
Window = tuple[float, float, float, float]
"""Top, left, bottom, right as shares of a picture's height and width."""
WHOLE: Final[Window] = (0.0, 0.0, 1.0, 1.0)


class Hashed(NamedTuple):
    """What N pictures are known by."""

    hashes: Hashes
    """(N, 32) uint8, in the order of the usual hexadecimal form."""
    quality: NDArray[np.uint8]
    """(N,) 0 to 100."""


def luma(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(N, H, W) of (N, H, W, 3) RGB."""
    return np.asarray(pictures.astype(np.float32) @ _LUMA, np.float32)


def pdq(lumas: NDArray[np.float32], window: Window = WHOLE) -> Hashed:
    """Hash pictures, or the same part of each.

    lumas: (N, H, W) float32, 0 to 255, N ≥ 0, H and W at least 1 within the window.
    """
    height, width = lumas.shape[1:]
    top, left, bottom, right = (
        round(share * side) for share, side in zip(window, (height, width, height, width), strict=True)
    )
    part = lumas[:, top : max(bottom, top + 1), left : max(right, left + 1)]
    small = _both_ways(part, _shrinking(part.shape[1]), _shrinking(part.shape[2]))
    transformed = _both_ways(small, _cosines(), _cosines())
    return Hashed(_bits(transformed), _quality(small))


def to_hex(hashes: Hashes) -> list[str]:
    """64 hexadecimal digits for each."""
    return [row.tobytes().hex() for row in hashes]


def from_hex(text: str) -> bytes:
    """The 32 bytes of a hash.

    Raises:
        ValueError: it is not 64 hexadecimal digits.
    """
    content = bytes.fromhex(text)
    if len(content) != BYTES or len(text) != 2 * BYTES:
        raise ValueError(f"a PDQ hash has {2 * BYTES} hexadecimal digits")
    return content


def distance(some: Hashes, others: Hashes) -> NDArray[np.int64]:
    """Bits in which hashes differ; shapes (…, 32) are broadcast, the last axis is gone."""
    words = (np.ascontiguousarray(hashes).view(np.uint64) for hashes in (some, others))
    return np.asarray(np.bitwise_count(np.bitwise_xor(*words)).sum(axis=-1, dtype=np.int64))


@lru_cache(maxsize=256)
def _shrinking(length: int) -> NDArray[np.float32]:
    """(64, length): two passes of a box filter over a row of so many pixels, then every 64th part's middle.

    Source: the paper's "Jarosz filters"; a box is cut off where it would leave the picture.
    """
    width = (length + 2 * _SIDE - 1) // (2 * _SIDE)
    after = (width + 2) // 2 - 1
    offsets = np.arange(length)[None, :] - np.arange(length)[:, None]
    box = ((offsets <= after) & (offsets > after - width)).astype(np.float64)
    box /= box.sum(axis=1, keepdims=True)
    middles = ((np.arange(_SIDE) + 0.5) * length / _SIDE).astype(np.intp)
    return np.asarray(box[middles] @ box, np.float32)


@lru_cache(maxsize=1)
def _cosines() -> NDArray[np.float32]:
    """(16, 64): the lowest frequencies but the constant one of the discrete cosine transform."""
    frequency, place = np.arange(1, _FREQUENCIES + 1)[:, None], np.arange(_SIDE)[None, :]
    return np.asarray(np.sqrt(2 / _SIDE) * np.cos(np.pi / (2 * _SIDE) * frequency * (2 * place + 1)), np.float32)


def _both_ways(
    stack: NDArray[np.float32], down: NDArray[np.float32], across: NDArray[np.float32]
) -> NDArray[np.float32]:
    """(N, R, C) of (N, H, W): `down` (R, H) and `across` (C, W) applied to each picture, as two products for all."""
    count, height, width = stack.shape
    narrow = np.ascontiguousarray(stack).reshape(-1, width) @ across.T
    turned = np.ascontiguousarray(narrow.reshape(count, height, -1).transpose(0, 2, 1)).reshape(-1, height) @ down.T
    return np.ascontiguousarray(turned.reshape(count, len(across), len(down)).transpose(0, 2, 1))


def _bits(transformed: NDArray[np.float32]) -> Hashes:
    """(N, 32): a bit for each frequency that is above the median, the first of them the last bit."""
    flat = transformed.reshape(len(transformed), _FREQUENCIES * _FREQUENCIES)
    # The lower of the two middle values, as the definition's own search for it gives.
    median = np.partition(flat, 127, axis=1)[:, 127:128]
    return np.packbits((flat > median)[:, ::-1], axis=1)


def _quality(small: NDArray[np.float32]) -> NDArray[np.uint8]:
    """How much happens from pixel to pixel."""
    steps = [np.trunc(np.diff(small, axis=axis) * (100 / 255)) for axis in (1, 2)]
    total = sum(np.abs(step).sum(axis=(1, 2)) for step in steps)
    return np.asarray(np.minimum(total // 90, 100), np.uint8)
