"""The SQL of lists of comments: what one viewer sees, in which order, and where a list goes on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Select, and_, exists, func, literal, or_, select, tuple_

from penchant.accounts.repository import accounts
from penchant.catalog.repository import videos
from penchant.community.repository import comment_likes, comment_mentions, comments
from penchant.core.database import Connection
from penchant.core.ids import AccountId, CommentId, VideoId


class Looking(NamedTuple):
    """Who looks at comments."""

    account: AccountId | None
    creator: bool
    """Whether the video is theirs: they see what they hide, and what waits for them."""
    hidden: frozenset[AccountId]
    """Whom they do not see, and who does not see them."""


def visible(looking: Looking, c: Any, a: Any) -> Any:
    """A condition on comments `c` with their authors `a`: what this viewer sees. Whoever hides or holds a comment
    back sees it, and its author does.
    """
    mine: Any = and_(c.hidden_at.is_(None), c.held_at.is_(None))
    if looking.account is not None:
        mine = or_(mine, c.account_id == looking.account)
    return and_(
        c.account_id.is_not(None),
        c.removed_at.is_(None),
        a.suspended_at.is_(None),
        c.account_id.not_in(looking.hidden),
        *(() if looking.creator else (mine,)),
    )


def pinned(connection: Connection, video: VideoId, looking: Looking) -> list[Any]:
    """The comment that its creator put first, where there is one to see."""
    c, a = comments.c, accounts.c
    return list(connection.execute(_rows(looking).where(c.video_id == video, c.pinned, visible(looking, c, a))))


def newest(connection: Connection, video: VideoId, looking: Looking, before: CommentId | None, limit: int) -> list[Any]:
    """Comments that stand under none and are not pinned, the newest first."""
    statement = _on(video, looking)
    if before is not None:
        statement = statement.where(comments.c.id < before)
    return list(connection.execute(statement.order_by(comments.c.id.desc()).limit(limit)))


def most_liked(
    connection: Connection,
    video: VideoId,
    looking: Looking,
    as_of: datetime | None,
    before: tuple[int, int] | None,
    limit: int,
) -> list[Any]:
    """The same by likes, as column `liked`; of as many the newest first.

    as_of: likes after that moment do not count, so that nothing moves up past where a list was left. What moves down,
    because a like was taken back, may come twice.
    """
    c = comments.c
    liked: Any = c.like_count
    statement = _on(video, looking)
    if as_of is not None:
        later = (
            select(comment_likes.c.comment_id, func.count().label("count"))
            .join(comments, c.id == comment_likes.c.comment_id)
            .where(c.video_id == video, comment_likes.c.created_at > as_of)
            .group_by(comment_likes.c.comment_id)
            .subquery()
        )
        liked = c.like_count - func.coalesce(later.c.count, 0)
        statement = statement.outerjoin(later, later.c.comment_id == c.id)
    if before is not None:
        statement = statement.where(tuple_(liked, c.id) < tuple_(literal(before[0]), literal(before[1], BigInteger)))
    statement = statement.add_columns(liked.label("liked")).order_by(liked.desc(), c.id.desc())
    return list(connection.execute(statement.limit(limit)))


def replies(
    connection: Connection, under: CommentId, looking: Looking, after: CommentId | None, limit: int
) -> list[Any]:
    """What stands under a comment, the oldest first."""
    c, a = comments.c, accounts.c
    statement = _rows(looking).where(c.parent_id == under, visible(looking, c, a))
    if after is not None:
        statement = statement.where(c.id > after)
    return list(connection.execute(statement.order_by(c.id).limit(limit)))


def one(connection: Connection, id_: CommentId, looking: Looking) -> Any:
    """One comment, where this viewer sees it; None elsewhere."""
    c, a = comments.c, accounts.c
    return connection.execute(_rows(looking).where(c.id == id_, visible(looking, c, a))).first()


def held(connection: Connection, creator: AccountId, looking: Looking, limit: int) -> list[Any]:
    """What waits below a creator's videos for them to look, the oldest first."""
    c, a = comments.c, accounts.c
    statement = _rows(looking).join(videos, videos.c.id == c.video_id)
    own = (videos.c.creator_id == creator, videos.c.state == "ready", c.held_at.is_not(None), visible(looking, c, a))
    return list(connection.execute(statement.where(*own).order_by(c.id).limit(limit)))


def count_replies(connection: Connection, ids: Sequence[int], looking: Looking) -> dict[int, int]:
    """How much of what stands under comments this viewer sees."""
    c = comments.c
    statement = select(c.parent_id, func.count()).join(accounts, accounts.c.id == c.account_id)
    statement = statement.where(c.parent_id.in_(ids), visible(looking, c, accounts.c)).group_by(c.parent_id)
    return {int(parent): int(count) for parent, count in connection.execute(statement)}


def liked_of(connection: Connection, ids: Sequence[int], looking: Looking) -> frozenset[int]:
    c = comment_likes.c
    statement = select(c.comment_id).where(c.account_id == looking.account, c.comment_id.in_(ids))
    return frozenset(connection.execute(statement).scalars())


def mentions_of(connection: Connection, ids: Sequence[int], looking: Looking) -> dict[int, dict[str, str]]:
    """Whom comments name: the handle as it is written, and as it is now."""
    c, a = comment_mentions.c, accounts.c
    statement = (
        select(c.comment_id, c.handle.label("written"), a.handle)
        .join(accounts, a.id == c.account_id)
        .where(c.comment_id.in_(ids), a.suspended_at.is_(None), a.id.not_in(looking.hidden))
    )
    found: dict[int, dict[str, str]] = {}
    for row in connection.execute(statement):
        found.setdefault(row.comment_id, {})[row.written] = row.handle
    return found


def _rows(looking: Looking) -> Select[Any]:
    """Comments with handle and name of who said them, and the handle of whom they answer; `shown`: whether more than
    their place is.
    """
    answered = accounts.alias("answered")
    seen = and_(
        answered.c.id == comments.c.answered_id,
        answered.c.suspended_at.is_(None),
        answered.c.id.not_in(looking.hidden),
    )
    return (
        select(
            comments,
            accounts.c.handle,
            accounts.c.name,
            answered.c.handle.label("answered"),
            visible(looking, comments.c, accounts.c).label("shown"),
        )
        .outerjoin(accounts, accounts.c.id == comments.c.account_id)
        .outerjoin(answered, seen)
    )


def _on(video: VideoId, looking: Looking) -> Select[Any]:
    """Comments on a video that stand under none: those that are seen, and the places of those that were answered."""
    c = comments.c
    under, author = comments.alias("under"), accounts.alias("author")
    answered = exists().where(
        under.c.parent_id == c.id, author.c.id == under.c.account_id, visible(looking, under.c, author.c)
    )
    seen = visible(looking, c, accounts.c)
    return _rows(looking).where(
        c.video_id == video,
        c.parent_id.is_(None),
        or_(and_(seen, ~c.pinned), and_(~seen, answered.correlate(comments))),
    )
