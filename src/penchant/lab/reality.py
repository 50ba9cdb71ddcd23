"""What is true in a world: viewers, videos, who follows whom, when they come, and what they would do with each video.

Everything is drawn from the world's seed. What a viewer does with a video is drawn from noise that is theirs alone, so
two policies that show the same video to the same viewer at the same time see the same (common random numbers), and
who comes when depends on no policy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from penchant.lab.world import World
from penchant.taste.content import Int8s
from penchant.taste.fixed import Int64s, fork, random_bits
from penchant.taste.labels import GLANCE_MS, long_threshold_ms

Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]

DAY_MS: Final = 86_400_000
START_MS: Final = 1_650_844_800_000
"""A midnight; the simulated days begin here."""
PAGE_MS: Final = 120_000
"""From one page of a session to the next."""
_DURATION_MS: Final = (3_000, 900_000)
_MIDDLE_MS: Final = 15_000
_ALIKE: Final = 4
"""Contacts by taste are drawn from so many times as many of the most alike."""
_CONTENT: Final = 64
"""Dimensions of a content vector."""
_LOOK, _LONG, _WATCH, _LIKE = range(4)


@dataclass(frozen=True, slots=True)
class Watched:
    """What became of S shown videos. Shapes: (S,) each."""

    looked: Bools
    long: Bools
    watch_ms: Int64s
    liked: Bools


class Reality:
    """V videos, N viewers, T topics."""

    def __init__(self, world: World) -> None:
        self.world = world
        rng = np.random.default_rng((world.seed, 1))
        shares = _shares(world)
        mine = rng.dirichlet(world.taste_topics * shares, world.viewers)
        later = rng.dirichlet(world.taste_topics * shares, world.viewers)
        self._taste = self._shared(mine, shares)
        self._later = self._shared(later, shares)
        self._other = self._shared(_elsewhere(mine, rng.dirichlet(world.taste_topics * shares, world.viewers)), shares)
        self.switches: Bools = rng.random(world.viewers) < world.switching
        self.look_of_viewer = world.look_spread * rng.normal(size=world.viewers)
        self.long_of_viewer = world.long_spread * rng.normal(size=world.viewers)
        self._make_videos(np.random.default_rng((world.seed, 2)), mine)
        self._make_contacts(np.random.default_rng((world.seed, 3)))
        self._make_visits(np.random.default_rng((world.seed, 4)))
        self._noise = [fork(world.seed, 5, kind) for kind in range(4)]

    def _shared(self, mixtures: Floats, shares: Floats) -> Floats:
        alike = self.world.tastes_alike
        return (1 - alike) * mixtures + alike * shares

    def _make_videos(self, rng: np.random.Generator, mine: Floats) -> None:
        world, count = self.world, self.world.videos
        publishing = np.sort(rng.permutation(world.viewers)[: max(round(world.creators * world.viewers), 2)])
        weights = np.exp(world.creator_spread * rng.normal(size=len(publishing)))
        self.creators: Int64s = rng.choice(publishing, count, p=weights / weights.sum())
        """(V,) numbers of the viewers who published them."""
        self.publishing: Int64s = publishing
        # A creator makes what they like themselves. A little of each topic keeps the mixture defined.
        self.mixtures: Floats = _dirichlet_rows(rng, world.video_topics * mine[self.creators] + 1e-3)
        self.topic: Int64s = self.mixtures.argmax(axis=1)
        """(V,) main topics."""
        anything = rng.choice(world.topics, count, p=_shares(world))
        self.tags: Int64s = np.where(rng.random(count) < world.tag_true, self.topic, anything)
        logs = world.duration_log_mean + world.duration_log_spread * rng.normal(size=count)
        self.durations_ms: Int64s = np.clip(np.rint(np.exp(logs)), *_DURATION_MS).astype(np.int64)
        self.quality: Floats = world.quality_spread * rng.normal(size=count)
        self.clickbait: Bools = rng.random(count) < world.clickbait
        old = round(world.at_start * count)
        fresh = np.sort(_moments(rng, count - old, world))
        self.published_ms: Int64s = np.concatenate([START_MS - rng.integers(1, 7 * DAY_MS, old), fresh])
        self.content: Int8s | None = None
        """(V, D) what each looks and sounds like, as an encoder says it."""
        if world.content:
            self.content = _content(np.random.default_rng((world.seed, 6)), self.mixtures, world.content)
        self._unit = self.mixtures / np.linalg.norm(self.mixtures, axis=1, keepdims=True)
        self._of_length = _of_length(self.durations_ms, world)

    def _make_contacts(self, rng: np.random.Generator) -> None:
        """(N, C): half of each viewer's contacts publish; with `homophily` each is of the most alike."""
        world = self.world
        unit = self._taste / np.linalg.norm(self._taste, axis=1, keepdims=True)
        alike = unit @ unit.T
        np.fill_diagonal(alike, -1)
        everyone = np.arange(world.viewers)
        contacts = np.empty((world.viewers, min(world.contacts, len(self.publishing) - 1)), dtype=np.int64)
        for viewer in range(world.viewers):
            chosen: list[int] = []
            for number in range(contacts.shape[1]):
                pool = self.publishing if number % 2 == 0 else everyone
                pool = pool[(pool != viewer) & ~np.isin(pool, chosen)]
                # Both are drawn whichever is taken: only `homophily` decides what is different in two worlds.
                by_taste, anyone = rng.random(2)
                if rng.random() < world.homophily:
                    most = min(_ALIKE * world.contacts, len(pool))
                    nearest = pool[np.argsort(-alike[viewer, pool], kind="stable")[:most]]
                    chosen.append(int(nearest[int(by_taste**2 * len(nearest))]))
                else:
                    chosen.append(int(pool[int(anyone * len(pool))]))
            contacts[viewer] = chosen
        self.contacts: Int64s = contacts

    def _make_visits(self, rng: np.random.Generator) -> None:
        """Pages that are asked for, in the order of time: sessions of one page and more."""
        world = self.world
        activity = np.exp(world.activity_spread * rng.normal(size=world.viewers))
        activity *= world.pages_a_day / activity.mean()
        viewers, moments = [], []
        for viewer in range(world.viewers):
            pages = rng.poisson(activity[viewer] * world.days)
            in_session = rng.random(pages) < 0.5
            starts = _moments(rng, pages, world)
            for place in range(1, pages):
                if in_session[place]:
                    starts[place] = starts[place - 1] + PAGE_MS
            viewers.append(np.full(pages, viewer))
            moments.append(starts)
        self.visit_viewers: Int64s = np.concatenate(viewers)
        self.visit_ms: Int64s = np.concatenate(moments)
        order = np.lexsort((self.visit_viewers, self.visit_ms))
        self.visit_viewers, self.visit_ms = self.visit_viewers[order], self.visit_ms[order]

    @property
    def switch_ms(self) -> int:
        return START_MS + self.world.switch_day * DAY_MS

    def taste(self, viewer: int, at_ms: int) -> Floats:
        """(T,) the mixture of topics that a viewer likes at a time."""
        world = self.world
        if self.switches[viewer] and at_ms >= self.switch_ms:
            return np.asarray(self._other[viewer])
        moved = world.drift * (at_ms - START_MS) / (world.days * DAY_MS)
        taste: Floats = (1 - moved) * self._taste[viewer] + moved * self._later[viewer]
        return taste

    def affinity(self, viewer: int, at_ms: int) -> Floats:
        """(V,) cosine of the viewer's taste and each video's topics: 0 for nothing in common, 1 for the same."""
        taste = self.taste(viewer, at_ms)
        affinity: Floats = self._unit @ (taste / np.sqrt(taste @ taste))
        return affinity

    def chances(self, viewer: int, at_ms: int) -> tuple[Floats, Floats]:
        """(V,) chance that each video would be looked at, and (V,) that it would be watched long."""
        return self.chances_with(viewer, self.affinity(viewer, at_ms))

    def chances_with(self, viewer: int, affinity: Floats) -> tuple[Floats, Floats]:
        """The same for (..., V) what videos would have in common with a taste."""
        world = self.world
        look = world.look + world.look_taste * affinity + world.look_quality * self.quality
        look = look + world.clickbait_look * self.clickbait + self.look_of_viewer[viewer]
        long = world.long + world.long_taste * affinity + world.long_quality * self.quality
        long = long - world.clickbait_long * self.clickbait + self._of_length + self.long_of_viewer[viewer]
        looked = _logistic(look)
        return looked, looked * _logistic(long)

    def affinities_elsewhere(self, viewer: int, count: int, rng: np.random.Generator) -> Floats:
        """(N, V) what videos have in common with each of `count` tastes that the viewer might turn to."""
        drawn = rng.dirichlet(self.world.taste_topics * _shares(self.world), count)
        tastes = self._shared(
            _elsewhere(np.repeat(self._taste[viewer][None], count, axis=0), drawn), _shares(self.world)
        )
        affinities: Floats = tastes / np.linalg.norm(tastes, axis=1, keepdims=True) @ self._unit.T
        return affinities

    def watch(self, viewer: int, places: Int64s, at_ms: int) -> Watched:
        """What a viewer does with videos at (S,) places; each is shown to them once."""
        world = self.world
        looking, watching = (chance[places] for chance in self.chances(viewer, at_ms))
        look, long, far, like = (self._uniform(kind, viewer, places) for kind in (_LOOK, _LONG, _WATCH, _LIKE))
        looked = look < looking
        stayed = looked & (long < watching / looking)
        durations = self.durations_ms[places]
        threshold = np.array([long_threshold_ms(length) for length in durations.tolist()], dtype=np.float64)
        glance = np.minimum(GLANCE_MS, threshold)
        short = glance * np.clip((far - world.none_at_all) / (1 - world.none_at_all), 0, 1)
        # Log-uniform from the glance to the threshold: among KuaiRand's, 0.30 of these pass the threshold of a play.
        middle = glance * (threshold / glance) ** far
        tail = world.beyond + world.beyond_per_length * np.log(durations / _MIDDLE_MS)
        lasting = threshold * np.exp(-np.maximum(tail, 0.1) * np.log1p(-far))
        # An hour in one video is more than anyone does.
        whole = np.where(stayed, np.minimum(np.ceil(lasting), 3_600_000), np.floor(np.where(looked, middle, short)))
        return Watched(looked, stayed, whole.astype(np.int64), stayed & (like < world.likes))

    def published(self, at_ms: int) -> Bools:
        """(V,) what there is at a time."""
        return np.asarray(self.published_ms <= at_ms)

    def _uniform(self, kind: int, viewer: int, places: Int64s) -> Floats:
        bits = random_bits(fork(self._noise[kind], viewer), places)
        return (bits >> np.uint64(11)).astype(np.float64) / (1 << 53)


def _content(rng: np.random.Generator, mixtures: Floats, telling: float) -> Int8s:
    """(V, D): each topic is a direction, a video lies in those of its topics, and its own way of doing it is noise."""
    directions = rng.normal(size=(mixtures.shape[1], _CONTENT))
    own = mixtures / np.linalg.norm(mixtures, axis=1, keepdims=True) @ directions
    seen = telling * own + rng.normal(size=own.shape)
    vectors: Int8s = np.clip(np.rint(seen * (40 / np.hypot(telling, 1))), -127, 127).astype(np.int8)
    return vectors


def _shares(world: World) -> Floats:
    """(T,) how much of everything each topic is."""
    powers = np.arange(1, world.topics + 1.0) ** -world.topic_power
    shares: Floats = powers / powers.sum()
    return shares


def _logistic(values: Floats) -> Floats:
    logistic: Floats = 1 / (1 + np.exp(-values))
    return logistic


def _dirichlet_rows(rng: np.random.Generator, concentrations: Floats) -> Floats:
    """One mixture for each row of concentrations, as normalised gamma draws."""
    drawn = rng.gamma(concentrations) + 1e-9
    rows: Floats = drawn / drawn.sum(axis=1, keepdims=True)
    return rows


def _elsewhere(before: Floats, drawn: Floats) -> Floats:
    """Mixtures away from those before: a topic counts less the more it was liked."""
    away = drawn * np.maximum(1 - before / before.max(axis=1, keepdims=True), 1e-3)
    mixtures: Floats = away / away.sum(axis=1, keepdims=True)
    return mixtures


def _moments(rng: np.random.Generator, count: int, world: World) -> Int64s:
    """(count,) times, evenly over the days and by the hours within them."""
    hours = np.array(world.hours) / np.sum(world.hours)
    days = rng.integers(0, world.days, count)
    moments: Int64s = START_MS + days * DAY_MS + rng.choice(24, count, p=hours) * (DAY_MS // 24)
    return np.sort(moments + rng.integers(0, DAY_MS // 24, count))


def _of_length(durations_ms: Int64s, world: World) -> Floats:
    """(V,) what a length does to the logit of watching long."""
    short = world.long_short_video * (durations_ms <= 18_000)
    beyond: Floats = world.long_long_video * np.log2(np.maximum(durations_ms / 120_000, 1)) + short
    return -beyond
