import threading
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import OperationalError

from penchant.adapters.postgres_log import PostgresEventLog
from penchant.app import Penchant
from penchant.core.database import make_engine
from penchant.core.errors import Unavailable
from penchant.core.ids import SubjectId
from penchant.events.model import SYSTEM, Like, NewEvent, Shown, Watch, Withdrawn
from penchant.testing.memory_log import published

pytestmark = pytest.mark.service


def _shown(session: UUID, sequence: int, video: int = 5) -> NewEvent:
    return NewEvent(SubjectId(uuid4()), session, sequence, 1_000, Shown(video=video, context="feed"))


def test_events_come_back_as_they_were_in_order(cell: Penchant):
    log = cell.events.log
    session = uuid4()
    events = [
        _shown(session, 1),
        NewEvent(
            SubjectId(uuid4()),
            session,
            2,
            7,
            Watch(video=5, context="link", play=1, watched_ms=3, duration_ms=9, page=4, slot=2),
        ),
        NewEvent(SubjectId(uuid4()), session, 3, 8, Like(video=2**62)),
    ]
    stored = log.append(events)
    assert [s.event for s in stored] == [e.event for e in events]
    assert log.read(0, 10) == stored
    assert log.read(stored[0].offset, 1) == [stored[1]]
    assert log.read_subject(events[1].subject, 0, 10) == [stored[1]]
    assert log.last_offset() == stored[2].offset


def test_sending_again_is_answered_with_the_same_places(cell: Penchant):
    session = uuid4()
    first = cell.events.log.append([_shown(session, 1), _shown(session, 2)])
    again = cell.events.log.append([_shown(session, 2, video=77), _shown(session, 3), _shown(session, 1)])
    assert [again[0], again[2]] == [first[1], first[0]]
    assert len(cell.events.log.read(0, 10)) == 3


def test_writers_at_the_same_time_lose_nothing_and_readers_see_no_gap_filled_later(cell: Penchant):
    """A reader that has seen offset n never finds an event below n afterwards."""
    log = cell.events.log
    other = PostgresEventLog(cell.engine, cell.clock)
    seen: list[int] = []
    done = threading.Event()

    def read() -> None:
        last = 0
        while True:
            over = done.is_set()
            events = log.read(last, 1000)
            seen.extend(event.offset for event in events)
            last = seen[-1] if seen else 0
            if over and not events:
                return

    def write(target: PostgresEventLog) -> None:
        session = uuid4()
        for sequence in range(1, 41, 2):
            target.append([_shown(session, sequence), _shown(session, sequence + 1)])

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=(t,)) for t in (log, other, log, other)]
    reader.start()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    done.set()
    reader.join()
    assert len(seen) == 160
    assert seen == sorted(seen)


def test_erasing_a_subject_leaves_the_others_where_they_were(cell: Penchant):
    session = uuid4()
    stored = cell.events.log.append([_shown(session, 1), _shown(session, 2), _shown(session, 3)])
    assert cell.events.log.erase_subject(stored[1].subject) == 1
    assert cell.events.log.read(0, 10) == [stored[0], stored[2]]


def test_erasing_what_videos_were_published_with_leaves_other_words_about_them(cell: Penchant):
    session = uuid4()
    sent = [Withdrawn(video=2**40), published(2**40), published(7), Shown(video=2**40, context="feed")]
    events = [NewEvent(SYSTEM, session, at, 0, event) for at, event in enumerate(sent)]
    stored = cell.events.log.append(events)
    assert cell.events.log.erase_publications([2**40, 9]) == 1
    assert cell.events.log.read(0, 10) == [stored[0], stored[2], stored[3]]


def test_a_log_that_cannot_be_reached_acknowledges_nothing(cell: Penchant, database_url: str):
    engine = make_engine(database_url.replace("host=", "host=%2Fnowhere"))
    with pytest.raises(Unavailable) as caught:
        PostgresEventLog(engine, cell.clock).append([_shown(uuid4(), 1)])
    assert caught.value.retry_after_s == 2
    assert isinstance(caught.value.__cause__, OperationalError)
    assert cell.events.log.read(0, 10) == []
