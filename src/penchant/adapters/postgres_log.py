"""The event log in PostgreSQL."""

from collections.abc import Iterable, Sequence
from threading import Lock
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Identity,
    Index,
    Text,
    UniqueConstraint,
    Uuid,
    cast,
    extract,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.schema import Table

from penchant.core.clock import Clock, as_datetime
from penchant.core.database import OPERATIONAL, PERSONAL, SENSITIVE, Connection, Engine, column, metadata
from penchant.core.errors import Unavailable
from penchant.core.holdings import AsLongAs, holding
from penchant.core.ids import SubjectId
from penchant.events.model import SYSTEM, NewEvent, StoredEvent, decode_event, encode_event, kind_of

event_log = Table(
    "event_log",
    metadata,
    column("offset", BigInteger, OPERATIONAL, Identity(), primary_key=True),
    column("session_id", Uuid, PERSONAL, nullable=False),
    column("sequence", BigInteger, OPERATIONAL, nullable=False),
    column("subject_id", Uuid, PERSONAL, nullable=False),
    column("kind", Text, SENSITIVE, nullable=False),
    column("occurred_at", DateTime(timezone=True), SENSITIVE, nullable=False),
    column("received_at", DateTime(timezone=True), SENSITIVE, nullable=False),
    column("body", JSONB, SENSITIVE, nullable=False),
    UniqueConstraint("session_id", "sequence"),
    Index(None, "subject_id", "offset"),
    info=holding(
        "what is learned from, and what everything learned is folded from again",
        AsLongAs("the account; without one for good, under a number that nobody has once the session is over"),
        subject_id="subject",
    ),
)

_LOG_LOCK = 7_226_418
"""Advisory lock held from the first offset to the commit, so that offsets become visible in order."""

_INSERT = text("""
    INSERT INTO event_log (session_id, sequence, subject_id, kind, occurred_at, received_at, body)
    SELECT session_id, sequence, subject_id, kind, occurred_at, :received_at, body::jsonb
    FROM unnest(
        CAST(:sessions AS uuid[]), CAST(:sequences AS bigint[]), CAST(:subjects AS uuid[]), CAST(:kinds AS text[]),
        CAST(:moments AS timestamptz[]), CAST(:bodies AS text[])
    ) WITH ORDINALITY AS incoming (session_id, sequence, subject_id, kind, occurred_at, body, place)
    ORDER BY place
    ON CONFLICT (session_id, sequence) DO NOTHING
""")
_FIND = text("""
    SELECT l."offset", l.subject_id, l.session_id, l.sequence, l.body::text,
        floor(extract(epoch FROM l.occurred_at) * 1000)::bigint,
        floor(extract(epoch FROM l.received_at) * 1000)::bigint
    FROM unnest(CAST(:sessions AS uuid[]), CAST(:sequences AS bigint[])) AS wanted (session_id, sequence)
    JOIN event_log l USING (session_id, sequence)
""")


class _Waiting:
    """One caller's events and what came of them."""

    def __init__(self, events: Sequence[NewEvent]) -> None:
        self.events = events
        self.stored: list[StoredEvent] | None = None
        self.error: Unavailable | None = None


class PostgresEventLog:
    """`EventLog` over the table `event_log`.

    Callers that arrive while a write is under way are written together by the next one that gets the pen:
    one commit, and so one flush to disk, serves them all.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._queue: list[_Waiting] = []
        self._queue_lock = Lock()
        self._pen = Lock()

    def append(self, events: Sequence[NewEvent]) -> list[StoredEvent]:
        if not events:
            return []
        mine = _Waiting(events)
        with self._queue_lock:
            self._queue.append(mine)
        with self._pen:
            if mine.stored is None and mine.error is None:
                with self._queue_lock:
                    together, self._queue = self._queue, []
                self._write(together)
        if mine.error is not None:
            raise mine.error
        assert mine.stored is not None
        return mine.stored

    def _write(self, together: list[_Waiting]) -> None:
        try:
            with self._engine.begin() as connection:
                events = [event for waiting in together for event in waiting.events]
                found = self._insert(connection, events)
        except (OperationalError, DBAPIError) as error:
            for waiting in together:
                waiting.error = Unavailable("events cannot be stored at the moment", retry_after_s=2)
                waiting.error.__cause__ = error
            return
        for waiting in together:
            waiting.stored = [found[event.session, event.sequence] for event in waiting.events]

    def _insert(self, connection: Connection, events: list[NewEvent]) -> dict[tuple[Any, int], StoredEvent]:
        names = {"sessions": [e.session for e in events], "sequences": [e.sequence for e in events]}
        connection.execute(select(func.pg_advisory_xact_lock(_LOG_LOCK)))
        connection.execute(
            _INSERT,
            names
            | {
                "subjects": [e.subject for e in events],
                "kinds": [kind_of(e.event) for e in events],
                "moments": [as_datetime(e.occurred_at_ms) for e in events],
                "bodies": [encode_event(e.event).decode() for e in events],
                "received_at": as_datetime(self._clock.now_ms()),
            },
        )
        # Read back rather than RETURNING: a repeated event is answered with the place it already has.
        return {(e.session, e.sequence): e for e in _stored(connection.execute(_FIND, names).all())}

    def read(self, after_offset: int, limit: int) -> list[StoredEvent]:
        return self._select(event_log.c.offset > after_offset, limit)

    def read_subject(self, subject: SubjectId, after_offset: int, limit: int) -> list[StoredEvent]:
        return self._select((event_log.c.subject_id == subject) & (event_log.c.offset > after_offset), limit)

    def _select(self, condition: Any, limit: int) -> list[StoredEvent]:
        c = event_log.c
        statement = (
            select(
                c.offset,
                c.subject_id,
                c.session_id,
                c.sequence,
                c.body.cast(Text),
                _ms(c.occurred_at),
                _ms(c.received_at),
            )
            .where(condition)
            .order_by(c.offset)
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return list(_stored(connection.execute(statement).all()))

    def last_offset(self) -> int:
        with self._engine.connect() as connection:
            return int(connection.execute(select(func.coalesce(func.max(event_log.c.offset), 0))).scalar_one())

    def erase_subject(self, subject: SubjectId) -> int:
        with self._engine.begin() as connection:
            return connection.execute(event_log.delete().where(event_log.c.subject_id == subject)).rowcount

    def erase_publications(self, videos: Sequence[int]) -> int:
        c = event_log.c
        # All of them are the system's, and the log is indexed by subject: nobody's views are looked at.
        of_these = (
            (c.subject_id == SYSTEM) & (c.kind == "published") & cast(c.body["video"].astext, BigInteger).in_(videos)
        )
        with self._engine.begin() as connection:
            return connection.execute(event_log.delete().where(of_these)).rowcount


def _ms(moment: ColumnElement[Any]) -> ColumnElement[int]:
    """Unix milliseconds, rounded down; making a datetime of each row first takes as long as all the rest."""
    return cast(func.floor(extract("epoch", moment) * 1000), BigInteger)


def _stored(rows: Iterable[Any]) -> Iterable[StoredEvent]:
    for offset, subject, session, sequence, body, occurred_at_ms, received_at_ms in rows:
        event = decode_event(body)
        yield StoredEvent(offset, SubjectId(subject), session, sequence, occurred_at_ms, received_at_ms, event)
