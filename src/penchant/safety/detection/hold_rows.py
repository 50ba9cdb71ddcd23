"""The table of what is held, and the SQL about it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import BigInteger, DateTime, Index, Table, Text, delete, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert

from penchant.catalog.model import Rendition
from penchant.catalog.repository import renditions
from penchant.core.database import OPERATIONAL, PERSONAL, SENSITIVE, Connection, column, metadata
from penchant.core.holdings import AsLongAs, holding
from penchant.core.ids import VideoId

held_videos = Table(
    "held_videos",
    metadata,
    column("video_id", BigInteger, SENSITIVE, primary_key=True, autoincrement=False),
    column("account_id", BigInteger, PERSONAL, nullable=False),
    column("handle", Text, PERSONAL, nullable=False),
    column("why", JSONB, SENSITIVE, nullable=False),
    column("files", JSONB, OPERATIONAL, nullable=False),
    column("held_at", DateTime(timezone=True), SENSITIVE, nullable=False),
    column("until", DateTime(timezone=True), OPERATIONAL, nullable=False),
    Index(None, "until"),
    info=holding("what the law may ask for", AsLongAs("`held_days`, and its files with it")),
)
"""No foreign keys: what is held for the law outlives its account."""


def hold(connection: Connection, video: VideoId, files: Sequence[Rendition], **values: Any) -> None:
    """Keep a row of what is held, and take the files' rows out of the catalogue."""
    kept = [msgspec.to_builtins(file) for file in files]
    statement = upsert(held_videos).values(video_id=video, files=kept, **values)
    connection.execute(statement.on_conflict_do_nothing())
    connection.execute(delete(renditions).where(renditions.c.video_id == video))


def held(connection: Connection, video: VideoId, *, lock: bool = False) -> Any:
    statement = select(held_videos).where(held_videos.c.video_id == video)
    return connection.execute(statement.with_for_update() if lock else statement).first()


def all_held(connection: Connection) -> list[Any]:
    """The newest first."""
    return list(connection.execute(select(held_videos).order_by(held_videos.c.held_at.desc())))


def over(connection: Connection, now: datetime) -> list[Any]:
    """What nobody has to keep any longer."""
    return list(connection.execute(select(held_videos).where(held_videos.c.until <= now)))


def forget(connection: Connection, video: VideoId) -> None:
    connection.execute(delete(held_videos).where(held_videos.c.video_id == video))


def held_keys(connection: Connection) -> set[str]:
    """Keys of every held file."""
    return {file.object_key for row in all_held(connection) for file in files_of(row)}


def files_of(row: Any) -> list[Rendition]:
    return [msgspec.convert(file, Rendition) for file in row.files]
