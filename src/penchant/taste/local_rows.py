"""Item-item rows of catalogues that are too large for one square matrix: each video against its own neighbourhood.

The column of EASE^R for a video is the ridge regression of who played it on who played everything else. Here it is the
regression on the `NEAR` videos that are played most with it, which are all but a few of those with any weight; so the
work grows with the number of videos, not with its cube. On KuaiRand it is as good as the exact rows
(docs/reference/quality.md).

Source: Ning, Karypis 2011, "SLIM: Sparse Linear Methods for Top-N Recommender Systems", ICDM, section IV-C (feature
selection: fsSLIM), with the loss of Steck 2019, arXiv 1905.03375.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from penchant.taste.fixed import Int64s

if TYPE_CHECKING:
    from scipy import sparse

Int32s: TypeAlias = npt.NDArray[np.int32]
Floats: TypeAlias = npt.NDArray[np.float64]

NEAR: Final = 100
_BLOCK: Final = 256


def local_rows(matrix: sparse.csc_array, ridge: float, neighbours: int, near: int = NEAR) -> tuple[Int32s, Int32s]:
    """Rows in Q24 from who played what, (R, E) viewers by videos with a play's strength in it.

    Returns:
        (E, K) places of the largest positive entries of each row, largest first, equal ones by place, and their
        weights; 0 where a row has fewer.
    """
    size = matrix.shape[1]
    diagonal = np.asarray(matrix.multiply(matrix).sum(axis=0)).ravel() + ridge
    played: list[Int64s] = []
    weights: list[Floats] = []
    for start in range(0, size, _BLOCK):
        together = (matrix.T @ matrix[:, start : start + _BLOCK]).tocsc()
        for column in range(together.shape[1]):
            entries = slice(together.indptr[column], together.indptr[column + 1])
            own, weight = _regressed(
                matrix, start + column, together.indices[entries], together.data[entries], diagonal, near, ridge
            )
            played.append(own)
            weights.append(weight)
    follows = np.repeat(np.arange(size), [len(own) for own in played])
    return _by_row(np.concatenate(played), follows, np.concatenate(weights), size, min(neighbours, size))


def _regressed(
    matrix: sparse.csc_array, video: int, others: Int32s, together: Floats, diagonal: Floats, near: int, ridge: float
) -> tuple[Int64s, Floats]:
    """Which videos a video is regressed on, and their weights."""
    apart = others != video
    places, sums = others[apart].astype(np.int64), together[apart]
    if len(places) > near:
        best = np.lexsort((places, -sums / np.sqrt(diagonal[places])))[:near]
        places, sums = places[best], sums[best]
    columns = matrix[:, places]
    gram = (columns.T @ columns).toarray()
    gram[np.arange(len(places)), np.arange(len(places))] += ridge
    return places, np.linalg.solve(gram, sums)


def _by_row(played: Int64s, follows: Int64s, weights: Floats, size: int, kept: int) -> tuple[Int32s, Int32s]:
    """From entries (played, follows, weight) to the `kept` largest positive ones of each row."""
    whole = np.rint(np.clip(weights, -1, 127) * (1 << 24)).astype(np.int64)
    positive = whole > 0
    played, follows, whole = played[positive], follows[positive], whole[positive]
    order = np.lexsort((follows, -whole, played))
    played, follows, whole = played[order], follows[order], whole[order]
    rank = np.arange(len(played)) - np.searchsorted(played, played)
    inside = rank < kept
    places = np.tile(np.arange(kept, dtype=np.int32), (size, 1))
    found = np.zeros((size, kept), dtype=np.int32)
    places[played[inside], rank[inside]] = follows[inside]
    found[played[inside], rank[inside]] = whole[inside]
    return places, found
