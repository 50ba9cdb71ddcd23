"""The tables of daily figures and the SQL about them."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import (
    Date,
    DateTime,
    Double,
    Integer,
    RowMapping,
    SmallInteger,
    Table,
    Text,
    func,
    insert,
    select,
    text,
)

from penchant.core.database import OPERATIONAL, Connection, column, metadata
from penchant.core.holdings import ForGood, holding
from penchant.operations.figures.model import Bin, Day, Mean, Share

_LOCK = 7_226_419

feed_days = Table(
    "feed_days",
    metadata,
    column("day", Date, OPERATIONAL, primary_key=True),
    column("made_at", DateTime(timezone=True), OPERATIONAL, nullable=False),
    column("pages", Integer, OPERATIONAL, nullable=False),
    column("viewers", Integer, OPERATIONAL, nullable=False),
    column("videos", Integer, OPERATIONAL, nullable=False),
    column("listed", Integer, OPERATIONAL, nullable=False),
    info=holding("what fills the feed, by the day", ForGood("counts without ids")),
)
feed_shares = Table(
    "feed_shares",
    metadata,
    column("day", Date, OPERATIONAL, primary_key=True),
    column("kind", Text, OPERATIONAL, primary_key=True),
    column("name", Text, OPERATIONAL, primary_key=True),
    column("viewers", Integer, OPERATIONAL, nullable=False),
    column("shown", Double, OPERATIONAL, nullable=False),
    column("watched_ms", Double, OPERATIONAL, nullable=False),
    column("long", Double, OPERATIONAL, nullable=False),
    info=holding("what fills the feed, by the day", ForGood("counts without ids")),
)
feed_measures = Table(
    "feed_measures",
    metadata,
    column("day", Date, OPERATIONAL, primary_key=True),
    column("name", Text, OPERATIONAL, primary_key=True),
    column("total", Double, OPERATIONAL, nullable=False),
    column("count", Integer, OPERATIONAL, nullable=False),
    info=holding("what fills the feed, by the day", ForGood("counts without ids")),
)
feed_calibration = Table(
    "feed_calibration",
    metadata,
    column("day", Date, OPERATIONAL, primary_key=True),
    column("prediction", Text, OPERATIONAL, primary_key=True),
    column("bin", SmallInteger, OPERATIONAL, primary_key=True),
    column("predicted", Double, OPERATIONAL, nullable=False),
    column("observed", Double, OPERATIONAL, nullable=False),
    column("count", Integer, OPERATIONAL, nullable=False),
    info=holding("what fills the feed, by the day", ForGood("counts without ids")),
)
_TABLES = (feed_days, feed_shares, feed_measures, feed_calibration)


def alone(connection: Connection) -> bool:
    """Whether nobody else is counting; holds until the transaction ends."""
    return bool(connection.execute(select(func.pg_try_advisory_xact_lock(_LOCK))).scalar_one())


def wait_until_alone(connection: Connection) -> None:
    """The same, however long it takes: whoever erases somebody must not be overtaken by counts that know them."""
    connection.execute(text("SET LOCAL lock_timeout = 0"))
    connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def made(connection: Connection) -> dict[date, datetime]:
    """When each day was counted last."""
    return {row.day: row.made_at for row in connection.execute(select(feed_days.c.day, feed_days.c.made_at))}


def first_page(connection: Connection) -> int | None:
    """Id of the oldest page record."""
    found = connection.execute(text("SELECT min(id) FROM pages")).scalar_one()
    return None if found is None else int(found)


def drop_days(connection: Connection, days: Iterable[date]) -> None:
    """Forget the figures of some days; they are counted again."""
    for table in _TABLES:
        connection.execute(table.delete().where(table.c.day.in_(list(days))))


def put_day(connection: Connection, counts: Day, made_at: datetime) -> None:
    """The figures of a day take the place of those before."""
    drop_days(connection, [counts.day])
    own = {"pages": counts.pages, "viewers": counts.viewers, "videos": counts.videos, "listed": counts.listed}
    connection.execute(insert(feed_days), [{"day": counts.day, "made_at": made_at, **own}])
    shares = [
        {"kind": kind, "name": name, "viewers": s.viewers, "shown": s.shown, "watched_ms": s.watched_ms, "long": s.long}
        for (kind, name), s in counts.shares.items()
    ]
    means = [{"name": name, "total": mean.total, "count": mean.count} for name, mean in counts.means.items()]
    bins = [
        {"prediction": name, "bin": number, "predicted": b.predicted, "observed": b.observed, "count": b.count}
        for (name, number), b in counts.bins.items()
    ]
    for table, rows in ((feed_shares, shares), (feed_measures, means), (feed_calibration, bins)):
        if rows:
            connection.execute(insert(table), [{"day": counts.day, **row} for row in rows])


def days_since(connection: Connection, first: date) -> list[Day]:
    """The figures of days from `first` on, the oldest first."""
    statement = select(feed_days).where(feed_days.c.day >= first).order_by(feed_days.c.day)
    days = {
        row.day: Day(row.day, row.pages, row.viewers, row.videos, row.listed) for row in connection.execute(statement)
    }
    for table in (feed_shares, feed_measures, feed_calibration):
        for row in connection.execute(select(table).where(table.c.day.in_(days))).mappings():
            _put(days[row["day"]], table, row)
    return list(days.values())


def _put(day: Day, table: Table, row: RowMapping) -> None:
    if table is feed_shares:
        day.shares[row["kind"], row["name"]] = Share(row["viewers"], row["shown"], row["watched_ms"], row["long"])
    elif table is feed_measures:
        day.means[row["name"]] = Mean(row["total"], row["count"])
    else:
        day.bins[row["prediction"], row["bin"]] = Bin(row["predicted"], row["observed"], row["count"])
