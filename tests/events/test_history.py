from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penchant.app import Penchant
from penchant.core.ids import SubjectId
from penchant.events.history import fold, history_from, read_history
from penchant.events.model import (
    Event,
    HistoryRemoved,
    InterestedAgain,
    Like,
    NewEvent,
    NotInterested,
    Share,
    Shown,
    StoredEvent,
    TasteReset,
    Unlike,
    Watch,
)

_SUBJECTS = [SubjectId(UUID(int=number)) for number in (1, 2)]
_videos = st.integers(1, 4)
_events: st.SearchStrategy[Event] = st.one_of(
    st.builds(Shown, video=_videos, context=st.just("feed")),
    st.builds(
        Watch,
        video=_videos,
        context=st.just("feed"),
        play=st.integers(1, 3),
        watched_ms=st.integers(0, 9_000),
        duration_ms=st.just(6_000),
    ),
    st.builds(Like, video=_videos),
    st.builds(Unlike, video=_videos),
    st.builds(Share, video=_videos, context=st.just("link"), via=st.just("copy")),
    st.builds(NotInterested, target=st.just("creator"), target_id=_videos),
    st.builds(InterestedAgain, target=st.just("creator"), target_id=_videos),
)


@st.composite
def _logs(draw: st.DrawFn) -> list[StoredEvent]:
    events = draw(st.lists(st.tuples(st.sampled_from(_SUBJECTS), st.integers(1, 10_000), _events), max_size=25))
    return [
        StoredEvent(offset, subject, UUID(int=9), offset, at, at, event)
        for offset, (subject, at, event) in enumerate(events, 1)
    ]


def _rows(cell: Penchant) -> list[Any]:
    with cell.engine.connect() as connection:
        return [read_history(connection, subject) for subject in _SUBJECTS]


def _clear(cell: Penchant) -> None:
    from penchant.events import repository

    with cell.engine.begin() as connection:
        repository.clear(connection)


@pytest.mark.service
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(log=_logs(), data=st.data())
def test_the_history_does_not_depend_on_order_repetition_or_batches(cell: Penchant, log: list[StoredEvent], data: Any):
    _clear(cell)
    cell.events.history.project(log)
    straight = _rows(cell)
    _clear(cell)
    shuffled = data.draw(st.permutations(log + log[: len(log) // 2]))
    cut = data.draw(st.integers(0, len(shuffled)))
    cell.events.history.project(shuffled[:cut])
    cell.events.history.project(shuffled[cut:])
    assert _rows(cell) == straight


_with_taking_out = st.one_of(_events, st.builds(HistoryRemoved, video=_videos), st.builds(TasteReset))


@pytest.mark.service
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    log=st.lists(st.tuples(st.sampled_from(_SUBJECTS), st.integers(1, 10_000), _with_taking_out), max_size=25),
    data=st.data(),
)
def test_what_was_taken_out_stays_out_in_whatever_order_events_arrive(
    cell: Penchant, log: list[tuple[SubjectId, int, Event]], data: Any
):
    """Events are in the log before they are merged: so much is promised, and no more."""
    for subject in _SUBJECTS:
        cell.events.log.erase_subject(subject)
    _clear(cell)
    session = uuid4()
    stored = cell.events.log.append(
        [NewEvent(subject, session, number, at, event) for number, (subject, at, event) in enumerate(log, 1)]
    )
    straight = [history_from(event for event in stored if event.subject == subject) for subject in _SUBJECTS]
    cell.events.history.rebuild()
    assert _rows(cell) == straight
    _clear(cell)
    for event in data.draw(st.permutations(stored)):
        cell.events.history.project([event])
    assert _rows(cell) == straight
    for event in data.draw(st.permutations(stored)):
        cell.events.history.project([event])
    assert _rows(cell) == straight


def test_what_is_taken_out_was_seen_and_is_no_input():
    subject, other = _SUBJECTS
    happened: list[tuple[SubjectId, Event]] = [
        (subject, Watch(video=1, context="feed", play=1, watched_ms=5_000, duration_ms=6_000)),
        (subject, Like(video=1)),
        (subject, Shown(video=2, context="feed")),
        (other, Shown(video=1, context="feed")),
        (subject, HistoryRemoved(video=1)),
    ]
    log = [StoredEvent(n, who, UUID(int=1), n, n, n, event) for n, (who, event) in enumerate(happened, 1)]
    mine = history_from(event for event in log if event.subject == subject)
    assert [entry.video for entry in mine.recent] == [2]
    assert (mine.seen, mine.taken_out, mine.offset) == ({1, 2}, 1, 5)
    again = StoredEvent(
        6, subject, UUID(int=1), 6, 6, 6, Watch(video=1, context="link", play=2, watched_ms=900, duration_ms=6_000)
    )
    anew = history_from([*(event for event in log if event.subject == subject), again])
    assert [(entry.video, entry.watched_ms, entry.liked) for entry in anew.recent] == [(1, 900, False), (2, 0, False)]
    assert anew.taken_out == 0
    assert [entry.video for entry in history_from(log[3:4]).recent] == [1]


@pytest.mark.service
def test_rebuilding_from_the_log_gives_the_same_history(cell: Penchant):
    subject = _SUBJECTS[0]
    events: list[Event] = [
        Shown(video=1, context="feed"),
        Watch(video=1, context="feed", play=1, watched_ms=5_000, duration_ms=6_000),
        Like(video=1),
        NotInterested(target="hashtag", name="clocks"),
        Watch(video=1, context="feed", play=1, watched_ms=2_000, duration_ms=6_000),
    ]
    cell.events.record([NewEvent(subject, UUID(int=3), n, 50 + n, event) for n, event in enumerate(events, 1)])
    before = _rows(cell)
    assert before[0].recent[0].watched_ms == 5_000
    assert before[0].recent[0].liked
    assert before[0].seen == {1}
    assert before[0].dislikes == {("hashtag", "clocks")}
    offset = cell.events.history.rebuild()
    assert offset == cell.events.log.last_offset()
    assert _rows(cell) == before


def test_being_liked_alone_does_not_make_a_video_seen():
    videos, _ = fold([StoredEvent(1, _SUBJECTS[0], UUID(int=1), 1, 5, 5, Like(video=3))])
    assert videos[0]["shown_at_ms"] is None
    assert videos[0]["watched_ms"] == 0
