"""What is learned in the order of the log: caps, places, taste vectors that take effect later, the blend."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from penchant.core.ids import SubjectId
from penchant.events.model import Erased, Like, NotInterested, Shown, Watch
from penchant.taste import learner as learner_module
from penchant.taste import live as live_module
from penchant.taste import snapshot
from penchant.taste import trainer as trainer_module
from penchant.taste.context import CONTEXT
from penchant.taste.factors import Factors
from penchant.taste.learner import EXAMPLES_A_MINUTE, LOOKS_A_MINUTE, Learner
from penchant.taste.live import AtOnce, PageList
from penchant.taste.recipe import SERVED
from penchant.taste.similar import Plays
from penchant.testing.memory_log import CLIP_MS, START_MS, MemoryLog, published
from penchant.testing.themes import themed

SLOTS = 10
COLUMNS = len(SERVED.names)


def page_of(page: int, videos: int = 40) -> PageList:
    """A page of the first ten of a list; what is watched long there has a high first column."""
    rng = np.random.default_rng(page)
    ids = rng.permutation(videos) + 1
    rows = np.rint(rng.normal(size=(videos, COLUMNS)) * 256).astype(np.int32) << 8
    return PageList(ids, rows, np.zeros(CONTEXT, dtype=np.int64), SERVED.names, tuple(range(SLOTS)))


def swiped(pages: int, videos: int = 40) -> MemoryLog:
    """Viewers who swipe through pages and finish the video of each with the highest first column."""
    log = MemoryLog()
    for video in range(1, videos + 1):
        log.add(0, published(video, 1 + video % 5))
    for page in range(1, pages + 1):
        found, viewer = page_of(page, videos), 100 + page % 7
        best = int(np.argmax(found.rows[1:SLOTS, 0])) + 1
        for slot in range(best + 1):
            log.now_ms += 7_000
            watched_ms = CLIP_MS if slot == best else 500
            video = int(found.video_ids[slot])
            for event in (
                Shown(video=video, context="feed", page=page, slot=slot),
                Watch(
                    video=video,
                    context="feed",
                    page=page,
                    slot=slot,
                    play=1_000 * page + slot,
                    watched_ms=watched_ms,
                    duration_ms=CLIP_MS,
                ),
            ):
                log.add(viewer, event)
        # So that what was watched last week may be watched again.
        log.now_ms += 20 * 3_600_000
    return log


def folded(log: MemoryLog) -> Learner:
    learner = Learner(pages=page_of)
    learner.fold(log.events)
    return learner


@pytest.mark.slow
def test_the_blend_learns_what_makes_one_stand_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer_module, "WARM_UP", 64)
    monkeypatch.setattr(trainer_module, "READY", 128)
    trainer = folded(swiped(600)).state.live.trainer
    assert 400 < trainer.examples <= 600
    stages = trainer.stages()
    assert stages.weights is not None
    page = page_of(9_999)
    first = stages.first(page.rows)
    order = np.argsort(-first, kind="stable")
    scores = stages.second(page.rows[order], page.context, first[order])
    assert np.corrcoef(scores, page.rows[order, 0])[0, 1] > 0.6


@pytest.mark.slow
def test_batches_and_a_restart_in_the_middle_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages, taste vectors under way, bases and the trainer's buffers included; before and after the first scale."""
    monkeypatch.setattr(trainer_module, "WARM_UP", 40)
    monkeypatch.setattr(live_module, "BASE_AT_LEAST", 5)
    log = swiped(90)
    whole = folded(log)
    assert whole.state.live.trainer.examples > 40
    assert whole.state.live.standing.factors.dimensions
    for kill_at in (60, 333, len(log.events) - 40):
        first = Learner(pages=page_of)
        for at in range(0, kill_at, 17):
            first.fold(log.events[at : min(at + 17, kill_at)])
        snapshot.save(tmp_path, first.state)
        second = Learner(snapshot.load(tmp_path), pages=page_of)
        assert snapshot.digest(second.state) == snapshot.digest(first.state)
        # The next base is cut at the same place too.
        until = kill_at + 4
        first.fold(log.events[:until])
        second.fold(log.events[:until])
        assert second.state.live.changed == first.state.live.changed
        assert second.state.live.base.arrays["played"].tolist() == first.state.live.base.arrays["played"].tolist()
        second.fold(log.events)
        assert snapshot.digest(second.state) == snapshot.digest(whole.state)
        base, wanted = second.state.live.base, whole.state.live.base
        assert base.landmarks == wanted.landmarks
        assert all(np.array_equal(base.arrays[name], array) for name, array in wanted.arrays.items())


def test_a_rebuild_without_somebody_is_as_if_they_had_never_been() -> None:
    log = swiped(60)
    erased = UUID(int=103)
    without = [event for event in log.events if event.subject != erased]
    log.add(0, Erased(subject=erased))
    with_them = folded(log)
    assert with_them.state.rebuild_due
    log.erase_subject(SubjectId(erased))
    never = Learner(pages=page_of)
    never.fold(without)
    assert snapshot.digest(folded(log).state) == snapshot.digest(never.state)
    assert snapshot.digest(with_them.state) != snapshot.digest(never.state)


@pytest.mark.slow
def test_taste_vectors_take_effect_at_their_place_of_the_log_however_soon_they_are_there() -> None:
    """A fitter that has them at once, and one that is asked late, give the same states all along."""

    class Eager(AtOnce):
        def __init__(self) -> None:
            self.made: dict[int, Factors] = {}

        def begin(self, plays: Plays) -> None:
            self.made[plays.position] = super().factors(plays)

        def factors(self, plays: Plays) -> Factors:
            return self.made[plays.position]

    log = themed(2, 120, vectors=False)
    eager, late = Learner(fitter=Eager()), Learner()
    under_way = 0
    for event in log.events:
        eager.fold([event])
        late.fold([event])
        under_way += late.state.live.begun is not None
        if event.offset % 400 == 0:
            assert snapshot.digest(eager.state) == snapshot.digest(late.state)
    assert under_way > 50
    assert late.state.live.standing.factors.position > 0


def test_a_flood_of_one_viewer_is_a_trickle() -> None:
    log, seen = MemoryLog(), 500
    for video in range(1, seen + 1):
        log.add(0, published(video))
    for video in range(1, seen + 1):
        log.add(7, Like(video=video))
        log.watch(7, video, video, CLIP_MS)
    live = folded(log).state.live
    assert live.signals.plays.at(slice(0, len(live.video_ids)), START_MS)[:, 2].sum() == pytest.approx(LOOKS_A_MINUTE)
    log.now_ms += 60_000
    log.watch(7, 400, 9_999, 100)
    log.watch(8, 400, 1, CLIP_MS)
    assert folded(log).state.live.signals.plays.sums[:, 2].sum() > live.signals.plays.sums[:, 2].sum()


def test_the_blend_hears_one_viewer_only_so_often_a_minute() -> None:
    log = MemoryLog()
    for video in range(1, 41):
        log.add(0, published(video))
    for page in range(1, 41):
        found = page_of(page)
        for slot, watched_ms in ((0, 100), (1, CLIP_MS)):
            event = Watch(
                video=int(found.video_ids[slot]),
                context="feed",
                page=page,
                slot=slot,
                play=2 * page + slot,
                watched_ms=watched_ms,
                duration_ms=CLIP_MS,
            )
            log.add(100 + page % 2, event)
    assert folded(log).state.live.trainer.examples <= 2 * EXAMPLES_A_MINUTE


def test_only_so_many_videos_are_active_and_the_least_played_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "ACTIVE_AT_MOST", 40)
    log = MemoryLog()
    for video in range(1, 101):
        log.add(0, published(video))
    for video in range(1, 101):
        for viewer in range(3 if video % 4 == 0 else 1):
            log.now_ms += 60_000
            log.watch(100 + viewer, video, video, CLIP_MS)
    live = folded(log).state.live
    assert 30 <= len(live.video_ids) <= 40
    assert live.place_of == {video: place for place, video in enumerate(live.video_ids)}
    assert {video for video in range(4, 97, 4)} <= set(live.video_ids)
    place = live.place_of[96]
    assert live.signals.played[place] == 3
    assert live.signals.plays.at(slice(0, 40), log.now_ms)[place, 2] == pytest.approx(3, rel=0.02)


def test_what_does_not_fit_is_not_learned_from() -> None:
    live = folded(swiped(5)).state.live
    page, before = page_of(1), live.trainer.examples
    video = int(page.video_ids[3])
    assert not live.learn(replace(page, columns=("rows",)), 3, video, set())
    assert not live.learn(page, 3, video + 1, set())
    assert not live.learn(page, 99, video, set())
    assert not live.learn(replace(page, slots=(-1,) * 10), 3, video, set())
    assert not live.learn(page, 0, int(page.video_ids[0]), set()), "nothing was shown before it"
    assert not live.learn(page, 1, int(page.video_ids[1]), {int(page.video_ids[0])}), "nothing was left"
    assert live.trainer.examples == before
    assert live.learn(page, 3, video, set())


def test_what_is_refused_says_nothing_of_a_taste() -> None:
    log = MemoryLog()
    log.add(0, published(1))
    log.watch(7, 1, 1, CLIP_MS)
    assert folded(log).state.viewers[SubjectId(UUID(int=7))].long == [1]
    log.add(7, NotInterested(target="video", target_id=1))
    assert folded(log).state.viewers[SubjectId(UUID(int=7))].long == []


def test_equal_logs_give_equal_states_whatever_was_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new state at an amended watch counts once: when it becomes a look, and when it becomes long."""
    monkeypatch.setattr(learner_module, "LOOKS_A_MINUTE", 3)
    log = MemoryLog()
    log.add(0, published(1))
    for watched_ms in (500, 1_900, 2_100, 4_000, 5_500, CLIP_MS, 3 * CLIP_MS):
        log.now_ms += 1_000
        log.watch(7, 1, 1, watched_ms)
    signals = folded(log).state.live.signals
    assert signals.plays.at(slice(0, 1), log.now_ms)[0, 3] == pytest.approx(1, rel=0.001)
    assert (signals.shown[0], signals.played[0], signals.long[0]) == (1, 1, 1)
