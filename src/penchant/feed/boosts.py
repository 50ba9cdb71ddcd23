"""Boosts: what the operator lends a video in the order of the feed, in the open.

Every platform can push a video by hand. Here that is a row that names video, amount, time and reason; a leaf in the
ledger; a number in the record of each page that it touched; and a word to whoever sees the video.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, DateTime, Index, Integer, Table, Text, func, insert, select, update

from penchant.catalog import repository as catalog
from penchant.core.clock import Clock, as_datetime, as_ms
from penchant.core.database import OPERATIONAL, PUBLIC, Connection, Engine, column, metadata
from penchant.core.errors import Conflict, Invalid
from penchant.core.glance import Glance
from penchant.core.holdings import ForGood, holding
from penchant.core.ids import VideoId
from penchant.ledger.leaves import Boost
from penchant.ledger.record import append
from penchant.taste.fixed import Q16

MOST_DOUBLINGS: Final = 2.0
MOST_HOURS: Final = 24 * 14
MOST_AT_ONCE: Final = 20
REASON_CHARACTERS: Final = 300

boosts = Table(
    "boosts",
    metadata,
    column("entry", BigInteger, OPERATIONAL, primary_key=True, autoincrement=False),
    column("video_id", BigInteger, PUBLIC, nullable=False),
    column("amount", Integer, PUBLIC, nullable=False),
    column("begins_at", DateTime(timezone=True), PUBLIC, nullable=False),
    column("ends_at", DateTime(timezone=True), PUBLIC, nullable=False),
    column("reason", Text, PUBLIC, nullable=False),
    Index(None, "ends_at"),
    info=holding("what the operator lent which video in the order of the feed, and why", ForGood("anybody may ask")),
)
"""`entry`: its leaf in the ledger. `amount`: Q16 doublings of odds. What is taken back ends then."""


class Lent(NamedTuple):
    """One boost."""

    video: VideoId
    amount: int
    begins_ms: int
    ends_ms: int
    reason: str
    entry: int


class Boosts:
    """Lends, takes back, and says what is lent: looked up once a second."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._lent = Glance(self._look, clock)

    def lend(self, video: VideoId, doublings: float, hours: int, reason: str) -> Lent:
        """Lend a video so many doublings of odds, from now on.

        Raises:
            Invalid: too much, too long, no reason, or there is no such listed video.
            Conflict: enough is lent already, or that video has something.
        """
        amount, reason = round(doublings * Q16), reason.strip()
        if not 0 < doublings <= MOST_DOUBLINGS:
            raise Invalid(
                f"a boost is more than 0 and at most {MOST_DOUBLINGS:g} doublings", fields={"doublings": "0 to 2"}
            )
        if not 1 <= hours <= MOST_HOURS:
            raise Invalid(f"a boost lasts 1 to {MOST_HOURS} hours", fields={"hours": f"1 to {MOST_HOURS}"})
        if not 1 <= len(reason) <= REASON_CHARACTERS:
            raise Invalid(
                "a boost needs a reason: it is public", fields={"reason": f"1 to {REASON_CHARACTERS} characters"}
            )
        now = as_datetime(self._clock.now_ms())
        with self._engine.begin() as connection:
            _alone(connection)
            if not catalog.ready_videos(connection, [video]):
                raise Invalid("there is no such listed video", fields={"video": "none that is listed"})
            standing = _standing(connection, as_ms(now))
            if len(standing) >= MOST_AT_ONCE or any(one.video == video for one in standing):
                raise Conflict("this video is boosted already, or too many are", code="boosted")
            ends_at = now + timedelta(hours=hours)
            leaf = Boost(as_ms(now), video, amount, as_ms(now), as_ms(ends_at), reason.encode())
            entry = append(connection, leaf)
            values = {"entry": entry, "video_id": video, "amount": amount, "begins_at": now, "ends_at": ends_at}
            connection.execute(insert(boosts).values(reason=reason, **values))
        self._lent.forget()
        return Lent(video, amount, as_ms(now), as_ms(ends_at), reason, entry)

    def take_back(self, video: VideoId) -> None:
        """End what a video has.

        Raises:
            Invalid: it has nothing.
        """
        now_ms = self._clock.now_ms()
        with self._engine.begin() as connection:
            _alone(connection)
            lent = next((one for one in _standing(connection, now_ms) if one.video == video), None)
            if lent is None:
                raise Invalid("this video is not boosted", fields={"video": "not boosted"})
            append(connection, Boost(now_ms, video, 0, lent.begins_ms, now_ms, b""))
            ended = update(boosts).where(boosts.c.entry == lent.entry)
            connection.execute(ended.values(ends_at=as_datetime(now_ms)))
        self._lent.forget()

    def all(self, limit: int = 200) -> list[Lent]:
        """Every boost, the newest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(boosts).order_by(boosts.c.entry.desc()).limit(limit))
            return [_lent(row) for row in rows]

    def at(self, as_of_ms: int) -> Mapping[int, int]:
        """Video → what it is lent at a moment, in Q16; as of a second ago at the oldest."""
        lent = self._lent.value()
        return {int(one.video): one.amount for one in lent if one.begins_ms <= as_of_ms < one.ends_ms}

    def _look(self) -> tuple[Lent, ...]:
        with self._engine.connect() as connection:
            return tuple(_standing(connection, self._clock.now_ms()))


def all_lent(connection: Connection) -> list[Lent]:
    """Every boost there ever was, in the order of the ledger."""
    return [_lent(row) for row in connection.execute(select(boosts).order_by(boosts.c.entry))]


def _alone(connection: Connection) -> None:
    connection.execute(select(func.pg_advisory_xact_lock(0x626F6F7374)))


def _standing(connection: Connection, now_ms: int) -> list[Lent]:
    statement = select(boosts).where(boosts.c.ends_at > as_datetime(now_ms)).order_by(boosts.c.entry)
    return [_lent(row) for row in connection.execute(statement)]


def _lent(row: Any) -> Lent:
    return Lent(row.video_id, row.amount, as_ms(row.begins_at), as_ms(row.ends_at), row.reason, row.entry)
