"""The table of uploads and the SQL about it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    Table,
    Uuid,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from penchant.catalog.repository import videos
from penchant.core.database import OPERATIONAL, PERSONAL, Connection, column, metadata
from penchant.core.ids import AccountId, VideoId
from penchant.media.model import Upload, UploadId, UploadMetadata

_MOMENT = DateTime(timezone=True)

uploads = Table(
    "uploads",
    metadata,
    column("id", Uuid, PERSONAL, primary_key=True),
    column("account_id", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    column("size_bytes", BigInteger, OPERATIONAL, nullable=False),
    column("metadata", JSONB, PERSONAL, nullable=False),
    column("video_id", BigInteger, PERSONAL, ForeignKey("videos.id", ondelete="CASCADE"), nullable=True),
    column("created_at", _MOMENT, PERSONAL, nullable=False),
    column("expires_at", _MOMENT, OPERATIONAL, nullable=False),
    column("finished_at", _MOMENT, PERSONAL, nullable=True),
    Index(None, "account_id"),
    Index(None, "expires_at", postgresql_where=text("finished_at IS NULL")),
)
"""One row per tus upload; the bytes received so far are a file named by the id, whose size is the offset."""


def add_upload(
    connection: Connection,
    id_: UploadId,
    account: AccountId,
    size_bytes: int,
    about: UploadMetadata,
    created_at: datetime,
    expires_at: datetime,
) -> None:
    connection.execute(
        insert(uploads).values(
            id=id_,
            account_id=account,
            size_bytes=size_bytes,
            metadata=msgspec.to_builtins(about),
            created_at=created_at,
            expires_at=expires_at,
        )
    )


def upload(connection: Connection, id_: UploadId, *, lock: bool = False) -> Upload | None:
    """One upload; with `lock`, nobody else changes its row until the transaction ends."""
    statement = select(uploads).where(uploads.c.id == id_)
    row = connection.execute(statement.with_for_update() if lock else statement).first()
    return None if row is None else _upload_from(row)


def upload_of_video(connection: Connection, video: VideoId) -> Upload | None:
    row = connection.execute(select(uploads).where(uploads.c.video_id == video)).first()
    return None if row is None else _upload_from(row)


def count_unfinished(connection: Connection, account: AccountId, now: datetime) -> int:
    statement = select(func.count()).where(
        uploads.c.account_id == account, uploads.c.finished_at.is_(None), uploads.c.expires_at > now
    )
    return int(connection.execute(statement).scalar_one())


def postpone_expiry(connection: Connection, id_: UploadId, expires_at: datetime) -> None:
    connection.execute(update(uploads).where(uploads.c.id == id_).values(expires_at=expires_at))


def mark_finished(connection: Connection, id_: UploadId, video: VideoId, now: datetime) -> None:
    connection.execute(update(uploads).where(uploads.c.id == id_).values(finished_at=now, video_id=video))


def remove_unfinished(connection: Connection, id_: UploadId) -> bool:
    """Forget an upload that never became a video; False where it did, or is unknown."""
    gone = connection.execute(delete(uploads).where(uploads.c.id == id_, uploads.c.finished_at.is_(None)))
    return gone.rowcount > 0


def take_expired(connection: Connection, now: datetime, limit: int = 500) -> list[UploadId]:
    """Forget uploads whose time has run out before they were complete; returns whose files can go."""
    due = (
        select(uploads.c.id)
        .where(uploads.c.finished_at.is_(None), uploads.c.expires_at <= now)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = [row.id for row in connection.execute(due)]
    connection.execute(delete(uploads).where(uploads.c.id.in_(ids)))
    return [UploadId(id_) for id_ in ids]


def unfinished(connection: Connection) -> list[Upload]:
    return [_upload_from(row) for row in connection.execute(select(uploads).where(uploads.c.finished_at.is_(None)))]


def needed_sources(connection: Connection, ids: Sequence[UUID], failed_after: datetime) -> set[UUID]:
    """Which of these uploads' files are still needed.

    Needed are unfinished ones, those not processed yet, and those of videos that failed after `failed_after`,
    so that "try again" has something to try.
    """
    statement = (
        select(uploads.c.id)
        .outerjoin(videos, videos.c.id == uploads.c.video_id)
        .where(
            uploads.c.id.in_(ids),
            uploads.c.finished_at.is_(None)
            | videos.c.state.in_(["uploaded", "processing"])
            | ((videos.c.state == "failed") & (uploads.c.finished_at > failed_after)),
        )
    )
    return {row.id for row in connection.execute(statement)}


def _upload_from(row: Any) -> Upload:
    return Upload(
        id=UploadId(row.id),
        account=AccountId(row.account_id),
        size_bytes=row.size_bytes,
        metadata=msgspec.convert(row.metadata, UploadMetadata),
        video=None if row.video_id is None else VideoId(row.video_id),
        expires_at=row.expires_at,
        finished=row.finished_at is not None,
    )
