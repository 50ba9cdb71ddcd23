"""The tables of the history projection and the SQL about them.

Every write merges: minimum, maximum, or "the higher offset wins". So it does not matter in which order events
arrive or how often, and the projection needs no joint transaction with the log.
"""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Index, Integer, Table, Text, Uuid, bindparam, case, func, select, text
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
    column("met", Boolean, SENSITIVE, nullable=False, server_default=text("false")),
    column("counts", Boolean, SENSITIVE, nullable=False, server_default=text("true")),
    column("folded_offset", BigInteger, SENSITIVE, nullable=False, server_default=text("0")),
    Index(None, "subject_id", text("last_at_ms DESC")),
    Index("ix_history_videos_taken_out", "subject_id", postgresql_where=text("met AND NOT counts")),
    info=holding("makes the next page", THE_VIEWER, subject_id="subject"),
)
"""`met`: it was shown or watched, ever. `counts`: it is an input; not where its viewer took it out since. What the log
says up to `folded_offset` is in it."""
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
        # What was taken out begins again with the next event.
        "last_at_ms": case((old.counts, func.greatest(old.last_at_ms, new.last_at_ms)), else_=new.last_at_ms),
        "watched_ms": func.greatest(old.watched_ms, new.watched_ms),
        "duration_ms": func.greatest(old.duration_ms, new.duration_ms),
        "liked": (newer_like & new.liked) | (~newer_like & old.liked),
        "liked_offset": func.greatest(old.liked_offset, new.liked_offset),
        "shared": old.shared | new.shared,
        "commented": old.commented | new.commented,
        "last_offset": func.greatest(old.last_offset, new.last_offset),
        "met": old.met | new.met,
        "counts": old.counts | new.counts,
    }
    unheard = old.folded_offset < new.last_offset
    connection.execute(
        statement.on_conflict_do_update(index_elements=["subject_id", "video_id"], set_=merged, where=unheard), rows
    )


def lock_videos(connection: Connection, subject: SubjectId) -> None:
    """Hold a subject's rows until the transaction ends, in key order."""
    c = history_videos.c
    connection.execute(select(c.video_id).where(c.subject_id == subject).order_by(c.video_id).with_for_update())


def put_videos(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Put rows in the place of those that are there, but for what was folded further already."""
    if not rows:
        return
    statement = upsert(history_videos)
    old, new = history_videos.c, statement.excluded
    put = {column.name: new[column.name] for column in history_videos.c if not column.primary_key}
    further = old.folded_offset < new.folded_offset
    connection.execute(
        statement.on_conflict_do_update(index_elements=["subject_id", "video_id"], set_=put, where=further), rows
    )


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
    """One subject's history as columns of a row: `recent`, `seen`, `dislikes`, `heard`, `taken_out`; parameter
    `subject`.

    Columns, so that whoever needs more of a viewer asks for all of it in one statement. `recent` is a JSON array of
    [video, last_at_ms, shown, watched_ms, duration_ms, liked, shared, commented], newest first, `seen` an array of
    every video ever shown or watched, `dislikes` a JSON array of [target, name], `heard` the newest offset in it,
    `taken_out` how many of `seen` are no input any more.
    """
    own = history_videos.c.subject_id == bindparam("subject", type_=Uuid)
    c = history_videos.c
    newest = (
        select(history_videos).where(own, c.counts).order_by(c.last_at_ms.desc(), c.video_id).limit(recent).subquery()
    )
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
    d = history_dislikes.c
    mine = d.subject_id == bindparam("subject", type_=Uuid)
    newest_offset = func.greatest(
        select(func.max(c.last_offset)).where(own).scalar_subquery(),
        select(func.max(d.offset)).where(mine).scalar_subquery(),
    )
    return [
        select(func.json_agg(in_order)).select_from(newest).scalar_subquery().label("recent"),
        select(func.array_agg(c.video_id)).where(own, c.met).scalar_subquery().label("seen"),
        dislikes_column(),
        newest_offset.label("heard"),
        select(func.count()).where(own, c.met, ~c.counts).scalar_subquery().label("taken_out"),
    ]


def dislikes_column() -> Any:
    """What one subject does not want to see as a column `dislikes`, JSON of [target, name]; parameter `subject`."""
    d = history_dislikes.c
    mine = d.subject_id == bindparam("subject", type_=Uuid)
    found = select(func.json_agg(func.json_build_array(d.target, d.name))).where(mine, d.active)
    return found.scalar_subquery().label("dislikes")


def watched_page(connection: Connection, subject: SubjectId, before: tuple[int, int] | None, limit: int) -> list[Any]:
    """What a subject saw and did not take out, newest first; before: (last_at_ms, video) of the last one known."""
    c = history_videos.c
    statement = select(history_videos).where(c.subject_id == subject, c.counts, c.met)
    if before is not None:
        at_ms, video = before
        statement = statement.where((c.last_at_ms < at_ms) | ((c.last_at_ms == at_ms) & (c.video_id > video)))
    return list(connection.execute(statement.order_by(c.last_at_ms.desc(), c.video_id).limit(limit)))


def is_in_history(connection: Connection, subject: SubjectId, video: int) -> bool:
    """Whether there is anything of a video to take out."""
    c = history_videos.c
    own = (c.subject_id == subject, c.video_id == video, c.counts)
    return connection.execute(select(c.video_id).where(*own)).first() is not None


def dislikes_page(connection: Connection, subject: SubjectId, before: int | None, limit: int) -> list[Any]:
    """What a subject said no to and did not take back, newest first; before: the offset of the last one known."""
    d = history_dislikes.c
    statement = select(d.target, d.name, d.offset).where(d.subject_id == subject, d.active)
    if before is not None:
        statement = statement.where(d.offset < before)
    return list(connection.execute(statement.order_by(d.offset.desc()).limit(limit)))


def forget(connection: Connection, subject: SubjectId) -> None:
    for table in (history_videos, history_dislikes):
        connection.execute(table.delete().where(table.c.subject_id == subject))


def clear(connection: Connection) -> None:
    for table in (history_videos, history_dislikes):
        connection.execute(table.delete())
