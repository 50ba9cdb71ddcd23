"""What the circuit breaker does to false stories, and to honest videos that rise as fast on the same topic.

Stories are the new videos that spread most when nobody interferes, by turns false and honest. The same viewers come at
the same moments with the same luck; what differs is what happens once a story rises too fast: nothing; a person is
asked, who looks after so many hours; or it is slowed until then as well. Whoever looks removes a false story and clears
an honest one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from penchant.feed.filters.restricted import draws
from penchant.lab.metrics import rounded
from penchant.lab.policy import Policy, Served, Visit
from penchant.lab.reality import Bools, Reality, Watched
from penchant.lab.served import Penchant, Variant
from penchant.lab.trajectory import Progress, Trajectory, run
from penchant.lab.world import WorldRefused
from penchant.safety.policy import Breaker, Rule, read_policy
from penchant.safety.spread.circuit_breaker import LABEL, trips
from penchant.safety.spread.service import WINDOW_MS
from penchant.taste.fixed import Int64s

STORIES: Final = 40
"""Half of them false."""
FIRST_MS: Final = 48 * 3_600_000
"""Since its publication: what spreads most in this time is a story."""
BREAKER: Final = Breaker(topics=("story",), shown=12, minutes=60, times=3)
"""As many showings in the small world as 500 are where 8,000 are shown in an hour."""
LOOKS_AFTER_H: Final = (1, 3, 12)
_HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Moderation:
    """What happens once a story rises too fast."""

    slows: Rule | None
    """The policy's rule, where it is slowed until somebody looks."""
    looks_after_h: int
    """So long until somebody looks."""


@dataclass(slots=True)
class _Story:
    windows: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    tripped_ms: int | None = None


class Moderated:
    """A policy under moderation: what it may show is what the feed's filter would leave it."""

    def __init__(
        self, policy: Policy, reality: Reality, false: Int64s, honest: Int64s, moderation: Moderation, seed: int
    ) -> None:
        self._policy = policy
        self._moderation = moderation
        self._false = frozenset(false.tolist())
        self._stories = {place: _Story() for place in (*false.tolist(), *honest.tolist())}
        # A viewer's draws stand for good, as those of a real one do.
        keys = np.random.default_rng((seed, 6)).integers(0, 2**62, reality.world.viewers)
        places = np.arange(reality.world.videos)
        self._draws = np.array([draws(int(key), places + 1) for key in keys])

    def page(self, visit: Visit) -> Served:
        free = visit.free.copy()
        for place, story in self._stories.items():
            free[place] &= self._draws[visit.viewer, place] < self.reach(place, story, visit.at_ms)
        return self._policy.page(Visit(visit.number, visit.viewer, visit.at_ms, free))

    def take(self, visit: Visit, served: Served, watched: Watched) -> None:
        self._policy.take(visit, served, watched)
        now = visit.at_ms // WINDOW_MS
        for place in served.places.tolist():
            story = self._stories.get(place)
            if story is None or story.tripped_ms is not None:
                continue
            story.windows[now] += 1
            length = BREAKER.minutes * 60_000 // WINDOW_MS
            lately = sum(story.windows[now - back] for back in range(length))
            before = sum(story.windows[now - back] for back in range(length, 2 * length))
            if trips(BREAKER, lately, before):
                story.tripped_ms = visit.at_ms

    def reach(self, place: int, story: _Story, at_ms: int) -> int:
        """Per cent of viewers whom a story may reach at a time."""
        if story.tripped_ms is None:
            return 100
        age_h = (at_ms - story.tripped_ms) / _HOUR_MS
        if age_h >= self._moderation.looks_after_h:
            return 0 if place in self._false else 100
        slows = self._moderation.slows
        return slows.reach if slows is not None and age_h < (slows.hours or np.inf) else 100

    @property
    def tripped(self) -> frozenset[int]:
        return frozenset(place for place, story in self._stories.items() if story.tripped_ms is not None)


def false_stories(reality: Reality, seed: int, progress: Progress) -> dict[str, Any]:
    """Showings of false and honest stories under each way of moderation, beside those that nobody touched.

    Raises:
        WorldRefused: fewer new videos come out than there are stories.
    """
    plain = run(reality, Penchant(reality, Variant(), seed), progress, "stories: nobody looks")
    false, honest = _stories(reality, plain)
    rule = next(rule for rule in read_policy().rules if LABEL in rule.when)
    untouched = _shown(plain, false, honest)
    report: dict[str, Any] = {
        "stories": STORIES,
        "reach": rule.reach,
        "hours": rule.hours,
        "untouched": untouched | {"value": rounded(float(plain.value.mean()))},
        "moderated": [],
    }
    for hours in LOOKS_AFTER_H:
        for slows in (None, rule):
            policy = Moderated(
                Penchant(reality, Variant(), seed), reality, false, honest, Moderation(slows, hours), seed
            )
            words = f"stories: looked at after {hours} h{', slowed until then' if slows else ''}"
            one = run(reality, policy, progress, words)
            shown = _shown(one, false, honest)
            report["moderated"].append(
                {
                    "looked_at_after_h": hours,
                    "slowed": slows is not None,
                    **{name: rounded(shown[name] / untouched[name]) for name in shown},
                    "false_tripped": rounded(len(policy.tripped & set(false.tolist())) / len(false)),
                    "honest_tripped": rounded(len(policy.tripped & set(honest.tolist())) / len(honest)),
                    "value": rounded(float(one.value.mean())),
                }
            )
    return report


def _stories(reality: Reality, plain: Trajectory) -> tuple[Int64s, Int64s]:
    """The new videos that spread most, by turns false and honest."""
    new: Bools = reality.published_ms > int(plain.at_ms.min())
    early = plain.at_ms[:, None] < reality.published_ms[plain.places] + FIRST_MS
    shown = np.bincount(plain.places[early], minlength=reality.world.videos) * new
    most = np.argsort(-shown, kind="stable")[:STORIES]
    if len(most) < STORIES or shown[most[-1]] == 0:
        raise WorldRefused(f"in this world fewer than {STORIES} new videos are shown")
    return most[::2], most[1::2]


def _shown(one: Trajectory, false: Int64s, honest: Int64s) -> dict[str, int]:
    def count(places: Sequence[int] | Int64s) -> int:
        return int(np.isin(one.places, places).sum())

    return {"false": count(false), "honest": count(honest)}
