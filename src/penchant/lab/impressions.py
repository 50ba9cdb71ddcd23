"""The columns of an impression for the impression ranking: what is known of a shown video just before it was shown.

Everything of the viewer is as it was at the beginning of the window; everything of videos, creators, tags, lengths and
surfaces goes on with each impression. Rates are fair ones (`fair`), so that a viewer who watches everything long, or a
surface where everything is, does not make a video good.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from penchant.lab.dataset import Dataset, Events
from penchant.lab.fair import Lifts, RecentLifts, strengths
from penchant.lab.metrics import Floats
from penchant.lab.replay import Progress, places_of, tag_numbers
from penchant.taste.blend import Float32s
from penchant.taste.fixed import Int64s
from penchant.taste.labels import looked_at

LENGTHS_MS: Final = (5_000, 8_000, 11_000, 15_000, 20_000, 30_000, 45_000, 60_000, 90_000, 150_000)
"""Ends of the buckets of durations."""
SURFACES: Final = 12
"""Of which each of the most used ones has a column."""
_HOURS: Final = 24
_DAY_MS: Final = 86_400_000
_FEW: Final = 3
"""Impressions' worth of the everyday rate in a viewer's own."""
_EXPECTED_AT_MOST: Final = 0.97
_OWN: Final = 100
"""Newest impressions of a viewer that say what they watch long more often than others do."""
_OWN_WEIGHT: Final = 3.0
"""Expected long views by which a viewer's own lifts are drawn to nothing."""

_LIFTS: Final = (
    *("of_length", "of_surface", "of_creator", "of_tag", "of_video", "of_video_alone", "last_day", "last_days"),
    *("here_video", "here_length", "here_tag", "here_hour"),
)
COLUMNS: Final = (
    *("strength", "strength_alone", "rate", *_LIFTS, "viewer", "own_tag", "own_length", "own_creator"),
    *("met", "met_lately", "met_here", "looked", "share"),
    *("duration", "age", "morning", "noon", *(f"surface_{number}" for number in range(SURFACES))),
)


class Impressions:
    """The state, and the columns by it. V videos."""

    def __init__(self, data: Dataset) -> None:
        """Takes in what the folder's history says of who was shown what and watched it long."""
        videos = data.videos
        size = len(videos.ids)
        self._data = data
        self._tags = tag_numbers(data) + 1
        self._creators = np.unique(videos.creators, return_inverse=True)[1]
        self._lengths = np.searchsorted(LENGTHS_MS, videos.durations_ms)
        self._duration = np.log(np.maximum(videos.durations_ms, 1_000))
        self._published_ms = videos.published_ms
        self._video, self._creator = Lifts(size), Lifts(int(self._creators.max(initial=0)) + 1)
        self._tag, self._length = Lifts(int(self._tags.max(initial=0)) + 1), Lifts(len(LENGTHS_MS) + 1)
        self._day, self._days = RecentLifts(size, 24), RecentLifts(size, 72)
        self._met, self._long, self._looked = np.zeros((3, size))
        self._share = np.zeros(size)
        self._live = np.zeros(size)
        self._viewers: dict[int, tuple[float, float]] = {}
        """Long views and impressions of each."""
        self._past: dict[int, list[tuple[int, float]]] = {}
        """What each was shown, and whether they watched it long (1 or 0), the oldest first."""
        self._tastes: dict[int, tuple[dict[int, float], ...]] = {}
        """Lifts of each one's tags, lengths and creators; as of the beginning of the window."""
        self._everyday = 0.3
        self._strength = self._alone = np.zeros(size)
        self._begin()

    def rows(self, events: Events, windows: Int64s, progress: Progress) -> Float32s:
        """(E, C): each with the state just before it; lets all in.

        Args:
            windows: (E,) numbers, ascending: the viewer's side is as it was at the beginning of each one's window.
        """
        places = places_of(self._data, events.videos)
        surfaces, numbers = np.unique(events.surfaces, return_inverse=True)
        here = _Here(len(surfaces), len(self._met), self._tag.size, self._length.size)
        # The most used ones before the last window first.
        used = np.bincount(numbers[windows < windows.max(initial=0)], minlength=len(surfaces))
        order = np.argsort(-used, kind="stable")[:SURFACES]
        rows = np.zeros((len(events), len(COLUMNS)), dtype=np.float32)
        began = 0
        for number in range(len(events)):
            if number % 1_000 == 0:
                progress("impressions", number, len(events))
            if number and windows[number] != windows[number - 1]:
                self._let_in(events, places, began, number)
                began = number
            place, surface = int(places[number]), int(numbers[number])
            at_ms, viewer = int(events.time_ms[number]), int(events.viewers[number])
            own = self._rate(viewer)
            said = self._row(place, surface, at_ms, own, self._taste(viewer), here)
            rows[number, : len(said)] = said
            rows[number, len(said) : len(said) + len(order)] = order == surface
            self._count(events, number, place, surface, own, here)
        progress("impressions", len(events), len(events))
        return rows

    def _begin(self) -> None:
        shown, watched = self._data.history.get("shown"), self._data.history.get("long_view")
        if shown is None or watched is None or not len(shown):
            # Long views alone make no rate, but a taste.
            if watched is not None:
                self._remember(watched.viewers, places_of(self._data, watched.videos), np.ones(len(watched)))
            return
        known = set(zip(watched.viewers.tolist(), watched.videos.tolist(), strict=True))
        long = np.array([pair in known for pair in zip(shown.viewers.tolist(), shown.videos.tolist(), strict=True)])
        places = places_of(self._data, shown.videos)
        things = (places, self._tags[places], self._lengths[places], self._creators[places])
        found = strengths(shown.viewers, long, things)
        own, *others = (np.pad(part, (0, 1)) for part in found)
        everything = (self._tags, self._lengths, self._creators)
        self._alone = own[np.minimum(np.arange(len(self._met)), len(own) - 1)]
        self._strength = self._alone + sum(
            part[np.minimum(numbers, len(part) - 1)] for part, numbers in zip(others, everything, strict=True)
        )
        ids, viewers = np.unique(shown.viewers, return_inverse=True)
        longs, counts = np.bincount(viewers, long), np.bincount(viewers)
        self._viewers = {
            viewer: (few, many) for viewer, few, many in zip(ids.tolist(), longs.tolist(), counts.tolist(), strict=True)
        }
        self._everyday = float(long.mean())
        self._remember(shown.viewers, places, long)
        rates: Floats = (longs + _FEW * self._everyday) / (counts + _FEW)
        outcomes, expected = long.astype(np.float64), rates[viewers]
        for lifts, own_things in zip((self._video, self._tag, self._length, self._creator), things, strict=True):
            lifts.add_all(own_things, outcomes, expected)
        self._met += np.bincount(places, minlength=len(self._met))
        self._long += np.bincount(places, outcomes, minlength=len(self._met))

    def _remember(self, viewers: Int64s, places: Int64s, long: npt.NDArray[np.generic]) -> None:
        for viewer, place, outcome in zip(viewers.tolist(), places.tolist(), long.tolist(), strict=True):
            past = self._past.setdefault(viewer, [])
            past.append((place, float(outcome)))
            del past[:-_OWN]

    def _taste(self, viewer: int) -> tuple[dict[int, float], ...]:
        known = self._tastes.get(viewer)
        if known is None:
            own = self._rate(viewer)
            counts: tuple[dict[int, list[float]], ...] = ({}, {}, {})
            for place, outcome in self._past.get(viewer, ()):
                for of_kind, numbers in zip(counts, (self._tags, self._lengths, self._creators), strict=True):
                    sums = of_kind.setdefault(int(numbers[place]), [_OWN_WEIGHT, _OWN_WEIGHT])
                    sums[0] += outcome
                    sums[1] += own
            known = self._tastes[viewer] = tuple(
                {thing: float(np.log(few / many)) for thing, (few, many) in of_kind.items()} for of_kind in counts
            )
        return known

    def _rate(self, viewer: int) -> float:
        few, many = self._viewers.get(viewer, (0.0, 0.0))
        return (few + _FEW * self._everyday) / (many + _FEW)

    def _row(
        self, place: int, surface: int, at_ms: int, own: float, taste: tuple[dict[int, float], ...], here: _Here
    ) -> list[float]:
        """All columns but those that say which surface it is."""
        tag, length, creator = int(self._tags[place]), int(self._lengths[place]), int(self._creators[place])
        of_length, of_tag = self._length.lift(length, 20), self._tag.lift(tag, 20)
        of_creator = self._creator.lift(creator, 8, of_length)
        of_video = self._video.lift(place, 6, of_creator)
        hour = at_ms % _DAY_MS * _HOURS // _DAY_MS
        angle = 2 * np.pi * (at_ms % _DAY_MS) / _DAY_MS
        lifts = (
            *(of_length, here.surface.lift(surface, 2), of_creator, of_tag, of_video, self._video.lift(place, 5)),
            *(self._day.lift(place, 4, of_video, at_ms), self._days.lift(place, 4, of_video, at_ms)),
            here.video.lift(surface * len(self._met) + place, 4, of_video),
            here.length.lift(surface * self._length.size + length, 5, of_length),
            here.tag.lift(surface * self._tag.size + tag, 10, of_tag),
            here.hour.lift(surface * _HOURS + hour, 10),
        )
        rate = (self._long[place] + 5 * self._everyday) / (self._met[place] + 5)
        live = self._live[place]
        published_ms = int(self._published_ms[place])
        age = np.log2(1 + max(at_ms - published_ms, 0) / _DAY_MS) if published_ms else 0.0
        return [
            *(self._strength[place], self._alone[place], np.log(rate), *lifts, np.log(own)),
            *(part.get(thing, 0.0) for part, thing in zip(taste, (tag, length, creator), strict=True)),
            *(np.log1p(self._video.expected[place]), np.log2(live + 1)),
            np.log2(here.met[surface, place] + 1),
            *((self._looked[place] + 4) / (live + 6), (self._share[place] + 2.5) / (live + 5)),
            *(self._duration[place], age, np.sin(angle), np.cos(angle)),
        ]

    def _count(self, events: Events, number: int, place: int, surface: int, own: float, here: _Here) -> None:
        """What an impression says of everything but its viewer."""
        long, at_ms = float(events.long_views[number]), int(events.time_ms[number])
        tag, length, creator = int(self._tags[place]), int(self._lengths[place]), int(self._creators[place])
        expected = min(own * float(np.exp(here.surface.lift(surface, 2))), _EXPECTED_AT_MOST)
        for lifts, thing in (
            (self._video, place),
            (self._creator, creator),
            (self._tag, tag),
            (self._length, length),
            (here.video, surface * len(self._met) + place),
            (here.length, surface * self._length.size + length),
            (here.tag, surface * self._tag.size + tag),
            (here.hour, surface * _HOURS + at_ms % _DAY_MS * _HOURS // _DAY_MS),
        ):
            lifts.add(thing, long, expected)
        here.surface.add(surface, long, own)
        self._day.add(place, long, expected, at_ms)
        self._days.add(place, long, expected, at_ms)
        here.met[surface, place] += 1
        self._met[place] += 1
        self._long[place] += long
        self._live[place] += 1
        watched_ms, duration_ms = int(events.watch_ms[number]), int(events.duration_ms[number])
        self._looked[place] += looked_at(watched_ms, duration_ms)
        self._share[place] += min(watched_ms / max(duration_ms, 1), 2.0)

    def _let_in(self, events: Events, places: Int64s, start: int, end: int) -> None:
        """A window's outcomes become known of its viewers."""
        for number in range(start, end):
            viewer = int(events.viewers[number])
            few, many = self._viewers.get(viewer, (0.0, 0.0))
            self._viewers[viewer] = few + float(events.long_views[number]), many + 1
        inside = slice(start, end)
        self._remember(events.viewers[inside], places[inside], events.long_views[inside])
        self._tastes.clear()


class _Here:
    """What is counted for each of S surfaces by itself."""

    def __init__(self, surfaces: int, videos: int, tags: int, lengths: int) -> None:
        self.surface = Lifts(surfaces)
        self.video, self.tag = Lifts(surfaces * videos), Lifts(surfaces * tags)
        self.length, self.hour = Lifts(surfaces * lengths), Lifts(surfaces * _HOURS)
        self.met = np.zeros((surfaces, videos))
