"""False stories under moderation, in a small world: what is slowed reaches fewer, what is cleared comes back."""

import msgspec
import numpy as np
import pytest

from penchant.lab import false_story
from penchant.lab.false_story import BREAKER, Moderated, Moderation, false_stories
from penchant.lab.policy import SLOTS, Served, Visit
from penchant.lab.reality import START_MS, Reality, Watched
from penchant.lab.world import WorldRefused, read_world
from penchant.safety.policy import Rule, read_policy

HOUR_MS = 3_600_000
RULE = next(rule for rule in read_policy().rules if rule.name == "rising-unreviewed")
SMALL = {"viewers": 60, "videos": 300, "days": 3, "topics": 8, "pages_a_day": 2, "switch_day": 2}


@pytest.fixture(scope="module")
def reality() -> Reality:
    return Reality(msgspec.structs.replace(read_world("kuairand-1"), **SMALL))


class First:
    """Shows what is free, from the first place on."""

    def page(self, visit: Visit) -> Served:
        return Served(np.flatnonzero(visit.free)[:SLOTS], np.zeros(SLOTS, dtype=np.int64))

    def take(self, visit: Visit, served: Served, watched: Watched) -> None:
        """Learns nothing."""


def moderated(reality: Reality, slows: Rule | None, looks_after_h: int) -> Moderated:
    return Moderated(First(), reality, np.array([0]), np.array([1]), Moderation(slows, looks_after_h), 1)


def showings(reality: Reality, policy: Moderated, at_ms: int) -> list[int]:
    """How many viewers are shown the false story and the honest one at a time."""
    counts = [0, 0]
    for viewer in range(reality.world.viewers):
        visit = Visit(0, viewer, at_ms, np.ones(reality.world.videos, dtype=bool))
        served = policy.page(visit)
        policy.take(visit, served, reality.watch(viewer, served.places, at_ms))
        counts = [count + int(place in served.places) for place, count in enumerate(counts)]
    return counts


@pytest.mark.slow
def test_what_rises_is_slowed_then_removed_or_cleared(reality: Reality):
    viewers = reality.world.viewers
    policy = moderated(reality, RULE, 3)
    first = showings(reality, policy, START_MS)
    assert policy.tripped == {0, 1}
    # Those after the showing that tripped it are slowed.
    assert all(BREAKER.shown <= count < viewers * 0.6 for count in first)
    slowed = showings(reality, policy, START_MS + 2 * HOUR_MS)
    assert all(0 < count < viewers * 0.4 for count in slowed)
    assert showings(reality, policy, START_MS + 4 * HOUR_MS) == [0, viewers]


@pytest.mark.slow
def test_without_slowing_a_person_is_asked_all_the_same(reality: Reality):
    policy = moderated(reality, None, 3)
    assert showings(reality, policy, START_MS) == [60, 60]
    assert showings(reality, policy, START_MS + 4 * HOUR_MS) == [0, 60]


@pytest.mark.slow
def test_a_limit_ends_before_somebody_looks(reality: Reality):
    policy = moderated(reality, RULE, 12)
    showings(reality, policy, START_MS)
    assert showings(reality, policy, START_MS + 7 * HOUR_MS) == [60, 60]
    assert showings(reality, policy, START_MS + 13 * HOUR_MS) == [0, 60]


@pytest.mark.slow
def test_the_report_of_a_whole_run(reality: Reality, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(false_story, "LOOKS_AFTER_H", (3,))
    monkeypatch.setattr(false_story, "STORIES", 10)
    report = false_stories(reality, 1, lambda *_: None)
    asked, slowed = report["moderated"]
    assert (asked["slowed"], slowed["slowed"]) == (False, True)
    assert slowed["false"] <= asked["false"] <= 1
    monkeypatch.setattr(false_story, "STORIES", 400)
    with pytest.raises(WorldRefused, match="fewer than 400"):
        false_stories(reality, 1, lambda *_: None)
