from uuid import uuid4

import pytest

from penchant.app import Penchant
from penchant.core import outbox
from penchant.core.ids import SubjectId
from penchant.events.model import SYSTEM, Erased, Follow, Like
from penchant.events.service import TOPIC

pytestmark = pytest.mark.service


def test_what_was_told_reaches_the_log_once_and_in_order(cell: Penchant):
    subject = SubjectId(uuid4())
    with cell.engine.begin() as connection:
        for number in range(1, 6):
            cell.events.tell(connection, subject, Like(video=number))
    assert cell.events.deliver() == 5
    assert cell.events.deliver() == 0
    assert [s.event for s in cell.events.log.read(0, 10)] == [Like(video=n) for n in range(1, 6)]


def test_what_was_rolled_back_was_never_told(cell: Penchant):
    with pytest.raises(ZeroDivisionError), cell.engine.begin() as connection:
        cell.events.tell(connection, SYSTEM, Follow(creator=1))
        raise ZeroDivisionError
    assert cell.events.deliver() == 0


def test_a_crash_between_delivery_and_its_note_delivers_once(cell: Penchant, monkeypatch: pytest.MonkeyPatch):
    with cell.engine.begin() as connection:
        cell.events.tell(connection, SYSTEM, Like(video=1))

    def crash(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "delivered", crash)
        with pytest.raises(ConnectionError):
            cell.events.deliver()
    assert cell.events.log.last_offset() > 0
    assert cell.events.deliver() == 1
    assert len(cell.events.log.read(0, 10)) == 1
    with cell.engine.begin() as connection:
        assert outbox.take(connection, TOPIC) == []


def test_erasing_deletes_events_and_leaves_a_trace_of_the_erasure(cell: Penchant):
    subject = SubjectId(uuid4())
    with cell.engine.begin() as connection:
        cell.events.tell(connection, subject, Like(video=1))
        cell.events.erase(connection, subject)
    cell.events.deliver()
    assert [s.event for s in cell.events.log.read(0, 10)] == [Erased(subject=subject)]
