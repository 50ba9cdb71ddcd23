"""Taste as the feed uses it: for one page candidates, integer rows and scores, from an epoch and a viewer's history.

Nothing here learns or remembers. Rows are a function of (epoch, history, as_of, candidate): computed in floats and
rounded once. From the rows on everything is integers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from penchant.taste.blend import Stages
from penchant.taste.content import Int8s, cosines_q16
from penchant.taste.context import context_inputs
from penchant.taste.epoch_watch import EpochWatch
from penchant.taste.epochs import Epoch, EpochReader, empty_epoch
from penchant.taste.fixed import Int64s
from penchant.taste.heads import CHANCE_BITS, HEADS, Heads
from penchant.taste.live import FEED
from penchant.taste.lookup import places_of
from penchant.taste.model import HEARD_AT_MOST, Heard, Reason, ViewerTaste
from penchant.taste.parts import PROFILE, Alike, Column, Here, Own, Profile, Reading, newest_first
from penchant.taste.ranker import Features, order
from penchant.taste.recipe import SERVED
from penchant.taste.similar import recency_q16
from penchant.taste.thompson import promoted, short_list
from penchant.taste.turn import LEAN, turns_to
from penchant.taste.values import Values, standard_values

ALIKE_AT_MOST: Final = 30
"""Newest plays and newest skips that a candidate is compared with by content."""
_SURFACES: Final = {FEED: 0}


TOLD: Final = {
    "similar": ("rows", "place"),
    "crowd": ("crowd",),
    "content": ("content",),
    "popular": ("surface", "past"),
    "quality": ("rates",),
    "facts": ("facts",),
}
"""What a viewer is told of a score: in words that stand for groups of columns."""
_BRING: Final = frozenset(column.name for column in SERVED.columns if column.quota)
_CONTENT: Final = SERVED.names.index("content")
_TOLD: Final = {
    name: np.array([at for at, column in enumerate(SERVED.columns) if column.group in groups], dtype=np.int64)
    for name, groups in TOLD.items()
}


@dataclass(frozen=True, slots=True)
class _Past:
    """The usable entries of one side of a history, newest first."""

    video_ids: Int64s
    weights_q16: Int64s


def _past(heard: tuple[Heard, ...], most: int = HEARD_AT_MOST) -> _Past:
    newest = heard[: -most - 1 : -1]
    ids = np.array([entry.video for entry in newest], dtype=np.int64)
    strengths = np.array([entry.strength_q16 for entry in newest], dtype=np.int64)
    return _Past(ids, np.maximum(recency_q16(len(newest)) * strengths >> 16, 1))


@dataclass(frozen=True, slots=True)
class Scored:
    """K candidates as the ranker sees them. Shapes: (K,) each, in the order of the candidates."""

    scores: Int64s
    """Q16, doublings of odds: the blend's, `worth` added and `pressure` taken off."""
    worth: Int64s
    """Q16: what else than long views there is for the viewer (`values`)."""
    pressure: Int64s
    """Q16: what each pays for having been served often."""


class PageTaste:
    """What is to be said of videos for one viewer now; worked out when it is asked for, once."""

    def __init__(
        self, epoch: Epoch, viewer: ViewerTaste, as_of_ms: int, hidden: Int64s, values: Values | None = None
    ) -> None:
        """Nothing is worked out yet.

        Args:
            hidden: (H,) ids that no part may bring: seen, held in another tab.
            values: what outcomes are worth; those of this version without them.
        """
        self.values = values or standard_values()
        self._epoch = epoch
        self.viewer = viewer
        self._as_of_ms = as_of_ms
        self._hidden = hidden

    @cached_property
    def _here(self) -> Here:
        viewer, catalog = self.viewer, self._epoch.catalog
        long = newest_first(viewer.long)
        facts = catalog.facts(catalog.places(long))
        profile = Profile(
            list(viewer.long[-PROFILE:]),
            list(viewer.looked[-PROFILE:]),
            list(viewer.hearted[-PROFILE:]),
            last=viewer.last,
        )
        own = Own(facts.creators, facts.tags, facts.log_duration, self._alike())
        return Here(profile, FEED, self._as_of_ms, own)

    def _alike(self) -> Alike:
        catalog = self._epoch.catalog

        def side(heard: tuple[Heard, ...]) -> tuple[Int8s, Int64s]:
            past = _past(heard, ALIKE_AT_MOST)
            places = catalog.places(past.video_ids)
            listed = places >= 0
            return catalog.unit(places[listed]), past.weights_q16[listed]

        return Alike(*side(self.viewer.liked), *side(self.viewer.skipped), catalog.spread_q16)

    @cached_property
    def _reading(self) -> Reading:
        epoch = self._epoch
        return Reading(self._here, epoch.signals, epoch.fits, epoch.active_facts, _BRING)

    @cached_property
    def _allowed(self) -> npt.NDArray[np.bool_]:
        """(A,) which of the active videos may be brought."""
        allowed = self._epoch.listed.copy()
        places = self._epoch.places(self._hidden)
        allowed[places[places >= 0]] = False
        return allowed

    @cached_property
    def context(self) -> Int64s:
        """(X,) Q10: what the blend knows of the page itself."""
        viewer = self.viewer
        return context_inputs(len(viewer.long), viewer.last, FEED, self._as_of_ms, _SURFACES)

    def bring(self, part: Column) -> Int64s:
        """Ids of what a part says most of, up to its quota, in no order."""
        return self._epoch.active[self._reading.top(part.name, part.quota, self._allowed)]

    def alike(self, limit: int) -> Int64s:
        """Up to `limit` of the newest videos that look and sound most like what was played, less half the skips."""
        near, newest = self._nearness, self._epoch.newest
        free = near > 0
        hidden = places_of(newest, self._hidden)
        free[hidden[hidden >= 0]] = False
        return newest[_best(near, free, limit)]

    def fresh(self, limit: int, creator_percent: int, seed: int) -> Int64s:
        """Up to `limit` videos for trial slots.

        Args:
            creator_percent: whose creator had more than that of what was shown lately of those on trial has to wait.
            seed: of the page.
        """
        trials, ids = self._epoch.trials, self._epoch.trials.video_ids
        waiting = trials.waiting(self._epoch.spent_at(self._as_of_ms), creator_percent)
        return short_list(trials, self._free(ids) & ~waiting, self._near(ids), seed, limit)

    def promoted(self, limit: int) -> Int64s:
        """Up to `limit` videos on trial that are clearly above the others, the nearest and best first."""
        trials = self._epoch.trials
        return promoted(trials, self._free(trials.video_ids), self._near(trials.video_ids), limit)

    def _free(self, video_ids: Int64s) -> npt.NDArray[np.bool_]:
        return ~np.isin(video_ids, self._hidden)

    def beliefs(self, video_ids: Int64s) -> Int64s:
        """(K, 2) Q8: what is believed of the rate of long views of each of (K,) ids, on trial or not."""
        signals, places = self._epoch.signals, self._epoch.places(video_ids)
        shown, long = np.zeros((2, len(video_ids)), dtype=np.int64)
        shown[places >= 0], long[places >= 0] = signals.shown[places[places >= 0]], signals.long[places[places >= 0]]
        return self._epoch.trials.beliefs_of(video_ids, shown, long)

    def unheard(self, video_ids: Int64s) -> Int64s:
        """Those of (K,) ids that the epoch does not know of."""
        return video_ids[self._epoch.catalog.places(video_ids) < 0]

    def _near(self, video_ids: Int64s) -> npt.NDArray[np.float64]:
        """(K,) cosines with the viewer's taste; 0 of what has no vector or is not among the newest."""
        near, at = np.zeros(len(video_ids)), places_of(self._epoch.newest, video_ids)
        # Vectors of the epoch are of length 127.
        near[at >= 0] = self._nearness[at[at >= 0]] / 127
        return near

    @cached_property
    def _nearness(self) -> npt.NDArray[np.float32]:
        """(N,) of the newest videos: cosine with the mean of what was played, less half of what was left."""
        alike = self._here.own.alike if self._here.own else None
        unit = self._epoch.newest_unit
        if alike is None or not unit.shape[1]:
            return np.zeros(len(unit), dtype=np.float32)
        near: npt.NDArray[np.float32] = unit @ alike.direction
        return near

    @cached_property
    def turns_to(self) -> Int64s:
        """Ids of the last long views of a viewer who turns, the newest first: those unlike what came before."""
        long, catalog = newest_first(self.viewer.long), self._epoch.catalog
        vectors = catalog.facts(catalog.places(long)).vectors
        if vectors is not None and vectors.any():
            return turns_to(long, vectors.astype(np.float64))
        # Taste vectors of a young market say little, so they speak only where nothing else does.
        return turns_to(long, self._epoch.fits.factors.of(long))

    @cached_property
    def turn(self) -> PageTaste | None:
        """The same page for who had watched long nothing but what this viewer turns to; None where they do not turn."""
        if not len(self.turns_to):
            return None
        own = frozenset(self.turns_to.tolist())
        viewer = replace(
            self.viewer,
            liked=tuple(entry for entry in self.viewer.liked if entry.video in own),
            long=tuple(video for video in self.viewer.long if video in own),
            looked=tuple(video for video in self.viewer.looked if video in own),
            hearted=tuple(video for video in self.viewer.hearted if video in own),
        )
        return PageTaste(self._epoch, viewer, self._as_of_ms, self._hidden, self.values)

    def rows(self, video_ids: Int64s) -> Features:
        """Integer rows, (K,) ids → (K, C) int32 Q16, C = the columns of `recipe.SERVED`.

        Of a video that is not active only the facts are known; of one that the epoch does not list, nothing.
        """
        rows = np.zeros((len(video_ids), len(SERVED.columns)), dtype=np.int32)
        places = self._epoch.places(video_ids)
        active = places >= 0
        rows[active] = self._reading.rows(places[active], SERVED.columns)
        if not active.all():
            catalog = self._epoch.catalog
            others = self._reading.of_others(catalog.facts(catalog.places(video_ids[~active])))
            rows[~active] = others.rows(np.arange(int((~active).sum())), SERVED.columns)
        return rows

    def first(self, rows: Features) -> Int64s:
        """(K,) scores of the first stage, which decides what is kept."""
        return self._epoch.stages.first(rows)

    def score(self, video_ids: Int64s, rows: Features, first: Int64s) -> Scored:
        """Scores of K candidates within their list."""
        epoch = self._epoch
        scores, worth = scores_of(epoch.stages, epoch.heads, self.values, video_ids, rows, first, self.context)
        pressure = epoch.served.pressure(epoch.places(video_ids), self._as_of_ms)
        return Scored(scores + worth - pressure, worth, pressure)

    def chances(self, rows: Features) -> list[dict[str, float]]:
        """The chance of each outcome of some candidates, (S, C) rows → S times head → chance; empty before any."""
        heads = self._epoch.heads
        if heads is None:
            return [{} for _ in rows]
        chances = heads.chances(rows, self.context) / (1 << CHANCE_BITS)
        return [dict(zip(HEADS, row, strict=True)) for row in chances.tolist()]

    def turned(self, video_ids: Int64s) -> tuple[Int64s, Features]:
        """Scores of K candidates for who had watched long nothing but what this viewer turns to, and the rows of that.

        Each is the blend's score and `LEAN` times the column `content`; no scores where the viewer does not turn.
        """
        turn = self.turn
        if turn is None:
            return np.zeros(0, dtype=np.int64), np.zeros((0, len(SERVED.columns)), dtype=np.int32)
        rows = turn.rows(video_ids)
        return turn.score(video_ids, rows, turn.first(rows)).scores + LEAN * rows[:, _CONTENT].astype(np.int64), rows

    def shares(self, video_ids: Int64s, rows: Features, first: Int64s, chosen: Sequence[int]) -> list[dict[str, int]]:
        """What the scores of some candidates come from: for each, group of columns → doublings of odds in Q16.

        How much lower the score would be if what the group says of this candidate were only average in its list.
        """
        best_first = order(first, video_ids)
        place = np.empty(len(best_first), dtype=np.int64)
        place[best_first] = np.arange(len(best_first))
        shares = self._epoch.stages.shares(
            rows[best_first], self.context, place[list(chosen)].tolist(), list(_TOLD.values())
        )
        return [dict(zip(_TOLD, row, strict=True)) for row in shares.tolist()]


def scores_of(
    stages: Stages,
    heads: Heads | None,
    values: Values,
    video_ids: Int64s,
    rows: Features,
    first: Int64s,
    context: Int64s,
) -> tuple[Int64s, Int64s]:
    """(K,) scores of the blend in Q16, and what else a video is worth; from integer rows and (K,) first scores."""
    best_first = order(first, video_ids)
    scores = np.empty(len(first), dtype=np.int64)
    scores[best_first] = stages.second(rows[best_first], context, first[best_first])
    worth = np.zeros_like(scores) if heads is None else values.worth(heads.chances(rows, context))
    return scores, worth


class TasteService:
    """Taste from the newest epoch."""

    def __init__(self, reader: EpochReader, values: Values | None = None) -> None:
        """`values`: what outcomes are worth; those of this version without them."""
        self._epochs = EpochWatch(reader)
        self.values = values or standard_values()

    def start(self) -> None:
        """From now on a thread opens new epochs, and no page does."""
        self._epochs.start()

    def stop(self) -> None:
        """Ends the thread, if there is one."""
        self._epochs.stop()

    def epoch(self) -> Epoch:
        """The newest epoch; an empty one before the first. A page asks once and passes it on."""
        return self._epochs.current() or empty_epoch()

    def page(self, epoch: Epoch, viewer: ViewerTaste, as_of_ms: int, hidden: Int64s) -> PageTaste:
        """What is to be said of videos for one viewer now."""
        return PageTaste(epoch, viewer, as_of_ms, hidden, self.values)

    def why(self, epoch: Epoch, viewer: ViewerTaste, video_id: int) -> Reason | None:
        """The played video that speaks most for a candidate; None if the history says nothing for it."""
        liked = _past(viewer.liked)
        if not len(liked.video_ids):
            return None
        rows = epoch.rows
        parts = np.zeros(len(liked.video_ids), dtype=np.int64)
        at = places_of(rows.video_ids, np.append(liked.video_ids, video_id))
        if at[-1] >= 0:
            own = np.flatnonzero(at[:-1] >= 0)
            entries = rows.neighbours[at[own]] == at[-1]
            weights = np.where(entries, rows.weights_q24[at[own]], 0).sum(axis=1, dtype=np.int64)
            parts[own] = weights * liked.weights_q16[own]
        if parts.sum() > 0:
            return _reason("rows", liked, parts)
        catalog = epoch.catalog
        place = catalog.places(np.array([video_id]))
        own = catalog.places(liked.video_ids)
        unit = catalog.unit(place)
        if not len(own[own >= 0]) or not unit.any():
            return None
        cosines = cosines_q16(catalog.unit(own), unit)[:, 0]
        parts = np.maximum(cosines, 0) * liked.weights_q16
        return _reason("content", liked, parts) if parts.sum() > 0 else None


def _best(value: npt.NDArray[np.floating], allowed: npt.NDArray[np.bool_], limit: int) -> Int64s:
    """Places of the largest allowed values, best first, equal ones by place."""
    places = np.flatnonzero(allowed)
    if len(places) > limit:
        found = value[places]
        edge = np.partition(found, len(found) - limit)[len(found) - limit]
        places = places[found >= edge]
    return places[np.lexsort((places, -value[places]))][:limit]


def _reason(by: str, liked: _Past, parts: Int64s) -> Reason:
    index = int(np.argmax(parts))
    share = (int(parts[index]) << 16) // int(parts.sum())
    return Reason("rows" if by == "rows" else "content", int(liked.video_ids[index]), share)
