"""Recording what happens: from viewers directly, from other rooms through the outbox."""

from collections.abc import Sequence
from uuid import UUID, uuid5

import msgspec

from penchant.core import outbox
from penchant.core.clock import Clock
from penchant.core.database import Connection, Engine
from penchant.core.errors import NotFound
from penchant.core.ids import SubjectId
from penchant.events import repository
from penchant.events.history import HistoryService
from penchant.events.model import SYSTEM, Erased, Event, HistoryRemoved, NewEvent, StoredEvent, TasteReset
from penchant.events.ports import EventLog

TOPIC = "events"
_OUTBOX_SESSION = UUID("6d0fbb43-54a1-5f0e-9f2c-0f5c2b6a7e11")
"""Session of all events that came through the outbox; the message number is their sequence."""


class _Told(msgspec.Struct, frozen=True):
    subject: UUID
    occurred_at_ms: int
    event: Event


_decoder = msgspec.json.Decoder(_Told)


class EventService:
    """The only way into the log: append, then projection, then the acknowledgement."""

    def __init__(self, engine: Engine, log: EventLog, history: HistoryService, clock: Clock, market: str) -> None:
        self._engine = engine
        self.log = log
        self.history = history
        self._clock = clock
        # Two cells may one day share a broker; their outboxes count for themselves.
        self._outbox_session = uuid5(_OUTBOX_SESSION, market)

    def record(self, events: Sequence[NewEvent]) -> list[StoredEvent]:
        """Write events durably and merge them into histories; after this the next page hears them.

        Raises:
            Unavailable: nothing is acknowledged; sending the same events again is safe.
        """
        stored = self.log.append(events)
        self.history.project(stored)
        return stored

    def tell(self, connection: Connection, subject: SubjectId, event: Event) -> None:
        """Add an event to the running transaction; `deliver` brings it to the log after the commit."""
        told = _Told(subject, self._clock.now_ms(), event)
        outbox.post(connection, TOPIC, msgspec.json.encode(told))

    def take_out(self, subject: SubjectId, video: int) -> None:
        """Take what a viewer did with one video out of their history; that they saw it stays.

        Raises:
            NotFound: it is not in their history.
        """
        with self._engine.begin() as connection:
            if not repository.is_in_history(connection, subject, video):
                raise NotFound("this video is not in your history")
            self.tell(connection, subject, HistoryRemoved(video=video))
        self.deliver()

    def reset_taste(self, subject: SubjectId) -> None:
        """Take everything that a viewer did out of their history: their taste begins again."""
        with self._engine.begin() as connection:
            self.tell(connection, subject, TasteReset())
        self.deliver()

    def deliver(self) -> int:
        """Bring told events to the log, each exactly once; returns how many. Called after commits and by a sweep."""
        count = 0
        while True:
            with self._engine.begin() as connection:
                messages = outbox.take(connection, TOPIC)
                if not messages:
                    return count
                stored = self.record([self._event_of(message) for message in messages])
                for event in stored:
                    if isinstance(event.event, Erased):
                        self._forget(event.event)
                # A crash before this commit repeats the delivery; the log knows (session, sequence) by then.
                outbox.delivered(connection, messages)
            count += len(messages)

    def erase(self, connection: Connection, subject: SubjectId, videos: Sequence[int] = ()) -> None:
        """Forget what a person did: history now, events (and their trace in the learner) after the commit.

        videos: theirs, withdrawn before; what they were published with goes as well.
        """
        repository.forget(connection, subject)
        self.tell(connection, SYSTEM, Erased(subject=subject, videos=tuple(videos)))

    def _forget(self, erased: Erased) -> None:
        subject = SubjectId(erased.subject)
        # After the append: events that were told just before the erasure came with the same batch.
        self.log.erase_subject(subject)
        if erased.videos:
            self.log.erase_publications(erased.videos)
        with self._engine.begin() as connection:
            repository.forget(connection, subject)

    def _event_of(self, message: outbox.Message) -> NewEvent:
        told = _decoder.decode(message.body)
        return NewEvent(
            subject=SubjectId(told.subject),
            session=self._outbox_session,
            sequence=message.number,
            occurred_at_ms=told.occurred_at_ms,
            event=told.event,
        )
