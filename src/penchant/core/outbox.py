"""The outbox: what one room did, told to others, in the same transaction as the deed.

A message is written beside the rows it is about and delivered after the commit, at least once and in order.
Receivers make a second delivery harmless; for the event log the message's number is the sequence.
"""

from dataclasses import dataclass

from sqlalchemy import BigInteger, LargeBinary, Table, Text, delete, insert, select

from penchant.core.database import OPERATIONAL, SENSITIVE, Connection, column, metadata
from penchant.core.holdings import AsLongAs, holding

outbox = Table(
    "outbox",
    metadata,
    column("id", BigInteger, OPERATIONAL, primary_key=True, autoincrement=True),
    column("topic", Text, OPERATIONAL, nullable=False),
    column("body", LargeBinary, SENSITIVE, nullable=False),
    info=holding("carries deeds into the log", AsLongAs("it takes to deliver: seconds")),
)


@dataclass(frozen=True)
class Message:
    """One undelivered message; `number` grows and is never used twice."""

    number: int
    topic: str
    body: bytes


def post(connection: Connection, topic: str, body: bytes) -> int:
    """Add a message to the running transaction; returns its number."""
    statement = insert(outbox).values(topic=topic, body=body).returning(outbox.c.id)
    return int(connection.execute(statement).scalar_one())


def take(connection: Connection, topic: str, limit: int = 200) -> list[Message]:
    """The oldest undelivered messages, locked until the transaction ends so that one deliverer has each."""
    statement = (
        select(outbox.c.id, outbox.c.topic, outbox.c.body)
        .where(outbox.c.topic == topic)
        .order_by(outbox.c.id)
        .limit(limit)
        .with_for_update()
    )
    return [Message(row.id, row.topic, row.body) for row in connection.execute(statement)]


def delivered(connection: Connection, messages: list[Message]) -> None:
    """Forget messages that have arrived."""
    connection.execute(delete(outbox).where(outbox.c.id.in_([message.number for message in messages])))
