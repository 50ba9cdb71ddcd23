"""Taste as the feed uses it: candidates and integer feature rows from an epoch and a viewer's history.

Nothing here learns or remembers. Rows are a function of (epoch, history, as_of, candidates), in integers throughout,
so a row recomputed from the log is the same row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from penchant.taste.content import Int8s, closeness_q16, cosines_q16, products, taste_q16
from penchant.taste.epochs import Epoch, EpochReader, empty_epoch
from penchant.taste.fixed import Int64s
from penchant.taste.learner import HOUR_MS
from penchant.taste.model import HEARD_AT_MOST, Heard, Reason, ViewerTaste
from penchant.taste.popularity import lift_q16, quality_q16
from penchant.taste.ranker import COLUMNS, Features
from penchant.taste.similar import above_floor_q16, affinity_q24, recency_q16

NEW_PLAYS: Final = 10
"""With so many plays, content carries a video half as much as with none."""
FRESH_SHOWN: Final = 20
"""Up to so many viewers were shown a video, it is fresh."""
_BOUND: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class _Past:
    """The usable entries of one side of a history, newest first."""

    video_ids: Int64s
    weights_q16: Int64s


def _past(heard: tuple[Heard, ...]) -> _Past:
    newest = heard[: -HEARD_AT_MOST - 1 : -1]
    ids = np.array([entry.video for entry in newest], dtype=np.int64)
    strengths = np.array([entry.strength_q16 for entry in newest], dtype=np.int64)
    return _Past(ids, np.maximum(recency_q16(len(newest)) * strengths >> 16, 1))


class TasteService:
    """Retrieval and feature rows from the newest epoch."""

    def __init__(self, reader: EpochReader) -> None:
        self._reader = reader

    def epoch(self) -> Epoch:
        """The newest epoch; an empty one before the first. A page asks once and passes it on."""
        return self._reader.current() or empty_epoch()

    def rows(self, epoch: Epoch, viewer: ViewerTaste, video_ids: Int64s, as_of_ms: int) -> Features:
        """Feature rows of candidates, (K,) ids → (K, F) int32 Q16, F = `ranker.COLUMNS`.

        similar: log2 of how far the item-item rows of what the viewer played raise a video above the floor, >= 0.
        content: log2 of the viewer's own rate of plays near the video over 1/4, by content vectors.
        lift: log2 of recent plays over what lifetime plays let expect.
        quality: log2 of the long-view rate over the catalogue's.
        new: `content`, shrunk as the video gathers plays.

        A candidate that the epoch does not know has a row of zeros.
        """
        places = epoch.places(video_ids)
        features = np.zeros((len(video_ids), len(COLUMNS)), dtype=np.int64)
        known = places >= 0
        at = places[known]
        if not len(at):
            return features.astype(np.int32)
        liked, skipped = _past(viewer.liked), _past(viewer.skipped)
        content = self._content(epoch, liked, skipped, at)
        played = epoch.counters.played[at]
        columns = {
            "similar": self._by_rows(epoch, liked)[at],
            "content": content,
            "lift": lift_q16(epoch.counters, as_of_ms // HOUR_MS, at),
            "quality": quality_q16(epoch.counters, at),
            "new": content * NEW_PLAYS // (NEW_PLAYS + played),
        }
        features[known] = np.stack([columns[name] for name in COLUMNS], axis=1)
        return np.clip(features, -_BOUND, _BOUND).astype(np.int32)

    def similar(self, epoch: Epoch, viewer: ViewerTaste, limit: int, exclude: Int64s) -> Int64s:
        """Up to `limit` videos near what the viewer played: in turn by item-item rows and by content, best first.

        Args:
            exclude: (X,) ids that must not come (seen, blocked).
        """
        liked, skipped = _past(viewer.liked), _past(viewer.skipped)
        if not len(liked.video_ids):
            return np.zeros(0, dtype=np.int64)
        allowed = self._allowed(epoch, exclude)
        by_rows = _best(self._by_rows(epoch, liked), allowed, limit, above=0)
        by_content = _best(self._near(epoch, liked, skipped), allowed, limit, above=0)
        merged = np.empty(len(by_rows) + len(by_content), dtype=np.int64)
        both = min(len(by_rows), len(by_content))
        merged[0 : 2 * both : 2], merged[1 : 2 * both : 2] = by_rows[:both], by_content[:both]
        merged[2 * both :] = np.concatenate([by_rows[both:], by_content[both:]])
        _, first = np.unique(merged, return_index=True)
        return epoch.catalog.video_ids[merged[np.sort(first)][:limit]]

    def rising(self, epoch: Epoch, as_of_ms: int, limit: int, exclude: Int64s) -> Int64s:
        """Up to `limit` videos that were played lately, by lift and long-view rate, best first."""
        counters = epoch.counters
        allowed = self._allowed(epoch, exclude) & (counters.recent_q16 > 0)
        value = lift_q16(counters, as_of_ms // HOUR_MS) + quality_q16(counters)
        return epoch.catalog.video_ids[_best(value, allowed, limit)]

    def fresh(self, epoch: Epoch, viewer: ViewerTaste, limit: int, exclude: Int64s) -> Int64s:
        """Up to `limit` videos that few were shown yet, nearest to the viewer's taste by content, then newest."""
        allowed = self._allowed(epoch, exclude) & (epoch.counters.shown <= FRESH_SHOWN)
        near = self._near(epoch, _past(viewer.liked), _past(viewer.skipped))
        places = np.flatnonzero(allowed)
        ids, published = epoch.catalog.video_ids[places], epoch.catalog.published_at_ms[places]
        best: Int64s = ids[np.lexsort((ids, -published, -near[places]))][:limit]
        return best

    def why(self, epoch: Epoch, viewer: ViewerTaste, video_id: int) -> Reason | None:
        """The played video that speaks most for a candidate; None if the history says nothing for it."""
        place = int(epoch.places(np.array([video_id]))[0])
        liked = _past(viewer.liked)
        if place < 0 or not len(liked.video_ids):
            return None
        own = epoch.places(liked.video_ids)
        own_rows = np.where(own >= 0, epoch.row_of[own], -1)
        parts = np.zeros(len(own), dtype=np.int64)
        if (row := int(epoch.row_of[place])) >= 0:
            listed = np.flatnonzero(own_rows >= 0)
            entries = epoch.rows.neighbours[own_rows[listed]] == row
            weights = np.where(entries, epoch.rows.weights_q24[own_rows[listed]], 0).sum(axis=1, dtype=np.int64)
            parts[listed] = weights * liked.weights_q16[listed]
        if parts.sum() > 0:
            return _reason("rows", liked, parts)
        unit = epoch.catalog.vectors.unit
        if not len(own[own >= 0]) or not unit[place].any():
            return None
        cosines = np.where(own >= 0, cosines_q16(unit[own], unit[place][None, :])[:, 0], 0)
        parts = np.maximum(cosines, 0) * liked.weights_q16
        return _reason("content", liked, parts) if parts.sum() > 0 else None

    def nearest(self, epoch: Epoch, video_id: int, limit: int) -> Int64s:
        """The videos nearest to one, as `similar` sees them: what an accepted finish of it should raise."""
        return self.similar(epoch, ViewerTaste(liked=(Heard(video_id, 1 << 16),)), limit, np.array([video_id]))

    def _allowed(self, epoch: Epoch, exclude: Int64s) -> npt.NDArray[np.bool_]:
        allowed = np.ones(len(epoch.catalog.video_ids), dtype=bool)
        places = epoch.places(exclude)
        allowed[places[places >= 0]] = False
        return allowed

    def _by_rows(self, epoch: Epoch, past: _Past) -> Int64s:
        """(V,) Q16: log2 over the floor; 0 for videos without a row."""
        rows = epoch.rows
        value = np.zeros(len(epoch.catalog.video_ids), dtype=np.int64)
        at = np.searchsorted(rows.video_ids, past.video_ids)
        at = np.minimum(at, max(len(rows.video_ids) - 1, 0))
        if not len(at) or not len(rows.video_ids):
            return value
        known = rows.video_ids[at] == past.video_ids
        raised = above_floor_q16(affinity_q24(rows, at[known], past.weights_q16[known]), rows.floor_q24)
        listed = epoch.listed_of >= 0
        value[epoch.listed_of[listed]] = raised[listed]
        return value

    def _content(self, epoch: Epoch, liked: _Past, skipped: _Past, at: Int64s) -> Int64s:
        """(K,) Q16: the viewer's rate of plays near each video; 0 where there is no vector."""
        vectors = epoch.catalog.vectors
        sums = []
        for past in (liked, skipped):
            places = epoch.places(past.video_ids)
            known = places >= 0
            unit = vectors.unit[places[known]]
            has = unit.any(axis=1)
            near = closeness_q16(products(vectors.unit[at], unit[has]), vectors.spread_q16)
            sums.append((near * past.weights_q16[known][has] >> 16).sum(axis=1))
        value = taste_q16(sums[0], sums[1])
        return np.where(vectors.unit[at].any(axis=1), value, 0)

    def _near(self, epoch: Epoch, liked: _Past, skipped: _Past) -> Int64s:
        """(V,) cosines in Q16 with the viewer's mean vector: plays less half the skips."""
        unit = epoch.catalog.vectors.unit
        mean = _mean_vector(epoch, liked) - _mean_vector(epoch, skipped) // 2
        length = max(int(np.sqrt(float((mean * mean).sum()))), 1)
        profile: Int8s = (mean * 127 // length).astype(np.int8)
        return cosines_q16(unit, profile[None, :])[:, 0]


def _mean_vector(epoch: Epoch, past: _Past) -> Int64s:
    """(D,) weighted mean in steps of 1/256 of int8; zeros where nothing has a vector."""
    unit = epoch.catalog.vectors.unit
    places = epoch.places(past.video_ids)
    known = places >= 0
    if not known.any():
        return np.zeros(unit.shape[1], dtype=np.int64)
    weights = past.weights_q16[known]
    total = (unit[places[known]].astype(np.int64) * weights[:, None]).sum(axis=0)
    mean: Int64s = total * 256 // int(weights.sum())
    return mean


def _best(value: Int64s, allowed: npt.NDArray[np.bool_], limit: int, above: int | None = None) -> Int64s:
    """Places of the largest allowed values, best first, equal ones by place."""
    places = np.flatnonzero(allowed if above is None else allowed & (value > above))
    found = value[places]
    if len(places) > limit:
        edge = np.partition(found, len(found) - limit)[len(found) - limit]
        places, found = places[found >= edge], found[found >= edge]
    return places[np.lexsort((places, -found))][:limit]


def _reason(by: str, liked: _Past, parts: Int64s) -> Reason:
    index = int(np.argmax(parts))
    share = (int(parts[index]) << 16) // int(parts.sum())
    return Reason("rows" if by == "rows" else "content", int(liked.video_ids[index]), share)
