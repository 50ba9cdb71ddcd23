"""Outcomes: what follows a showing within ten minutes becomes its labels, and what follows later amends them."""

from __future__ import annotations

from uuid import UUID

import numpy as np
import pytest

from penchant.events.model import Block, Erased, Event, Follow, Like, NotInterested, Report, Share, Shown, Unlike, Watch
from penchant.taste import outcomes as outcomes_module
from penchant.taste.blend import Scale
from penchant.taste.context import CONTEXT
from penchant.taste.fixed import Q16
from penchant.taste.heads import HEADS
from penchant.taste.learner import Learner
from penchant.taste.live import PageList
from penchant.taste.recipe import SERVED
from penchant.taste.watch_times import ENOUGH, HALVED_AT, WatchTimes
from penchant.testing.memory_log import CLIP_MS, MemoryLog, published

MINUTE_MS = 60_000
VIEWER, VIDEO, CREATOR = 100, 1, 1
COLUMNS = len(SERVED.names)


def page_of(page: int) -> PageList | None:
    """Videos 1 to 10 in their order; page 99 is gone."""
    if page == 99:
        return None
    rows = np.arange(10 * COLUMNS, dtype=np.int32).reshape(10, COLUMNS) << 8
    return PageList(np.arange(10) + 1, rows, np.zeros(CONTEXT, dtype=np.int64), SERVED.names, tuple(range(10)))


class Cell:
    """A log and the learner that follows it; scales are known already."""

    def __init__(self) -> None:
        self.log, self.learner = MemoryLog(), Learner(pages=page_of)
        self.learner.state.live.trainer.scale = Scale(
            np.zeros(COLUMNS, dtype=np.int64), np.full(COLUMNS, Q16, dtype=np.int64)
        )
        for video in range(1, 11):
            self.log.add(0, published(video, video))

    def says(self, *events: Event, viewer: int = VIEWER) -> None:
        for event in events:
            self.log.add(viewer, event)
        self.learner.fold(self.log.events)

    def passes(self, minutes: float) -> None:
        """Time goes on for somebody else too, or the log would not know."""
        self.log.now_ms += int(minutes * MINUTE_MS)
        self.says(Watch(video=10, context="profile", play=1, watched_ms=1, duration_ms=CLIP_MS), viewer=999)

    def labels(self) -> list[dict[str, float]]:
        """Of every example so far."""
        found = self.learner.state.live.heads.arrays()[0]["labels"].tolist()
        return [dict(zip(HEADS, row, strict=True)) for row in found]


def shown(video: int = VIDEO, page: int = 7) -> Shown:
    return Shown(video=video, context="feed", page=page, slot=video - 1)


def watch(watched_ms: int, video: int = VIDEO, page: int | None = 7) -> Watch:
    slot = None if page is None else video - 1
    return Watch(
        video=video, context="feed", page=page, slot=slot, play=video, watched_ms=watched_ms, duration_ms=CLIP_MS
    )


def test_what_follows_within_ten_minutes_is_the_label() -> None:
    cell = Cell()
    cell.says(shown(), watch(500), shown(2), watch(CLIP_MS, 2), Like(video=2))
    cell.passes(5)
    cell.says(Share(video=2, context="feed", via="copy"))
    assert not cell.labels()
    cell.passes(6)
    skipped, liked = cell.labels()
    nothing = dict.fromkeys(HEADS, 0.0)
    assert {**skipped, "watch": 0.0} == {**nothing, "skip": 1.0}
    assert {**liked, "watch": 0.0} == {**nothing, "long": 1.0, "like": 1.0, "share": 1.0}
    # Few watches are known yet: no quantile is made up.
    assert np.isnan(skipped["watch"])
    seen = cell.learner.state.live.heads.arrays()[0]["seen"]
    assert seen[0, 1] == np.float16(1 / 256)


def test_what_comes_later_amends_and_can_be_taken_back() -> None:
    cell = Cell()
    cell.says(shown(), watch(CLIP_MS))
    cell.passes(11)
    assert cell.labels()[0]["like"] == 0
    cell.says(Like(video=VIDEO))
    assert cell.labels()[0]["like"] == 1
    cell.says(Unlike(video=VIDEO))
    assert cell.labels()[0]["like"] == 0
    cell.says(Follow(creator=CREATOR), NotInterested(target="video", target_id=VIDEO))
    assert cell.labels()[0]["follow"] == cell.labels()[0]["dislike"] == 1
    # Seen again, it is no second first time.
    cell.says(watch(CLIP_MS))
    cell.passes(11)
    assert len(cell.labels()) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        NotInterested(target="creator", target_id=CREATOR),
        Block(creator=CREATOR),
        Report(target="account", target_id=CREATOR),
        Report(target="video", target_id=VIDEO),
        NotInterested(target="video", target_id=VIDEO),
    ],
)
def test_a_refusal_of_whatever_kind_is_one(refusal: Event) -> None:
    cell = Cell()
    cell.says(shown(), shown(2), refusal)
    cell.passes(11)
    assert [row["dislike"] for row in cell.labels()] == [1, 0]


def test_a_page_that_is_gone_another_surface_and_a_stranger_teach_nothing() -> None:
    cell = Cell()
    cell.says(shown(page=99), watch(CLIP_MS, 2, page=None), Like(video=3), Follow(creator=4))
    cell.passes(11)
    assert not cell.labels()


def test_a_flood_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes_module, "AWAITED_AT_MOST", 3)
    cell = Cell()
    cell.says(*(shown(video) for video in range(1, 8)))
    cell.passes(11)
    assert len(cell.labels()) == 3
    monkeypatch.setattr(outcomes_module, "OUTCOMES_A_MINUTE_OF_ALL", 4)
    for viewer in range(200, 204):
        cell.says(shown(1), shown(2), viewer=viewer)
    cell.passes(11)
    assert len(cell.labels()) == 3 + 4
    assert not cell.learner.state.awaiting


def test_watch_time_is_told_among_videos_about_as_long() -> None:
    times = WatchTimes()
    for number in range(ENOUGH):
        assert times.add(1_000 * (number % 10 + 1), 15_000) is None
    share = times.add(9_000, 15_000)
    assert share is not None
    assert 0.7 < share < 0.95
    assert times.add(9_000, 60_000) is None
    least = times.add(0, 15_000)
    assert least is not None
    assert least < 0.01


def test_counts_of_watch_times_are_bounded() -> None:
    times = WatchTimes()
    for number in range(HALVED_AT + 10):
        times.add(number % 7_000, 15_000)
    assert times.counts.sum() < HALVED_AT
    share = times.add(3_500, 15_000)
    assert share is not None
    assert abs(share - 0.5) < 0.1


def test_whoever_is_erased_is_waited_for_no_more_and_has_no_name_in_what_is_kept() -> None:
    cell = Cell()
    cell.says(shown(), watch(CLIP_MS))
    cell.passes(11)
    cell.says(shown(2))
    cell.says(Erased(subject=UUID(int=VIEWER)), viewer=0)
    heads = cell.learner.state.live.heads
    assert not heads.amend((UUID(int=VIEWER), VIDEO), HEADS.index("like"), 1.0)
    cell.passes(11)
    assert len(cell.labels()) == 1
