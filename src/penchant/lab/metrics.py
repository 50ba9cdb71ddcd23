"""What the evaluation reports, each with its definition. Ties count half everywhere; no target is sampled away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from penchant.taste.fixed import Int64s

Floats: TypeAlias = npt.NDArray[np.float64]

MISSED: Final = 1e9
"""The rank of a target that is not among what was ranked."""
BOOTSTRAPS: Final = 1_000


def mid_rank(scores: npt.NDArray[np.generic], target: int) -> float:
    """Rank of one place from 0 on: how many are better, and half of those that are equal. Shapes: (K,)."""
    own = scores[target]
    better = int(np.count_nonzero(scores > own))
    equal = int(np.count_nonzero(scores == own)) - 1
    return better + equal / 2


def hit(ranks: Floats, length: int) -> Floats:
    """1 where the target is among the first `length`, linear between for ties: (N,) → (N,)."""
    return np.clip(length - ranks, 0, 1)


def gain(ranks: Floats, length: int) -> Floats:
    """NDCG of one relevant video: 1 / log2(rank + 2) within the first `length`. (N,) → (N,)."""
    return np.where(ranks < length, 1 / np.log2(np.minimum(ranks, MISSED) + 2), 0.0)


def standard_error(values: Floats) -> float:
    """Of the mean."""
    return float(values.std() / max(len(values), 1) ** 0.5)


@dataclass
class Lists:
    """Top lists of many pages, for what they cover and how concentrated they are."""

    videos: int
    """In the catalogue."""
    length: int = 10
    shown: Int64s = field(init=False)
    pairs: int = 0
    unlike: int = 0
    """Pairs within a list with different first tags."""

    def __post_init__(self) -> None:
        self.shown = np.zeros(self.videos, dtype=np.int64)

    def add(self, places: Int64s, tags: Int64s) -> None:
        """One list, (L,) places of the catalogue; `tags` (V,) numbers of first tags, -1 for none."""
        top = places[: self.length]
        self.shown[top] += 1
        own = tags[top]
        count = len(own)
        self.pairs += count * (count - 1) // 2
        same = np.bincount(own[own >= 0]) if (own >= 0).any() else np.zeros(1, dtype=np.int64)
        self.unlike += count * (count - 1) // 2 - int((same * (same - 1) // 2).sum())

    @property
    def coverage(self) -> float:
        """Share of the catalogue in at least one list."""
        return float(np.count_nonzero(self.shown) / max(self.videos, 1))

    @property
    def top1_share(self) -> float:
        """Share of all slots taken by the 1 % most shown videos."""
        most = np.sort(self.shown)[::-1][: max(round(self.videos / 100), 1)]
        return float(most.sum() / max(int(self.shown.sum()), 1))

    @property
    def diversity(self) -> float:
        """Share of pairs within a list with different first tags."""
        return self.unlike / max(self.pairs, 1)


def group_auc(scores: Floats, positives: npt.NDArray[np.bool_]) -> float:
    """Chance that a positive stands before a negative, ties half; nan without both. Shapes: (N,)."""
    count, total = int(positives.sum()), len(positives)
    if not 0 < count < total:
        return float("nan")
    order = np.argsort(scores, kind="stable")
    ranks = np.empty(total)
    ordered = scores[order]
    _, first, counts = np.unique(ordered, return_index=True, return_counts=True)
    ranks[order] = np.repeat(first + (counts - 1) / 2, counts)
    return float((ranks[positives].sum() - count * (count - 1) / 2) / (count * (total - count)))


def ndcg_of_group(scores: Floats, positives: npt.NDArray[np.bool_], length: int) -> float:
    """NDCG@length of one viewer's shown videos; 0 where none is positive. Equal scores share their gains."""
    count = int(positives.sum())
    if not count:
        return 0.0
    discounts = 1 / np.log2(np.arange(len(scores)) + 2)
    discounts[length:] = 0
    order = np.argsort(-scores, kind="stable")
    _, inverse, counts = np.unique(-scores[order], return_inverse=True, return_counts=True)
    shared = np.bincount(inverse, weights=discounts) / counts
    reached = float(shared[inverse][positives[order]].sum())
    return reached / float(discounts[:count].sum())


def paired_gain(ours: Floats, theirs: Floats, viewers: Int64s, seed: int = 2026) -> tuple[float, float, float]:
    """Mean difference with the ends of its 95 % interval, by bootstrap over viewers.

    Args:
        ours, theirs: (N,) the same measure of the same targets.
        viewers: (N,) whose targets they are: those of one viewer are drawn together.
    """
    _, number = np.unique(viewers, return_inverse=True)
    sums = np.bincount(number, weights=ours - theirs)
    counts = np.bincount(number)
    rng = np.random.default_rng(seed)
    means = np.empty(BOOTSTRAPS)
    for place in range(BOOTSTRAPS):
        drawn = rng.integers(0, len(sums), len(sums))
        means[place] = sums[drawn].sum() / counts[drawn].sum()
    low, high = np.quantile(means, [0.025, 0.975])
    return float((ours - theirs).mean()), float(low), float(high)


def rounded(value: float) -> float:
    """Six digits after the point: enough for a table, the same in every run."""
    return round(float(value), 6)


def mean_with_error(name: str, values: Floats | Sequence[float]) -> dict[str, float]:
    """{name: mean, name_se: standard error}."""
    array = np.asarray(values, dtype=np.float64)
    return {name: rounded(array.mean()) if len(array) else 0.0, f"{name}_se": rounded(standard_error(array))}
