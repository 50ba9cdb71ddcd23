"""The policies that are compared: Penchant, what is left of it without a part, baselines, the oracle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from penchant.feed.recipe import SHARES
from penchant.lab.policy import SLOTS, Policy, Served, Visit, impressions
from penchant.lab.reality import Floats, Reality, Watched
from penchant.lab.served import Penchant, Variant
from penchant.taste.engine import Engine
from penchant.taste.fixed import fork, random_bits
from penchant.taste.recipe import Recipe

LAST_LONG: Final = 10
"""The k of the last-k heuristic."""
CONTACT_HALF_LIFE_MS: Final = 24 * 3_600_000


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
        for event in impressions(self.reality, visit, served, watched):
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
    "no-exploration": (
        "no explore, trial and audit slots",
        _penchant(Variant(shares=replace(SHARES, explore_in_10=0, trial_in_10=0, audit_in_1000=0))),
    ),
    "no-turn": ("no slots that follow a turn", _penchant(Variant(shares=replace(SHARES, turn_in_10=())))),
    "no-trials": ("no slots for new videos on trial", _penchant(Variant(shares=replace(SHARES, trial_in_10=0)))),
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
