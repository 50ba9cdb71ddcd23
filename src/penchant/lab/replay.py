"""The replay protocol: data as a stream. Each long view is ranked for with the state just before it, then let in.

A target is a long view of a video that is not yet in its viewer's profile, of a viewer who has one. All of them count,
all videos are ranked, everything that was shown to the viewer is masked. Targets outside the candidates are missed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from penchant.lab.dataset import Dataset, Events
from penchant.lab.encoded import COLUMN, Encoded
from penchant.lab.exposure import Exposure
from penchant.lab.metrics import MISSED, Floats, Lists, mid_rank
from penchant.lab.outcomes import Outcomes
from penchant.lab.rules import RuleFeed
from penchant.taste.engine import Engine, Impression, Page, Ranker
from penchant.taste.fixed import Int64s
from penchant.taste.parts import Reading
from penchant.taste.pressure import Price

Progress = Callable[[str, int, int], None]
LENGTH: Final = 10


@dataclass
class Result:
    """What came of one model, over the N measured targets."""

    lists: Lists
    ranks: list[float] = field(default_factory=list)
    inside: list[bool] = field(default_factory=list)
    """Whether the target was among the candidates that were scored."""


@dataclass
class Replay:
    """All models over the same targets."""

    models: dict[str, Result]
    viewers: list[int] = field(default_factory=list)
    """(N) whose target each is."""
    numbers: list[int] = field(default_factory=list)
    """(N) of the event, in those that were run through."""
    losses: dict[str, list[float]] = field(default_factory=dict)


@dataclass
class Prices:
    """Several prices on being served often, of one ranker's order: what is learned does not depend on them."""

    ranker: str
    each: Mapping[str, Price]
    """By the name under which it is reported."""

    @classmethod
    def of(cls, ranker: str, spreads: Sequence[float]) -> Prices:
        """From doublings of odds for each doubling of how often a video was served."""
        return cls(ranker, {f"spread {spread:g}": Price(spread) for spread in spreads})

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.each)

    def serve(self, page: Page, at_ms: int) -> Iterator[tuple[str, Int64s]]:
        """(name, scores of the page's places) of each; what these put first counts as served."""
        for name, price in self.each.items():
            scores = page.scores + page.pressure - price.pressure(page.places, at_ms)
            price.serve(page.places[np.lexsort((page.places, -scores))][:LENGTH], at_ms)
            yield name, scores


Baseline = Callable[[Reading], Floats]
"""From what the parts say to a score for every video (V,)."""

BASELINES: Final[Mapping[str, tuple[frozenset[str], Baseline]]] = {
    "popularity": (frozenset({"played_1d"}), lambda reading: reading.values["played_1d"]),
    "ease": (frozenset({"rows"}), lambda reading: reading.values["rows"]),
    "rp3beta": (frozenset({"walk"}), lambda reading: reading.values["walk"]),
    "crowd": (frozenset({"crowd"}), lambda reading: reading.values["crowd"]),
    "product": (
        frozenset({"rows", "lift", "quality"}),
        lambda reading: (
            np.log2(np.maximum(reading.values["rows"], 0) + 3e-4)
            + 0.7 * reading.values["lift"]
            + 0.5 * reading.values["quality"]
        ),
    ),
}
"""Single parts and the untrained product of them, on the same state, as yardsticks."""


def prepare(data: Dataset, ranker: Ranker | None = None) -> Engine:
    """An engine that has taken in the folder's catalogue and history."""
    engine = Engine(
        len(data.videos.ids),
        creators=_numbered(data.videos.creators),
        tags=tag_numbers(data),
        durations_ms=data.videos.durations_ms,
    )
    if ranker is not None:
        engine.ranker = ranker
    for kind, pairs in data.history.items():
        engine.begin(kind, pairs.viewers, places_of(data, pairs.videos))
    return engine


def replay(
    data: Dataset,
    events: Events,
    rankers: Mapping[str, Ranker],
    progress: Progress,
    *,
    measure_from_ms: int | None = None,
    engine: Engine | None = None,
    baselines: bool = True,
    floats: str | None = None,
    exposure: Exposure | None = None,
    encoded: Encoded | None = None,
    prices: Prices | None = None,
    outcomes: Outcomes | None = None,
) -> Replay:
    """Runs through the events once, with all rankers on one state.

    Args:
        measure_from_ms: targets before it are learned from but not measured.
        engine: goes on with this one's state; a new one with the folder's history otherwise.
        floats: name of a ranker that is measured a second time by scores in floats, as `<name>-floats`.
        exposure: adds what co-exposure says to each reading, for rankers that have its columns.
        encoded: adds what the sequence encoder says, likewise, and is measured by itself.
        prices: of these one ranker's order is measured too, as `spread <price>`.
        outcomes: weighs the order of one ranker by what else than long views a video is worth; that without it is
            measured too, as `<name>-long-views`.
    """
    engine = engine or prepare(data)
    tags = tag_numbers(data)
    count = len(data.videos.ids)
    yardsticks = BASELINES if baselines else {}
    second = () if floats is None else (f"{floats}-floats",)
    priced = prices.names if prices is not None else ()
    plain = () if outcomes is None else (outcomes.unweighed,)
    rules = _rule_feeds(data, tags) if baselines else {}
    by_itself = () if encoded is None else (COLUMN.name,)
    names = (*rankers, *second, *plain, *priced, *yardsticks, *rules, *by_itself)
    found = Replay({name: Result(Lists(count)) for name in names})
    always = frozenset[str]().union(*(ranker.wanted for ranker in rankers.values()))
    measured = always.union(*(wanted for wanted, _ in yardsticks.values()))
    places = places_of(data, events.videos)
    for number in range(len(events)):
        if number % 500 == 0:
            progress("events", number, len(events))
        viewer, place, at_ms = int(events.viewers[number]), int(places[number]), int(events.time_ms[number])
        surface = int(events.surfaces[number])
        profile = engine.profile(viewer)
        if events.long_views[number] and profile.long and place not in profile.known:
            counts = measure_from_ms is None or at_ms >= measure_from_ms
            reading, context = engine.read(viewer, surface, at_ms, measured if counts else always)
            if exposure is not None:
                reading.values.update(exposure.read(viewer, surface, at_ms))
            if encoded is not None:
                reading.values.update(encoded.read(viewer))
            allowed = engine.allowed(viewer)
            pages = {name: ranker.page(reading, allowed, context) for name, ranker in rankers.items()}
            worth: Int64s | None = None
            if outcomes is not None:
                alone = pages[outcomes.name]
                pages[outcomes.name], worth = outcomes.weigh(alone)
                if counts:
                    measure_page(found.models[outcomes.unweighed], alone, alone.scores, place, tags)
            if counts:
                found.viewers.append(viewer)
                found.numbers.append(number)
                for name, page in pages.items():
                    measure_page(found.models[name], page, page.scores, place, tags)
                if floats is not None:
                    page, scores = pages[floats], rankers[floats].in_floats(pages[floats])
                    if worth is not None and outcomes is not None and outcomes.name == floats:
                        scores = scores + worth
                    measure_page(found.models[f"{floats}-floats"], page, scores, place, tags)
                for name, (_, baseline) in yardsticks.items():
                    measure_baseline(found.models[name], baseline(reading), allowed, place, tags)
                for name in by_itself:
                    measure_baseline(found.models[name], reading.values[name], allowed, place, tags)
                for name, feed in rules.items():
                    scores = feed.scores(engine.signals.liked[:count], profile.liked, at_ms)
                    measure_baseline(found.models[name], scores, allowed, place, tags)
            if prices is not None:
                for name, priced_scores in prices.serve(pages[prices.ranker], at_ms):
                    if counts:
                        measure_page(found.models[name], pages[prices.ranker], priced_scores, place, tags)
            for name, ranker in rankers.items():
                ranker.serve(pages[name].best(LENGTH), at_ms)
                ranker.learn(pages[name], place)
        if outcomes is not None:
            measuring = measure_from_ms is None or at_ms >= measure_from_ms
            outcomes.take(engine, events, number, place, measured=measuring)
        event = impression(events, number, place)
        if encoded is not None and events.long_views[number] and place not in profile.known:
            encoded.take(viewer, place)
        engine.take(event)
        if exposure is not None:
            exposure.take(event)
    progress("events", len(events), len(events))
    found.losses = {name: ranker.trainer.curve.means for name, ranker in rankers.items()}
    return found


def _rule_feeds(data: Dataset, tags: Int64s) -> dict[str, RuleFeed]:
    facts = data.videos.published_ms, _numbered(data.videos.creators), tags
    return {"rules as meant": RuleFeed(*facts, decays=True), "rules as shipped": RuleFeed(*facts, decays=False)}


def impression(events: Events, number: int, place: int) -> Impression:
    """One row of the data as the engine takes it."""
    return Impression(
        int(events.viewers[number]),
        place,
        int(events.time_ms[number]),
        int(events.watch_ms[number]),
        int(events.duration_ms[number]),
        bool(events.long_views[number]),
        bool(events.likes[number]),
        int(events.surfaces[number]),
    )


def places_of(data: Dataset, video_ids: Int64s) -> Int64s:
    """Places in the catalogue of ids that are all in it."""
    places: Int64s = np.searchsorted(data.videos.ids, video_ids)
    return places


def tag_numbers(data: Dataset) -> Int64s:
    """(V,) numbers of first tags, -1 where there is none."""
    names = np.array(data.videos.tags)
    numbers: Int64s = np.unique(names, return_inverse=True)[1]
    return np.where(names == "", -1, numbers)


def _numbered(ids: Int64s) -> Int64s:
    numbers: Int64s = np.unique(ids, return_inverse=True)[1]
    return np.where(ids > 0, numbers, -1)


def measure_page(result: Result, page: Page, scores: npt.NDArray[np.number], place: int, tags: Int64s) -> None:
    """Where the target at `place` stands on a page by these scores of its candidates."""
    at = np.flatnonzero(page.places == place)
    result.inside.append(bool(len(at)))
    result.ranks.append(mid_rank(scores, int(at[0])) if len(at) else MISSED)
    result.lists.add(page.places[np.lexsort((page.places, -scores))][:LENGTH], tags)


def measure_baseline(
    result: Result,
    scores: Floats,
    allowed: npt.NDArray[np.bool_],
    place: int,
    tags: Int64s,
) -> None:
    """Where the target stands among all allowed videos by a score for each."""
    masked = np.where(allowed, scores, -np.inf)
    result.inside.append(bool(allowed[place]))
    result.ranks.append(mid_rank(masked, place) if allowed[place] else MISSED)
    top = np.argpartition(-masked, LENGTH)[:LENGTH] if len(masked) > LENGTH else np.arange(len(masked))
    result.lists.add(top, tags)
