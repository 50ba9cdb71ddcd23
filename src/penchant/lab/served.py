"""Penchant as a policy: the engine and the slots of the live feed, on arrays instead of a database."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal
from uuid import UUID

import numpy as np

from penchant.accounts.model import Viewer
from penchant.catalog.model import VideoFacts
from penchant.core.ids import AccountId, SubjectId, VideoId
from penchant.events.history import History
from penchant.feed.model import Candidates, Query
from penchant.feed.queries.viewer import NEWEST
from penchant.feed.recipe import (
    ALIKE,
    CREATOR_PERCENT,
    FOLLOWED,
    FRESH,
    PROMOTED,
    SHARES,
    TEMPERATURE_Q16,
    TURN_ALIKE,
    TURN_PARTS,
    UNIFORM,
)
from penchant.feed.selectors.slots import SPACING, Shares, Slots
from penchant.lab.policy import ARMS, SLOTS, Served, Visit, impressions
from penchant.lab.reality import Floats, Reality, Watched
from penchant.taste import parts
from penchant.taste.engine import Engine, Page
from penchant.taste.epochs import empty_epoch
from penchant.taste.fixed import Int64s, fork, random_bits
from penchant.taste.labels import GLANCE_MS
from penchant.taste.model import ViewerTaste
from penchant.taste.parts import Profile
from penchant.taste.ranker import Features
from penchant.taste.recipe import CONTENT, Recipe
from penchant.taste.service import PageTaste
from penchant.taste.thompson import promoted, short_list
from penchant.taste.trials import TRIED, Spent, Trials


@dataclass(frozen=True, slots=True)
class Variant:
    """What a Penchant is made of."""

    recipe: Recipe = field(default_factory=Recipe)
    shares: Shares = SHARES
    learns: Literal["shown", "list", "nothing"] = "shown"
    """What a long view is held against: what was shown on its page and left; every other candidate, shown or not; or
    the blend never learns, and the product of parts orders."""
    counts: Literal["watched", "shown_as_play", "shown_as_long"] = "watched"
    """What the parts take in. The others learn from the mere fact of being shown: as if whoever was shown a video had
    looked at it, or even watched it long. What is learned from as an example is the truth in any case."""
    follows: bool = True
    """Whether it knows who follows whom."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One draw of a page, kept for off-policy estimates: everything that it depended on. K candidates."""

    viewer: int
    at_ms: int
    places: Int64s
    scores: Int64s
    rows: Features


class Penchant:
    """The engine and the slots of the live feed; sources of the feed that ask a database are done by arrays."""

    def __init__(self, reality: Reality, variant: Variant, seed: int) -> None:
        self._reality = reality
        self._variant = variant
        self._seed = seed
        self._recipe = variant.recipe
        if reality.content is not None:
            self._recipe = replace(self._recipe, columns=(*self._recipe.columns, *CONTENT))
        self.engine = Engine(
            reality.world.videos,
            creators=reality.creators,
            tags=reality.tags,
            durations_ms=reality.durations_ms,
            content=reality.content,
            recipe=self._recipe,
            seed=seed,
        )
        self._slots = Slots(variant.shares, TEMPERATURE_Q16, near=("near", "content"))
        self._facts = [_facts(place, creator) for place, creator in enumerate(reality.creators.tolist())]
        self._before: dict[int, list[VideoFacts]] = {}
        self._page: Page | None = None
        self._query = _query()
        self.moments: list[Moment] | None = None
        """Filled where it is a list."""

    def page(self, visit: Visit) -> Served:
        ranker = self.engine.ranker
        seed = fork(self._seed, visit.number)
        reading, context = self.engine.read(visit.viewer, 0, visit.at_ms, ranker.wanted)
        trials, signals = self._trials(visit), self.engine.signals
        brought = self._brought(visit, trials, seed)
        turns_to, turn = self.engine.turns_to(visit.viewer), None
        if len(turns_to):
            turn = self.engine.read(visit.viewer, 0, visit.at_ms, ranker.wanted, only=turns_to)
            alike = self._alike(visit, self.engine.only(visit.viewer, turns_to), TURN_ALIKE)
            brought["turn"] = np.union1d(parts.candidates(turn[0], TURN_PARTS, visit.free), alike)
        page = self._page = ranker.page(reading, visit.free, context, np.unique(np.concatenate([*brought.values()])))
        order = np.argsort(page.places)
        own = [column for column in self._recipe.columns if column.quota and column.group == "rows"]
        ids, sources = page.places[order], {"near": parts.candidates(reading, own, visit.free), **brought}
        flags = {name: np.isin(ids, places) for name, places in sources.items()}
        candidates = Candidates(
            ids=ids + 1,
            sources=tuple(tuple(name for name in flags if flags[name][at]) for at in range(len(ids))),
            facts=tuple(self._facts[place] for place in ids.tolist()),
            scores=page.scores[order],
            turned=np.zeros(0, dtype=np.int64) if turn is None else ranker.turned(page.places, *turn)[order],
            beliefs=trials.beliefs_of(ids, signals.shown[ids], signals.long[ids]),
        )
        follows = self._reality.contacts[visit.viewer].tolist() if self._variant.follows else ()
        query = replace(
            self._query,
            seed=seed,
            turns_to=len(turns_to),
            followed=frozenset(AccountId(other + 1) for other in follows),
        )
        before = self._before.setdefault(visit.viewer, [])
        slots = self._slots.select(query, candidates, np.ones(len(ids), dtype=bool), before)
        if self.moments is not None:
            self.moments.append(Moment(visit.viewer, visit.at_ms, ids, page.scores[order], page.rows[order]))
        places = ids[[slot.index for slot in slots]]
        before += [self._facts[place] for place in places.tolist()]
        del before[:-SPACING]
        return Served(places, np.array([ARMS.index(slot.arm) for slot in slots]))

    def take(self, visit: Visit, served: Served, watched: Watched) -> None:
        page, variant = self._page, self._variant
        assert page is not None
        self.engine.serve(served.places, visit.at_ms)
        left = served.places[~watched.long] if variant.learns == "shown" else None
        if variant.learns != "nothing":
            for place in served.places[watched.long].tolist():
                self.engine.ranker.learn(page, place, left)
        for event in impressions(self._reality, visit, served, watched):
            if variant.counts == "shown_as_play":
                event = replace(event, watched_ms=max(event.watched_ms, GLANCE_MS))
            elif variant.counts == "shown_as_long":
                event = replace(event, long=True)
            self.engine.take(event)

    def _alike(self, visit: Visit, profile: Profile, limit: int) -> Int64s:
        """What looks and sounds most like a profile; nothing where there is no content."""
        near, free = self._near(profile), np.flatnonzero(visit.free)
        nearest = free[np.argsort(-near[free], kind="stable")[:limit]]
        return nearest[near[nearest] > 0]

    def _near(self, profile: Profile) -> Floats:
        """(V,) cosine of each video's content with a profile; zeros where there is no content."""
        alike = self.engine.alike(profile)
        if alike is None or self.engine.content is None:
            return np.zeros(self._reality.world.videos)
        near: Floats = self.engine.content.unit.astype(np.float32) @ alike.direction / 127
        return near

    def _trials(self, visit: Visit) -> Trials:
        """What is published and was hardly shown, to this viewer or not, the newest first."""
        published, shown = self._reality.published_ms, self.engine.signals.shown[: self._reality.world.videos]
        places = np.flatnonzero((published <= visit.at_ms) & (shown < TRIED))
        places = places[np.argsort(-published[places], kind="stable")]
        return Trials(places, self._reality.creators[places], shown[places], self.engine.signals.long[places])

    def _brought(self, visit: Visit, trials: Trials, seed: int) -> dict[str, Int64s]:
        """What the other sources of the feed bring: new or hardly shown, anything at all, by people followed."""
        free = np.flatnonzero(visit.free)
        age = -self._reality.published_ms[free]
        newest = free[np.argsort(age, kind="stable")[:NEWEST]]
        near, own = self._near(self.engine.profile(visit.viewer)), visit.free[trials.video_ids]
        late = self.engine.signals.rates.at(trials.video_ids, visit.at_ms)[:, 0, 0]
        near_trials = near[trials.video_ids]
        waiting = trials.waiting(Spent.of(trials.creators, late), CREATOR_PERCENT)
        on_trial = short_list(trials, own & ~waiting, near_trials, fork(seed, 1_001), FRESH)
        did_well = promoted(trials, own, near_trials, PROMOTED)
        uniform = free[np.argsort(random_bits(fork(seed, 1_000), free))[:UNIFORM]]
        brought = {"fresh": on_trial, "latest": newest, "promoted": did_well, "uniform": uniform}
        if self._reality.content is not None:
            brought["content"] = self._alike(visit, self.engine.profile(visit.viewer), ALIKE)
        if self._variant.follows:
            by_followed = np.isin(self._reality.creators[free], self._reality.contacts[visit.viewer])
            theirs = free[by_followed]
            brought["followed"] = theirs[np.argsort(age[by_followed], kind="stable")[:FOLLOWED]]
        return brought


def _facts(place: int, creator: int) -> VideoFacts:
    return VideoFacts(VideoId(place + 1), AccountId(creator + 1), None, "", ())


def _query() -> Query:
    """A query of which only the count, the seed and who is followed will matter."""
    epoch, taste, nothing = empty_epoch(), ViewerTaste(), np.zeros(0, dtype=np.int64)
    return Query(
        viewer=Viewer(SubjectId(UUID(int=0)), None, "adult"),
        tab=UUID(int=0),
        count=SLOTS,
        mode="taste",
        as_of_ms=0,
        seed=0,
        epoch=epoch,
        history=History((), frozenset(), frozenset(), 0),
        taste=taste,
        page_taste=PageTaste(epoch, taste, 0, nothing),
        followed=frozenset(),
        blocked=frozenset(),
        reported=frozenset(),
        held=frozenset(),
        tail=(),
        turns_to=0,
        hidden=nothing,
        reach_key=0,
        newest=(),
    )
