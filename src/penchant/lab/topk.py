"""The top-k protocol: undated pairs, a fixed split, every video ranked for every viewer with theirs masked.

Nothing but the folder's train pairs and content features is learned from. The blend's examples come from inner folds:
of each viewer the last pair is hidden, the parts are fitted on the rest, and the hidden one is the target; then the
two last ones, and so on. Then the parts are fitted on all of train. Validation and test are scored once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from penchant.lab.dataset import Dataset, Pairs
from penchant.lab.metrics import Floats, mean_with_error
from penchant.lab.replay import Progress, places_of
from penchant.taste.factors import Factors, fit_factors
from penchant.taste.fixed import Int64s
from penchant.taste.parts import rows_of
from penchant.taste.ranker import Features
from penchant.taste.recipe import KEPT
from penchant.taste.similar import ItemRows, Plays, fit_rows
from penchant.taste.trainer import Example, Trainer
from penchant.taste.walks import Walks, fit_walks, reach

if TYPE_CHECKING:
    from scipy import sparse

LENGTH: Final = 20
FOLDS: Final = 3
NEAREST: Final = 10
"""Videos nearest by content that make one more player of each video."""
PLAY: Final = 2
"""Weight of a pair in walks that also go over content, where a content edge has 1."""
_Q16: Final = 1 << 16

COLUMNS: Final[Mapping[str, tuple[int, float, float]]] = {
    "rows": (200, 1e-4, 1.0),
    "walk": (200, 1e-5, 0.5),
    "walk_popular": (200, 1e-5, 0.5),
    "walk_content": (250, 1e-5, 1.0),
    "walk_far": (250, 1e-5, 0.5),
    "place": (100, 0.0, 0.0),
    "content": (20, 0.0, 0.0),
    "held": (60, 1.0, 0.1),
}
"""name → (how many candidates it brings, what is added before the logarithm (0: as it is), weight before learning)."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """Fitted on some pairs; ids are places of the catalogue."""

    rows: ItemRows
    walk: Walks
    popular: Walks
    content: Walks
    factors: Factors
    held: Floats
    nearness: npt.NDArray[np.float32]
    """(V, D) unit content vectors."""

    def values(self, profile: Int64s) -> dict[str, Floats]:
        """(V,) for each column."""
        size = len(self.held)
        even = np.full(len(profile), 1 / max(len(profile), 1), dtype=np.float32)
        spread = self._walked(self.content, profile, even)
        near = np.argsort(-spread, kind="stable")[:200]
        further = self._walked(self.content, near, spread[near].astype(np.float32))
        rows = np.zeros(size)
        at, known = rows_of(self.rows.video_ids, profile)
        if len(at):
            products = self.rows.weights_q24[at] * (even[known] / (1 << 24))[:, None]
            sums = np.bincount(self.rows.neighbours[at].ravel(), products.ravel(), minlength=len(self.rows.video_ids))
            rows = _spread(size, self.rows.video_ids, np.asarray(sums, dtype=np.float64))
        vector = self.factors.viewer(rows_of(self.factors.video_ids, profile)[0], half_life=1_000)
        length = max(float(np.sqrt(vector @ vector)), 1e-9)
        own = self.nearness[profile].mean(axis=0) if len(profile) else self.nearness.mean(axis=0)
        return {
            "rows": rows,
            "walk": self._walked(self.walk, profile, even),
            "walk_popular": self._walked(self.popular, profile, even),
            "walk_content": spread,
            "walk_far": spread + 0.5 * further,
            "place": _spread(size, self.factors.video_ids, (self.factors.vectors @ vector / length).astype(float)),
            "content": (self.nearness @ own).astype(np.float64),
            "held": self.held,
        }

    def _walked(self, walks: Walks, profile: Int64s, weights: npt.NDArray[np.float32]) -> Floats:
        at, known = rows_of(walks.video_ids, profile)
        return _spread(len(self.held), walks.video_ids, reach(walks, at, weights[known]))


@dataclass(frozen=True, slots=True)
class TopK:
    """What came of one split."""

    models: dict[str, dict[str, float]]
    targets: int


def topk(data: Dataset, splits: Mapping[str, Pairs], progress: Progress, seed: int = 1) -> dict[str, TopK]:
    """Learns from train alone and scores every split: `penchant`, and each part by itself."""
    size = len(data.videos.ids)
    matrix = _matrix(data, data.train)
    nearness = _nearness(data, size)
    edges = _content_edges(nearness)
    trainer = Trainer(len(COLUMNS), 1, [prior for _, _, prior in COLUMNS.values()], seed=seed)
    for fold in range(FOLDS):
        kept, hidden = _hide_last(matrix, fold + 1)
        if not (hidden >= 0).any():
            break  # Nobody has that many pairs.
        progress(f"inner fold {fold + 1} of {FOLDS}: fitting", 0, 1)
        parts = _fit(kept, nearness, edges)
        order = np.random.default_rng((seed, 9, fold)).permutation(np.flatnonzero(hidden >= 0))
        for number, viewer in enumerate(order.tolist()):
            if number % 200 == 0:
                progress(f"inner fold {fold + 1} of {FOLDS}: learning", number, len(order))
            _learn(trainer, parts, _row(kept, viewer), int(hidden[viewer]))
    progress("fitting", 0, 1)
    parts = _fit(matrix, nearness, edges)
    return {
        name: _score(data, matrix, parts, trainer, pairs, progress, name)
        for name, pairs in splits.items()
        if len(pairs)
    }


def _learn(trainer: Trainer, parts: _Parts, profile: Int64s, target: int) -> None:
    places, rows, union, union_rows, context = _list(trainer, parts.values(profile), profile)
    example = Example.of(target, (union, union_rows), (places, rows), context, trainer.examples)
    if example is not None:
        trainer.learn(example)


def _list(
    trainer: Trainer, values: Mapping[str, Floats], profile: Int64s
) -> tuple[Int64s, Features, Int64s, Features, npt.NDArray[np.int64]]:
    allowed = np.ones(len(values["held"]), dtype=bool)
    allowed[profile] = False
    brought = []
    for name, (quota, _, _) in COLUMNS.items():
        places = np.flatnonzero(allowed & (values[name] > 0))
        if len(places) > quota:
            own = values[name][places]
            places = places[np.argpartition(own, len(own) - quota)[len(own) - quota :]]
        brought.append(places)
    union = np.unique(np.concatenate(brought))
    columns = [
        np.log2(np.maximum(values[name][union], 0) + floor) if floor else values[name][union]
        for name, (_, floor, _) in COLUMNS.items()
    ]
    union_rows = np.rint(np.stack(columns, axis=1) * _Q16).astype(np.int32)
    order = np.lexsort((union, -trainer.stages().first(union_rows)))[:KEPT]
    context = np.array([round(1024 * (np.log1p(len(profile)) - 1.5))], dtype=np.int64)
    return union[order], union_rows[order], union, union_rows, context


def _score(
    data: Dataset,
    matrix: sparse.csr_array,
    parts: _Parts,
    trainer: Trainer,
    pairs: Pairs,
    progress: Progress,
    name: str,
) -> TopK:
    targets: dict[int, list[int]] = {}
    for viewer, place in zip(pairs.viewers.tolist(), places_of(data, pairs.videos).tolist(), strict=True):
        targets.setdefault(viewer, []).append(place)
    recalls: dict[str, list[float]] = {}
    gains: dict[str, list[float]] = {}
    for number, (viewer, wanted) in enumerate(targets.items()):
        if number % 200 == 0:
            progress(name, number, len(targets))
        profile = _row(matrix, viewer)
        of_columns = parts.values(profile)
        places, rows, _, _, context = _list(trainer, of_columns, profile)
        stages = trainer.stages()
        scores: dict[str, tuple[Int64s, npt.NDArray[np.number]]] = {}
        scores["penchant"] = (places, stages.second(rows, context, stages.first(rows)))
        everything = np.arange(len(parts.held))
        for column, values in of_columns.items():
            masked = values.copy()
            masked[profile] = -np.inf
            scores[column] = (everything, masked)
        for model, (where, own) in scores.items():
            recall, gain = at_k(own, np.isin(where, wanted), len(wanted))
            recalls.setdefault(model, []).append(recall)
            gains.setdefault(model, []).append(gain)
    models = {
        model: mean_with_error(f"recall_at_{LENGTH}", recalls[model])
        | mean_with_error(f"ndcg_at_{LENGTH}", gains[model])
        for model in recalls
    }
    return TopK(models, len(targets))


def at_k(scores: npt.NDArray[np.number], relevant: npt.NDArray[np.bool_], wanted: int) -> tuple[float, float]:
    """Recall and NDCG at `LENGTH`; equal scores share their places."""
    found, gained = 0.0, 0.0
    for target in np.flatnonzero(relevant):
        better = int(np.count_nonzero(scores > scores[target]))
        equal = int(np.count_nonzero(scores == scores[target]))
        places = np.arange(better, min(better + equal, LENGTH))
        found += len(places) / equal
        gained += float((1 / np.log2(places + 2)).sum()) / equal
    best = float((1 / np.log2(np.arange(min(wanted, LENGTH)) + 2)).sum())
    return found / wanted, gained / best


def _fit(matrix: sparse.csr_array, nearness: npt.NDArray[np.float32], edges: Int64s) -> _Parts:
    size = matrix.shape[1]
    profiles = [_row(matrix, viewer) for viewer in range(matrix.shape[0])]
    plays = Plays.of(1, (dict.fromkeys(own.tolist(), 1) for own in profiles))
    both = [dict.fromkeys(own.tolist(), PLAY) for own in profiles]
    both += [dict.fromkeys([place, *near], 1) for place, near in enumerate(edges.tolist()) if near]
    return _Parts(
        rows=fit_rows(plays, neighbours=400),
        walk=fit_walks(plays, neighbours=400),
        popular=fit_walks(plays, neighbours=400, beta=-0.2),
        content=fit_walks(Plays.of(1, both), neighbours=600, beta=-0.2),
        factors=fit_factors(plays, 64),
        held=np.asarray(matrix.sum(axis=0), dtype=np.float64).ravel(),
        nearness=nearness if nearness.shape[1] else np.zeros((size, 1), dtype=np.float32),
    )


def _matrix(data: Dataset, pairs: Pairs) -> sparse.csr_array:
    """Viewers by videos, ones; within a viewer in the order of the file."""
    from scipy import sparse

    last = max(int(part.viewers.max(initial=0)) for part in (pairs, data.validation, data.test))
    order = np.argsort(pairs.viewers, kind="stable")
    viewers, places = pairs.viewers[order], places_of(data, pairs.videos)[order]
    _, first = np.unique(np.stack([viewers, places]), axis=1, return_index=True)
    first.sort()
    starts = np.searchsorted(viewers[first], np.arange(last + 2))
    return sparse.csr_array((np.ones(len(first)), places[first], starts), shape=(last + 1, len(data.videos.ids)))


def _row(matrix: sparse.csr_array, viewer: int) -> Int64s:
    if viewer >= matrix.shape[0]:
        return np.zeros(0, dtype=np.int64)
    own: Int64s = matrix.indices[matrix.indptr[viewer] : matrix.indptr[viewer + 1]].astype(np.int64)
    return own


def _hide_last(matrix: sparse.csr_array, times: int) -> tuple[sparse.csr_array, Int64s]:
    """Without each viewer's last pairs: what is left, and the last hidden place of each viewer or -1.

    Split as such data is split: what comes last of a viewer is what has to be found. Hidden at random the targets
    would be popular ones (on the TikTok data popularity finds 16 % of those, and 6 % of the validation).
    """
    from scipy import sparse

    lengths = np.diff(matrix.indptr)
    hidden = np.full(matrix.shape[0], -1, dtype=np.int64)
    data = matrix.data.copy()
    for viewer in np.flatnonzero(lengths > times).tolist():
        end = int(matrix.indptr[viewer + 1])
        hidden[viewer] = matrix.indices[end - times]
        data[end - times : end] = 0
    kept = sparse.csr_array((data, matrix.indices.copy(), matrix.indptr.copy()), shape=matrix.shape)
    kept.eliminate_zeros()
    return kept, hidden


def _nearness(data: Dataset, size: int) -> npt.NDArray[np.float32]:
    if not data.content.shape[1]:
        return np.zeros((size, 0), dtype=np.float32)
    centred = data.content - data.content.mean(axis=0)
    unit: npt.NDArray[np.float32] = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
    return unit


def _content_edges(nearness: npt.NDArray[np.float32]) -> Int64s:
    """(V, N) places nearest by content, N = `NEAREST` or all others; (V, 0) without content."""
    count = min(NEAREST, len(nearness) - 1)
    if not nearness.shape[1] or not count:
        return np.zeros((len(nearness), 0), dtype=np.int64)
    likeness = nearness @ nearness.T
    np.fill_diagonal(likeness, -np.inf)
    nearest: Int64s = np.argpartition(-likeness, count, axis=1)[:, :count].astype(np.int64)
    return nearest


def _spread(size: int, video_ids: Int64s, values: Floats) -> Floats:
    spread = np.zeros(size)
    spread[video_ids] = values
    return spread
