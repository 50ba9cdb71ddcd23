"""The report of an experiment: what its arms did, the difference, and what may be said of it now.

The unit is the viewer. What counts of one is fixed before the first: everything within a window from their first page
in the experiment. Viewers whose window is not over are not in a figure yet. So a figure never changes afterwards, and
intervals that hold after every viewer hold at every look.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec
import numpy as np

from penchant.core.ids import SubjectId
from penchant.feed.experiments import HOLDOUT, Experiment, Measure, is_held
from penchant.feed.follow_up import FollowedPage
from penchant.feed.plans import INTERLEAVED
from penchant.lab.sequential import LOOK_FROM, bounded_sequence, difference_sequence

HOUR_MS: Final = 3_600_000
LATE_MS: Final = HOUR_MS
"""Watching that reaches the log so long after the window still counts; a viewer is in a figure when it is over, too."""
MEASURES: Final[tuple[Measure, ...]] = ("long_views", "long_share", "watch_ms")


@dataclass(slots=True)
class Taker:
    """A viewer who takes part, and what they did within their window."""

    arm: str
    came_at_ms: int
    pages: int = 0
    shown: int = 0
    long_views: int = 0
    watch_ms: int = 0
    of_teams: list[int] = field(default_factory=lambda: [0, 0])
    """Long views of what each team drafted."""

    def measure(self, name: Measure) -> float:
        """One figure of the viewer."""
        if name == "long_share":
            return self.long_views / self.shown if self.shown else 0.0
        return float(self.long_views if name == "long_views" else self.watch_ms)


class ArmReport(msgspec.Struct, frozen=True):
    """What one arm, or one team, did. Of an interleaving only what was shown, watched long and how long is by team."""

    arm: str
    changes: list[str]
    viewers: int
    pages: int
    shown: int
    long_views: int
    watch_ms: int


class Difference(msgspec.Struct, frozen=True):
    """An arm against the first, in one measure of a viewer. Ends are None before enough viewers are in."""

    arm: str
    measure: str
    mean: float | None
    low: float | None
    high: float | None
    decides: bool
    """Whether this is the measure that the experiment was made for."""
    verdict: str


class Report(msgspec.Struct, frozen=True):
    """Everything that may be said of an experiment now."""

    name: str
    kind: str
    running: bool
    alpha: float
    window_hours: int
    viewers: int
    """Whose window is over: they are in the figures."""
    waiting: int
    """Whose window is not over yet."""
    arms: list[ArmReport]
    differences: list[Difference]


def window_ms(experiment: Experiment) -> int:
    """How long after a viewer's first page what reaches the log counts."""
    return experiment.window_hours * HOUR_MS + LATE_MS


def report_of(experiment: Experiment, pages: Iterable[FollowedPage], now_ms: int) -> Report:
    """The report from all pages of the experiment's viewers, each viewer's in the order of time."""
    takers: dict[SubjectId, Taker] = {}
    by_team = [[0, 0, 0], [0, 0, 0]]
    for page in pages:
        arm = _arm_of(experiment, page)
        taker = takers.setdefault(page.subject, Taker(arm, page.served_at_ms))
        # Someone who was in another arm before (the file was changed) stays what they were first.
        within = page.served_at_ms < taker.came_at_ms + experiment.window_hours * HOUR_MS
        if not within or taker.came_at_ms + window_ms(experiment) > now_ms or arm != taker.arm:
            continue
        taker.pages += 1
        for slot in page.shown:
            taker.shown += 1
            taker.long_views += slot.long
            taker.watch_ms += slot.watched_ms
            if slot.team >= 0:
                taker.of_teams[slot.team] += slot.long
                for place, value in enumerate((1, slot.long, slot.watched_ms)):
                    by_team[slot.team][place] += value
    ready = [taker for taker in takers.values() if taker.came_at_ms + window_ms(experiment) <= now_ms]
    ready.sort(key=lambda taker: taker.came_at_ms)
    interleaved = experiment.kind == "interleave"
    return Report(
        name=experiment.name,
        kind=experiment.kind,
        running=experiment.traffic_in_1000 > 0,
        alpha=experiment.alpha_in_1000 / 1000,
        window_hours=experiment.window_hours,
        viewers=len(ready),
        waiting=len(takers) - len(ready),
        arms=_teams(experiment, ready, by_team) if interleaved else _arms(experiment, ready),
        differences=_preference(experiment, ready) if interleaved else _differences(experiment, ready),
    )


def _arm_of(experiment: Experiment, page: FollowedPage) -> str:
    if experiment is HOLDOUT:
        return "held" if is_held(page.subject) else "everyone"
    prefix = f"{experiment.name}:"
    return next(mark.removeprefix(prefix) for mark in page.experiments if mark.startswith(prefix))


def _arms(experiment: Experiment, ready: Sequence[Taker]) -> list[ArmReport]:
    found = []
    for arm in experiment.arms:
        own = [taker for taker in ready if taker.arm == arm.name]
        pages, shown, long_views, watch_ms = (
            sum(getattr(taker, name) for taker in own) for name in ("pages", "shown", "long_views", "watch_ms")
        )
        changes = list(arm.change.told())
        found.append(ArmReport(arm.name, changes, len(own), pages, shown, long_views, watch_ms))
    return found


def _teams(experiment: Experiment, ready: Sequence[Taker], by_team: list[list[int]]) -> list[ArmReport]:
    pages = sum(taker.pages for taker in ready)
    return [
        ArmReport(arm.name, list(arm.change.told()), len(ready), pages, *by_team[place])
        for place, arm in enumerate(experiment.arms)
    ]


def _differences(experiment: Experiment, ready: Sequence[Taker]) -> list[Difference]:
    """Each arm against the first; alpha is shared between them."""
    first, *others = experiment.arms
    found = []
    for arm in others:
        pair = [taker for taker in ready if taker.arm in (first.name, arm.name)]
        treated = np.array([taker.arm == arm.name for taker in pair], dtype=bool)
        chance = HOLDOUT.traffic_in_1000 / 1000 if experiment is HOLDOUT else 0.5
        for measure in MEASURES:
            outcomes = np.array([taker.measure(measure) for taker in pair])
            alpha = experiment.alpha_in_1000 / 1000 / len(others)
            ends = [
                ends_[-1] if len(pair) else np.inf for ends_ in difference_sequence(outcomes, treated, chance, alpha)
            ]
            mean, low, high = (float(end) if np.isfinite(ends[1]) else None for end in ends)
            verdict = _verdict(arm.name, first.name, low, high)
            found.append(Difference(arm.name, measure, mean, low, high, measure == experiment.measure, verdict))
    return found


def _verdict(arm: str, first: str, low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return f"too early: each arm needs {LOOK_FROM} viewers whose window is over"
    if low > 0:
        return f"{arm} has more than {first}"
    if high < 0:
        return f"{arm} has less than {first}"
    return "no difference can be told yet"


def _preference(experiment: Experiment, ready: Sequence[Taker]) -> list[Difference]:
    """How much of a viewer's long views the second team has: 1/2 where neither is liked better.

    Of viewers who watched long something that a team drafted; those who did not say nothing.
    """
    first, second = experiment.arms
    shares = np.array([taker.of_teams[1] / sum(taker.of_teams) for taker in ready if sum(taker.of_teams)])
    if not len(shares):
        return [Difference(second.name, "preference", None, None, None, True, "nobody has watched anything long yet")]
    low, high = (float(ends[-1]) for ends in bounded_sequence(shares, experiment.alpha_in_1000 / 1000))
    verdict = "no preference can be told yet"
    if low > 0.5 or high < 0.5:
        verdict = f"{second.name if low > 0.5 else first.name} is preferred"
    return [Difference(second.name, "preference", float(shares.mean()), low, high, True, verdict)]


def marks_of(experiment: Experiment) -> list[str] | None:
    """How pages of the experiment are marked; None for the holdout, which is held against everybody's."""
    if experiment is HOLDOUT:
        return None
    arms = [INTERLEAVED] if experiment.kind == "interleave" else [arm.name for arm in experiment.arms]
    return [f"{experiment.name}:{arm}" for arm in arms]
