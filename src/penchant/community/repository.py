"""The tables of likes and comments and the SQL about them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, Table, Text, delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from penchant.accounts.repository import accounts
from penchant.core.database import PERSONAL, PUBLIC, SENSITIVE, Connection, column, metadata
from penchant.core.holdings import AsLongAs, holding
from penchant.core.ids import AccountId, CommentId, VideoId

likes = Table(
    "likes",
    metadata,
    column("account_id", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    column("video_id", BigInteger, PERSONAL, ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True),
    column("created_at", DateTime(timezone=True), PERSONAL, nullable=False),
    Index(None, "video_id"),
    info=holding("what they like", AsLongAs("the account and the video"), account_id="account"),
)
comments = Table(
    "comments",
    metadata,
    column("id", BigInteger, PUBLIC, primary_key=True, autoincrement=False),
    column("video_id", BigInteger, PUBLIC, ForeignKey("videos.id", ondelete="CASCADE"), nullable=False),
    column("account_id", BigInteger, PUBLIC, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    column("text", Text, PUBLIC, nullable=False),
    column("created_at", DateTime(timezone=True), PUBLIC, nullable=False),
    # By moderation, which may take it back; what its author or the video's creator deletes is gone.
    column("removed_at", DateTime(timezone=True), SENSITIVE, nullable=True),
    Index(None, "video_id", text("id DESC")),
    Index(None, "account_id"),
    info=holding("what people say", AsLongAs("the account and the video"), account_id="account"),
)


def add_like(connection: Connection, account: AccountId, video: VideoId, now: datetime) -> bool:
    """True where the like is new."""
    statement = upsert(likes).values(account_id=account, video_id=video, created_at=now)
    added = statement.on_conflict_do_nothing().returning(likes.c.account_id)
    return connection.execute(added).first() is not None


def remove_like(connection: Connection, account: AccountId, video: VideoId) -> bool:
    statement = delete(likes).where(likes.c.account_id == account, likes.c.video_id == video)
    return connection.execute(statement).rowcount == 1


def liked(connection: Connection, account: AccountId, videos: list[VideoId]) -> frozenset[VideoId]:
    statement = select(likes.c.video_id).where(likes.c.account_id == account, likes.c.video_id.in_(videos))
    return frozenset(VideoId(row.video_id) for row in connection.execute(statement))


def liked_by(connection: Connection, account: AccountId) -> list[VideoId]:
    rows = connection.execute(select(likes.c.video_id).where(likes.c.account_id == account))
    return [VideoId(row.video_id) for row in rows]


def add_comment(
    connection: Connection, id_: CommentId, video: VideoId, account: AccountId, words: str, now: datetime
) -> None:
    connection.execute(insert(comments).values(id=id_, video_id=video, account_id=account, text=words, created_at=now))


def comment(connection: Connection, id_: CommentId) -> Any:
    return connection.execute(select(comments).where(comments.c.id == id_)).first()


def remove_comment(connection: Connection, id_: CommentId) -> bool:
    return connection.execute(delete(comments).where(comments.c.id == id_)).rowcount == 1


def set_comment_removed(connection: Connection, id_: CommentId, moment: datetime | None) -> bool:
    """Whether that changed anything."""
    changes = comments.c.removed_at.is_(None) if moment is not None else comments.c.removed_at.is_not(None)
    statement = update(comments).where(comments.c.id == id_, changes).values(removed_at=moment)
    return connection.execute(statement).rowcount == 1


def comment_ids_by(connection: Connection, account: AccountId) -> list[CommentId]:
    rows = connection.execute(select(comments.c.id).where(comments.c.account_id == account)).scalars()
    return [CommentId(id_) for id_ in rows]


def comments_by(connection: Connection, account: AccountId) -> list[Any]:
    statement = select(comments.c.video_id, func.count().label("count")).where(
        comments.c.account_id == account, comments.c.removed_at.is_(None)
    )
    return list(connection.execute(statement.group_by(comments.c.video_id)))


def comments_on(
    connection: Connection, video: VideoId, before: int | None, hidden: frozenset[AccountId], limit: int
) -> list[Any]:
    """Comments newest first, without those of accounts that are hidden from the viewer or suspended."""
    statement = (
        select(comments, accounts.c.handle, accounts.c.name)
        .join(accounts, accounts.c.id == comments.c.account_id)
        .where(
            comments.c.video_id == video,
            comments.c.account_id.not_in(hidden),
            comments.c.removed_at.is_(None),
            accounts.c.suspended_at.is_(None),
        )
    )
    if before is not None:
        statement = statement.where(comments.c.id < before)
    return list(connection.execute(statement.order_by(comments.c.id.desc()).limit(limit)))
