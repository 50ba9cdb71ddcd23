"""The tables of the history projection and the SQL about them.

Every write merges: minimum, maximum, or "the higher offset wins". So it does not matter in which order events
arrive or how often, and the projection needs no joint transaction with the log.
"""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Index, Integer, Table, Text, Uuid, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.dialects.postgresql import insert as upsert

from penchant.core.database import PERSONAL, SENSITIVE, Connection, column, metadata
from penchant.core.holdings import THE_VIEWER, holding
from penchant.core.ids import SubjectId

history_videos = Table(
    "history_videos",
    metadata,
    column("subject_id", Uuid, PERSONAL, primary_key=True),
    column("video_id", BigInteger, SENSITIVE, primary_key=True),
    column("shown_at_ms", BigInteger, SENSITIVE, nullable=True),
    column("last_at_ms", BigInteger, SENSITIVE, nullable=False),
    column("watched_ms", Integer, SENSITIVE, nullable=False, server_default=text("0")),
    column("duration_ms", Integer, SENSITIVE, nullable=False, server_default=text("0")),
    column("liked", Boolean, SENSITIVE, nullable=False, server_default=text("false")),
    column("liked_offset", BigInteger, SENSITIVE, nullable=False, server_default=text("0")),
    column("shared", Boolean, SENSITIVE, nullable=False, server_default=text("false")),
    column("commented", Boolean, SENSITIVE, nullable=False, server_default=text("false")),
    column("last_offset", BigInteger, SENSITIVE, nullable=False),
    Index(None, "subject_id", text("last_at_ms DESC")),
    info=holding("makes the next page", THE_VIEWER, subject_id="subject"),
)
history_dislikes = Table(
    "history_dislikes",
    metadata,
    column("subject_id", Uuid, PERSONAL, primary_key=True),
    column("target", Text, SENSITIVE, primary_key=True),
    column("name", Text, SENSITIVE, primary_key=True),
    column("active", Boolean, SENSITIVE, nullable=False),
    column("offset", BigInteger, SENSITIVE, nullable=False),
    info=holding("what they do not want to see", THE_VIEWER, subject_id="subject"),
)


def merge_videos(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Merge one row per (subject, video); rows carry every column of the table."""
    if not rows:
        return
    statement = upsert(history_videos)
    old, new = history_videos.c, statement.excluded
    newer_like = new.liked_offset > old.liked_offset
    merged = {
        "shown_at_ms": func.least(old.shown_at_ms, new.shown_at_ms),
        "last_at_ms": func.greatest(old.last_at_ms, new.last_at_ms),
        "watched_ms": func.greatest(old.watched_ms, new.watched_ms),
        "duration_ms": func.greatest(old.duration_ms, new.duration_ms),
        "liked": (newer_like & new.liked) | (~newer_like & old.liked),
        "liked_offset": func.greatest(old.liked_offset, new.liked_offset),
        "shared": old.shared | new.shared,
        "commented": old.commented | new.commented,
        "last_offset": func.greatest(old.last_offset, new.last_offset),
    }
    connection.execute(statement.on_conflict_do_update(index_elements=["subject_id", "video_id"], set_=merged), rows)


def merge_dislikes(connection: Connection, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    statement = upsert(history_dislikes)
    new = statement.excluded
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["subject_id", "target", "name"],
            set_={"active": new.active, "offset": new.offset},
            where=history_dislikes.c.offset < new.offset,
        ),
        rows,
    )


def history_columns(recent: int) -> list[Any]:
    """One subject's history as columns of a row: `recent`, `seen`, `dislikes`, `heard`; parameter `subject`.

    Columns, so that whoever needs more of a viewer asks for all of it in one statement. `recent` is a JSON array of
    [video, last_at_ms, shown, watched_ms, duration_ms, liked, shared, commented], newest first, `seen` an array of
    every video ever shown or watched, `dislikes` a JSON array of [target, name], `heard` the newest offset in it.
    """
    own = history_videos.c.subject_id == bindparam("subject", type_=Uuid)
    c = history_videos.c
    newest = select(history_videos).where(own).order_by(c.last_at_ms.desc(), c.video_id).limit(recent).subquery()
    r = newest.c
    entry = func.json_build_array(
        r.video_id,
        r.last_at_ms,
        r.shown_at_ms.is_not(None),
        r.watched_ms,
        r.duration_ms,
        r.liked,
        r.shared,
        r.commented,
    )
    in_order = aggregate_order_by(entry, r.last_at_ms.desc(), r.video_id)
    met = c.shown_at_ms.is_not(None) | (c.watched_ms > 0)
    d = history_dislikes.c
    mine = d.subject_id == bindparam("subject", type_=Uuid)
    newest_offset = func.greatest(
        select(func.max(c.last_offset)).where(own).scalar_subquery(),
        select(func.max(d.offset)).where(mine).scalar_subquery(),
    )
    return [
        select(func.json_agg(in_order)).select_from(newest).scalar_subquery().label("recent"),
        select(func.array_agg(c.video_id)).where(own, met).scalar_subquery().label("seen"),
        dislikes_column(),
        newest_offset.label("heard"),
    ]


def dislikes_column() -> Any:
    """What one subject does not want to see as a column `dislikes`, JSON of [target, name]; parameter `subject`."""
    d = history_dislikes.c
    mine = d.subject_id == bindparam("subject", type_=Uuid)
    found = select(func.json_agg(func.json_build_array(d.target, d.name))).where(mine, d.active)
    return found.scalar_subquery().label("dislikes")


def forget(connection: Connection, subject: SubjectId) -> None:
    for table in (history_videos, history_dislikes):
        connection.execute(table.delete().where(table.c.subject_id == subject))


def clear(connection: Connection) -> None:
    for table in (history_videos, history_dislikes):
        connection.execute(table.delete())
