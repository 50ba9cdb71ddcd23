"""The tables of the ledger and the SQL about them: what waits, what is ordered, what was signed."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    DateTime,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from penchant.core.database import OPERATIONAL, PUBLIC, Connection, column, metadata
from penchant.core.holdings import AsLongAs, ForGood, holding

_LOCK = 0x70656E6C6564
"""Of whoever orders and signs: one at a time in a database."""
_FOR_GOOD = ForGood("it is the record; nothing in it leads to a person")

pending = Table(
    "ledger_pending",
    metadata,
    column("number", BigInteger, OPERATIONAL, primary_key=True, autoincrement=True),
    column("kind", SmallInteger, PUBLIC, nullable=False),
    column("name", LargeBinary, PUBLIC),
    column("leaf", LargeBinary, PUBLIC, nullable=False),
    info=holding("leaves of the ledger that wait for their place in it", AsLongAs("it takes to order: a second")),
)
"""`name`: a digest by which the leaf is looked up, where it has one."""

entries = Table(
    "ledger_entries",
    metadata,
    column("index", BigInteger, PUBLIC, primary_key=True, autoincrement=False),
    column("number", BigInteger, OPERATIONAL, nullable=False),
    column("kind", SmallInteger, PUBLIC, nullable=False),
    column("name", LargeBinary, PUBLIC),
    column("leaf", LargeBinary, PUBLIC, nullable=False),
    Index(None, "number", unique=True),
    Index("ix_ledger_entries_name", "name", postgresql_where=text("name IS NOT NULL")),
    # Of all but pages, which are nearly all of it.
    Index("ix_ledger_entries_kind", "kind", "index", postgresql_where=text("kind <> 1")),
    info=holding("the leaves of the ledger in their order", _FOR_GOOD),
)
"""`number`: that of `ledger_pending`, by which whoever appended a leaf finds it again."""

state = Table(
    "ledger_state",
    metadata,
    column("id", SmallInteger, OPERATIONAL, primary_key=True, autoincrement=False),
    column("origin", Text, PUBLIC, nullable=False),
    column("size", BigInteger, PUBLIC, nullable=False),
    column("tiled", BigInteger, PUBLIC, nullable=False),
    column("checkpoint", Text, PUBLIC, nullable=False),
    column("cosigned", Text, PUBLIC, nullable=False),
    column("cosigned_at", DateTime(timezone=True), PUBLIC),
    column("stopped", Text, PUBLIC, nullable=False),
    info=holding("how far the ledger is ordered, written as tiles, and signed", _FOR_GOOD),
)
"""One row. `size` leaves are ordered, `tiled` of them in tiles; `checkpoint` is the last that was signed, or empty;
`cosigned` the last that witnesses signed too, and when the first of them did; `stopped`: why nothing is
signed any more."""


class State(NamedTuple):
    """How far the log is."""

    origin: str
    size: int
    tiled: int
    checkpoint: str
    stopped: str = ""


class Entry(NamedTuple):
    """A leaf in its place."""

    place: int
    kind: int
    leaf: bytes


def adding(kind: str, leaf: str) -> Any:
    """A part of a larger statement that appends a leaf and has a column `number`; names of its parameters."""
    values = {"kind": bindparam(kind, type_=SmallInteger), "leaf": bindparam(leaf, type_=LargeBinary)}
    return insert(pending).values(values).returning(pending.c.number).cte("added_to_ledger")


def add(connection: Connection, kind: int, leaf: bytes, name: bytes | None) -> int:
    statement = insert(pending).values(kind=kind, leaf=leaf, name=name).returning(pending.c.number)
    return int(connection.execute(statement).scalar_one())


def is_pending(connection: Connection) -> bool:
    return connection.execute(select(pending.c.number).limit(1)).first() is not None


def count_pending(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(pending)).scalar_one())


def lock(connection: Connection) -> bool:
    """Whether this session may order and sign now; until `unlock`, or until it ends."""
    return bool(connection.execute(select(func.pg_try_advisory_lock(_LOCK))).scalar_one())


def wait_for_lock(connection: Connection) -> None:
    connection.execute(select(func.pg_advisory_lock(_LOCK)))


def wait_to_begin(connection: Connection) -> None:
    """Until whoever else says what runs and what is in force has done; until the transaction ends."""
    connection.execute(select(func.pg_advisory_xact_lock(_LOCK + 1)))


def unlock(connection: Connection) -> None:
    connection.execute(select(func.pg_advisory_unlock(_LOCK)))


def read_state(connection: Connection) -> State | None:
    c = state.c
    row = connection.execute(select(c.origin, c.size, c.tiled, c.checkpoint, c.stopped).where(c.id == 1)).first()
    return State(*row) if row is not None else None


def write_state(connection: Connection, now: State) -> None:
    values = now._asdict()
    statement = upsert(state).values(id=1, cosigned="", **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))


def stop(connection: Connection, why: str) -> None:
    """Nothing is ordered and signed from now on under this key."""
    connection.execute(update(state).where(state.c.id == 1).values(stopped=why))


def mark_tiled(connection: Connection, tiled: int, checkpoint: str) -> None:
    connection.execute(update(state).where(state.c.id == 1).values(tiled=tiled, checkpoint=checkpoint))


class Cosigned(NamedTuple):
    """The last checkpoint that witnesses signed too."""

    note: str
    at: datetime
    """When the first of them did."""


def write_cosigned(connection: Connection, cosigned: Cosigned) -> None:
    values = {"cosigned": cosigned.note, "cosigned_at": cosigned.at}
    connection.execute(update(state).where(state.c.id == 1).values(values))


def read_cosigned(connection: Connection) -> Cosigned | None:
    c = state.c
    row = connection.execute(select(c.cosigned, c.cosigned_at).where(c.id == 1)).first()
    return Cosigned(*row) if row is not None and row.cosigned_at is not None else None


def order(connection: Connection, size: int, most: int, *, only: int | None = None) -> int:
    """Give waiting leaves, or only that of a number, their places behind the last of `size`; returns the new size."""
    c = pending.c
    waiting = select(c.number, c.kind, c.name, c.leaf).order_by(c.number).limit(most)
    taken = connection.execute(waiting if only is None else waiting.where(c.number == only)).all()
    if not taken:
        return size
    rows = [
        {"index": size + place, "number": row.number, "kind": row.kind, "name": row.name, "leaf": row.leaf}
        for place, row in enumerate(taken)
    ]
    connection.execute(insert(entries), rows)
    connection.execute(delete(pending).where(c.number.in_([row.number for row in taken])))
    size += len(rows)
    connection.execute(update(state).where(state.c.id == 1).values(size=size))
    return size


def leaves(connection: Connection, start: int, end: int) -> list[bytes]:
    """The entries start to end - 1."""
    c = entries.c
    own = (c.index >= start, c.index < end)
    return list(connection.execute(select(c.leaf).where(*own).order_by(c.index)).scalars())


def by_number(connection: Connection, number: int) -> Entry | None:
    """The leaf that was appended under a number; None while it waits."""
    return _entry(connection, entries.c.number == number)


def waits(connection: Connection, number: int) -> bool:
    """Whether a leaf has no place yet."""
    return connection.execute(select(pending.c.number).where(pending.c.number == number)).first() is not None


def by_name(connection: Connection, kind: int, name: bytes) -> Entry | None:
    """The newest leaf of a kind under a name."""
    return _entry(connection, entries.c.kind == kind, entries.c.name == name)


def last_leaf(connection: Connection, kind: int, name: bytes) -> bytes | None:
    """The newest leaf of a kind under a name, whether it has its place yet or not."""
    for table, order_by in ((pending, pending.c.number), (entries, entries.c.index)):
        statement = select(table.c.leaf).where(table.c.kind == kind, table.c.name == name)
        leaf: bytes | None = connection.execute(statement.order_by(order_by.desc()).limit(1)).scalar()
        if leaf is not None:
            return leaf
    return None


def newest(connection: Connection, kind: int) -> Entry | None:
    """The newest leaf of a kind."""
    return _entry(connection, _is_one_of([kind]))


def of_kinds(connection: Connection, kinds: Sequence[int], start: int = 0) -> Iterator[Entry]:
    """All leaves of some kinds, in their order."""
    c = entries.c
    statement = select(c.index, c.kind, c.leaf).where(_is_one_of(kinds), c.index >= start).order_by(c.index)
    for row in connection.execute(statement, execution_options={"yield_per": 1000}):
        yield Entry(*row)


def _is_one_of(kinds: Sequence[int]) -> Any:
    """In the statement's text, so that the planner sees that the index of all but pages will do."""
    return entries.c.kind.in_([literal_column(str(int(kind))) for kind in kinds])


def _entry(connection: Connection, *where: Any) -> Entry | None:
    c = entries.c
    statement = select(c.index, c.kind, c.leaf).where(*where).order_by(c.index.desc()).limit(1)
    row = connection.execute(statement).first()
    return Entry(*row) if row is not None else None
