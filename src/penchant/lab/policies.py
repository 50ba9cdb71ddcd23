"""Who fills the pages of a simulated world: Penchant and what is left of it without a part, baselines, the oracle.

A policy is asked for a page and told what came of it. It knows what a real one knows (who asks, what is published,
what this viewer saw, what happened on its own pages, tags, lengths, who follows whom); only the oracle knows more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, Protocol
from uuid import UUID

import numpy as np

from penchant.accounts.model import Viewer
from penchant.catalog.model import VideoFacts
from penchant.core.ids import AccountId, SubjectId, VideoId
from penchant.events.history import History
from penchant.feed.model import Candidates, Query
from penchant.feed.selectors.slots import SPACING, Shares, Slots
from penchant.feed.service import PAGE_SLOTS
from penchant.lab.reality import Bools, Floats, Reality, Watched
from penchant.taste.engine import Engine, Impression, Page, Recipe
from penchant.taste.epochs import empty_epoch
from penchant.taste.fixed import Int64s, fork, random_bits
from penchant.taste.labels import GLANCE_MS
from penchant.taste.model import ViewerTaste
from penchant.taste.ranker import Features

SLOTS: Final = PAGE_SLOTS
SHARES: Final = Shares(explore_in_10=2, audit_in_1000=5, followed_in_10=2)
"""As in `feed.recipe.for_you`, and so are the sizes of the sources."""
TEMPERATURE_Q16: Final = 8_192
"""As in the feed: an eighth of a doubling."""
SIMILAR, FRESH, NEWEST, FOLLOWED, UNIFORM = 120, 40, 20, 20, 60
ARMS: Final = ("exploit", "explore", "followed", "audit")
LAST_LONG: Final = 10
"""The k of the last-k heuristic."""
CONTACT_HALF_LIFE_MS: Final = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Visit:
    """A page that is asked for."""

    number: int
    viewer: int
    at_ms: int
    free: Bools
    """(V,) published, and not yet shown to this viewer."""


@dataclass(frozen=True, slots=True)
class Served:
    """A page. Shapes: (S,) each."""

    places: Int64s
    arms: Int64s
    """Places in `ARMS`."""


class Policy(Protocol):
    """Something that fills pages."""

    def page(self, visit: Visit) -> Served:
        """`SLOTS` different videos of those that are free."""

    def take(self, visit: Visit, served: Served, watched: Watched) -> None:
        """What came of that page."""


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
        self.engine = Engine(
            reality.world.videos,
            creators=reality.creators,
            tags=reality.tags,
            durations_ms=reality.durations_ms,
            recipe=variant.recipe,
            seed=seed,
        )
        self._slots = Slots(variant.shares, TEMPERATURE_Q16)
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
        brought = self._brought(visit, seed)
        page = self._page = ranker.page(reading, visit.free, context, np.unique(np.concatenate([*brought.values()])))
        near = reading.top("rows", SIMILAR, visit.free) if "rows" in ranker.wanted else np.zeros(0, dtype=np.int64)
        order = np.argsort(page.places)
        ids, sources = page.places[order], {"similar": near, **brought}
        flags = {name: np.isin(ids, places) for name, places in sources.items()}
        candidates = Candidates(
            ids=ids + 1,
            sources=tuple(tuple(name for name in flags if flags[name][at]) for at in range(len(ids))),
            facts=tuple(self._facts[place] for place in ids.tolist()),
            scores=page.scores[order],
        )
        follows = self._reality.contacts[visit.viewer].tolist() if self._variant.follows else ()
        query = replace(self._query, seed=seed, followed=frozenset(AccountId(other + 1) for other in follows))
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
        for event in _impressions(self._reality, visit, served, watched):
            if variant.counts == "shown_as_play":
                event = replace(event, watched_ms=max(event.watched_ms, GLANCE_MS))
            elif variant.counts == "shown_as_long":
                event = replace(event, long=True)
            self.engine.take(event)

    def _brought(self, visit: Visit, seed: int) -> dict[str, Int64s]:
        """What the other sources of the feed bring: new or hardly shown, anything at all, by people followed."""
        free = np.flatnonzero(visit.free)
        age = -self._reality.published_ms[free]
        few_shown = free[np.lexsort((age, self.engine.signals.shown[free]))[:FRESH]]
        newest = free[np.argsort(age, kind="stable")[:NEWEST]]
        uniform = free[np.argsort(random_bits(fork(seed, 1_000), free))[:UNIFORM]]
        brought = {"fresh": np.union1d(few_shown, newest), "uniform": uniform}
        if self._variant.follows:
            by_followed = np.isin(self._reality.creators[free], self._reality.contacts[visit.viewer])
            own = free[by_followed]
            brought["followed"] = own[np.argsort(age[by_followed], kind="stable")[:FOLLOWED]]
        return brought


class Scored:
    """The videos of which a score says most; equal ones by lot."""

    def __init__(self, reality: Reality, seed: int) -> None:
        self.reality = reality
        self._seed = seed

    def page(self, visit: Visit) -> Served:
        free = np.flatnonzero(visit.free)
        lot = random_bits(fork(self._seed, visit.number), free)
        places = free[np.lexsort((lot, -self.scores(visit)[free]))[:SLOTS]]
        return Served(places, np.zeros(len(places), dtype=np.int64))

    def take(self, visit: Visit, served: Served, watched: Watched) -> None:
        pass

    def scores(self, visit: Visit) -> Floats:
        """(V,) larger is better; here nothing is known."""
        return np.zeros(len(visit.free))


class Oracle(Scored):
    """Knows the chance of every video to be watched long by this viewer now."""

    def scores(self, visit: Visit) -> Floats:
        return self.reality.chances(visit.viewer, visit.at_ms)[1]


class OneColumn(Scored):
    """One part of the engine by itself, on a state of its own."""

    def __init__(self, reality: Reality, seed: int, column: str) -> None:
        super().__init__(reality, seed)
        self._column = column
        self._engine = Engine(reality.world.videos)

    def scores(self, visit: Visit) -> Floats:
        reading, _ = self._engine.read(visit.viewer, 0, visit.at_ms, frozenset({self._column}))
        return reading.values[self._column]

    def take(self, visit: Visit, served: Served, watched: Watched) -> None:
        for event in _impressions(self.reality, visit, served, watched):
            self._engine.take(event)


class Contacts(Scored):
    """What the people that a viewer follows watched long or published, halved every day."""

    def __init__(self, reality: Reality, seed: int) -> None:
        super().__init__(reality, seed)
        self._long_ms = np.full((reality.world.viewers, reality.world.videos), -np.inf)

    def scores(self, visit: Visit) -> Floats:
        contacts = self.reality.contacts[visit.viewer]
        watched: Floats = np.exp2((self._long_ms[contacts] - visit.at_ms) / CONTACT_HALF_LIFE_MS).sum(axis=0)
        age = visit.at_ms - self.reality.published_ms
        own = np.isin(self.reality.creators, contacts) & (age >= 0)
        return watched + own * np.exp2(-np.maximum(age, 0) / CONTACT_HALF_LIFE_MS)

    def take(self, visit: Visit, served: Served, watched: Watched) -> None:
        self._long_ms[visit.viewer, served.places[watched.long]] = visit.at_ms


class LastLong(Scored):
    """How many of the viewer's last k long views share a video's tag or creator."""

    def __init__(self, reality: Reality, seed: int) -> None:
        super().__init__(reality, seed)
        self._long: dict[int, list[int]] = {}

    def scores(self, visit: Visit) -> Floats:
        last = self._long.get(visit.viewer, [])
        scores = np.zeros(len(visit.free))
        for facts in (self.reality.tags, self.reality.creators):
            scores += np.bincount(facts[last], minlength=int(facts.max()) + 1)[facts]
        return scores

    def take(self, visit: Visit, served: Served, watched: Watched) -> None:
        last = self._long.setdefault(visit.viewer, [])
        last += served.places[watched.long].tolist()
        del last[:-LAST_LONG]


Make = Callable[[Reality, int], Policy]
"""From a world and a seed."""


def _penchant(variant: Variant) -> Make:
    return lambda reality, seed: Penchant(reality, variant, seed)


POLICIES: Final[Mapping[str, tuple[str, Make]]] = {
    "oracle": ("knows the chance of every video to be watched long by this viewer", Oracle),
    "penchant": (
        "the blend, each long view held against what was shown with it and left; exploration, audit, spread",
        _penchant(Variant()),
    ),
    "whole-list": (
        "each long view is held against every other candidate, shown or not",
        _penchant(Variant(learns="list")),
    ),
    "no-blend": ("the product of parts, never trained", _penchant(Variant(learns="nothing"))),
    "no-exploration": ("no explore and no audit slots", _penchant(Variant(shares=Shares(0, 0, 2)))),
    "no-spread": ("being served often costs nothing", _penchant(Variant(recipe=Recipe(spread=0)))),
    "no-contacts": ("does not know who follows whom", _penchant(Variant(follows=False))),
    "co-exposure": (
        "whatever was shown counts as looked at in the parts",
        _penchant(Variant(counts="shown_as_play")),
    ),
    "co-exposure-fits": (
        "whatever was shown counts as watched long in the parts and the fits",
        _penchant(Variant(counts="shown_as_long")),
    ),
    "ease": ("EASE^R on long views alone", lambda reality, seed: OneColumn(reality, seed, "rows")),
    "popularity": ("plays, halved every day", lambda reality, seed: OneColumn(reality, seed, "played_1d")),
    "last-k": (f"shares tag or creator with the last {LAST_LONG} long views", LastLong),
    "contacts": ("what the people one follows watched long or published", Contacts),
    "uniform": ("anything", Scored),
}
"""What each is, in words, and how it is made."""


def _facts(place: int, creator: int) -> VideoFacts:
    return VideoFacts(VideoId(place + 1), AccountId(creator + 1), None, "", ())


def _query() -> Query:
    """A query of which only the count, the seed and who is followed will matter."""
    return Query(
        viewer=Viewer(SubjectId(UUID(int=0)), None, "adult"),
        tab=UUID(int=0),
        count=SLOTS,
        mode="taste",
        as_of_ms=0,
        seed=0,
        epoch=empty_epoch(),
        history=History((), frozenset(), frozenset(), 0),
        taste=ViewerTaste(),
        followed=frozenset(),
        blocked=frozenset(),
        reported=frozenset(),
        held=frozenset(),
        tail=(),
        hidden=np.zeros(0, dtype=np.int64),
        newest=(),
    )


def _impressions(reality: Reality, visit: Visit, served: Served, watched: Watched) -> list[Impression]:
    shown = (served.places, watched.watch_ms, watched.long, watched.liked)
    return [
        Impression(visit.viewer, place, visit.at_ms, watch_ms, int(reality.durations_ms[place]), long, liked)
        for place, watch_ms, long, liked in zip(*(values.tolist() for values in shown), strict=True)
    ]
