"""One policy through one world, and what is measured of it. Values are true chances, not what happened by luck."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from penchant.lab.policy import ARMS, SLOTS, Policy, Visit
from penchant.lab.reality import DAY_MS, START_MS, Bools, Floats, Reality
from penchant.taste.fixed import Int64s

Progress = Callable[[str, int, int], None]
WINDOW: Final = 3
"""Pages over which is looked how far the new taste of those who switched is served: one alone is mostly luck."""
BEFORE: Final = 10
"""Pages before the switch that say how far the old taste was served."""
BACK: Final = 0.5
"""Adapted: so much of that is there again."""
SWIPE_MS: Final = 700
"""From one video to the next."""
BEST_SHARE: Final = 0.01
FOUND: Final = 10
"""Long views from which a new video counts as discovered."""
WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Trajectory:
    """P pages of S slots in the order of time. Shapes: (P,) and (P, S)."""

    viewers: Int64s
    at_ms: Int64s
    places: Int64s
    arms: Int64s
    value: Floats
    """True chance of each to be watched long."""
    affinity: Floats
    """What each has in common with the viewer's taste of then."""
    long: Bools
    watch_ms: Int64s

    @property
    def days(self) -> Int64s:
        """(P,) from 0 on."""
        return (self.at_ms - START_MS) // DAY_MS


def run(
    reality: Reality, policy: Policy, progress: Progress, words: str = "pages", until_ms: int | None = None
) -> Trajectory:
    """Serves every visit. Where a viewer has less than a page left to see, the visit falls out, whoever serves.

    Args:
        until_ms: visits from then on are left out.
    """
    world = reality.world
    seen = np.zeros((world.viewers, world.videos), dtype=bool)
    visits = len(reality.visit_ms) if until_ms is None else int((reality.visit_ms < until_ms).sum())
    kept: list[tuple[int, int]] = []
    pages: list[tuple[npt.NDArray[np.generic], ...]] = []
    for number in range(visits):
        if number % 100 == 0:
            progress(words, number, visits)
        viewer, at_ms = int(reality.visit_viewers[number]), int(reality.visit_ms[number])
        free = reality.published(at_ms) & ~seen[viewer]
        if int(free.sum()) < SLOTS:
            continue
        visit = Visit(number, viewer, at_ms, free)
        served = policy.page(visit)
        watched = reality.watch(viewer, served.places, at_ms)
        value = reality.chances(viewer, at_ms)[1][served.places]
        affinity = reality.affinity(viewer, at_ms)[served.places]
        policy.take(visit, served, watched)
        seen[viewer, served.places] = True
        kept.append((viewer, at_ms))
        pages.append((served.places, served.arms, value, affinity, watched.long, watched.watch_ms))
    progress(words, visits, visits)
    viewers, moments = np.array(kept, dtype=np.int64).reshape(-1, 2).T
    columns = [np.array(column) for column in zip(*pages, strict=True)]
    return Trajectory(viewers, moments, *columns)


def by_day(trajectory: Trajectory, days: int) -> Floats:
    """(D,) mean value of a slot on each day; 0 where there was none."""
    counts = np.bincount(trajectory.days, minlength=days)
    sums = np.bincount(trajectory.days, trajectory.value.mean(axis=1), minlength=days)
    means: Floats = sums / np.maximum(counts, 1)
    return means


@dataclass(frozen=True, slots=True)
class Adapted:
    """What becomes of viewers whose taste switches, all taken together.

    How far a taste is served: the affinity of what is shown, on the way from the uniform policy (0) to the oracle (1).
    """

    before: float
    """How far the old taste was served in the last pages before the switch."""
    after: float
    """How far the new one is, over all pages after it."""
    videos: int | None
    """Shown to each until `BACK` of what was before is there again; None: not within the simulated time."""
    ms: int | None
    """The same in milliseconds of watching and swiping, the mean viewer's."""


def adapted(reality: Reality, one: Trajectory, oracle: Trajectory, uniform: Trajectory) -> Adapted:
    """Of a world in which somebody's taste switches, measured as long as half of them still come."""
    switched = reality.switches[one.viewers]
    early = switched & (one.at_ms < reality.switch_ms)
    late = switched & ~early
    affinities = np.array([each.affinity.mean(axis=1) for each in (one, uniform, oracle)])
    # Page numbers of each viewer, away from the switch in both directions.
    since, until = _numbered(one.viewers, late), _numbered(one.viewers[::-1], early[::-1])[::-1]
    if not late.any() or not early.any():
        return Adapted(0.0, 0.0, None, None)
    before = _way(affinities[:, early & (until < BEFORE)])
    spent = (one.watch_ms + SWIPE_MS).sum(axis=1)
    come = np.bincount(since[late])
    found: tuple[int, int] | None = None
    for last in range(WINDOW - 1, int((come >= come[0] / 2).sum())):
        way = _way(affinities[:, late & (since <= last) & (since > last - WINDOW)])
        if before > 0 and way >= BACK * before:
            each = np.bincount(since[late & (since <= last)], spent[late & (since <= last)]) / come[: last + 1]
            found = (last + 1) * one.places.shape[1], round(float(each.sum()))
            break
    return Adapted(before, _way(affinities[:, late]), *(found or (None, None)))


def _numbered(viewers: Int64s, counted: Bools) -> Int64s:
    """(P,) the how-manieth page of its viewer each is among those counted, from 0 on."""
    numbers = np.zeros(len(viewers), dtype=np.int64)
    for viewer in np.unique(viewers[counted]):
        own = counted & (viewers == viewer)
        numbers[own] = np.arange(int(own.sum()))
    return numbers


def _way(affinities: Floats) -> float:
    """(3, P) of a policy, of the uniform one and of the oracle → where the first lies between the others."""
    own, none, best = affinities.mean(axis=1)
    return float((own - none) / max(best - none, 1e-9))


def _median(values: list[float]) -> float | None:
    middle = float(np.quantile(values, 0.5, method="higher"))
    return middle if np.isfinite(middle) else None


@dataclass(frozen=True, slots=True)
class Discovered:
    """When the best of what is new was found."""

    share: float
    """Of the best, those with `FOUND` long views within the simulated time."""
    hours: float | None
    """From publication to that, the median video; None where fewer than half were found."""


def discovered(reality: Reality, one: Trajectory) -> Discovered:
    """The best 1 % of what came out in all but the last quarter of the days, by its mean chance over all viewers."""
    last_ms = START_MS + int(reality.world.days * DAY_MS * 0.75)
    new = np.flatnonzero((reality.published_ms >= START_MS) & (reality.published_ms < last_ms))
    if not len(new):
        return Discovered(0.0, None)
    worth = np.mean([reality.chances(viewer, last_ms)[1][new] for viewer in range(reality.world.viewers)], axis=0)
    best = new[np.argsort(-worth, kind="stable")[: max(round(BEST_SHARE * len(new)), 1)]]
    moments = np.repeat(one.at_ms[:, None], one.places.shape[1], axis=1)
    hours = []
    for place in best.tolist():
        long_ms = moments[(one.places == place) & one.long]
        found = len(long_ms) >= FOUND
        hours.append((long_ms[FOUND - 1] - reality.published_ms[place]) / 3_600_000 if found else np.inf)
    return Discovered(float(np.isfinite(hours).mean()), _median(hours))


def gini(amounts: npt.NDArray[np.number]) -> float:
    """Inequality from 0 (all the same) to 1 (one has all)."""
    ordered = np.sort(amounts.astype(np.float64))
    count, total = len(ordered), ordered.sum()
    if not total:
        return 0.0
    return float((2 * np.arange(1, count + 1) - count - 1) @ ordered / (count * total))


def creator_gini(reality: Reality, places: Int64s) -> float:
    """Of impressions per creator."""
    shown = np.bincount(reality.creators[places.ravel()], minlength=reality.world.viewers)
    return gini(shown[np.unique(reality.creators)])


def topic_entropy(reality: Reality, viewers: Int64s, places: Int64s) -> float:
    """Bits of main topics within what one viewer was shown, mean over viewers."""
    topics = reality.world.topics
    keys = np.repeat(viewers, places.shape[1]) * topics + reality.topic[places.ravel()]
    table = np.bincount(keys, minlength=reality.world.viewers * topics).reshape(-1, topics)
    table = table[table.sum(axis=1) > 0]
    shares = table / table.sum(axis=1, keepdims=True)
    return float(-(shares * np.log2(np.where(shares > 0, shares, 1))).sum(axis=1).mean())


def shares(reality: Reality, one: Trajectory) -> dict[str, float]:
    """Shares of slots: by the rule that drew them, by people followed, published today, clickbait."""
    found = {arm: float((one.arms == number).mean()) for number, arm in enumerate(ARMS)}
    by_contacts = (reality.contacts[one.viewers][:, None, :] == reality.creators[one.places][:, :, None]).any(axis=2)
    age_ms = one.at_ms[:, None] - reality.published_ms[one.places]
    return found | {
        "by_contacts": float(by_contacts.mean()),
        "of_today": float((age_ms < DAY_MS).mean()),
        "clickbait": float(reality.clickbait[one.places].mean()),
    }


def top1_share(reality: Reality, places: Int64s) -> float:
    """Share of slots of the one per cent of videos most shown."""
    counts = np.sort(np.bincount(places.ravel(), minlength=reality.world.videos))[::-1]
    return float(counts[: max(reality.world.videos // 100, 1)].sum() / max(counts.sum(), 1))


def coverage(reality: Reality, places: Int64s) -> float:
    """Share of all videos that were shown at all."""
    return len(np.unique(places)) / reality.world.videos
