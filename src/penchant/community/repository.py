"""The tables of likes and comments and the SQL about single ones; lists are in `thread_rows`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    and_,
    delete,
    exists,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from penchant.core.database import PERSONAL, PUBLIC, SENSITIVE, Connection, column, metadata
from penchant.core.holdings import After, AsLongAs, holding
from penchant.core.ids import AccountId, CommentId, VideoId

_MOMENT = DateTime(timezone=True)

likes = Table(
    "likes",
    metadata,
    column("account_id", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    column("video_id", BigInteger, PERSONAL, ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True),
    column("created_at", _MOMENT, PERSONAL, nullable=False),
    Index(None, "video_id", "created_at"),
    info=holding("what they like", AsLongAs("the account and the video"), account_id="account"),
)
comments = Table(
    "comments",
    metadata,
    column("id", BigInteger, PUBLIC, primary_key=True, autoincrement=False),
    column("video_id", BigInteger, PUBLIC, ForeignKey("videos.id", ondelete="CASCADE"), nullable=False),
    # Nobody's where it was deleted and others answered it: then nothing is left of it but its place.
    column("account_id", BigInteger, PUBLIC, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=True),
    column("text", Text, PUBLIC, nullable=False),
    column("created_at", _MOMENT, PUBLIC, nullable=False),
    # By moderation, which may take it back; what its author or the video's creator deletes is gone.
    column("removed_at", _MOMENT, SENSITIVE, nullable=True),
    # Under which it stands: one that itself stands under none.
    column("parent_id", BigInteger, PUBLIC, ForeignKey("comments.id", ondelete="CASCADE"), nullable=True),
    # Whose answer it answers, where that is not the one that it stands under.
    column("answered_id", BigInteger, PUBLIC, ForeignKey("accounts.id", ondelete="SET NULL"), nullable=True),
    column("like_count", Integer, PUBLIC, nullable=False, server_default=text("0")),
    column("edited_at", _MOMENT, PUBLIC, nullable=True),
    # By the video's creator, who may let it be seen again.
    column("hidden_at", _MOMENT, PERSONAL, nullable=True),
    # By the creator's words, until they have looked.
    column("held_at", _MOMENT, PERSONAL, nullable=True),
    column("pinned", Boolean, PUBLIC, nullable=False, server_default=text("false")),
    Index(None, "video_id", text("id DESC")),
    Index(None, "account_id"),
    Index(None, "parent_id", "id"),
    Index(None, "answered_id"),
    Index("ix_comments_pinned", "video_id", unique=True, postgresql_where=text("pinned")),
    Index("ix_comments_held", "video_id", postgresql_where=text("held_at IS NOT NULL")),
    info=holding("what people say", AsLongAs("the account and the video"), account_id="account"),
)
comment_likes = Table(
    "comment_likes",
    metadata,
    column("account_id", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    column("comment_id", BigInteger, PERSONAL, ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True),
    column("created_at", _MOMENT, PERSONAL, nullable=False),
    Index(None, "comment_id", "created_at"),
    info=holding("which comments they like", AsLongAs("the account and the comment"), account_id="account"),
)
comment_mentions = Table(
    "comment_mentions",
    metadata,
    column("comment_id", BigInteger, PUBLIC, ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True),
    column("handle", Text, PUBLIC, primary_key=True),
    column("account_id", BigInteger, PUBLIC, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Index(None, "account_id"),
    info=holding("whom a comment names", AsLongAs("the comment and the account"), account_id="account"),
)
"""`handle` as it is written, in lower case; whose it was then. Whoever has it later is not meant."""
comment_texts = Table(
    "comment_texts",
    metadata,
    column("id", BigInteger, SENSITIVE, primary_key=True, autoincrement=False),
    column("comment_id", BigInteger, SENSITIVE, ForeignKey("comments.id", ondelete="CASCADE"), nullable=False),
    column("account_id", BigInteger, SENSITIVE, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    column("text", Text, SENSITIVE, nullable=False),
    column("replaced_at", _MOMENT, SENSITIVE, nullable=False),
    Index(None, "comment_id"),
    Index(None, "account_id"),
    Index(None, "replaced_at"),
    info=holding(
        "what a comment said before it was edited, for moderators: a report is about what was read",
        After("report_days", "replaced_at", "the edit"),
        account_id="account",
    ),
)
comment_words = Table(
    "comment_words",
    metadata,
    column("account_id", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    column("words", Text, PERSONAL, primary_key=True),
    info=holding("words that hold comments on their videos back", AsLongAs("the account"), account_id="account"),
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


def add_comment(connection: Connection, **values: Any) -> None:
    connection.execute(insert(comments).values(**values))


def comment(connection: Connection, id_: CommentId, *, lock: bool = False) -> Any:
    statement = select(comments).where(comments.c.id == id_)
    return connection.execute(statement.with_for_update() if lock else statement).first()


def update_comment(connection: Connection, id_: CommentId, **values: Any) -> None:
    connection.execute(update(comments).where(comments.c.id == id_).values(**values))


def unpin(connection: Connection, video: VideoId) -> None:
    connection.execute(update(comments).where(comments.c.video_id == video, comments.c.pinned).values(pinned=False))


def remove_comment(connection: Connection, id_: CommentId) -> None:
    """Take a comment away; where others stand under it, leave its place, which is nobody's."""
    if connection.execute(select(exists().where(comments.c.parent_id == id_))).scalar_one():
        _empty(connection, [id_])
    else:
        connection.execute(delete(comments).where(comments.c.id == id_))


def remove_empty(connection: Connection, ids: Sequence[int]) -> None:
    """Take away those of the given comments that are nobody's and have nothing under them any more."""
    under = comments.alias()
    answered = exists().where(under.c.parent_id == comments.c.id)
    own = (comments.c.id.in_(ids), comments.c.account_id.is_(None), ~answered)
    connection.execute(delete(comments).where(*own))


def set_mentions(connection: Connection, id_: CommentId, named: Mapping[str, AccountId]) -> set[AccountId]:
    """Let a comment name these, by handle, and nobody else; returns who is new."""
    before = named_by(connection, id_)
    connection.execute(delete(comment_mentions).where(comment_mentions.c.comment_id == id_))
    if named:
        rows = [{"comment_id": id_, "handle": handle, "account_id": account} for handle, account in named.items()]
        connection.execute(insert(comment_mentions), rows)
    return set(named.values()) - before


def named_by(connection: Connection, id_: CommentId) -> set[AccountId]:
    """Whom a comment names."""
    c = comment_mentions.c
    return {AccountId(id_) for id_ in connection.execute(select(c.account_id).where(c.comment_id == id_)).scalars()}


def keep_text(connection: Connection, id_: int, row: Any, now: datetime) -> None:
    """Keep what a comment says before it says something else."""
    values = {"comment_id": row.id, "account_id": row.account_id, "text": row.text, "replaced_at": now}
    connection.execute(insert(comment_texts).values(id=id_, **values))


def earlier_texts(connection: Connection, id_: CommentId) -> list[tuple[str, datetime]]:
    """What a comment said before, and until when, the oldest first."""
    c = comment_texts.c
    rows = connection.execute(select(c.text, c.replaced_at).where(c.comment_id == id_).order_by(c.id))
    return [(row.text, row.replaced_at) for row in rows]


def text_at(connection: Connection, row: Any, moment: datetime) -> str:
    """What a comment said at a moment, as whoever reported it read it."""
    return next((said for said, until in earlier_texts(connection, row.id) if until > moment), row.text)


def add_comment_like(connection: Connection, account: AccountId, id_: CommentId, now: datetime) -> bool:
    """Like a comment; twice changes nothing. True where the like is new."""
    statement = upsert(comment_likes).values(account_id=account, comment_id=id_, created_at=now)
    added = statement.on_conflict_do_nothing().returning(comment_likes.c.account_id)
    if connection.execute(added).first() is None:
        return False
    _add_to_likes(connection, [id_], 1)
    return True


def remove_comment_like(connection: Connection, account: AccountId, id_: CommentId) -> None:
    c = comment_likes.c
    if connection.execute(delete(comment_likes).where(c.account_id == account, c.comment_id == id_)).rowcount:
        _add_to_likes(connection, [id_], -1)


def held_words(connection: Connection, account: AccountId) -> list[str]:
    c = comment_words.c
    return list(connection.execute(select(c.words).where(c.account_id == account).order_by(c.words)).scalars())


def set_held_words(connection: Connection, account: AccountId, words: Sequence[str]) -> None:
    connection.execute(delete(comment_words).where(comment_words.c.account_id == account))
    if words:
        connection.execute(insert(comment_words), [{"account_id": account, "words": one} for one in words])


def comment_ids_by(connection: Connection, account: AccountId) -> list[CommentId]:
    """Locked, so that nobody answers one of them meanwhile."""
    statement = select(comments.c.id).where(comments.c.account_id == account).order_by(comments.c.id)
    return [CommentId(id_) for id_ in connection.execute(statement.with_for_update()).scalars()]


def seen_by_video(connection: Connection, account: AccountId) -> list[Any]:
    """How many comments of somebody are seen, by video."""
    statement = select(comments.c.video_id, func.count().label("count")).where(comments.c.account_id == account, SEEN)
    return list(connection.execute(statement.group_by(comments.c.video_id)))


def forget_comments(connection: Connection, account: AccountId) -> None:
    """Take everything away that somebody said, and their likes of comments; what others answered keeps its place."""
    liked_ones = connection.execute(select(comment_likes.c.comment_id).where(comment_likes.c.account_id == account))
    _add_to_likes(connection, list(liked_ones.scalars()), -1)
    connection.execute(delete(comment_likes).where(comment_likes.c.account_id == account))
    under = comments.alias()
    by_others = exists().where(under.c.parent_id == comments.c.id, under.c.account_id.is_distinct_from(account))
    own = comments.c.account_id == account
    _empty(connection, list(connection.execute(select(comments.c.id).where(own, by_others)).scalars()))
    gone = connection.execute(delete(comments).where(own).returning(comments.c.parent_id)).scalars().all()
    remove_empty(connection, [id_ for id_ in gone if id_ is not None])


def _empty(connection: Connection, ids: Sequence[int]) -> None:
    """Leave nothing of comments but their places."""
    for table in (comment_likes, comment_mentions, comment_texts):
        connection.execute(delete(table).where(table.c.comment_id.in_(ids)))
    nothing = {"edited_at": None, "hidden_at": None, "held_at": None, "removed_at": None, "answered_id": None}
    values = {"account_id": None, "text": "", "like_count": 0, "pinned": False, **nothing}
    connection.execute(update(comments).where(comments.c.id.in_(ids)).values(**values))


def _add_to_likes(connection: Connection, ids: Sequence[int], change: int) -> None:
    more = {"like_count": comments.c.like_count + change}
    connection.execute(update(comments).where(comments.c.id.in_(ids)).values(**more))


def is_seen(row: Any) -> bool:
    """Whether everybody who sees the video sees this comment, blocks and suspensions apart; as `SEEN`."""
    return row.account_id is not None and row.removed_at is row.hidden_at is row.held_at is None


SEEN = and_(
    comments.c.account_id.is_not(None),
    comments.c.removed_at.is_(None),
    comments.c.hidden_at.is_(None),
    comments.c.held_at.is_(None),
)
