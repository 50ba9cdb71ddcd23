"""The table of uploads and the SQL about it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Table,
    Text,
    Uuid,
    delete,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert

from penchant.catalog.model import VideoState
from penchant.catalog.repository import videos
from penchant.core.database import OPERATIONAL, PERSONAL, PUBLIC, Connection, column, metadata
from penchant.core.holdings import THE_VIDEO, AsLongAs, holding
from penchant.core.ids import AccountId, VideoId
from penchant.media.model import SpeechState, Step, Upload, UploadId, UploadMetadata, UploadOnItsWay

_MOMENT = DateTime(timezone=True)
POSTED: tuple[VideoState, ...] = ("uploaded", "processing", "ready")
"""States in which a video is there, or will be: what a second upload of the same file would double."""

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
    column("sha256", Text, PERSONAL, nullable=True),
    column("tus_metadata", Text, PERSONAL, nullable=False, server_default=text("''")),
    column("step", Text, OPERATIONAL, nullable=False, server_default=text("'receiving'")),
    column("share", Double, OPERATIONAL, nullable=False, server_default=text("0")),
    column("changed_at", _MOMENT, PERSONAL, nullable=False, server_default=text("now()")),
    CheckConstraint(
        "step IN ('receiving', 'received', 'checked', 'picture', 'playable', 'complete')",
        name="step",
    ),
    Index(None, "account_id", "changed_at"),
    Index(None, "account_id", "sha256"),
    Index(None, "video_id"),
    Index(None, "expires_at", postgresql_where=text("finished_at IS NULL")),
    info=holding(
        "a file on its way in, and what its creator said of it",
        AsLongAs("the video; a day where it never became one"),
        account_id="account",
    ),
)
"""One row per tus upload; the bytes received so far are a file named by the id, whose size is the offset."""


transcriptions = Table(
    "transcriptions",
    metadata,
    column("video_id", BigInteger, PUBLIC, ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True),
    column("state", Text, OPERATIONAL, nullable=False),
    column("changed_at", _MOMENT, OPERATIONAL, nullable=False),
    CheckConstraint("state IN ('waiting', 'written', 'silent', 'kept', 'failed')", name="state"),
    info=holding("whether a video was listened to", THE_VIDEO, video_id="video"),
)
"""One row per video that was, or will be, listened to for captions."""


def add_upload(
    connection: Connection,
    id_: UploadId,
    account: AccountId,
    size_bytes: int,
    about: UploadMetadata,
    created_at: datetime,
    expires_at: datetime,
    tus_metadata: str = "",
) -> None:
    connection.execute(
        insert(uploads).values(
            id=id_,
            account_id=account,
            size_bytes=size_bytes,
            metadata=msgspec.to_builtins(about),
            created_at=created_at,
            changed_at=created_at,
            expires_at=expires_at,
            tus_metadata=tus_metadata,
        )
    )


def upload(connection: Connection, id_: UploadId, *, lock: bool = False) -> Upload | None:
    """One upload; with `lock`, nobody else changes its row until the transaction ends."""
    statement = select(uploads).where(uploads.c.id == id_)
    row = connection.execute(statement.with_for_update() if lock else statement).first()
    return None if row is None else _upload_from(row)


def uploads_of(connection: Connection, account: AccountId) -> list[UploadId]:
    return [
        UploadId(id_)
        for id_ in connection.execute(select(uploads.c.id).where(uploads.c.account_id == account)).scalars()
    ]


def upload_of_video(connection: Connection, video: VideoId) -> Upload | None:
    row = connection.execute(select(uploads).where(uploads.c.video_id == video)).first()
    return None if row is None else _upload_from(row)


def count_unfinished(connection: Connection, account: AccountId, now: datetime) -> int:
    statement = select(func.count()).where(
        uploads.c.account_id == account, uploads.c.finished_at.is_(None), uploads.c.expires_at > now
    )
    return int(connection.execute(statement).scalar_one())


def postpone_expiry(connection: Connection, id_: UploadId, now: datetime, expires_at: datetime) -> None:
    connection.execute(update(uploads).where(uploads.c.id == id_).values(expires_at=expires_at, changed_at=now))


def mark_finished(connection: Connection, id_: UploadId, video: VideoId, sha256: str, now: datetime) -> None:
    """The file is a video from now on; what the client's own words for it were is forgotten."""
    values = {"finished_at": now, "video_id": video, "sha256": sha256, "tus_metadata": ""}
    connection.execute(
        update(uploads).where(uploads.c.id == id_).values(step="received", share=0.0, changed_at=now, **values)
    )


def set_metadata(connection: Connection, id_: UploadId, about: UploadMetadata) -> bool:
    """Put other words in the place of those about a file; False where it is a video already, or unknown."""
    statement = update(uploads).where(uploads.c.id == id_, uploads.c.finished_at.is_(None))
    return connection.execute(statement.values(metadata=msgspec.to_builtins(about))).rowcount > 0


def set_sha256(connection: Connection, id_: UploadId, sha256: str, now: datetime) -> None:
    connection.execute(update(uploads).where(uploads.c.id == id_).values(sha256=sha256, changed_at=now))


def set_step(connection: Connection, video: VideoId, step: Step, now: datetime, share: float = 0.0) -> None:
    """How far a video's file has come; `share` is the part of the next step that is done, 0 to 1."""
    connection.execute(
        update(uploads).where(uploads.c.video_id == video).values(step=step, share=share, changed_at=now)
    )


def set_share(connection: Connection, video: VideoId, share: float, now: datetime) -> None:
    connection.execute(update(uploads).where(uploads.c.video_id == video).values(share=share, changed_at=now))


def same_file(
    connection: Connection, account: AccountId, sha256: str, but: UploadId, states: Sequence[VideoState]
) -> VideoId | None:
    """The newest video in one of `states` that this account made of the same bytes, to be made the same way."""
    own = uploads.alias()
    statement = (
        select(uploads.c.video_id)
        .join(videos, videos.c.id == uploads.c.video_id)
        .where(
            uploads.c.account_id == account,
            uploads.c.sha256 == sha256,
            _wanted(uploads) == select(_wanted(own)).where(own.c.id == but).scalar_subquery(),
            uploads.c.id != but,
            videos.c.state.in_(states),
        )
        .order_by(uploads.c.video_id.desc())
        .limit(1)
    )
    found = connection.execute(statement).scalar_one_or_none()
    return None if found is None else VideoId(found)


_AS_IT_IS = literal([{}, ""], JSONB)
"""Of `_wanted`: neither cut nor with somebody's sound."""


def _wanted(table: Any) -> Any:
    """How an upload is to be cut, and whose sound it is to have; what came before there were cuts is as it was made."""
    cut = func.coalesce(table.c.metadata["cut"], literal({}, JSONB))
    return func.jsonb_build_array(cut, func.coalesce(table.c.metadata["sound"].astext, ""), type_=JSONB)


def has_size(connection: Connection, account: AccountId, size_bytes: int) -> bool:
    """Whether this account made a video of any file of that size: only then can one be the same."""
    statement = select(uploads.c.id).where(
        uploads.c.account_id == account, uploads.c.size_bytes == size_bytes, uploads.c.video_id.is_not(None)
    )
    return connection.execute(statement.limit(1)).first() is not None


def video_of_file(connection: Connection, account: AccountId, sha256: str) -> VideoId | None:
    """The newest video, in whatever state, that this account made of all of those bytes."""
    statement = select(func.max(uploads.c.video_id)).where(
        uploads.c.account_id == account, uploads.c.sha256 == sha256, _wanted(uploads) == _AS_IT_IS
    )
    found = connection.execute(statement).scalar_one_or_none()
    return None if found is None else VideoId(found)


def spent_since(connection: Connection, account: AccountId, since: datetime) -> tuple[int, int, datetime | None]:
    """What an account announced after `since`: how many files, how many bytes, and when the oldest of them."""
    statement = select(
        func.count(), func.coalesce(func.sum(uploads.c.size_bytes), 0), func.min(uploads.c.created_at)
    ).where(uploads.c.account_id == account, uploads.c.created_at > since)
    count, size_bytes, oldest = connection.execute(statement).one()
    return int(count), int(size_bytes), oldest


def recent(connection: Connection, account: AccountId, since: datetime, limit: int) -> list[UploadOnItsWay]:
    """An account's uploads that are unfinished or changed after `since`, newest first; none of removed videos."""
    c = uploads.c
    statement = (
        select(
            c.id,
            c.size_bytes,
            c.step,
            c.share,
            c.sha256,
            c.metadata["title"].astext.label("words"),
            c.video_id,
            videos.c.title,
            videos.c.state,
            videos.c.failure_code,
            videos.c.failure_text,
        )
        .outerjoin(videos, videos.c.id == c.video_id)
        .where(c.account_id == account, c.changed_at > since, func.coalesce(videos.c.state, "") != "removed")
        .order_by(c.created_at.desc(), c.id)
        .limit(limit)
    )
    return [
        UploadOnItsWay(
            id=UploadId(row.id),
            size_bytes=row.size_bytes,
            step=row.step,
            share=row.share,
            sha256=row.sha256,
            title=row.title if row.title is not None else row.words or "",
            video=None if row.video_id is None else VideoId(row.video_id),
            state=row.state,
            failure_code=row.failure_code,
            failure_text=row.failure_text,
        )
        for row in connection.execute(statement)
    ]


def steps_of(connection: Connection, ids: Sequence[VideoId]) -> dict[VideoId, tuple[Step, float]]:
    """How far the files of some videos have come."""
    if not ids:
        return {}
    statement = select(uploads.c.video_id, uploads.c.step, uploads.c.share).where(uploads.c.video_id.in_(ids))
    return {VideoId(row.video_id): (row.step, row.share) for row in connection.execute(statement)}


def set_speech(connection: Connection, video: VideoId, state: SpeechState, now: datetime) -> None:
    values = {"state": state, "changed_at": now}
    statement = upsert(transcriptions).values(video_id=video, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["video_id"], set_=values))


def speech_of(connection: Connection, ids: Sequence[VideoId]) -> dict[VideoId, SpeechState]:
    """What became of listening to some videos; those that nobody asked for are missing."""
    if not ids:
        return {}
    rows = connection.execute(select(transcriptions).where(transcriptions.c.video_id.in_(ids)))
    return {VideoId(row.video_id): row.state for row in rows}


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


def needed_sources(
    connection: Connection, ids: Sequence[UUID], failed_after: datetime, kept_after: datetime
) -> set[UUID]:
    """Which of these uploads' files are still needed.

    Needed are unfinished ones, those not processed yet, those of videos that failed after `failed_after`, so that
    "try again" has something to try, and originals of videos that came after `kept_after`.
    """
    statement = (
        select(uploads.c.id)
        .outerjoin(videos, videos.c.id == uploads.c.video_id)
        .where(
            uploads.c.id.in_(ids),
            uploads.c.finished_at.is_(None)
            | videos.c.state.in_(["uploaded", "processing"])
            | ((videos.c.state == "failed") & (uploads.c.finished_at > failed_after))
            | ((videos.c.state == "ready") & (uploads.c.finished_at > kept_after)),
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
        sha256=row.sha256,
        tus_metadata=row.tus_metadata,
    )
