"""The retrieval parts and the columns: what is known of every video for one viewer, here and now.

Each part says one number of every video, larger is better. A part with a quota brings candidates; every part and every
further column becomes a number of a candidate's row, as base-2 logarithm in Q16 where it is a rate or a count, rounded
to a few binary places, so that a page record has it in few bits. Which ones there are is the table `TABLE`; a recipe
may leave any of them out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from penchant.taste.content import Int8s, closeness_q16, products, taste_q16
from penchant.taste.context import Last, moment
from penchant.taste.decay import Floats
from penchant.taste.factors import Factors, Float32s
from penchant.taste.fixed import Int64s
from penchant.taste.lookup import places_of
from penchant.taste.ranker import Features
from penchant.taste.signals import NEVER_MS, Signals
from penchant.taste.similar import ItemRows
from penchant.taste.walks import Walks, reach

PROFILE: Final = 60
"""Newest entries of a viewer's profile that count."""
NEWEST_HALF_LIFE: Final = 5
"""Later long views of the same viewer that halve what one adds to `newest`."""
NEW_PLAYS: Final = 10
"""With so many plays, content carries a video half as much as with none."""
_Q16: Final = 1 << 16
_Q8: Final = 1 << 8
_Q8_MOST: Final = (1 << 15) - 1
_HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Column:
    """One number of a candidate."""

    name: str
    group: str
    """What it belongs to in the ablation: columns of one kind stand in for each other."""
    says: str
    """In words, for the reference and for "why"."""
    quota: int = 0
    """How many candidates it brings; 0: none."""
    floor: float = 0.0
    """Added before the logarithm; 0: the number is taken as it is."""
    prior: float = 0.0
    """What the first stage weighs its logarithm with before anything was learned."""
    popularity: bool = False
    """It says how much a video is played, whoever asks; the evaluation can leave these out."""
    live: bool = False
    """It moves with every event; the others move with the fits."""
    places: int = 3
    """Binary places that it is rounded to: as few as lose nothing in the replay (docs/reference/benchmarks.md, "The
    ledger"), since a page record has every number of the list; 8 where that was not measured."""


TABLE: Final = (
    Column("rows_short", "rows", "item–item rows of the last few long views", 60, 3e-4),
    Column("rows", "rows", "item–item rows of the recent long views", 150, 3e-4, prior=1.0),
    Column("rows_lasting", "rows", "item–item rows of all long views alike", 0, 3e-4),
    Column("rows_played", "rows", "item–item rows of what was played lately", 40, 1e-3, live=True),
    Column("rows_liked", "rows", "item–item rows of what was liked", 30, 1e-3),
    Column("walk", "walk", "walks over players of the recent long views", 80, 2e-5),
    Column("place", "place", "nearness of the taste vectors", 60, places=7),
    Column("place_short", "place", "nearness to the taste of the last few long views", places=7),
    Column(
        "crowd", "crowd", "how like its players of the last days are to this viewer", 180, 0.1, prior=0.2, live=True
    ),
    Column("crowd_hours", "crowd", "the same for the last hours", 50, 0.1, live=True),
    Column("crowd_week", "crowd", "the same for the last week", 0, 0.1, live=True),
    Column("crowd_long", "crowd", "the same for those who watched it long", 0, 0.1, live=True),
    Column("crowd_short", "crowd", "the same with the taste of the last few long views", 80, 0.1, live=True),
    Column("crowd_surface", "crowd", "the same on this surface", 120, 0.1, live=True),
    Column("crowd_pure", "crowd", "how like they are on average, however many", live=True, places=6),
    Column("played_2h", "played", "plays, halved every 2 hours", 0, 0.1, popularity=True, live=True, places=8),
    Column("played_8h", "played", "plays, halved every 8 hours", 50, 0.1, popularity=True, live=True, places=8),
    Column("played_1d", "played", "plays, halved every day", 0, 0.1, popularity=True, live=True, places=8),
    Column("played_3d", "played", "plays, halved every 3 days", 0, 0.1, popularity=True, live=True, places=8),
    Column("surface_2h", "surface", "plays on this surface, halved every 2 hours", 50, 0.1, popularity=True, live=True),
    Column("surface_8h", "surface", "plays on this surface, halved every 8 hours", 0, 0.1, popularity=True, live=True),
    Column("surface_2d", "surface", "plays on this surface, halved every 2 days", 80, 0.1, popularity=True, live=True),
    Column(
        "lift", "past", "recent plays over those of the past", 0, 0.0, prior=0.7, popularity=True, live=True, places=4
    ),
    Column("held", "past", "viewers who watched it long", 0, 1.0, popularity=True),
    Column("newest", "past", "viewers who watched it long among their last", 0, 0.5, popularity=True),
    Column("since_played", "played", "hours since the last play", popularity=True, live=True, places=8),
    Column("since_surface", "surface", "hours since the last play on this surface", popularity=True, live=True),
    Column(
        "quality", "quality", "share of those who were shown it who watched it long", prior=0.5, live=True, places=8
    ),
    Column("like_rate", "quality", "share of those who were shown it who liked it", live=True, places=8),
    Column("hold", "rates", "share of its late plays that were long views", prior=0.5, live=True, places=4),
    Column("hold_surface", "rates", "the same on this surface", live=True, places=4),
    Column(
        "quality_surface",
        "shown",
        "share of those shown it lately on this surface who watched it long",
        live=True,
        places=8,
    ),
    Column(
        "creator_rate", "shown", "share of late impressions of its creator that were long views", live=True, places=8
    ),
    Column(
        "players_known",
        "players",
        "how long the profiles of its late players were",
        popularity=True,
        live=True,
        places=4,
    ),
    Column("known_gap", "players", "how far this viewer's profile is from that in length", live=True, places=4),
    Column("hour", "players", "how near the hours are at which it was played lately", live=True, places=4),
    Column("creator", "facts", "how much of the profile is by its creator", 10, 0.1, places=4),
    Column("tag", "facts", "how much of the profile has its first tag", places=4),
    Column("duration", "facts", "its length", places=4),
    Column("duration_gap", "facts", "how far its length is from that of the profile", places=4),
    Column(
        "content", "content", "the viewer's own rate of plays among what looks and sounds like it", prior=1.0, places=8
    ),
    Column("content_new", "content", "the same, the less the more have played it", prior=6.0, places=8),
)
_OF_CONTENT: Final = frozenset(column.name for column in TABLE if column.group == "content")
_OF_PLAYERS: Final = frozenset(column.name for column in TABLE if column.group == "players")
_FEW_PLAYS: Final = 2
_USUAL: Final = np.array([3.0, 0.0, 0.0])
"""A moment, as far as nothing is known of a video's players: seven videos in the profile, at no hour."""
NAMES: Final = tuple(column.name for column in TABLE)
_LEFT_OUT: Final = ("played", "quality", "shown", "content")
DEFAULT: Final = tuple(column for column in TABLE if column.group not in _LEFT_OUT)
"""The columns of the default recipe.

Plays on every surface and lasting rates win nothing beside the others. Of the late rates of what was shown, the one on
a surface is learned with the wrong sign, that is, it says where a video was shown: an echo. Without it the one of
creators wins nothing. Content is for who has vectors of it.
"""


@dataclass(frozen=True, slots=True)
class Catalog:
    """What is known of V videos beside what viewers do. Shapes: (V,)."""

    creators: Int64s
    """Numbers from 0 on; -1 where unknown."""
    tags: Int64s
    """Numbers of first tags from 0 on; -1 where there is none."""
    log_duration: Floats
    """Natural logarithm of milliseconds; the middle one where unknown."""
    vectors: Int8s | None = None
    """(V, D) comparable content vectors; zeros where a video has none, None where there are none at all."""


@dataclass(frozen=True, slots=True)
class Fits:
    """What is learned in one go from who watched what long.

    Each part has rows for some videos, by their ids, which are those of profiles. Where ids are not the places of the
    V videos that a `Reading` is about, the part's places say which they are.
    """

    rows: ItemRows
    walks: Walks
    factors: Factors
    held: Floats
    """(V,) viewers who have the video in their profile."""
    newest: Floats
    """(V,) the same, halved for every 5 later ones of that viewer."""
    places_of_rows: Int64s | None = None
    """(E,) places of `rows.video_ids`, -1 for those that are not read; None: they are places themselves."""
    places_of_factors: Int64s | None = None
    """The same of `factors.video_ids`."""

    @classmethod
    def empty(cls, videos: int) -> Fits:
        """Before anything is learned."""
        return cls(ItemRows.empty(), Walks.empty(), Factors.empty(), np.zeros(videos), np.zeros(videos))


@dataclass(slots=True)
class Profile:
    """What one viewer did, the oldest first: ids of videos as the fits know them."""

    long: list[int] = field(default_factory=list)
    """Distinct: what was watched long, the newest `PROFILE` or a few more."""
    played: list[int] = field(default_factory=list)
    liked: list[int] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    """What was shown and not looked at, where anyone asks for it: beside content."""
    seen: set[int] = field(default_factory=set)
    known: set[int] = field(default_factory=set)
    """Everything that ever was in `long`."""
    last: Last | None = None
    """What came last; None for one who was shown nothing yet."""
    vector: Float32s | None = None
    """The taste vector by the present factors; None when it has to be made anew."""


@dataclass(frozen=True, slots=True)
class Alike:
    """What a viewer played and left, as content vectors, the newest first."""

    liked: Int8s
    """(L, D)"""
    liked_weights: Int64s
    """(L,) Q16."""
    skipped: Int8s
    """(S, D)"""
    skipped_weights: Int64s
    """(S,) Q16."""
    spread_q16: int
    """Of the cosine of two videos of the catalogue."""

    @property
    def direction(self) -> Float32s:
        """(D,) of length 1: the mean of what was played, less half of that of what was left."""
        mean = _mean(self.liked, self.liked_weights) - _mean(self.skipped, self.skipped_weights) / 2
        unit: Float32s = (mean / max(float(np.sqrt(mean @ mean)), 1e-6)).astype(np.float32)
        return unit

    def rate(self, vectors: Int8s) -> Floats:
        """log2 of the viewer's own rate of plays near each of (K, D) over the prior; 0 where there is no vector."""
        near = [
            (closeness_q16(products(vectors, past), self.spread_q16) * weights >> 16).sum(axis=1)
            for past, weights in ((self.liked, self.liked_weights), (self.skipped, self.skipped_weights))
        ]
        rate: Floats = np.where(vectors.any(axis=1), taste_q16(near[0], near[1]), 0) / _Q16
        return rate


@dataclass(frozen=True, slots=True)
class Own:
    """The facts of what a viewer watched long, the newest first. Shapes: (P,) each."""

    creators: Int64s
    tags: Int64s
    log_duration: Floats
    alike: Alike | None = None

    @classmethod
    def of(cls, long: Int64s, catalog: Catalog) -> Own:
        """From (P,) places of the catalogue."""
        return cls(catalog.creators[long], catalog.tags[long], catalog.log_duration[long])


@dataclass(frozen=True, slots=True)
class Here:
    """One request."""

    profile: Profile
    surface: int
    as_of_ms: int
    own: Own | None = None
    """None: that of the profile by the catalogue, without content."""


def recency(count: int, half_life: float) -> Floats:
    """Weights of `count` entries, the newest first, halved every `half_life` entries, adding up to 1."""
    weights = np.exp2(-np.arange(count) / half_life)
    total: Floats = weights / max(weights.sum(), 1e-12)
    return total


def newest_first(entries: Sequence[int], most: int = PROFILE) -> Int64s:
    """The last entries as an array, the newest first."""
    return np.array(entries[: -most - 1 : -1], dtype=np.int64)


class Reading:
    """Everything the parts say for one request.

    `values[name]` is (V,) for each of the wanted columns; `rows` works out further ones of the asked places alone.
    """

    def __init__(
        self,
        here: Here,
        signals: Signals,
        fits: Fits,
        catalog: Catalog,
        wanted: frozenset[str],
        places: Int64s | None = None,
    ) -> None:
        """`places`: (K,) reads these alone, and each of `values` is (K,) in their order; None reads all V."""
        self._here = here
        self.as_of_ms = here.as_of_ms
        self._signals = signals
        self._fits = fits
        self._catalog = catalog
        self._size = signals.videos
        self._at: Int64s | slice = slice(self._size) if places is None else places
        self._count = self._size if places is None else len(places)
        self.values: dict[str, Floats] = {}
        long = newest_first(here.profile.long)
        self._own = here.own or Own.of(long, catalog)
        self._long_rate = (int(signals.long.sum()) + 1) / (int(signals.shown.sum()) + 2)
        self._of_creators = self._creator_rates() if "creator_rate" in wanted else None
        self._by_rows(long, wanted)
        self._by_factors(long, wanted)
        self._by_plays(wanted)
        self._by_rates(wanted)
        self._by_players(wanted)
        self._by_facts(wanted)

    def of_others(self, catalog: Catalog) -> Reading:
        """The same for N other videos, of which nothing but the facts is known."""
        count = len(catalog.creators)
        others = Reading.__new__(Reading)
        others._here, others.as_of_ms = self._here, self.as_of_ms
        others._signals, others._fits, others._catalog = Signals(0), Fits.empty(count), catalog
        others._signals.grow(count)
        others._size = others._count = count
        others._at = slice(count)
        others._own, others._long_rate, others._of_creators = self._own, self._long_rate, self._of_creators
        everything = frozenset(NAMES)
        others.values = {name: np.zeros(count) for name in everything}
        others._by_plays(everything)
        others._by_rates(everything)
        others._by_players(everything)
        others._by_facts(everything)
        return others

    def top(self, name: str, count: int, allowed: npt.NDArray[np.bool_]) -> Int64s:
        """Up to `count` allowed places of which a part says most, and at least something; in no order."""
        value = self.values[name]
        places = np.flatnonzero(allowed & (value > 0))
        if len(places) > count:
            places = places[np.argpartition(value[places], len(places) - count)[len(places) - count :]]
        return places

    def rows(self, places: Int64s, columns: Sequence[Column]) -> Features:
        """Integer rows: (K,) places → (K, C) int32 Q16, each a multiple of 256 below 2**23."""
        at = places if isinstance(self._at, slice) else self._at[places]
        own = self._further(at, frozenset(column.name for column in columns))
        rows = np.zeros((len(places), len(columns)))
        for number, column in enumerate(columns):
            value = own[column.name] if column.name in own else self.values[column.name][places]
            if column.floor:
                value = np.log2(np.maximum(value, 0) + column.floor)
            rows[:, number] = value
        steps = 1 << np.array([column.places for column in columns], dtype=np.int64)
        in_256ths = np.rint(rows * steps) * (_Q8 // steps)
        whole: Features = np.clip(in_256ths, -_Q8_MOST, _Q8_MOST).astype(np.int32) << 8
        return whole

    def _further(self, at: Int64s, names: frozenset[str]) -> dict[str, Floats]:
        """(K,) of what was not read of all: most columns bring nobody, and a page asks for a few hundred of them."""
        content = names & _OF_CONTENT
        found = self._content(at) if content else {}
        if further := names - content - self.values.keys():
            here = replace(self._here, own=self._own)
            found |= Reading(here, self._signals, self._fits, self._catalog, further, at).values
        return found

    def _content(self, places: Int64s) -> dict[str, Floats]:
        """What only candidates are looked at for: it costs a product with everything the viewer did."""
        vectors, alike = self._catalog.vectors, self._own.alike
        if vectors is None or alike is None:
            nothing = np.zeros(len(places))
            return {"content": nothing, "content_new": nothing}
        rate = alike.rate(vectors[places])
        played = self._signals.played[places]
        return {"content": rate, "content_new": rate * NEW_PLAYS / (NEW_PLAYS + played)}

    def _by_rows(self, long: Int64s, wanted: frozenset[str]) -> None:
        profile = self._here.profile
        for name, entries, half_life, full in (
            ("rows_short", long, 3, 0),
            ("rows", long, 12, 0),
            ("rows_lasting", long, 40, 0),
            ("rows_played", newest_first(profile.played, 30), 6, 5),
            ("rows_liked", newest_first(profile.liked, 30), 12, 5),
        ):
            if name in wanted:
                weights = recency(len(entries), half_life)
                if full:
                    # Of few plays or likes the mean is not believed in full.
                    weights = weights * min(len(entries), full) / full
                self.values[name] = self._affinity(entries, weights)
        if "walk" in wanted:
            walks = self._fits.walks
            at, known = rows_of(walks.video_ids, long)
            reached = reach(walks, at, recency(len(long), 12)[known].astype(np.float32))
            self.values["walk"] = self._spread(walks.video_ids, reached)

    def _affinity(self, entries: Int64s, weights: Floats) -> Floats:
        rows, places = self._fits.rows, self._fits.places_of_rows
        at, known = rows_of(rows.video_ids, entries)
        if not len(at):
            return np.zeros(self._count)
        products = rows.weights_q24[at] * (weights[known] / (1 << 24))[:, None]
        sums = np.bincount(rows.neighbours[at].ravel(), products.ravel(), minlength=len(rows.video_ids))
        return self._spread(rows.video_ids if places is None else places, np.asarray(sums, dtype=np.float64))

    def _spread(self, places: Int64s, values: Floats) -> Floats:
        """(E,) values to the videos that are read; ascending places of all of them are those of the videos."""
        spread = np.zeros(self._size)
        known = places >= 0
        spread[places[known]] = values[known]
        return spread[self._at]

    def _by_factors(self, long: Int64s, wanted: frozenset[str]) -> None:
        factors, signals, as_of_ms = self._fits.factors, self._signals, self._here.as_of_ms
        at, _ = rows_of(factors.video_ids, long)
        lasting = self._here.profile.vector
        if lasting is None:
            lasting = self._here.profile.vector = factors.viewer(at)
        brief = factors.viewer(at, 3)
        places = self._fits.places_of_factors
        for name, vector in (("place", lasting), ("place_short", brief)):
            if name in wanted:
                length = max(float(np.sqrt(vector @ vector)), 1e-9)
                near = (factors.vectors @ vector / length).astype(float)
                self.values[name] = self._spread(factors.video_ids if places is None else places, near)
        whole, short = (factors.direction(one) if factors.dimensions else one for one in (lasting, brief))
        crowd, surface = signals.crowd, signals.surface(self._here.surface)
        crowds = [
            ("crowd_hours", crowd, 0, whole),
            ("crowd", crowd, 1, whole),
            ("crowd_short", crowd, 1, short),
            ("crowd_week", crowd, 2, whole),
            ("crowd_long", signals.long_crowd, 0, whole),
        ]
        if surface is not None:
            crowds.append(("crowd_surface", surface.crowd, 0, whole))
        elif "crowd_surface" in wanted:
            self.values["crowd_surface"] = np.zeros(self._count)
        for name, sums, place, direction in crowds:
            if name in wanted:
                self.values[name] = sums.along(direction, place, self._at) * sums.factors(as_of_ms)[place]
        if "crowd_pure" in wanted:
            scale = crowd.factors(as_of_ms)[1]
            alike = self.values.get("crowd")
            if alike is None:
                alike = crowd.along(whole, 1, self._at) * scale
            self.values["crowd_pure"] = alike / (signals.crowd_lengths(self._at) * scale + 0.3)

    def _by_plays(self, wanted: frozenset[str]) -> None:
        signals, fits, as_of_ms = self._signals, self._fits, self._here.as_of_ms
        at = self._at
        plays = signals.plays.sums[at] * signals.plays.factors(as_of_ms)
        for place, name in enumerate(("played_2h", "played_8h", "played_1d", "played_3d")):
            if name in wanted:
                self.values[name] = plays[:, place]
        surface = signals.surface(self._here.surface)
        on_surface = np.zeros((self._count, 3))
        last_surface = np.full(self._count, NEVER_MS)
        if surface is not None:
            on_surface = surface.plays.sums[at] * surface.plays.factors(as_of_ms)
            last_surface = surface.last_ms[at]
        for place, name in enumerate(("surface_2h", "surface_8h", "surface_2d")):
            if name in wanted:
                self.values[name] = on_surface[:, place]
        shown, played, held = signals.shown[at], signals.played[at], fits.held[at]
        if "lift" in wanted:
            recent = plays[:, 1] + 0.3 * plays[:, 2]
            self.values["lift"] = np.log2(recent + 0.3) - np.log2(held + 0.5 * played + 5)
        if "held" in wanted:
            self.values["held"] = held
        if "newest" in wanted:
            self.values["newest"] = fits.newest[at]
        for name, last_ms in (("since_played", signals.last_ms[at]), ("since_surface", last_surface)):
            if name in wanted:
                self.values[name] = -np.log2(1 + np.maximum(as_of_ms - last_ms, 0) / _HOUR_MS)
        if "like_rate" in wanted:
            self.values["like_rate"] = np.log2((signals.liked[at] + 0.5) / (shown + 20))

    def _by_rates(self, wanted: frozenset[str]) -> None:
        signals, as_of_ms, at = self._signals, self._here.as_of_ms, self._at
        quality = (signals.long[at] + 5 * self._long_rate) / (signals.shown[at] + 5)
        if "quality" in wanted:
            self.values["quality"] = np.log2(quality)
        if "hold" in wanted:
            late = signals.rates.sums[at, 0, 1] * signals.rates.factors(as_of_ms)[0]
            plays = signals.plays.sums[at, 3] * signals.plays.factors(as_of_ms)[3]
            self.values["hold"] = np.log2((late + 2) / (plays + 4))
        surface = signals.surface(self._here.surface)
        shown, long, plays = np.zeros((3, self._count))
        if surface is not None:
            shown, long = (surface.rates.sums[at, 0] * surface.rates.factors(as_of_ms)[0]).T
            plays = surface.plays.sums[at, 2] * surface.plays.factors(as_of_ms)[2]
        if "hold_surface" in wanted:
            self.values["hold_surface"] = np.log2((long + 2) / (plays + 4))
        if "quality_surface" in wanted:
            self.values["quality_surface"] = np.log2((long + 4 * quality) / (shown + 4))
        if self._of_creators is not None:
            numbers, rates = self._of_creators
            own = self._catalog.creators[at]
            place, known = rows_of(numbers, own)
            # What nothing is known of has the rate that smoothing begins with.
            of_creator = np.full(len(own), 1 / 3)
            of_creator[known] = rates[place]
            self.values["creator_rate"] = np.log2(of_creator)

    def _by_players(self, wanted: frozenset[str]) -> None:
        """Who played a video lately and when, and how far this request is from that."""
        if not wanted & _OF_PLAYERS:
            return
        moments, at = self._signals.moments, self._at
        own = moment(len(self._here.profile.long), self.as_of_ms)
        sums = moments.sums[at, 0] * moments.factors(self.as_of_ms)[0]
        # Of few plays the mean is not believed in full.
        means = (sums[:, 1:] + _FEW_PLAYS * _USUAL) / (sums[:, :1] + _FEW_PLAYS)
        of_players = {
            "players_known": means[:, 0],
            "known_gap": np.abs(means[:, 0] - own[0]),
            "hour": means[:, 1:] @ own[1:],
        }
        self.values |= {name: values for name, values in of_players.items() if name in wanted}

    def _creator_rates(self) -> tuple[Int64s, Floats]:
        """(N,) creators, ascending, and their late rates of long views among impressions."""
        creators = self._catalog.creators[: self._size]
        late = self._signals.rates.sums[: self._size, 0] * self._signals.rates.factors(self.as_of_ms)[0]
        known = creators >= 0
        numbers, which = np.unique(creators[known], return_inverse=True)
        of_shown, of_long = (np.bincount(which, late[known, kind], minlength=len(numbers)) for kind in (0, 1))
        return numbers, (of_long + 1) / (of_shown + 3)

    def _by_facts(self, wanted: frozenset[str]) -> None:
        catalog, own = self._catalog, self._own
        weights = np.exp2(-np.arange(len(own.creators)) / 12)
        if "creator" in wanted:
            self.values["creator"] = _share(catalog.creators[self._at], own.creators, weights)
        if "tag" in wanted:
            number = max(int(catalog.tags.max(initial=0)) + 1, 1)
            self.values["tag"] = _share(catalog.tags[self._at], own.tags, weights, smoothed_over=number)
        if "duration" in wanted:
            self.values["duration"] = catalog.log_duration[self._at]
        if "duration_gap" in wanted:
            lengths = own.log_duration if len(own.log_duration) else catalog.log_duration
            middle = lengths.mean() if len(lengths) else 0.0
            self.values["duration_gap"] = np.abs(catalog.log_duration[self._at] - middle)


def candidates(reading: Reading, columns: Sequence[Column], allowed: npt.NDArray[np.bool_]) -> Int64s:
    """The union of what every part with a quota brings, ascending places."""
    brought = [reading.top(column.name, column.quota, allowed) for column in columns if column.quota]
    return np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *brought]))


def rows_of(video_ids: Int64s, places: Int64s) -> tuple[Int64s, npt.NDArray[np.bool_]]:
    """Where places stand among ascending ids, and which do at all."""
    at = places_of(video_ids, places)
    known = at >= 0
    return at[known], known


def _mean(unit: Int8s, weights: Int64s) -> Floats:
    """(D,) weighted mean of (P, D); zeros of nothing."""
    total: Floats = weights @ unit.astype(np.float64) / max(int(weights.sum()), 1)
    return total


def _share(of_videos: Int64s, own: Int64s, weights: Floats, smoothed_over: int = 0) -> Floats:
    """Weight of the viewer's entries that share a video's number; as log2 of a share smoothed over so many numbers."""
    numbers, which = np.unique(own[own >= 0], return_inverse=True)
    sums = np.bincount(which, weights[own >= 0], minlength=len(numbers))
    none = 0.0
    if smoothed_over:
        total = sums.sum() + 0.3 * smoothed_over
        sums, none = np.log2((sums + 0.3) / total), float(np.log2(0.3 / total))
    at, known = rows_of(numbers, of_videos)
    values = np.full(len(of_videos), none)
    values[known] = sums[at]
    return values
