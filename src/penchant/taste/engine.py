"""The taste engine on anyone's data, without a database: it takes in what viewers did, ranks, and learns on the way.

    engine = Engine(videos=1000)
    engine.begin("long_view", viewers, places)          # what was known before, if anything
    for event in events:
        page = engine.page(event.viewer, event.surface, event.at_ms)
        ...
        engine.take(event)

The parts, the fits, both stages of the blend and the integer scores are those that the live feed is served with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from penchant.taste import blend
from penchant.taste.content import Int8s, comparable
from penchant.taste.context import CONTEXT, Last, context_inputs, moment
from penchant.taste.factors import carry_over, fit_factors
from penchant.taste.fixed import Q16, Int64s
from penchant.taste.labels import Outcome, looked_at, outcome
from penchant.taste.parts import (
    NEWEST_HALF_LIFE,
    Alike,
    Catalog,
    Fits,
    Here,
    Own,
    Profile,
    Reading,
    candidates,
    newest_first,
)
from penchant.taste.pressure import Price
from penchant.taste.ranker import Features
from penchant.taste.recipe import KEPT, Recipe
from penchant.taste.signals import Signals
from penchant.taste.similar import PLAYS_PER_VIEWER, Plays, fit_rows, recency_q16
from penchant.taste.trainer import Example, Trainer
from penchant.taste.turn import LEAN, turns_to
from penchant.taste.walks import fit_walks

REFIT_GROWTH: Final = 1.25
"""Fits are made anew at the first event of a day, and when positives have grown by this."""
REFIT_AT_LEAST: Final = 32
_DAY_MS: Final = 86_400_000
_PLAYS_KEPT: Final = 60
ALIKE_AT_MOST: Final = 30
"""Newest plays and newest skips that a candidate is compared with by content."""


@dataclass(frozen=True, slots=True)
class Impression:
    """A video that a viewer was shown, and what they did."""

    viewer: int
    place: int
    """The video's place in the catalogue, 0 to V - 1."""
    at_ms: int
    watched_ms: int = 0
    duration_ms: int = 0
    long: bool | None = None
    """Watched long, where the data says so itself; None: by `labels`."""
    liked: bool = False
    surface: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """Candidates for one request, the best of the first stage first."""

    places: Int64s
    """(K,) at most `KEPT`, and what was brought from elsewhere."""
    rows: Features
    """(K, C) int32: from these and the weights anyone has the scores."""
    context: Int64s
    """(X,)"""
    scores: Int64s
    """(K,) Q16, base-2 logarithms of odds, `pressure` taken off."""
    pressure: Int64s
    """(K,) Q16: what each pays for having been served often."""
    union: Int64s
    """(U,) places of everything that was brought, ascending."""
    union_rows: Features

    def best(self, count: int) -> Int64s:
        """Places from the best score on, equal ones by place."""
        return self.places[np.lexsort((self.places, -self.scores))][:count]


class Ranker:
    """A recipe with what its blend has learned. Several may stand on one engine's state."""

    def __init__(self, recipe: Recipe, seed: int = 1) -> None:
        self.recipe = recipe
        self.wanted = frozenset(column.name for column in recipe.columns)
        self.trainer = Trainer(len(recipe.columns), CONTEXT, [column.prior for column in recipe.columns], seed=seed)
        self.price = Price(recipe.spread)

    def page(
        self, reading: Reading, allowed: npt.NDArray[np.bool_], context: Int64s, also: Int64s | None = None
    ) -> Page:
        """Candidates among the allowed places (V,), with rows and scores; those `also` brought are kept in any case."""
        union = candidates(reading, self.recipe.columns, allowed)
        if also is not None:
            union = np.union1d(union, also)
        union_rows = reading.rows(union, self.recipe.columns)
        stages = self.trainer.stages()
        first = stages.first(union_rows)
        order = np.lexsort((union, -first))
        order = order[(np.arange(len(order)) < KEPT) | np.isin(union[order], [] if also is None else also)]
        places, rows = union[order], union_rows[order]
        scores = stages.second(rows, context, first[order])
        pressure = self.price.pressure(places, reading.as_of_ms)
        return Page(places, rows, context, scores - pressure, pressure, union, union_rows)

    def turned(self, places: Int64s, reading: Reading, context: Int64s) -> Int64s:
        """(K,) scores of given places by a reading of what a viewer turns to: the blend's and a lean on content."""
        stages, rows = self.trainer.stages(), reading.rows(places, self.recipe.columns)
        first = stages.first(rows)
        order, scores = np.lexsort((places, -first)), np.empty(len(places), dtype=np.int64)
        scores[order] = stages.second(rows[order], context, first[order])
        for at, column in enumerate(self.recipe.columns):
            if column.name == "content":
                scores += LEAN * rows[:, at].astype(np.int64)
        return scores - self.price.pressure(places, reading.as_of_ms)

    def serve(self, places: Int64s, at_ms: int) -> None:
        """These were served: what is served often pays for it, by `Recipe.spread`."""
        self.price.serve(places, at_ms)

    def in_floats(self, page: Page) -> npt.NDArray[np.float64]:
        """(K,) the page's scores by the same weights without rounding them, to measure what integers cost."""
        stages = self.trainer.stages()
        if stages.scale is None or stages.weights is None:
            return page.scores.astype(np.float64)
        seen = blend.list_inputs(page.rows, page.context, stages.scale) / (1 << blend.INPUT_BITS)
        logits, _ = blend.forward(seen.astype(np.float32)[None], stages.weights)
        scores: npt.NDArray[np.float64] = logits[0] * (np.log2(np.e) * 65536) - page.pressure
        return scores

    def learn(self, page: Page, place: int, left: Int64s | None = None) -> None:
        """The video at `place` was watched long after a request for which `page` was made.

        Args:
            left: places of the page that were shown and not watched long: only these are held against it. None: all
                others of the page are, shown or not.
        """
        number = self.trainer.examples
        if left is None:
            union, kept = (page.union, page.union_rows), (page.places, page.rows)
            example = Example.of(place, union, kept, page.context, number)
        else:
            target, against = int(np.flatnonzero(page.places == place)[0]), np.flatnonzero(np.isin(page.places, left))
            example = Example.shown(page.rows, page.context, target, against, number)
        if example is not None:
            self.trainer.learn(example)


class Engine:
    """One catalogue of V videos, known by their places, and any number of viewers."""

    def __init__(
        self,
        videos: int,
        *,
        creators: Sequence[int] | Int64s | None = None,
        tags: Sequence[int] | Int64s | None = None,
        durations_ms: Sequence[int] | Int64s | None = None,
        content: Int8s | None = None,
        recipe: Recipe | None = None,
        seed: int = 1,
    ) -> None:
        """`creators` and `tags`: numbers from 0 on, -1 where unknown; `durations_ms`: 0 where unknown.

        Args:
            content: (V, D) what each looks and sounds like, zeros where unknown; for recipes with its columns.
        """
        self.ranker = Ranker(recipe or Recipe(), seed)
        self.videos = videos
        self._catalog = _catalog(videos, creators, tags, durations_ms)
        self.content = None if content is None else comparable(content, np.asarray(content.any(axis=1)))
        if self.content is not None:
            self._catalog = replace(self._catalog, vectors=self.content.unit)
        self._profiles: dict[int, Profile] = {}
        self.fits = Fits.empty(videos)
        self.signals = Signals(0)
        self.signals.grow(videos)
        self._surfaces: dict[int, int] = {}
        self._positives = 0
        self._fitted_positives = -1
        self._day = -1
        self._latest_ms = 0
        self._doubted_ms: int | None = None
        self.refits = 0

    def begin(self, kind: str, viewers: Int64s, places: Int64s) -> None:
        """What is known from before, without times: pairs in the order in which they happened, per viewer.

        Args:
            kind: "long_view" (profiles), "like", "shown" (not to be shown again).
        """
        counted = {"shown": self.signals.shown, "like": self.signals.liked, "long_view": self.signals.long}
        if kind not in counted:
            raise ValueError(f"{kind!r} is none of {', '.join(counted)}")
        counted[kind][: self.videos] += np.bincount(places, minlength=self.videos)
        for viewer, place in zip(viewers.tolist(), places.tolist(), strict=True):
            profile = self.profile(viewer)
            profile.seen.add(place)
            if kind == "long_view":
                self._watched_long(profile, place)
            elif kind == "like":
                profile.liked.append(place)

    def profile(self, viewer: int) -> Profile:
        """What is known of a viewer; empty for one nobody has met."""
        known = self._profiles.get(viewer)
        if known is None:
            known = self._profiles[viewer] = Profile()
        return known

    def long_views(self) -> Iterator[tuple[int, Sequence[int]]]:
        """(viewer, places watched long, the oldest first) of everybody who is known, as they came."""
        for viewer, profile in self._profiles.items():
            yield viewer, profile.long

    def page(self, viewer: int, surface: int, as_of_ms: int) -> Page:
        """Unseen candidates with rows and scores, by the state as it is now."""
        reading, context = self.read(viewer, surface, as_of_ms, self.ranker.wanted)
        return self.ranker.page(reading, self.allowed(viewer), context)

    def turns_to(self, viewer: int) -> Int64s:
        """The last long views of a viewer who turns, the newest first: those unlike what came before."""
        long = newest_first(self.profile(viewer).long)
        vectors = self.fits.factors.of(long) if self.content is None else self.content.unit[long].astype(np.float64)
        return turns_to(long, vectors)

    def read(
        self,
        viewer: int,
        surface: int,
        as_of_ms: int,
        wanted: frozenset[str],
        places: Int64s | None = None,
        *,
        only: Int64s | None = None,
    ) -> tuple[Reading, Int64s]:
        """What the parts say for a request, of all videos or of those at `places`, and its context.

        Args:
            only: as if the viewer had watched long nothing but these, the newest first.
        """
        if self._fitted_positives < 0:
            self.fit()
        profile = self.profile(viewer)
        if only is not None:
            profile = self.only(viewer, only)
        here = Here(profile, surface, as_of_ms, self._own(profile))
        reading = Reading(here, self.signals, self.fits, self._catalog, wanted, places)
        return reading, context_inputs(len(profile.long), profile.last, surface, as_of_ms, self._surfaces)

    def only(self, viewer: int, only: Int64s) -> Profile:
        """A viewer's profile as if they had watched long nothing but these places, the newest first."""
        profile = self.profile(viewer)
        long = only[::-1].tolist()
        liked = [place for place in profile.liked if place in long]
        return Profile(long, list(long), liked, profile.left, known=set(long), last=profile.last)

    def alike(self, profile: Profile) -> Alike | None:
        """What was played and left, as content; None where there is none."""
        if self.content is None:
            return None
        played, left = newest_first(profile.played, ALIKE_AT_MOST), newest_first(profile.left, ALIKE_AT_MOST)
        long = np.array([place in profile.known for place in played.tolist()], dtype=bool)
        strengths = np.where(long, Q16, Q16 // 2)
        return Alike(
            self.content.unit[played],
            np.maximum(recency_q16(len(played)) * strengths >> 16, 1),
            self.content.unit[left],
            recency_q16(len(left)),
            self.content.spread_q16,
        )

    def _own(self, profile: Profile) -> Own | None:
        alike = self.alike(profile)
        return None if alike is None else replace(Own.of(newest_first(profile.long), self._catalog), alike=alike)

    def allowed(self, viewer: int, *, unseen: bool = True) -> npt.NDArray[np.bool_]:
        """(V,) what may be shown: nothing that was; with `unseen` false only nothing that was watched long."""
        allowed = np.ones(self.videos, dtype=bool)
        profile = self.profile(viewer)
        allowed[list(profile.seen if unseen else profile.known)] = False
        return allowed

    def serve(self, places: Int64s, at_ms: int) -> None:
        """These of a page went out."""
        self.ranker.serve(places, at_ms)

    def learn(self, page: Page, place: int) -> None:
        """The video at `place` was watched long after `page`."""
        self.ranker.learn(page, place)

    def take(self, event: Impression) -> None:
        """Lets an event in, in the order of the log. One whose clock is wild is taken as happening now."""
        event = replace(event, at_ms=self._believed(event.at_ms))
        day = event.at_ms // _DAY_MS
        if day != self._day or self._positives > self._fitted_positives * REFIT_GROWTH + REFIT_AT_LEAST:
            self._day = day
            self.fit()
        self.remember(event, *self.count(event))

    def instead(self, viewer: int, profile: Profile) -> Profile:
        """Puts a profile in the place of a viewer's, and returns that."""
        before, self._profiles[viewer] = self.profile(viewer), profile
        return before

    def remember(self, event: Impression, played: bool, long: bool) -> None:
        """Lets in what an event says of its viewer, and nothing of its video."""
        profile = self.profile(event.viewer)
        profile.seen.add(event.place)
        profile.last = Last.after(profile.last, event.at_ms, event.surface, long=long)
        if played:
            profile.played.append(event.place)
            del profile.played[:-_PLAYS_KEPT]
        else:
            profile.left.append(event.place)
            del profile.left[:-_PLAYS_KEPT]
        if event.liked:
            profile.liked.append(event.place)
        if long:
            self._watched_long(profile, event.place)

    def count(self, event: Impression) -> tuple[bool, bool]:
        """Lets in what an event says of its video, and nothing of its viewer; whether it was played, and long."""
        self._surfaces.setdefault(event.surface, len(self._surfaces))
        long = event.long
        if long is None:
            long = outcome(event.watched_ms, event.duration_ms) is Outcome.LONG
        played = long or looked_at(event.watched_ms, event.duration_ms)
        profile = self.profile(event.viewer)
        self.signals.take(
            event.place,
            event.surface,
            event.at_ms,
            played=played,
            long=long,
            liked=event.liked,
            player=self._direction(profile),
            moment=moment(len(profile.long), event.at_ms),
        )
        return played, long

    def _believed(self, at_ms: int) -> int:
        """The time, unless it leaps ahead by more than a day and the next event does not confirm it."""
        leaps = self._latest_ms and at_ms > self._latest_ms + _DAY_MS
        if leaps and (self._doubted_ms is None or at_ms < self._doubted_ms - _DAY_MS):
            self._doubted_ms = at_ms
            return self._latest_ms
        self._doubted_ms = None
        self._latest_ms = max(self._latest_ms, at_ms)
        return at_ms

    def fit(self) -> None:
        """Makes the fits anew from the profiles as they are, if these changed."""
        if self._positives == self._fitted_positives:
            return
        self._fitted_positives = self._positives
        plays = Plays.of(self._positives, ({place: 1 for place in profile.long} for profile in self._profiles.values()))
        before, factors = self.fits.factors, fit_factors(plays)
        held, newest = np.zeros((2, self.videos))
        for profile in self._profiles.values():
            if profile.long:
                own = np.array(profile.long[::-1], dtype=np.int64)
                held[own] += 1
                newest[own] += np.exp2(-np.arange(len(own)) / NEWEST_HALF_LIFE)
            profile.vector = None
        self.fits = Fits(fit_rows(plays), fit_walks(plays), factors, held, newest)
        moved = carry_over(before, factors) if before.dimensions else np.zeros((0, factors.dimensions), np.float32)
        self.signals.turn(moved)
        self.refits += 1

    def _direction(self, profile: Profile) -> npt.NDArray[np.float32] | None:
        factors = self.fits.factors
        if not profile.long or not factors.dimensions:
            return None
        if profile.vector is None:
            at = factors.places(newest_first(profile.long))
            profile.vector = factors.viewer(at[at >= 0])
        return factors.direction(profile.vector)

    def _watched_long(self, profile: Profile, place: int) -> None:
        if place in profile.known:
            return
        profile.known.add(place)
        profile.long.append(place)
        del profile.long[:-PLAYS_PER_VIEWER]
        profile.vector = None
        self._positives += 1


def _catalog(
    videos: int,
    creators: Sequence[int] | Int64s | None,
    tags: Sequence[int] | Int64s | None,
    durations_ms: Sequence[int] | Int64s | None,
) -> Catalog:
    unknown = np.full(videos, -1, dtype=np.int64)
    lengths = np.zeros(videos) if durations_ms is None else np.asarray(durations_ms, dtype=np.float64)
    middle = float(np.median(lengths[lengths > 0])) if (lengths > 0).any() else 15_000.0
    return Catalog(
        creators=unknown if creators is None else np.asarray(creators, dtype=np.int64),
        tags=unknown if tags is None else np.asarray(tags, dtype=np.int64),
        log_duration=np.log(np.where(lengths > 0, lengths, middle)),
    )
