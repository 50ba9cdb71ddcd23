"""Taste vectors: every video as a point, near those that the same people play; a viewer is the mean of their plays.

The right singular vectors of the damped matrix of plays, so that two viewers are near when they played the same or
like videos, without either having to be in the other's list of neighbours.

Source: Cremonesi, Koren, Turrin 2010, "Performance of recommender algorithms on top-N recommendation tasks", PureSVD
(section 3.3.2); damping by degree as in RP3beta, Paudel et al. 2017, "Updatable, accurate, diverse, and scalable
recommendations for interactive applications", equation 9.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from penchant.taste.fixed import Int64s
from penchant.taste.lookup import places_of
from penchant.taste.similar import Plays

if TYPE_CHECKING:
    from scipy import sparse

Float32s: TypeAlias = npt.NDArray[np.float32]
Floats: TypeAlias = npt.NDArray[np.float64]

DIMENSIONS: Final = 128
"""On KuaiRand a crowd alone has HR@10 0.109 with 64, 0.111 with 128; on a surface of its own 0.122 and 0.127."""
HALF_LIFE_PLAYS: Final = 25
"""A viewer's own play weighs half as much in their vector after so many further ones."""
NOTHING: Final = 1e-6
"""An axis that is so much weaker than the first is none."""
PROFILE: Final = 50
"""Newest plays that make a viewer's vector."""
DENSE_AT_MOST: Final = 1_000
"""Viewers or videos, whichever are fewer, up to which the whole decomposition is made."""
WHITENING: Final = 0.5
"""Power of the singular values that axes are divided by: 0 loses 0.005 of a crowd's HR@10 on KuaiRand, 1 as much."""
DAMPING: Final = 10
"""Plays added to a video's own before the root, so that one play is not worth more than ten."""


@dataclass(frozen=True, slots=True)
class Factors:
    """What was learned at one position of the log. Shapes: E videos, D dimensions."""

    position: int
    video_ids: Int64s
    """(E,) ascending."""
    vectors: Float32s
    """(E, D): the place of each video."""
    damping: Float32s
    """(E,) 1 / sqrt(plays + `DAMPING`): what a play of it tells of its viewer."""
    mean: Float32s
    """(D,) mean of the viewers' vectors: what is common to all says nothing about one."""

    @classmethod
    def empty(cls) -> Factors:
        """Before anything is learned."""
        none = np.zeros(0, dtype=np.int64)
        return cls(0, none, np.zeros((0, 0), np.float32), np.zeros(0, np.float32), np.zeros(0, np.float32))

    @property
    def dimensions(self) -> int:
        return int(self.vectors.shape[1])

    def places(self, video_ids: Int64s) -> Int64s:
        """Rows of ids, -1 for those without one: (K,) → (K,)."""
        return places_of(self.video_ids, video_ids)

    def viewer(self, newest_first: Int64s, half_life: int = HALF_LIFE_PLAYS) -> Float32s:
        """The vector of whoever played these rows, (P,) the newest first → (D,), not centred, of no certain length."""
        rows = newest_first[:PROFILE]
        weights = np.exp2(-np.arange(len(rows), dtype=np.float32) / np.float32(half_life)) * self.damping[rows]
        vector: Float32s = weights @ self.vectors[rows]
        return vector

    def of(self, video_ids: Int64s) -> Floats:
        """Vectors of (K,) ids, zeros of those without one: (K, D)."""
        at = self.places(video_ids)
        vectors = np.zeros((len(video_ids), self.dimensions))
        vectors[at >= 0] = self.vectors[at[at >= 0]]
        return vectors

    def direction(self, vector: Float32s) -> Float32s:
        """What is particular of a viewer, as a unit vector; zeros for nobody in particular: (D,) → (D,)."""
        own = vector - self.mean
        length = float(np.sqrt(own @ own))
        return own / np.float32(length) if length > 1e-6 else np.zeros_like(own)


def fit_factors(plays: Plays, dimensions: int = DIMENSIONS) -> Factors:
    """Learns the factors from who played what; a function of `plays` alone.

    Fewer dimensions than asked where there are not that many viewers or videos.
    """
    from scipy import sparse  # a fifth of a second that only who fits should wait for

    viewers = len(plays.starts) - 1
    video_ids, columns, counts = np.unique(plays.videos, return_inverse=True, return_counts=True)
    rank = min(dimensions, viewers - 1, len(video_ids) - 1)
    if rank < 1:
        return Factors.empty()
    lengths = np.diff(plays.starts)
    rows = np.repeat(np.arange(viewers), lengths)
    damping = 1 / np.sqrt(counts + DAMPING)
    values = damping[columns] / np.sqrt(lengths[rows] + 1)
    matrix = sparse.csr_array((values, (rows, columns)), shape=(viewers, len(video_ids)))
    singular, right = _largest(matrix, rank)
    # What all share (the first axes) is damped, what is particular (the last ones) raised.
    axes = singular**-WHITENING
    vectors = np.ascontiguousarray(right.T * (axes / axes.mean()), dtype=np.float32)
    of_viewers = sparse.csr_array((damping[columns], (rows, columns)), shape=matrix.shape) @ vectors
    return Factors(
        plays.position, video_ids, vectors, damping.astype(np.float32), of_viewers.mean(axis=0).astype(np.float32)
    )


def _largest(matrix: sparse.csr_array, rank: int) -> tuple[Floats, Floats]:
    """The largest singular values and their right vectors, (R,) and (R, E); fewer where there are fewer directions."""
    from scipy import linalg
    from scipy.sparse.linalg import svds

    if min(matrix.shape) <= DENSE_AT_MOST:
        # Few plays have many equal singular values, at which the Lanczos method would start again at random.
        wide = matrix.shape[0] <= matrix.shape[1]
        dense = matrix.toarray()
        # The default driver (MRRR) gives up on some matrices with many equal eigenvalues, which young markets have.
        squares, vectors = linalg.eigh(dense @ dense.T if wide else dense.T @ dense, driver="evd")
        singular: Floats = np.sqrt(np.maximum(squares, 0)).astype(np.float64)
        kept = np.argsort(-singular, kind="stable")[:rank]
        kept = kept[singular[kept] > NOTHING * singular.max()]
        found: Floats = vectors.T[kept]
        return singular[kept], found @ dense / singular[kept][:, None] if wide else found
    # A start of its own: the default one is drawn anew each time, and equal plays have to give equal factors.
    _, values, right = svds(matrix, k=rank, v0=np.random.default_rng(rank).normal(size=min(matrix.shape)))
    kept = np.argsort(-values, kind="stable")
    kept = kept[values[kept] > NOTHING * values.max()]
    return np.asarray(values[kept], dtype=np.float64), right[kept]


def carry_over(old: Factors, new: Factors) -> Float32s:
    """The linear map from the old space to the new one that moves the videos with least error, (D_old, D_new).

    Sums of vectors that were collected under `old` go on under `new` with it. Videos weigh by their plays.
    """
    from scipy import linalg

    at = new.places(old.video_ids)
    known = at >= 0
    before, after = old.vectors[known].astype(np.float64), new.vectors[at[known]].astype(np.float64)
    weighed = before.T / np.square(np.maximum(new.damping[at[known]], 1e-6))
    gram = weighed @ before
    # A little ridge: of few videos not every axis is known.
    gram[np.diag_indices_from(gram)] += 1e-6 * max(float(np.trace(gram)) / len(gram), 1e-12)
    carried: Float32s = linalg.solve(gram, weighed @ after, assume_a="pos").astype(np.float32)
    return carried
