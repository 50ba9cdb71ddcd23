"""The listed videos of an epoch: an immutable base, and over it what was published, changed or withdrawn since.

Nothing is put together: a reader maps the base and looks into both. So an epoch with one more video costs as much at a
million as at a thousand.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from penchant.taste import parts
from penchant.taste.content import Int8s
from penchant.taste.fixed import Int64s
from penchant.taste.lookup import places_of

UNKNOWN_MS = 15_000
"""How long a video is taken to be that is not listed."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Some listed videos. Shapes: V videos, D dimensions of content vectors."""

    video_ids: Int64s
    """(V,) ascending."""
    creators: Int64s
    published_at_ms: Int64s
    durations_ms: Int64s
    unit: Int8s
    """(V, D) comparable content vectors (`content.Vectors`); zeros where a video has none."""

    @classmethod
    def none(cls, dimensions: int = 0) -> Listed:
        """No video."""
        empty = np.zeros(0, dtype=np.int64)
        return cls(empty, empty, empty, empty, np.zeros((0, dimensions), dtype=np.int8))

    def newest_first(self) -> Int64s:
        """Places of those that have a content vector, equally new ones by id."""
        places = np.flatnonzero(self.unit.any(axis=1))
        return places[np.argsort(-self.published_at_ms[places], kind="stable")]


@dataclass(frozen=True, slots=True)
class Base:
    """The listed videos as they were at one place of the log."""

    listed: Listed
    newest: Int64s
    """(N,) places of the newest that have a content vector, the newest first."""
    spread_q16: int
    """`content.Vectors.spread_q16` of all of them."""

    @classmethod
    def none(cls) -> Base:
        """That of an empty log."""
        return cls(Listed.none(), np.zeros(0, dtype=np.int64), 1 << 16)


@dataclass(frozen=True)
class Catalog:
    """The base with what came since laid over it.

    A place below B is one in the base, the others are those in `moved`, from B on. Shapes: B in the base, V listed.
    """

    base: Base
    moved: Listed
    """What was published since, or published again; vectors by the centre of the base."""
    gone: Int64s
    """(G,) ascending ids of the base's videos that are not listed any more."""

    @classmethod
    def empty(cls) -> Catalog:
        """Nothing listed."""
        return cls(Base.none(), Listed.none(), np.zeros(0, dtype=np.int64))

    @property
    def spread_q16(self) -> int:
        """The unit in which cosines of content vectors are measured."""
        return self.base.spread_q16

    def __len__(self) -> int:
        return len(self.base.listed.video_ids) - len(self._covered) + len(self.moved.video_ids)

    @cached_property
    def _covered(self) -> Int64s:
        """Ascending places of the base that count no more: gone, or to be read in `moved`."""
        own = self.base.listed.video_ids
        places = np.concatenate([places_of(own, self.moved.video_ids), places_of(own, self.gone)])
        return np.sort(places[places >= 0])

    @cached_property
    def video_ids(self) -> Int64s:
        """(V,) all of them, ascending. Copies ids; `nth` does not."""
        left = np.delete(self.base.listed.video_ids, self._covered)
        return np.sort(np.concatenate([left, self.moved.video_ids]))

    def nth(self, numbers: Int64s) -> Int64s:
        """Ids by number, (K,) below `len` → (K,): each listed video has one number, whatever its order."""
        covered = self._covered
        left = len(self.base.listed.video_ids) - len(covered)
        old = numbers < left
        skipped = np.searchsorted(covered - np.arange(len(covered)), numbers[old], side="right")
        ids = np.empty(len(numbers), dtype=np.int64)
        ids[old] = self.base.listed.video_ids[numbers[old] + skipped]
        ids[~old] = self.moved.video_ids[numbers[~old] - left]
        return ids

    def places(self, video_ids: Int64s) -> Int64s:
        """Places of ids, -1 for those that are not listed: (K,) → (K,)."""
        own = self.base.listed.video_ids
        late = places_of(self.moved.video_ids, video_ids)
        places = np.where(late >= 0, late + len(own), places_of(own, video_ids))
        return np.where(places_of(self.gone, video_ids) >= 0, -1, places)

    def facts(self, places: Int64s) -> parts.Catalog:
        """What is known of (K,) places beside what viewers did; of those below 0, nothing."""
        return parts.Catalog(
            creators=self._read("creators", places, -1),
            tags=np.full(len(places), -1, dtype=np.int64),
            log_duration=np.log(np.maximum(self._read("durations_ms", places, UNKNOWN_MS), 1)),
            vectors=self.unit(places),
        )

    def unit(self, places: Int64s) -> Int8s:
        """(K, D) content vectors of (K,) places; zeros of those below 0."""
        return self._read("unit", places, 0)

    def newest(self, count: int) -> tuple[Int64s, Int8s]:
        """Up to `count` of the newest with a content vector: (N,) ids, ascending, and (N, D) vectors."""
        base, moved = self.base, self.moved
        old = base.newest[places_of(self._covered, base.newest) < 0][:count]
        ids = np.concatenate([base.listed.video_ids[old], moved.video_ids])
        published = np.concatenate([base.listed.published_at_ms[old], moved.published_at_ms])
        known = np.concatenate([np.ones(len(old), dtype=bool), moved.unit.any(axis=1)])
        newest = np.lexsort((ids, -published, ~known))[: min(count, int(known.sum()))]
        ids = np.sort(ids[newest])
        return ids, self.unit(self.places(ids))

    def _read(self, name: str, places: Int64s, unlisted: int) -> npt.NDArray[Any]:
        old, new = getattr(self.base.listed, name), getattr(self.moved, name)
        late = places - len(old)
        found = np.full((len(places), *old.shape[1:]), unlisted, dtype=old.dtype)
        found[(places >= 0) & (late < 0)] = old[places[(places >= 0) & (late < 0)]]
        found[late >= 0] = new[late[late >= 0]]
        return found
