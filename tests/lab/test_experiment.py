"""Reports of experiments: through the real feed, and from what many viewers did."""

from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest
from tests.conftest import CHEAP_HASHER
from tests.feed.conftest import DURATION_MS, Town

from penchant.accounts.model import Viewer
from penchant.app import Penchant, build
from penchant.cli.experiment import make_report
from penchant.core.clock import ManualClock
from penchant.core.ids import SubjectId
from penchant.core.settings import Settings
from penchant.events.model import Watch
from penchant.feed.effects.record import read_record
from penchant.feed.experiments import Arm, Experiment
from penchant.feed.follow_up import FollowedPage, FollowedSlot
from penchant.lab.experiment import HOUR_MS, Difference, report_of
from penchant.lab.sequential import LOOK_FROM

FILE = """
version = 1

[[experiment]]
name = "nothing"
kind = "split"
salt = "nothing 1"
traffic_in_1000 = 1000
window_hours = 1
arm = [{ name = "one" }, { name = "other", change = { KNOB } }]

[[experiment]]
name = "sides"
kind = "interleave"
salt = "sides 1"
traffic_in_1000 = 1000
window_hours = 1
arm = [{ name = "red" }, { name = "blue" }]
"""


def town_of(folder: Path, clock: ManualClock, database_url: str, knob: str) -> Town:
    file = folder / "experiments.toml"
    file.write_text(FILE.replace("KNOB", knob))
    settings = Settings(data=folder / "data", experiments=file)
    cell = build(settings, clock=clock, database_url=database_url, hasher=CHEAP_HASHER)
    town = Town(cell, clock)
    town.fill()
    town.learn()
    return town


def swipe(town: Town, viewer: Viewer, theme: int, seed: int) -> None:
    """One page: what is of the viewer's theme is watched to the end, the rest is left."""
    page = town.cell.feed.page(viewer, uuid4(), seed=seed)
    watches = []
    for item in page.items:
        watched_ms = DURATION_MS if town.theme_of[item.video.id] == theme else 500
        for told in (watched_ms // 2, watched_ms):
            watch = Watch(
                video=item.video.id,
                context="feed",
                page=page.id,
                slot=item.slot,
                play=seed * 100 + item.slot,
                watched_ms=told,
                duration_ms=DURATION_MS,
            )
            watches.append(watch)
    town.tell(viewer, *watches)
    town.clock.advance(1_000)


def free_viewer(town: Town) -> Viewer:
    """One who is not held out."""
    while True:
        viewer = town.viewer()
        if town.cell.plans.of(viewer.subject).arms[0][0] != "holdout":
            return viewer


@pytest.mark.service
def test_an_a_a_through_the_real_feed(tmp_path: Path, clock: ManualClock, database_url: str):
    town = town_of(tmp_path, clock, database_url, "")
    cell = town.cell
    try:
        arms: dict[str, int] = {"one": 0, "other": 0}
        while min(arms.values()) < LOOK_FROM:
            viewer, number = free_viewer(town), sum(arms.values())
            arms[dict(cell.plans.of(viewer.subject).arms)["nothing"]] += 1
            swipe(town, viewer, theme=number % 4, seed=number)
        viewers = sum(arms.values())
        new = {arm: cell.feed.page(_new_of(town, arm), uuid4(), seed=5) for arm in arms}
        # The same recipe: the same page for the same seed, whatever the arm.
        assert [item.video.id for item in new["one"].items] == [item.video.id for item in new["other"].items]
        _record_says_so(cell, new)

        clock.advance(HOUR_MS)
        early = make_report(cell, "nothing")
        assert (early.viewers, early.waiting) == (0, viewers + 2)
        clock.advance(HOUR_MS)
        report = make_report(cell, "nothing")
        assert {arm.arm: arm.viewers for arm in report.arms} == {name: count + 1 for name, count in arms.items()}
        assert sum(arm.pages for arm in report.arms) == viewers + 2
        assert sum(arm.shown for arm in report.arms) == 10 * viewers
        long_views = sum(arm.long_views for arm in report.arms)
        assert 0 < long_views < 10 * viewers
        # Of each play the last word counts, not the sum of all.
        assert sum(arm.watch_ms for arm in report.arms) == long_views * (DURATION_MS - 500) + 10 * viewers * 500
        for difference in report.differences:
            _is_what_chance_makes(difference, 0, "no difference can be told yet")

        holdout = make_report(cell, "holdout")
        assert holdout.waiting == report.viewers
        sides = make_report(cell, "sides")
        drafted = {arm.arm: arm.shown for arm in sides.arms}
        assert drafted["red"] == pytest.approx(drafted["blue"], rel=0.1)
        assert sum(drafted.values()) < 10 * viewers
        (preference,) = sides.differences
        _is_what_chance_makes(preference, 0.5, "no preference can be told yet")
    finally:
        cell.close()


def _is_what_chance_makes(found: Difference, nothing: float, words: str) -> None:
    """Viewers are drawn anew each time, so one interval of twenty may miss what is true; none by twice its width."""
    assert found.mean is not None
    assert found.low is not None
    assert found.high is not None
    assert abs(found.mean - nothing) < found.high - found.low
    assert (found.verdict == words) == (found.low <= nothing <= found.high)


def _new_of(town: Town, arm: str) -> Viewer:
    while True:
        viewer = free_viewer(town)
        if ("nothing", arm) in town.cell.plans.of(viewer.subject).arms:
            return viewer


def _record_says_so(cell: Penchant, pages: dict[str, object]) -> None:
    with cell.engine.connect() as connection:
        for arm, page in pages.items():
            row = cell.records.page(connection, page.id)  # type: ignore[attr-defined]
            fields = read_record(row.record)
            assert set(row.experiments) == {f"nothing:{arm}", "sides:interleaved"}
            assert fields["experiments"] == {"nothing": arm, "sides": "interleaved"}
            assert fields["teams"]["names"] == ["red", "blue"]
            teams = fields["teams"]["slots"]
            by_arm = [slot[1] for slot in fields["slots"]]
            # Where an arm has nothing to draw from, exploit draws for it, without a team.
            assert all(team < 0 or own == "exploit" for team, own in zip(teams, by_arm, strict=True))
            assert abs(teams.count(0) - teams.count(1)) <= 1
            assert len(np.frombuffer(fields["teams"]["scores"], "<i8")) == 2 * len(fields["sources"])


@pytest.mark.service
def test_arms_that_differ_make_other_pages_and_say_so(tmp_path: Path, clock: ManualClock, database_url: str):
    town = town_of(tmp_path, clock, database_url, "explore_in_10 = 8, blend = false")
    cell = town.cell
    try:
        for arm, exploring in (("one", 2), ("other", 8)):
            page = cell.feed.page(_new_of(town, arm), uuid4(), seed=5)
            with cell.engine.connect() as connection:
                fields = read_record(cell.records.page(connection, page.id).record)
            assert [slot[1] for slot in fields["slots"]].count("explore") == exploring
            assert fields["changes"] == ([] if arm == "one" else ["blend=False", "explore_in_10=8"])
    finally:
        cell.close()


def followed(subject: SubjectId, at_ms: int, arm: str, long: int, teams: tuple[int, ...] = ()) -> FollowedPage:
    slots = tuple(
        FollowedSlot(
            video=place,
            candidate=place,
            arm="exploit",
            team=teams[place] if teams else -1,
            shown=True,
            watched_ms=5_000 if place < long else 0,
            long=place < long,
        )
        for place in range(10)
    )
    return FollowedPage(subject, at_ms, (f"test:{arm}",), {}, slots)


def subject(number: int) -> SubjectId:
    return SubjectId(UUID(int=number + 1))


SPLIT = Experiment(name="test", kind="split", salt="t", traffic_in_1000=500, arms=(Arm("old"), Arm("new")))
TEAMS = Experiment(name="test", kind="interleave", salt="t", traffic_in_1000=500, arms=(Arm("old"), Arm("new")))


def test_a_difference_is_told_in_words_and_what_comes_after_the_window_is_not_counted():
    rng = np.random.default_rng(3)
    pages = []
    for number in range(6 * LOOK_FROM):
        arm = "new" if rng.random() < 0.5 else "old"
        long = int(rng.binomial(10, 0.4 if arm == "new" else 0.25))
        pages.append(followed(subject(number), number * 1_000, arm, long))
        pages.append(followed(subject(number), number * 1_000 + 25 * HOUR_MS, arm, 10))
    report = report_of(SPLIT, pages, now_ms=100 * HOUR_MS)
    assert report.viewers == 6 * LOOK_FROM
    assert sum(arm.pages for arm in report.arms) == 6 * LOOK_FROM
    deciding = next(difference for difference in report.differences if difference.decides)
    assert deciding.measure == "long_views"
    assert deciding.verdict == "new has more than old"
    assert deciding.low is not None
    assert deciding.high is not None
    assert deciding.low < 1.5 < deciding.high
    waiting = report_of(SPLIT, pages, now_ms=25 * HOUR_MS + 50_500)
    assert (waiting.viewers, waiting.waiting) == (51, 6 * LOOK_FROM - 51)


def test_three_arms_are_each_held_against_the_first():
    three = Experiment(name="test", kind="split", salt="t", traffic_in_1000=500, arms=(Arm("a"), Arm("b"), Arm("c")))
    pages = [followed(subject(n), n, "abc"[n % 3], 5) for n in range(30)]
    report = report_of(three, pages, now_ms=100 * HOUR_MS)
    assert [arm.viewers for arm in report.arms] == [10, 10, 10]
    assert {difference.arm for difference in report.differences} == {"b", "c"}


def test_a_preference_is_told_in_words():
    rng = np.random.default_rng(4)
    pages = []
    for number in range(120):
        # Six long views of ten; of those the second team has drafted two thirds.
        teams = tuple(int(rng.random() < 0.67) for _ in range(10))
        pages.append(followed(subject(number), number, "interleaved", 6, teams))
    (preference,) = report_of(TEAMS, pages, now_ms=100 * HOUR_MS).differences
    assert preference.verdict == "new is preferred"
    assert report_of(TEAMS, [], now_ms=0).differences[0].mean is None
