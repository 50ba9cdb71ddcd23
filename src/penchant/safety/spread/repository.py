"""The tables of how videos spread and the SQL about them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, Table, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from penchant.catalog.repository import videos as catalog
from penchant.core.database import OPERATIONAL, Connection, column, metadata
from penchant.core.holdings import AsLongAs, ForGood, holding

spread = Table(
    "spread",
    metadata,
    column("video_id", BigInteger, OPERATIONAL, primary_key=True, autoincrement=False),
    column("shown", BigInteger, OPERATIONAL, nullable=False),
    info=holding("how many people a video reached", AsLongAs("the account; counts without ids of viewers")),
)
"""How often each video was shown in all."""
spread_windows = Table(
    "spread_windows",
    metadata,
    column("video_id", BigInteger, OPERATIONAL, primary_key=True, autoincrement=False),
    column("ten_minutes", BigInteger, OPERATIONAL, primary_key=True, autoincrement=False),
    column("shown", Integer, OPERATIONAL, nullable=False),
    Index(None, "ten_minutes"),
    info=holding("how fast a video spreads", AsLongAs("two days; counts without ids of people")),
)
"""The same in each ten minutes since 1970, for two days."""
spread_place = Table(
    "spread_place",
    metadata,
    column("id", Integer, OPERATIONAL, primary_key=True, autoincrement=False),
    column("log_offset", BigInteger, OPERATIONAL, nullable=False),
    info=holding("how far the log has been counted", ForGood("about nobody")),
)
"""One row: how far the log has been counted."""


def take_place(connection: Connection) -> int | None:
    """The log offset up to which everything is counted, locked; None where another process has it."""
    statement = select(spread_place.c.log_offset).with_for_update(skip_locked=True)
    return connection.execute(statement).scalar_one_or_none()


def put_place(connection: Connection, offset: int) -> None:
    connection.execute(update(spread_place).values(log_offset=offset))


def add(connection: Connection, shown: Mapping[tuple[int, int], int], oldest: int) -> None:
    """Count showings by (video, window); windows before `oldest` are forgotten."""
    in_all: Counter[int] = Counter()
    for (video, _), count in shown.items():
        in_all[video] += count
    if in_all:
        _add(connection, spread, ["video_id"], [{"video_id": v, "shown": c} for v, c in sorted(in_all.items())])
    recent = [
        {"video_id": video, "ten_minutes": window, "shown": count}
        for (video, window), count in sorted(shown.items())
        if window >= oldest
    ]
    if recent:
        _add(connection, spread_windows, ["video_id", "ten_minutes"], recent)
    connection.execute(delete(spread_windows).where(spread_windows.c.ten_minutes < oldest))


def _add(connection: Connection, table: Table, keys: Sequence[str], rows: list[dict[str, Any]]) -> None:
    statement = upsert(table)
    more = {"shown": table.c.shown + statement.excluded.shown}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=more), rows)


def shown_in(
    connection: Connection, first: int, last: int, least: int, videos: Sequence[int] | None = None
) -> dict[int, int]:
    """How often videos were shown in the windows from `first` to `last`; those with fewer than `least` are left out."""
    c = spread_windows.c
    statement = select(c.video_id, func.sum(c.shown)).where(c.ten_minutes.between(first, last)).group_by(c.video_id)
    if videos is not None:
        statement = statement.where(c.video_id.in_(videos))
    return {video: int(count) for video, count in connection.execute(statement.having(func.sum(c.shown) >= least))}


def forget(connection: Connection, videos: Sequence[int]) -> None:
    """Of videos whose account is erased nothing is counted any more."""
    for table in (spread, spread_windows):
        connection.execute(delete(table).where(table.c.video_id.in_(videos)))


def reach(connection: Connection, videos: Sequence[int]) -> dict[int, int]:
    """How often each of some videos was shown in all; those that never were are missing."""
    rows = connection.execute(select(spread).where(spread.c.video_id.in_(videos)))
    return {row.video_id: row.shown for row in rows}


def reach_of_creators(connection: Connection, creators: Sequence[int]) -> dict[int, int]:
    """How often the videos of some accounts were shown, all together; those that never were are missing."""
    statement = (
        select(catalog.c.creator_id, func.sum(spread.c.shown))
        .join(spread, spread.c.video_id == catalog.c.id)
        .where(catalog.c.creator_id.in_(creators))
        .group_by(catalog.c.creator_id)
    )
    return {creator: int(count) for creator, count in connection.execute(statement)}
