"""Cold start: videos that nobody has watched, ranked among themselves by what they look and sound like.

One video in `NEW` is made new: every pair with it is taken out of what viewers did and becomes a target. A viewer's
score of a new video is the column `content` of a page, made by the function that serves it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from penchant.lab.dataset import Dataset
from penchant.lab.metrics import Floats, mean_with_error
from penchant.lab.replay import Progress, places_of
from penchant.lab.topk import LENGTH, at_k
from penchant.taste.content import Int8s, Vectors, comparable
from penchant.taste.fixed import Int64s
from penchant.taste.parts import Alike

NEW: Final = 5
PAST_AT_LEAST: Final = 1
"""Videos that a viewer must have watched among those that are not new."""
_Q16: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class ColdStart:
    """What came of one drawing of new videos."""

    models: dict[str, dict[str, float]]
    """`none` knows nothing of new videos, so that all are equal; then by each of the features, and by all of them."""
    targets: int
    viewers: int
    new_videos: int


def cold_start(data: Dataset, progress: Progress, seed: int = 1) -> ColdStart:
    """Every viewer who has watched new videos and enough others; from the folder's train pairs alone."""
    rng = np.random.default_rng((seed, 17))
    size = len(data.videos.ids)
    new = np.zeros(size, dtype=bool)
    new[rng.permutation(size)[: size // NEW]] = True
    among = np.flatnonzero(new)
    watched: dict[int, list[int]] = {}
    for viewer, place in zip(data.train.viewers.tolist(), places_of(data, data.train.videos).tolist(), strict=True):
        watched.setdefault(viewer, []).append(place)
    by_features = {name: comparable_of(part) for name, part in _features(data).items()}
    asked = [
        (past, wanted)
        for own in (np.array(places, dtype=np.int64) for places in watched.values())
        if len(past := own[~new[own]]) >= PAST_AT_LEAST and len(wanted := np.unique(own[new[own]]))
    ]
    recalls: dict[str, list[float]] = {}
    gains: dict[str, list[float]] = {}
    for number, (past, wanted) in enumerate(asked):
        if number % 200 == 0:
            progress("new videos", number, len(asked))
        relevant = np.isin(among, wanted)
        scores = {"none": np.zeros(len(among))}
        scores |= {name: by_content(vectors, past, among) for name, vectors in by_features.items()}
        for name, own_scores in scores.items():
            recall, gain = at_k(own_scores, relevant, len(wanted))
            recalls.setdefault(name, []).append(recall)
            gains.setdefault(name, []).append(gain)
    models = {
        name: mean_with_error(f"recall_at_{LENGTH}", recalls[name]) | mean_with_error(f"ndcg_at_{LENGTH}", gains[name])
        for name in recalls
    }
    return ColdStart(models, sum(len(wanted) for _, wanted in asked), len(asked), len(among))


def by_content(vectors: Vectors, liked: Int64s, among: Int64s, skipped: Int64s | None = None) -> Floats:
    """(K,) scores of (K,) places by content alone, as a page's column has them.

    Args:
        liked: (L,) places of what a viewer played, all of one weight.
        skipped: (S,) places of what they left.
    """
    left = np.zeros(0, dtype=np.int64) if skipped is None else skipped
    past = [(vectors.unit[own], np.full(len(own), _Q16, dtype=np.int64)) for own in (liked, left)]
    return Alike(*past[0], *past[1], vectors.spread_q16).rate(vectors.unit[among])


def comparable_of(features: npt.NDArray[np.float32]) -> Vectors:
    """(V, D) features of whatever scale → as an epoch holds the vectors of an encoder."""
    longest = np.abs(features).max(axis=1, keepdims=True)
    raw: Int8s = np.rint(features * (127 / np.maximum(longest, 1e-9))).astype(np.int8)
    return comparable(raw, np.asarray(raw.any(axis=1)))


def _features(data: Dataset) -> Mapping[str, npt.NDArray[np.float32]]:
    """Each file by itself, and where there are several all of them, of equal weight."""
    parts = {name: _unit(part) for name, part in data.features.items()}
    return parts if len(parts) == 1 else {**parts, "all": np.concatenate(list(parts.values()), axis=1)}


def _unit(part: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    centred = part - part.mean(axis=0)
    unit: npt.NDArray[np.float32] = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
    return unit
