"""Item-item rows by EASE^R: which videos follow from a play of this one, learned from who played what.

Source: Steck 2019, "Embarrassingly Shallow Autoencoders for Sparse Data", arXiv 1905.03375, equation 8.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from penchant.core.errors import PenchantError
from penchant.taste.fixed import Int64s, exp2_q30
from penchant.taste.local_rows import local_rows

if TYPE_CHECKING:
    from scipy import sparse

Int32s: TypeAlias = npt.NDArray[np.int32]
Floats: TypeAlias = npt.NDArray[np.float64]

NEIGHBOURS: Final = 200
"""Entries kept of each row: on KuaiRand 50 lose 0.010 of HR@10, 100 lose 0.004, 400 win nothing."""
EXACT_AT_MOST: Final = 10_000
"""Rows are exact up to here (one square matrix of it is 800 MB); beyond, each video's neighbourhood makes them."""
VIDEOS_AT_MOST: Final = 50_000
"""Beyond, the most played ones have rows."""
PLAYS_PER_VIEWER: Final = 1_000
"""Videos of one viewer that rows learn from; the work for a viewer grows with their square."""
RIDGE: Final = 4
"""The ridge as a multiple of the mean diagonal of X'X: with long views only, 200 on KuaiRand's history, its best."""
RIDGE_AT_LEAST: Final = 8
RECENCY_HALF_LIFE_PLAYS: Final = 12
"""A viewer's own play weighs half as much after so many further ones."""


class RefitFailed(PenchantError):
    """The rows are not finite numbers: the ones before stay."""

    code = "refit_failed"


@dataclass(frozen=True, slots=True)
class Plays:
    """Who played what at one position of the log, without saying who. Shapes: (R + 1,) and (P,)."""

    position: int
    starts: Int64s
    """Where each viewer's videos begin."""
    videos: Int64s
    """Video ids, ascending within a viewer; viewers in the order of their lists, so equal states are equal bytes."""
    strengths: Int64s
    """What each counts: small integers, so that sums of their products are exact."""

    @classmethod
    def of(cls, position: int, viewers: Iterable[Mapping[int, int]]) -> Plays:
        """From each viewer's videos and what they count; of very many, the newest videos (the largest ids)."""
        rows = sorted(sorted(viewer.items())[-PLAYS_PER_VIEWER:] for viewer in viewers if viewer)
        starts = np.cumsum([0, *(len(row) for row in rows)], dtype=np.int64)
        pairs = np.fromiter(chain.from_iterable(chain.from_iterable(rows)), np.int64, count=2 * int(starts[-1]))
        return cls(position, starts, pairs[::2].copy(), pairs[1::2].copy())

    @classmethod
    def empty(cls) -> Plays:
        """Nobody, at the beginning of the log."""
        return cls.of(0, [])

    def most_played(self, videos: int) -> Plays:
        """Only the videos that most viewers played, equal ones by id; viewers stay, some perhaps with none."""
        video_ids, columns, counts = np.unique(self.videos, return_inverse=True, return_counts=True)
        if len(video_ids) <= videos:
            return self
        kept = np.zeros(len(video_ids), dtype=bool)
        kept[np.lexsort((video_ids, -counts))[:videos]] = True
        inside = kept[columns]
        starts = np.concatenate([[0], np.cumsum(inside)])[self.starts]
        return Plays(self.position, starts, self.videos[inside], self.strengths[inside])


@dataclass(frozen=True, slots=True)
class ItemRows:
    """The published rows. Shapes: E videos, K entries each, the best first."""

    position: int
    """Log position of the plays that they were learned from."""
    video_ids: Int64s
    """(E,) ascending."""
    neighbours: Int32s
    """(E, K) positions in `video_ids`."""
    weights_q24: Int32s
    """(E, K), positive; 0 where a row has fewer entries."""

    @classmethod
    def empty(cls) -> ItemRows:
        """Before anything is learned."""
        none = np.zeros((0, 0), dtype=np.int32)
        return cls(0, np.zeros(0, dtype=np.int64), none, none)


def fit_rows(plays: Plays, neighbours: int = NEIGHBOURS) -> ItemRows:
    """Learns the rows: B = I - P / diag(P), P = (X'X + ridge)^-1, X viewers by videos with a play's strength in it.

    A function of `plays` alone. About 20 s on one core for 10,000 videos; LAPACK lets other threads run meanwhile.
    Beyond `EXACT_AT_MOST` videos by their neighbourhoods (`local_rows`), 2 s for each further thousand.

    Raises:
        RefitFailed: the result is not finite.
    """
    plays = plays.most_played(VIDEOS_AT_MOST)
    video_ids = np.unique(plays.videos)
    size = len(video_ids)
    if not size:
        return ItemRows.empty()
    matrix, ridge = matrix_of(plays)
    if size > EXACT_AT_MOST:
        return ItemRows(plays.position, video_ids, *local_rows(matrix, ridge, neighbours))
    inverse = _inverse(matrix, ridge)
    kept_per_row = min(neighbours, size)
    places = np.empty((size, kept_per_row), dtype=np.int32)
    weights = np.empty((size, kept_per_row), dtype=np.int32)
    scale = -(2.0**24) / np.diagonal(inverse)
    for start in range(0, size, 512):
        block = np.rint(inverse[start : start + 512] * scale[None, :])
        if not np.isfinite(block).all():
            raise RefitFailed("item-item rows came out as not-a-number; the ones before stay")
        block[np.arange(len(block)), start + np.arange(len(block))] = 0
        places[start : start + 512], weights[start : start + 512] = _largest(block, kept_per_row)
    return ItemRows(plays.position, video_ids, places, weights)


def matrix_of(plays: Plays) -> tuple[sparse.csc_array, float]:
    """X, (R, E) viewers by videos in the order of their ids with a play's strength in it; and the ridge."""
    from scipy import sparse  # a fifth of a second that only who fits should wait for

    video_ids, columns = np.unique(plays.videos, return_inverse=True)
    viewers = np.repeat(np.arange(len(plays.starts) - 1), np.diff(plays.starts))
    strengths = plays.strengths.astype(np.float64)
    matrix = sparse.csc_array((strengths, (viewers, columns)), shape=(len(plays.starts) - 1, len(video_ids)))
    return matrix, max(RIDGE * float((strengths * strengths).sum()) / len(video_ids), RIDGE_AT_LEAST)


def _inverse(matrix: sparse.csc_array, ridge: float) -> Floats:
    """(X'X + ridge)^-1 by Cholesky, in the memory of one square matrix."""
    from scipy.linalg import lapack

    size = matrix.shape[1]
    gram = np.empty((size, size), dtype=np.float64, order="F")
    for start in range(0, size, 512):
        gram[:, start : start + 512] = (matrix.T @ matrix[:, start : start + 512]).toarray()
    gram[np.arange(size), np.arange(size)] += ridge
    factor, failed = lapack.dpotrf(gram, lower=1, overwrite_a=1)
    if not failed:
        factor, failed = lapack.dpotri(factor, lower=1, overwrite_c=1)
    if failed:
        raise RefitFailed("the matrix of plays could not be inverted; the rows before stay")
    inverse: Floats = factor
    for start in range(0, size, 512):
        end = min(start + 512, size)
        inverse[start:end, end:] = inverse[end:, start:end].T
        corner = np.tril(inverse[start:end, start:end])
        inverse[start:end, start:end] = corner + np.tril(corner, -1).T
    return inverse


def _largest(block: Floats, count: int) -> tuple[Int32s, Int32s]:
    """The `count` largest positive entries of each row, largest first, equal ones by place: (b, E) → 2 × (b, K)."""
    size = block.shape[1]
    # One distinct integer per entry: value first, then the smaller place.
    keys = (np.clip(block, 0, 2**31 - 1).astype(np.int64) << 20) | (size - 1 - np.arange(size))
    if count < size:
        keys = -np.partition(-keys, count - 1, axis=1)[:, :count]
    keys = -np.sort(-keys, axis=1)
    return (size - 1 - (keys & 0xFFFFF)).astype(np.int32), (keys >> 20).astype(np.int32)


def recency_q16(count: int, half_life: int = RECENCY_HALF_LIFE_PLAYS) -> Int64s:
    """Weights of `count` plays, newest first: 2**(-rank / half_life) in Q16, at least 1."""
    exponents = -(np.arange(count, dtype=np.int64) << 16) // half_life
    weights: Int64s = np.maximum(exp2_q30(np.maximum(exponents, -(16 << 16))) >> 14, 1)
    return weights
