"""From the learner's state to what an epoch holds: sorted, a function of the state and of nothing else."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from penchant.taste.catalog import Base, Catalog, Listed
from penchant.taste.content import Centre, Int8s, centre_of, centred, comparable
from penchant.taste.fixed import Int64s
from penchant.taste.trials import TRIED, Trials
from penchant.taste.videos import BASE_SHARE, Facts, Few, Videos

NEWEST: Final = 20_000
"""So many of the newest videos can be found by their content; older ones by what viewers did with them."""
TRIALS_AT_MOST: Final = 5_000
TRIALS_OF_A_CREATOR: Final = 50
"""So many of the newest; whoever uploads more than that at once does not push others out."""


class CatalogMaker:
    """The catalogue of one set of videos, made anew as far as it has changed."""

    def __init__(self, videos: Videos) -> None:
        self._videos = videos
        self._base = _Encoded.none()
        self._catalog = Catalog.empty()
        self._cuts = self._version = -1

    def catalog(self) -> Catalog:
        """As it is now. The same object where nothing has changed, the same base where none was cut."""
        videos = self._videos
        if self._cuts != videos.cuts:
            self._cuts, self._base = videos.cuts, _Encoded.of(videos.at_cut())
        if self._version != videos.version:
            self._version = videos.version
            moved, gone = videos.moved()
            self._catalog = Catalog(self._base.base, self._base.listed(moved), gone)
        return self._catalog


class _Encoded:
    """A base, and what it takes to compare other videos with those in it."""

    def __init__(self, base: Base, encoder: int, centre: Centre | None) -> None:
        self.base = base
        self._encoder = encoder
        self._centre = centre

    @classmethod
    def none(cls) -> _Encoded:
        """Of nothing."""
        return cls(Base.none(), 0, None)

    @classmethod
    def of(cls, facts: Facts) -> _Encoded:
        """Vectors of an encoder other than the newest video's cannot be compared: those have none."""
        if not len(facts.video_ids):
            return cls.none()
        newest = np.lexsort((facts.video_ids, facts.published_at_ms))[-1]
        encoder, size = int(facts.encoders[newest]), len(facts.vectors[newest])
        raw, known = _raw(facts, encoder, size)
        vectors = comparable(raw, known)
        listed = _listed(facts, vectors.unit)
        # So many that enough are left when as many were covered as ever are.
        most = NEWEST + len(facts.video_ids) // BASE_SHARE + 1
        return cls(Base(listed, listed.newest_first()[:most], vectors.spread_q16), encoder, centre_of(raw, known))

    def listed(self, facts: Facts) -> Listed:
        """Other videos, their vectors about the same centre."""
        raw, known = _raw(facts, self._encoder, self.base.listed.unit.shape[1])
        unit = np.zeros(raw.shape, dtype=np.int8)
        if self._centre is not None:
            unit[known] = centred(raw[known], self._centre)
        return _listed(facts, unit)


def _listed(facts: Facts, unit: Int8s) -> Listed:
    return Listed(facts.video_ids, facts.creators, facts.published_at_ms, facts.durations_ms, unit)


def _raw(facts: Facts, encoder: int, size: int) -> tuple[Int8s, npt.NDArray[np.bool_]]:
    """(V, D) vectors as published and (V,) which there are: of this encoder and size."""
    sizes = facts.sizes
    known = (facts.encoders == encoder) & (sizes == size) & (size > 0)
    raw = np.zeros((len(sizes), size), dtype=np.int8)
    own = b"".join(facts.vectors[place] for place in np.flatnonzero(known).tolist())
    raw[known] = np.frombuffer(own, dtype=np.int8).reshape(-1, size) if size else 0
    return raw, known


def trials_of(videos: Videos) -> Trials:
    """The videos that few were shown, the newest first."""
    few = videos.shown_to_fewer_than(TRIED)
    looked_at = 4 * TRIALS_AT_MOST
    while True:
        chosen = _newest_of_each(few, looked_at)
        if len(chosen) >= TRIALS_AT_MOST or looked_at >= len(few.video_ids):
            own = chosen[:TRIALS_AT_MOST]
            return Trials(few.video_ids[own], few.creators[own], few.shown[own], few.long[own])
        looked_at *= 4


def _newest_of_each(few: Few, count: int) -> Int64s:
    """Places of the `count` newest, or a few more, without those whose creator has too many newer; the newest first."""
    ages = -few.published_at_ms
    edge = np.partition(ages, count - 1)[count - 1] if count < len(ages) else ages.max(initial=0)
    places = np.flatnonzero(ages <= edge)
    places = places[np.lexsort((-few.video_ids[places], ages[places]))]
    by_creator = np.argsort(few.creators[places], kind="stable")
    starts = np.flatnonzero(np.diff(few.creators[places][by_creator], prepend=-1))
    rank = np.empty(len(places), dtype=np.int64)
    rank[by_creator] = np.arange(len(places)) - np.repeat(starts, np.diff(starts, append=len(places)))
    return places[rank < TRIALS_OF_A_CREATOR]
