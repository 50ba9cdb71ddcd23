"""The state is a function of the log, and what is undone leaves no trace."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penchant.core.ids import SubjectId
from penchant.events.model import (
    Erased,
    Event,
    InterestedAgain,
    Like,
    NotInterested,
    Share,
    Shown,
    StoredEvent,
    Unlike,
    Watch,
    Withdrawn,
)
from penchant.taste import snapshot
from penchant.taste.encounters import PLAYS_AT_MOST
from penchant.taste.folders import FolderCorrupt
from penchant.taste.learner import REFIT_AT_LEAST, Learner, plays_at_cut
from penchant.taste.state import State
from penchant.testing.memory_log import CLIP_MS, MemoryLog, published
from penchant.testing.themes import themed

_SUBJECTS, _VIDEOS = st.integers(1, 5), st.integers(1, 6)


def _told(subject: int, video: int, kind: str, play: int, watched_ms: int) -> tuple[int, Event]:
    events: dict[str, Event] = {
        "shown": Shown(video=video, context="feed"),
        "watch": Watch(video=video, context="feed", play=play, watched_ms=watched_ms, duration_ms=CLIP_MS),
        "like": Like(video=video),
        "unlike": Unlike(video=video),
        "share": Share(video=video, context="feed", via="copy"),
        "refuse": NotInterested(target="video", target_id=video),
        "again": InterestedAgain(target="video", target_id=video),
        "published": published(video, vector=bytes([video, play, 7])),
        "withdrawn": Withdrawn(video=video),
        "erased": Erased(subject=UUID(int=subject)),
    }
    return (0 if kind in {"published", "withdrawn", "erased"} else subject), events[kind]


VIEWER_KINDS = ("shown", "watch", "watch", "watch", "like", "unlike", "share", "refuse", "again")
ALL_KINDS = (*VIEWER_KINDS, "published", "withdrawn", "erased")


@st.composite
def logs(draw: st.DrawFn, kinds: tuple[str, ...] = ALL_KINDS, longest_step_h: int = 60) -> MemoryLog:
    """Random logs of up to 120 events that go on for weeks, all of six published videos and five viewers."""
    log = MemoryLog()
    for video in range(1, 7):
        log.add(0, published(video, vector=bytes([video, 2 * video, 9])))
    for subject, video, kind, play, watched_ms, hours in draw(
        st.lists(
            st.tuples(
                _SUBJECTS,
                _VIDEOS,
                st.sampled_from(kinds),
                st.integers(1, 3),
                st.integers(0, 2 * CLIP_MS),
                st.integers(-3, longest_step_h),
            ),
            max_size=120,
        )
    ):
        log.now_ms += max(hours, 0) * 3_600_000
        log.add(*_told(subject, video, kind, play, watched_ms))
    return log


def _folded(events: list[StoredEvent]) -> State:
    learner = Learner()
    learner.fold(events)
    return learner.state


def _knowledge(state: State) -> dict[str, bytes]:
    """What is known of videos and viewers, without when refits were cut and what the order of events decides."""
    arrays, _ = snapshot.to_arrays(state)
    ordered = ("cut", snapshot.LIVE, "long", "rates")
    return {name: array.tobytes() for name, array in arrays.items() if not name.startswith(ordered)}


@settings(max_examples=40)
@given(logs(), st.data())
def test_batches_of_any_size_give_the_same_state(log: MemoryLog, data: st.DataObject) -> None:
    together = _folded(log.events)
    learner, at = Learner(), 0
    while at < len(log.events):
        size = data.draw(st.integers(1, 40))
        # Reading overlaps what was read before: known offsets are ignored.
        learner.fold(log.events[max(at - 3, 0) : at + size])
        at += size
    assert snapshot.digest(learner.state) == snapshot.digest(together)
    assert learner.state.position == together.position


@pytest.mark.slow
@settings(max_examples=15)
@given(logs(), st.integers(0, 130))
def test_a_restart_from_a_snapshot_goes_on_as_if_uninterrupted(log: MemoryLog, kill_at: int) -> None:
    first = Learner()
    first.fold(log.events[:kill_at])
    with TemporaryDirectory() as name:
        snapshot.save(Path(name), first.state)
        second = Learner(snapshot.load(Path(name)))
    assert snapshot.digest(second.state) == snapshot.digest(first.state)
    second.fold(log.events)
    assert snapshot.digest(second.state) == snapshot.digest(_folded(log.events))


@settings(max_examples=40)
@given(logs(kinds=VIEWER_KINDS, longest_step_h=2))
def test_only_the_last_watch_of_a_play_counts(log: MemoryLog) -> None:
    """Replacing every watch by the last value of its play, where its first one was, changes nothing."""
    last: dict[tuple[UUID, int, int], StoredEvent] = {}
    for stored in log.events:
        if isinstance(stored.event, Watch):
            last[stored.subject, stored.event.play, stored.event.video] = stored
    final, placed = [], set()
    for stored in log.events:
        if isinstance(stored.event, Watch):
            key = (stored.subject, stored.event.play, stored.event.video)
            if key in placed:
                continue
            placed.add(key)
            stored = StoredEvent(
                stored.offset,
                stored.subject,
                stored.session,
                last[key].sequence,
                stored.occurred_at_ms,
                stored.received_at_ms,
                last[key].event,
            )
        final.append(stored)
    assert _knowledge(_folded(log.events)) == _knowledge(_folded(final))


def test_a_late_older_watch_does_not_undo_a_newer_one() -> None:
    log = MemoryLog()
    log.add(0, published(1))
    finish, glance = (
        Watch(video=1, context="feed", play=1, watched_ms=watched_ms, duration_ms=6_000) for watched_ms in (6_000, 500)
    )
    log.add(7, finish, sequence=9)
    log.add(7, glance, sequence=4)
    assert _folded(log.events).videos[1].long == 1


@settings(max_examples=40)
@given(logs(kinds=VIEWER_KINDS, longest_step_h=2), st.integers(1, 6), st.data())
def test_what_is_undone_leaves_no_trace(log: MemoryLog, video: int, data: st.DataObject) -> None:
    events = list(log.events)
    at = data.draw(st.integers(6, len(events)))
    like, unlike = (
        MemoryLog(now_ms=log.events[-1].received_at_ms),
        MemoryLog(now_ms=log.events[-1].received_at_ms),
    )
    events.insert(at, like.add(99, Like(video=video)))
    events.insert(data.draw(st.integers(at + 1, len(events))), unlike.add(99, Unlike(video=video)))
    renumbered = [
        StoredEvent(place, e.subject, e.session, e.sequence, e.occurred_at_ms, log.now_ms, e.event)
        for place, e in enumerate(events, start=1)
    ]
    plain = [
        StoredEvent(place, e.subject, e.session, e.sequence, e.occurred_at_ms, log.now_ms, e.event)
        for place, e in enumerate(log.events, start=1)
    ]
    assert _knowledge(_folded(renumbered)) == _knowledge(_folded(plain))


@settings(max_examples=40)
@given(logs(), st.integers(1, 5))
def test_rebuilding_after_an_erasure_equals_a_log_without_the_erased(log: MemoryLog, subject: int) -> None:
    """Both with the record of the erasure in the log and without it."""
    erased = UUID(int=subject)
    without = [event for event in log.events if event.subject != erased and event.event != Erased(subject=erased)]
    log.add(0, Erased(subject=erased))
    log.erase_subject(SubjectId(erased))
    assert snapshot.digest(_folded(log.events)) == snapshot.digest(_folded(without))


@settings(max_examples=40)
@given(logs(kinds=VIEWER_KINDS, longest_step_h=2), st.integers(1, 5))
def test_an_erasure_takes_back_open_encounters_at_once_and_asks_for_a_rebuild(log: MemoryLog, subject: int) -> None:
    erased = UUID(int=subject)
    was_there = any(event.subject == erased for event in log.events)
    marker = log.add(50, Shown(video=1, context="feed"))  # keeps the log's hour in both
    without = [event for event in log.events if event.subject != erased]
    log.add(0, Erased(subject=erased))
    state = _folded(log.events)
    assert marker.offset < state.position
    assert _knowledge(state) == _knowledge(_folded(without))
    assert state.rebuild_due or not was_there or erased not in _folded(log.events[:-1]).viewers


@settings(max_examples=40)
@given(logs())
def test_positives_are_counted_right(log: MemoryLog) -> None:
    state = _folded(log.events)
    assert state.positives == sum(len(viewer.positives()) for viewer in state.viewers.values())
    for video in state.videos.values():
        assert 0 <= video.long <= video.played <= video.shown
        assert 0 <= video.liked <= len(state.viewers)


def test_a_like_counts_once_until_it_is_taken_back() -> None:
    log = MemoryLog()
    log.add(0, published(1))
    log.add(7, Like(video=1))
    for expected, event in ((1, Like(video=1)), (0, Unlike(video=1)), (1, Like(video=1))):
        log.now_ms += 9 * 24 * 3_600_000
        log.watch(8, 2, expected + 1, 6_000)
        log.add(7, event)
        assert _folded(log.events).videos[1].liked == expected


def test_one_viewer_counts_once_however_often_they_watch() -> None:
    log = MemoryLog()
    log.add(0, published(1))
    for play in range(1, 500):
        log.watch(7, 1, play, 6_000)
        log.add(7, Like(video=1))
    video = _folded(log.events).videos[1]
    assert (video.shown, video.played, video.long) == (1, 1, 1)


def test_very_many_plays_of_one_video_are_one_encounter_that_does_not_grow() -> None:
    log = MemoryLog()
    log.add(0, published(1))
    for play in range(1, 20_001):
        log.watch(7, 1, play, 6_000 if play == 3 else 100)
    state = _folded(log.events)
    encounter = state.viewers[SubjectId(UUID(int=7))].open[1]
    assert len(encounter.plays) == PLAYS_AT_MOST
    assert (state.videos[1].shown, state.videos[1].long) == (1, 1)
    log.watch(7, 1, 20_000, 6_000)
    log.watch(7, 1, 20_000, 200)
    assert _folded(log.events).videos[1].long == 1


def test_a_clock_in_the_future_or_far_past_is_not_believed() -> None:
    states = []
    for lie_ms in (10**12, -(10**12)):
        log = MemoryLog()
        log.add(0, published(1))
        told = Watch(video=1, context="feed", play=1, watched_ms=6_000, duration_ms=6_000)
        stored = log.add(7, told)
        states.append(
            _folded(
                [
                    log.events[0],
                    StoredEvent(
                        stored.offset,
                        stored.subject,
                        stored.session,
                        1,
                        log.now_ms + lie_ms,
                        log.now_ms,
                        told,
                    ),
                ]
            )
        )
    hours = [state.viewers[UUID(int=7)].open[1].hour for state in states]
    assert hours[0] == log.now_ms // 3_600_000
    assert hours[1] == hours[0] - 24


def test_refits_are_cut_by_the_log() -> None:
    log = themed(seed=1, viewers=20, vectors=False)
    whole = _folded(log.events)
    learner = Learner()
    for event in log.events:
        learner.fold([event])
    assert learner.state.cut_position == whole.cut_position > 0


@settings(max_examples=40)
@given(logs(kinds=VIEWER_KINDS), st.integers(0, 60))
def test_a_cut_can_be_made_up_later(log: MemoryLog, more: int) -> None:
    learner = Learner()
    learner.fold(log.events)
    learner._cut()
    then = plays_at_cut(learner.state)
    for play in range(more):
        if len(learner.state.since_cut) < REFIT_AT_LEAST - 1:
            log.watch(play % 8, play % 6 + 1, 90 + play, CLIP_MS)
            learner.fold(log.events[-1:])
            log.add(play % 8, Like(video=play % 5 + 1) if play % 3 else Unlike(video=play % 5 + 1))
            learner.fold(log.events[-1:])
    again = plays_at_cut(learner.state)
    for name in ("position", "starts", "videos", "strengths"):
        assert np.array_equal(getattr(then, name), getattr(again, name)), name


def test_a_state_that_is_not_what_its_name_says_is_refused(tmp_path: Path) -> None:
    name = snapshot.save(tmp_path, _folded(themed(seed=1, viewers=3, vectors=True).events))
    damaged = tmp_path / "states" / name / "videos.npy"
    raw = bytearray(damaged.read_bytes())
    raw[-1] ^= 1
    damaged.write_bytes(bytes(raw))
    with pytest.raises(FolderCorrupt):
        snapshot.load(tmp_path)
