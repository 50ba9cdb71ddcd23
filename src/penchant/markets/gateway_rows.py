"""What a market told others of, what it heard from them, and which requests were here before; the SQL about it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    Text,
    bindparam,
    delete,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert

from penchant.core.database import OPERATIONAL, PUBLIC, Connection, Engine, column, metadata
from penchant.core.holdings import AsLongAs, ForGood, Until, holding
from penchant.markets.messages import LEAST_VIEWERS, Counted

_LOCK = 0x70656E6F6666
"""Of whoever looks what is public now: one at a time, so that numbers come in the order of commits."""
_MIRRORING = 0x70656E6D6972
"""Of whoever brings videos here: one worker at a time."""
MOST_TRIES = 5
"""Of a file that does not come as it was announced, while its market answers otherwise."""

nonces = Table(
    "gateway_nonces",
    metadata,
    column("nonce", Text, OPERATIONAL, primary_key=True),
    column("until", DateTime(timezone=True), OPERATIONAL, nullable=False),
    info=holding("which requests of other markets were here before", Until("until")),
)
offered = Table(
    "offered",
    metadata,
    column("video_id", BigInteger, PUBLIC, primary_key=True, autoincrement=False),
    column("number", BigInteger, PUBLIC, nullable=False),
    column("digest", Text, PUBLIC),
    Index(None, "number", unique=True),
    info=holding("which public videos other markets were told of", ForGood("they have to hear when one is gone")),
)
"""`number`: of its last change, ascending; `digest` of what is said of it, empty where it is not public any more."""
mirrors = Table(
    "mirrors",
    metadata,
    column("market", Text, PUBLIC, primary_key=True),
    column("remote_id", BigInteger, PUBLIC, primary_key=True, autoincrement=False),
    column("video_id", BigInteger, PUBLIC, ForeignKey("videos.id", ondelete="SET NULL")),
    column("number", BigInteger, PUBLIC, nullable=False),
    column("told", Text, PUBLIC),
    column("here", BigInteger, OPERATIONAL),
    column("tries", SmallInteger, OPERATIONAL, nullable=False, server_default=text("0")),
    column("counted", JSONB, PUBLIC),
    Index(None, "video_id", unique=True),
    info=holding("videos of other markets that are shown here", AsLongAs("the other market shows them")),
)
"""`told`: what their market says of a video, empty where it was withdrawn but moderation here removed it before;
`number` of that change, `here` of the change that is in our catalogue; `counted`: how many watched it there, as they
told."""
counted = Table(
    "counted",
    metadata,
    column("video_id", BigInteger, PUBLIC, primary_key=True, autoincrement=False),
    column("day", Date, OPERATIONAL, nullable=False),
    column("viewers", BigInteger, PUBLIC, nullable=False),
    column("finished", BigInteger, PUBLIC, nullable=False),
    column("liked", BigInteger, PUBLIC, nullable=False),
    *(
        CheckConstraint(f"{name} >= {least} AND {name} % {LEAST_VIEWERS} = 0", name=f"{name}_many")
        for name, least in (("viewers", LEAST_VIEWERS), ("finished", 0), ("liked", 0))
    ),
    info=holding(
        "how many watched public videos, as other markets are told",
        AsLongAs("they are many, for a day; then it is counted anew"),
    ),
)
heard = Table(
    "mirrored_markets",
    metadata,
    column("market", Text, PUBLIC, primary_key=True),
    column("number", BigInteger, OPERATIONAL, nullable=False),
    column("counted_on", Date, OPERATIONAL),
    info=holding("how far another market was listened to", ForGood("about nobody")),
)


class Mirror(NamedTuple):
    """A video of another market."""

    market: str
    remote_id: int
    video_id: int | None
    number: int
    told: str | None


def spend(connection: Connection, nonce: str, until: datetime) -> bool:
    statement = upsert(nonces).values(nonce=nonce, until=until).on_conflict_do_nothing()
    return connection.execute(statement.returning(nonces.c.nonce)).first() is not None


@contextmanager
def mirroring_alone(engine: Engine) -> Iterator[bool]:
    """Whether nobody else brings videos here until the block is left."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        ours = bool(connection.execute(select(func.pg_try_advisory_lock(_MIRRORING))).scalar_one())
        try:
            yield ours
        finally:
            if ours:
                connection.execute(select(func.pg_advisory_unlock(_MIRRORING)))


def bring_up_to_date(connection: Connection, now: Any) -> int:
    """Number what has changed of `now`, a subquery of (id, digest): everything that may be told. Returns the last."""
    connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    last = int(connection.execute(select(func.coalesce(func.max(offered.c.number), 0))).scalar_one())
    changed = (
        select(now.c.id, now.c.digest)
        .outerjoin(offered, offered.c.video_id == now.c.id)
        .where(offered.c.digest.is_distinct_from(now.c.digest))
        .order_by(now.c.id)
    )
    gone = (
        select(offered.c.video_id)
        .outerjoin(now, now.c.id == offered.c.video_id)
        .where(offered.c.digest.is_not(None), now.c.id.is_(None))
        .order_by(offered.c.video_id)
    )
    rows: list[tuple[int, str | None]] = [(row.id, row.digest) for row in connection.execute(changed)]
    rows += [(id_, None) for id_ in connection.execute(gone).scalars()]
    if not rows:
        return last
    insert = upsert(offered)
    values = {"number": insert.excluded.number, "digest": insert.excluded.digest}
    connection.execute(
        insert.on_conflict_do_update(index_elements=["video_id"], set_=values),
        [{"video_id": id_, "number": at, "digest": digest} for at, (id_, digest) in enumerate(rows, last + 1)],
    )
    return last + len(rows)


def offered_after(connection: Connection, number: int, limit: int) -> list[tuple[int, int]]:
    """(number, video) of the next changes."""
    statement = select(offered.c.number, offered.c.video_id).where(offered.c.number > number)
    rows = connection.execute(statement.order_by(offered.c.number).limit(limit))
    return [(row.number, row.video_id) for row in rows]


def heard_until(connection: Connection, market: str) -> int:
    statement = select(heard.c.number).where(heard.c.market == market)
    return int(connection.execute(statement).scalar_one_or_none() or 0)


def hear(connection: Connection, market: str, number: int) -> None:
    """Write down that everything up to this change was heard."""
    statement = upsert(heard).values(market=market, number=number)
    connection.execute(statement.on_conflict_do_update(index_elements=["market"], set_={"number": number}))


def tell(connection: Connection, market: str, remote_id: int, number: int, told: str) -> None:
    """Write down what a market says of a video; it is tried anew."""
    values = {"number": number, "told": told, "tries": 0}
    statement = upsert(mirrors).values(market=market, remote_id=remote_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["market", "remote_id"], set_=values))


def mirror(connection: Connection, market: str, remote_id: int) -> Mirror | None:
    row = connection.execute(_mirrors().where(*_is(market, remote_id)).with_for_update()).first()
    return None if row is None else Mirror(*row)


def markets(connection: Connection) -> set[str]:
    """Of which anything is here."""
    told = select(mirrors.c.market).where(mirrors.c.told.is_not(None)).distinct()
    return set(connection.execute(told).scalars())


def told_of(connection: Connection, market: str) -> list[int]:
    """Its videos of which we were told, by their number there."""
    statement = select(mirrors.c.remote_id).where(mirrors.c.market == market, mirrors.c.told.is_not(None))
    return list(connection.execute(statement).scalars())


def outstanding(connection: Connection, market: str, limit: int) -> list[Mirror]:
    """Videos of which we were told something that is not here yet."""
    c = mirrors.c
    newer = or_(c.here.is_(None), c.here < c.number)
    statement = _mirrors().where(c.market == market, c.told.is_not(None), newer, c.tries < MOST_TRIES)
    return [Mirror(*row) for row in connection.execute(statement.order_by(c.tries, c.number).limit(limit))]


def stands_for(connection: Connection, market: str, remote_id: int, video_id: int) -> None:
    """Say which of our videos it is."""
    connection.execute(update(mirrors).where(*_is(market, remote_id)).values(video_id=video_id))


def is_here(connection: Connection, one: Mirror) -> None:
    """Say that what we were told is in our catalogue."""
    connection.execute(update(mirrors).where(*_is(one.market, one.remote_id)).values(here=one.number))


def try_less(connection: Connection, one: Mirror) -> None:
    """Count a try that failed."""
    where = (*_is(one.market, one.remote_id), mirrors.c.number == one.number)
    connection.execute(update(mirrors).where(*where).values(tries=mirrors.c.tries + 1))


def counted_on(connection: Connection, market: str) -> date | None:
    """The last day on which a market was asked how many watched its videos."""
    return connection.execute(select(heard.c.counted_on).where(heard.c.market == market)).scalar_one_or_none()


def put_counts(connection: Connection, market: str, day: date, told: Iterable[Counted]) -> None:
    """Write down how many watched a market's videos there, in place of what it said before."""
    connection.execute(update(mirrors).where(mirrors.c.market == market).values(counted=None))
    rows = [
        {"remote": one.video, "now": {"viewers": one.viewers, "finished": one.finished, "liked": one.liked}}
        for one in told
    ]
    if rows:
        here = update(mirrors).where(mirrors.c.market == market, mirrors.c.remote_id == bindparam("remote"))
        connection.execute(here.values(counted=bindparam("now", type_=JSONB)), rows)
    statement = upsert(heard).values(market=market, number=0, counted_on=day)
    connection.execute(statement.on_conflict_do_update(index_elements=["market"], set_={"counted_on": day}))


def from_elsewhere(connection: Connection, video_id: int) -> tuple[str, dict[str, int]] | None:
    """The market of a video that is another's, and how many watched it there; None where it is from here."""
    statement = select(mirrors.c.market, mirrors.c.counted).where(mirrors.c.video_id == video_id)
    row = connection.execute(statement).first()
    return None if row is None else (row.market, row.counted or {})


def remove(connection: Connection, market: str, remote_id: int) -> None:
    connection.execute(delete(mirrors).where(*_is(market, remote_id)))


def silence(connection: Connection, market: str, remote_id: int) -> None:
    """Keep nothing of a withdrawn video but which one it was."""
    connection.execute(update(mirrors).where(*_is(market, remote_id)).values(told=None))


def _mirrors() -> Any:
    c = mirrors.c
    return select(c.market, c.remote_id, c.video_id, c.number, c.told)


def _is(market: str, remote_id: int) -> Iterable[Any]:
    return (mirrors.c.market == market, mirrors.c.remote_id == remote_id)
