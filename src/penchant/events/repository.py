"""The tables of the history projection and the SQL about them.

Every write merges: minimum, maximum, or "the higher offset wins". So it does not matter in which order events
arrive or how often, and the projection needs no joint transaction with the log.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Boolean, Index, Integer, Table, Text, Uuid, func, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from penchant.core.database import PERSONAL, SENSITIVE, Connection, column, metadata
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
)
history_dislikes = Table(
    "history_dislikes",
    metadata,
    column("subject_id", Uuid, PERSONAL, primary_key=True),
    column("target", Text, SENSITIVE, primary_key=True),
    column("name", Text, SENSITIVE, primary_key=True),
    column("active", Boolean, SENSITIVE, nullable=False),
    column("offset", BigInteger, SENSITIVE, nullable=False),
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


def recent_videos(connection: Connection, subject: SubjectId, limit: int) -> Iterable[Any]:
    statement = (
        select(history_videos)
        .where(history_videos.c.subject_id == subject)
        .order_by(history_videos.c.last_at_ms.desc(), history_videos.c.video_id)
        .limit(limit)
    )
    return connection.execute(statement)


def seen_videos(connection: Connection, subject: SubjectId) -> list[int]:
    """Ids of every video that was shown or watched, in one array, so that a long history stays one row."""
    statement = select(func.array_agg(history_videos.c.video_id)).where(
        history_videos.c.subject_id == subject,
        (history_videos.c.shown_at_ms.is_not(None)) | (history_videos.c.watched_ms > 0),
    )
    return list(connection.execute(statement).scalar_one() or [])


def dislikes(connection: Connection, subject: SubjectId) -> list[tuple[str, str]]:
    statement = select(history_dislikes.c.target, history_dislikes.c.name).where(
        history_dislikes.c.subject_id == subject, history_dislikes.c.active
    )
    return [(row.target, row.name) for row in connection.execute(statement)]


def forget(connection: Connection, subject: SubjectId) -> None:
    for table in (history_videos, history_dislikes):
        connection.execute(table.delete().where(table.c.subject_id == subject))


def clear(connection: Connection) -> None:
    for table in (history_videos, history_dislikes):
        connection.execute(table.delete())
