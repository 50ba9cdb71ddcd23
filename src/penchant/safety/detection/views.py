"""What a clip is known by, so that it is known again cropped, mirrored, bordered, captioned: PDQ of parts of pictures.

PDQ alone forgives no crop above a few per cent and no mirror. So of a clip that shall be known, the parts are hashed
that a crop would leave; and of a clip that is asked about, both ways round, the parts that a frame or a bar of
captions leaves free.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from penchant.safety.detection.pdq import BYTES, LEAST_QUALITY, WHOLE, Hashes, Window, luma, pdq


def _middle(share: float) -> Window:
    return (1 - share) / 2, (1 - share) / 2, (1 + share) / 2, (1 + share) / 2


_ABOVE_CAPTIONS: Final[Window] = (0.0, 0.0, 0.85, 1.0)
_BELOW_CAPTIONS: Final[Window] = (0.15, 0.0, 1.0, 1.0)
_CROPS: Final[tuple[Window, ...]] = (
    _middle(0.95),
    _middle(0.9),
    _middle(0.85),
    (0.0, 0.0, 0.9, 0.9),
    (0.0, 0.1, 0.9, 1.0),
    (0.1, 0.0, 1.0, 0.9),
    (0.1, 0.1, 1.0, 1.0),
    (0.05, 0.05, 0.815, 0.95),
    (0.185, 0.05, 0.95, 0.95),
)
ASKED: Final = 10
"""Hashes of a picture that are asked for; `KNOWN` of a picture that shall be known."""
KNOWN: Final = ASKED // 2 + len(_CROPS)
LAYOUT: Final = 1
"""Goes up when the parts change: what was hashed by another layout has to be hashed anew."""

_STILL: Final = 2.0
"""A row or column whose pixels vary less over time, in grey levels, stands still."""
_ONE_SHADE: Final = 12.0
"""Grey levels between the 2nd and the 98th of a hundred pixels; coding makes noise of a few."""
_LEAST_LEFT: Final = 0.25


class ClipHashes(NamedTuple):
    """What the F pictures of a clip are known by; those that say nothing are left out."""

    times_ms: NDArray[np.int32]
    """(F,)"""
    quality: NDArray[np.uint8]
    """(F,) of the whole pictures, `LEAST_QUALITY` to 100."""
    asked: Hashes
    """(F, 10, 32): whole, without a border, without what stands still, above and below captions; then mirrored."""
    known: Hashes
    """(F, K, 32): the first five of `asked`, then the crops."""


def hash_clip(pictures: NDArray[np.uint8], times_ms: tuple[int, ...]) -> ClipHashes:
    """(F, H, W, 3) RGB, F ≥ 1, sampled evenly."""
    lumas = luma(pictures)
    whole = pdq(lumas)
    windows = (within_border(lumas), within_stillness(lumas), _ABOVE_CAPTIONS, _BELOW_CAPTIONS)
    plain = [whole.hashes, *(pdq(lumas, window).hashes for window in windows)]
    # Turned before it is hashed: turning signs in the transform is cheaper, but costs up to 14 of the 31 bits.
    turned = lumas[:, :, ::-1]
    mirrored = [pdq(turned, _mirrored(window)).hashes for window in (WHOLE, *windows)]
    known = plain + [pdq(lumas, window).hashes for window in _CROPS]
    quality = whole.quality
    telling = quality >= LEAST_QUALITY
    return ClipHashes(
        np.asarray(times_ms, np.int32)[telling],
        quality[telling],
        np.stack(plain + mirrored, axis=1)[telling],
        np.stack(known, axis=1)[telling],
    )


def _mirrored(window: Window) -> Window:
    top, left, bottom, right = window
    return top, 1 - right, bottom, 1 - left


def within_border(lumas: NDArray[np.float32]) -> Window:
    """The part of a clip's pictures within rows and columns that are of one shade from edge to edge, all the time.

    lumas: (F, H, W) float32.
    """
    rows = np.ptp(np.percentile(lumas, (2, 98), axis=(0, 2)), axis=0) > _ONE_SHADE
    columns = np.ptp(np.percentile(lumas, (2, 98), axis=(0, 1)), axis=0) > _ONE_SHADE
    return _between(rows, columns)


def within_stillness(lumas: NDArray[np.float32]) -> Window:
    """The part that bars leave free which stand still from edge to edge while the clip moves, such as of captions.

    lumas: (F, H, W) float32. Where hardly anything moves, or a picture is alone, it is everything.
    """
    moving = lumas.std(axis=0) > _STILL
    return _between(moving.mean(axis=1) > 0.02, moving.mean(axis=0) > 0.02)


def _between(rows: NDArray[np.bool_], columns: NDArray[np.bool_]) -> Window:
    """From the first to the last row and column that say yes; everything where little would be left."""
    sides = []
    for yes in (rows, columns):
        where = np.flatnonzero(yes)
        start, end = (where[0] / len(yes), (where[-1] + 1) / len(yes)) if len(where) else (0.0, 0.0)
        if end - start < _LEAST_LEFT:
            return WHOLE
        sides.append((float(start), float(end)))
    (top, bottom), (left, right) = sides
    return top, left, bottom, right


def pack(hashes: ClipHashes) -> bytes:
    """As it is stored: F, then times, qualities and hashes, in little-endian order."""
    count = np.array([len(hashes.times_ms)], "<u4")
    parts = (count, hashes.times_ms.astype("<i4"), hashes.quality, hashes.asked, hashes.known[:, ASKED // 2 :])
    return b"".join(np.ascontiguousarray(part).tobytes() for part in parts)


def unpack(content: bytes) -> ClipHashes:
    """The inverse of `pack`, of the same layout."""
    count = int(np.frombuffer(content, "<u4", 1)[0])
    sizes = (4 * count, count, count * ASKED * BYTES, count * len(_CROPS) * BYTES)
    times, quality, asked, crops = (content[4 + sum(sizes[:at]) : 4 + sum(sizes[: at + 1])] for at in range(len(sizes)))
    views = np.frombuffer(asked, np.uint8).reshape(count, ASKED, BYTES)
    rest = np.frombuffer(crops, np.uint8).reshape(count, len(_CROPS), BYTES)
    return ClipHashes(
        np.frombuffer(times, "<i4").astype(np.int32),
        np.frombuffer(quality, np.uint8),
        views,
        np.concatenate([views[:, : ASKED // 2], rest], axis=1),
    )
