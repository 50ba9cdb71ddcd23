"""What is learned in the order of the log: live signals of the active videos, taste vectors, and the blend.

Everything here is a function of the events in their order. Counting and clocks come from the log; what takes long
(taste vectors) is begun at one place of the log and takes effect at a later one, however soon it was ready.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from penchant.taste.context import CONTEXT
from penchant.taste.encounters import STRONG
from penchant.taste.factors import Factors, Float32s, carry_over, fit_factors
from penchant.taste.fixed import Int64s, exp2_q30
from penchant.taste.head_trainer import HeadTrainer, Key
from penchant.taste.parts import NEWEST_HALF_LIFE, PROFILE
from penchant.taste.pressure import Price
from penchant.taste.ranker import Features
from penchant.taste.recipe import SERVED
from penchant.taste.signals import Signals
from penchant.taste.similar import EXACT_AT_MOST, Plays
from penchant.taste.trainer import Example, Trainer
from penchant.taste.watch_times import WatchTimes

ACTIVE_AT_MOST: Final = 12_288
"""Videos with live signals; beyond, the quarter with the fewest plays of the last days is let go."""
FEED: Final = 0
"""The surface whose signals are kept apart: pages are made for it."""
SAMPLED: Final = 15
"""A page has ten slots or twenty."""
BUFFER: Final = 10_000
BASE_AT_LEAST: Final = 256
BASE_SHARE: Final = 8
"""A new base is cut when an eighth of the active videos has moved, and more than 256."""


@dataclass(frozen=True, slots=True)
class PageList:
    """What a page was drawn from, as its record says."""

    video_ids: Int64s
    """(K,) the best of the first stage first."""
    rows: Features
    """(K, C) int32 Q16."""
    context: Int64s
    """(X,) Q10."""
    columns: tuple[str, ...]
    """Names of the C."""
    slots: tuple[int, ...]
    """Places in the list of what stood in each slot; -1 for something else."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is fitted once a day, and sooner while a market is young. Shapes: E videos, as `factors.video_ids`."""

    factors: Factors
    held: Int64s
    """(E,) viewers who watched it long, liked or shared it."""
    newest_q16: Int64s
    """(E,) viewers who have it among their last long views, halved for every 5 later ones, Q16."""

    @classmethod
    def empty(cls) -> Standing:
        """Before anything is learned."""
        none = np.zeros(0, dtype=np.int64)
        return cls(Factors.empty(), none, none)


@dataclass(frozen=True, slots=True)
class Begun:
    """A fit that was begun: from these it is made."""

    plays: Plays
    newest_q16: Mapping[int, int]


class Fitter(Protocol):
    """Makes factors, at once or beside the fold; the result is the same."""

    def begin(self, plays: Plays) -> None:
        """These will be asked for."""
        ...

    def factors(self, plays: Plays) -> Factors:
        """Those of these plays; waits until they are there."""
        ...


class AtOnce:
    """Makes factors when they are asked for."""

    def begin(self, plays: Plays) -> None:
        pass

    def factors(self, plays: Plays) -> Factors:
        return fit_factors(plays.most_played(EXACT_AT_MOST))


def newest_of(profiles: Iterable[list[int]]) -> dict[int, int]:
    """What each video has in the ends of profiles, oldest first: Q16 sums, which order does not change."""
    steps = exp2_q30(-(np.arange(PROFILE, dtype=np.int64) << 16) // NEWEST_HALF_LIFE) >> 14
    weights = steps.tolist()
    sums: dict[int, int] = {}
    for profile in profiles:
        for weight, video in zip(weights, reversed(profile), strict=False):
            sums[video] = sums.get(video, 0) + weight
    return sums


@dataclass(frozen=True, slots=True)
class Table:
    """The signals of the active videos, a row for each, as named arrays; and the landmarks of what decays."""

    arrays: Mapping[str, npt.NDArray[Any]]
    landmarks: Mapping[str, int]


class Live:
    """The state; the learner says what happened."""

    def __init__(self) -> None:
        self.signals = Signals(0)
        self.served = Price(SERVED.spread)
        self.video_ids: list[int] = []
        """Of the active videos, by place."""
        self.place_of: dict[int, int] = {}
        self.standing = Standing.empty()
        self.begun: Begun | None = None
        self.trainer = Trainer(
            len(SERVED.columns), CONTEXT, [column.prior for column in SERVED.columns], sampled=SAMPLED, buffer=BUFFER
        )
        self.heads = HeadTrainer(len(SERVED.columns), CONTEXT)
        self.watch_times = WatchTimes()
        self.base = self.table()
        """The table as it was at one place of the log; what epochs publish in full."""
        self.changed: set[int] = set()
        """Places that have moved since: what epochs publish beside it."""
        self._touched = self._all_moved = False
        """Places were let go, sums were carried over: the next event cuts a new base."""

    def place(self, video: int, counts: tuple[int, int, int, int], at_ms: int) -> int:
        """The place of a video, a new one if it was not active; `counts`: viewers who were shown it, played, long,
        liked."""
        place = self.place_of.get(video)
        if place is None:
            if len(self.video_ids) >= ACTIVE_AT_MOST:
                self._let_go(at_ms)
            place = self.place_of[video] = len(self.video_ids)
            self.video_ids.append(video)
            self.signals.grow(len(self.video_ids))
            self.served.grow(len(self.video_ids))
            self.recount(video, counts)
        self.changed.add(place)
        self._touched = True
        return place

    def recount(self, video: int, counts: tuple[int, int, int, int]) -> None:
        """Viewers who were shown an active video, played, long, liked."""
        if (place := self.place_of.get(video)) is not None:
            signals = self.signals
            signals.shown[place], signals.played[place], signals.long[place], signals.liked[place] = counts
            self.changed.add(place)
            self._touched = True

    def table(self) -> Table:
        """The table as it is now; its arrays go on changing."""
        arrays, landmarks = self.signals.arrays()
        served, landmarks["served"] = self.served.videos.state(len(self.video_ids))
        return Table({**arrays, "served": served, "video_ids": np.array(self.video_ids, dtype=np.int64)}, landmarks)

    def follow_base(self) -> None:
        """Cuts a new base where much has moved since the last one. Called after every event: the log decides."""
        if not self._touched:
            return
        self._touched = False
        few = len(self.changed) <= max(BASE_AT_LEAST, len(self.video_ids) // BASE_SHARE)
        if few and not self._all_moved and self._as_in_base():
            return
        table = self.table()
        self.base = Table({name: array.copy() for name, array in table.arrays.items()}, table.landmarks)
        self.changed = set()
        self._all_moved = False

    def _as_in_base(self) -> bool:
        """Whether all landmarks are those of the base; what was scaled down to a later one has moved in every row."""
        then, decayed = self.base.landmarks, self.signals.decayed
        if len(decayed) + 1 != len(then) or self.served.videos.landmark_ms != then["served"]:
            return False
        return all(sums.landmark_ms == then[name] for name, sums in decayed.items())

    def direction(self, long: list[int]) -> Float32s | None:
        """(D,) the taste of a viewer with these long views, oldest first; None where nothing is known of it."""
        factors = self.standing.factors
        if not long or not factors.dimensions:
            return None
        at = factors.places(np.array(long[::-1], dtype=np.int64))
        at = at[at >= 0]
        return factors.direction(factors.viewer(at)) if len(at) else None

    def learn(self, page: PageList, slot: int, video: int, long: set[int] | frozenset[int]) -> bool:
        """The video in a slot of a page was watched long; what stood before it and is not in `long` was left.

        False where the page does not fit: another recipe's, another video in the slot.
        """
        if (target := _in_slot(page, slot, video)) is None:
            return False
        before = [at for at in page.slots[:slot] if at >= 0 and int(page.video_ids[at]) not in long]
        left = np.array(before, dtype=np.int64)
        example = Example.shown(page.rows, page.context, target, left, self.trainer.examples, SAMPLED)
        if example is None:
            return False
        self.trainer.learn(example)
        return True

    def learn_outcome(self, page: PageList, slot: int, video: int, key: Key, labels: Float32s) -> bool:
        """What became of the video in a slot of a page: (N,) labels of the heads.

        False where the page does not fit, or the blend has no scales yet.
        """
        target, scale = _in_slot(page, slot, video), self.trainer.scale
        if target is None or scale is None:
            return False
        self.heads.learn(key, page.rows[target], page.context, labels, scale)
        return True

    def adopt(self, fitter: Fitter) -> None:
        """What was begun takes effect."""
        begun = self.begun
        assert begun is not None
        self.begun = None
        before, factors = self.standing.factors, fitter.factors(begun.plays)
        strong = begun.plays.videos[begun.plays.strengths >= STRONG]
        held = np.bincount(_known(factors.places(strong)), minlength=len(factors.video_ids))
        newest = np.array([begun.newest_q16.get(id_, 0) for id_ in factors.video_ids.tolist()], dtype=np.int64)
        self.standing = Standing(factors, held.astype(np.int64), newest)
        none = np.zeros((self.signals.dimensions, factors.dimensions), dtype=np.float32)
        self.signals.turn(carry_over(before, factors) if before.dimensions and factors.dimensions else none)
        self._touched = self._all_moved = True

    def arrays(self) -> tuple[dict[str, npt.NDArray[Any]], dict[str, int]]:
        """Everything that is needed to go on from here, as named arrays and single numbers."""
        table = self.table()
        blend, numbers = self.trainer.arrays()
        heads, of_heads = self.heads.arrays()
        all_served, landmark = self.served.all.state(1)
        arrays = {f"table_{name}": array for name, array in table.arrays.items()}
        arrays |= {f"blend_{name}": array for name, array in blend.items()}
        arrays |= {f"heads_{name}": array for name, array in heads.items()}
        arrays["watch_times"] = self.watch_times.counts
        changed = np.array(sorted(self.changed), dtype=np.int64)
        arrays |= {"all_served": all_served, "changed": changed, "base_video_ids": self.base.arrays["video_ids"]}
        # Everything else of the base is as it is now.
        before = changed[changed < len(arrays["base_video_ids"])]
        arrays |= {f"before_{name}": array[before] for name, array in self.base.arrays.items()}
        arrays |= {f"standing_{name}": array for name, array in standing_arrays(self.standing).items()}
        about = {f"landmark_{name}": value for name, value in table.landmarks.items()}
        about |= {"all_served_landmark": landmark, "all_moved": int(self._all_moved)}
        about |= {f"blend_{name}": value for name, value in numbers.items()}
        about |= {f"heads_{name}": value for name, value in of_heads.items()}
        about |= {"standing_position": self.standing.factors.position, "begun": int(self.begun is not None)}
        if self.begun is not None:
            plays, newest = self.begun.plays, sorted(self.begun.newest_q16.items())
            arrays |= {
                "begun_starts": plays.starts,
                "begun_videos": plays.videos,
                "begun_strengths": plays.strengths,
                "begun_newest": np.array(newest, dtype=np.int64).reshape(-1, 2),
            }
            about["begun_position"] = plays.position
        return arrays, about

    @classmethod
    def of(cls, arrays: Mapping[str, npt.NDArray[Any]], about: Mapping[str, int]) -> Live:
        """The inverse of `arrays`; they are copied."""
        live = cls()

        def named(prefix: str) -> dict[str, npt.NDArray[Any]]:
            start = len(prefix)
            return {name[start:]: array.copy() for name, array in arrays.items() if name.startswith(prefix)}

        def numbers(prefix: str) -> dict[str, int]:
            return {name[len(prefix) :]: value for name, value in about.items() if name.startswith(prefix)}

        landmarks, table, before = numbers("landmark_"), named("table_"), named("before_")
        live.signals = Signals.of(table, landmarks)
        live.served.videos.restore(table["served"], landmarks["served"])
        live.served.all.restore(arrays["all_served"].copy(), about["all_served_landmark"])
        live.video_ids = table["video_ids"].tolist()
        live.place_of = {video: place for place, video in enumerate(live.video_ids)}
        live.changed = set(arrays["changed"].tolist())
        live._all_moved = bool(about["all_moved"])
        count = len(arrays["base_video_ids"])
        places = arrays["changed"][arrays["changed"] < count]
        base = {name: array[:count].copy() for name, array in table.items() if name in before}
        for name, rows in before.items():
            base[name][places] = rows
        live.base = Table(base, landmarks)
        live.trainer.restore(named("blend_"), numbers("blend_"))
        live.heads.restore(named("heads_"), numbers("heads_"))
        live.watch_times = WatchTimes(arrays["watch_times"].copy())
        live.standing = standing_of(named("standing_"), about["standing_position"])
        if about["begun"]:
            begun = named("begun_")
            plays = Plays(about["begun_position"], begun["starts"], begun["videos"], begun["strengths"])
            live.begun = Begun(plays, dict(begun["newest"].tolist()))
        return live

    def _let_go(self, at_ms: int) -> None:
        recent = self.signals.plays.at(slice(0, len(self.video_ids)), at_ms)[:, -1]
        ids = np.array(self.video_ids, dtype=np.int64)
        # The most played, equal ones by id, in their old order.
        kept = np.sort(np.lexsort((ids, -recent))[: 3 * ACTIVE_AT_MOST // 4])
        self.signals.keep(kept)
        self.served.keep(kept)
        self.video_ids = ids[kept].tolist()
        self.place_of = {video: place for place, video in enumerate(self.video_ids)}
        self._touched = self._all_moved = True


def _in_slot(page: PageList, slot: int, video: int) -> int | None:
    """The place in the list of what stood in a slot; None for another recipe's page, or another video there."""
    if page.columns != SERVED.names or not 0 <= slot < len(page.slots) or page.slots[slot] < 0:
        return None
    target = page.slots[slot]
    return target if int(page.video_ids[target]) == video else None


def standing_arrays(standing: Standing) -> dict[str, npt.NDArray[Any]]:
    """As named arrays."""
    factors = standing.factors
    return {
        "video_ids": factors.video_ids,
        "vectors": factors.vectors,
        "damping": factors.damping,
        "mean": factors.mean,
        "held": standing.held,
        "newest_q16": standing.newest_q16,
    }


def standing_of(arrays: Mapping[str, npt.NDArray[Any]], position: int) -> Standing:
    """The inverse of `standing_arrays`."""
    factors = Factors(position, arrays["video_ids"], arrays["vectors"], arrays["damping"], arrays["mean"])
    return Standing(factors, arrays["held"], arrays["newest_q16"])


def _known(places: Int64s) -> Int64s:
    return places[places >= 0]
