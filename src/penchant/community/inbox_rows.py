"""The tables of the inbox, and the SQL about them.

A row says that there was something, and from when to when; who did it is looked up in the tables of the deeds each time
it is read. So a like that was taken back, an account that is gone and a comment that was removed are told no more.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Table,
    Text,
    bindparam,
    delete,
    func,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from penchant.accounts.telling import KINDS
from penchant.core.database import OPERATIONAL, PERSONAL, SENSITIVE, Connection, column, metadata
from penchant.core.holdings import After, AsLongAs, holding
from penchant.core.ids import AccountId

_MOMENT = DateTime(timezone=True)
_NAMED: Final = ", ".join(f"'{kind}'" for kind in KINDS)

notifications = Table(
    "notifications",
    metadata,
    column("id", BigInteger, PERSONAL, primary_key=True, autoincrement=False),
    column("account_id", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    column("kind", Text, PERSONAL, nullable=False),
    # What deeds have in common that are told together: the id of a video, a comment, an account; 0: all of a kind.
    column("about", BigInteger, PERSONAL, nullable=False),
    column("by_id", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=True),
    column("video_id", BigInteger, PERSONAL, ForeignKey("videos.id", ondelete="CASCADE"), nullable=True),
    column("comment_id", BigInteger, PERSONAL, ForeignKey("comments.id", ondelete="CASCADE"), nullable=True),
    column("decision_id", BigInteger, SENSITIVE, ForeignKey("decisions.id"), nullable=True),
    column("first_at", _MOMENT, PERSONAL, nullable=False),
    column("last_at", _MOMENT, PERSONAL, nullable=False),
    column("changed_at", _MOMENT, PERSONAL, nullable=False),
    column("read_at", _MOMENT, PERSONAL, nullable=True),
    CheckConstraint(f"kind IN ({_NAMED})", name="kind"),
    Index(None, "account_id", text("changed_at DESC"), text("id DESC")),
    Index(
        "ix_notifications_open", "account_id", "kind", "about", unique=True, postgresql_where=text("read_at IS NULL")
    ),
    Index(None, "by_id"),
    Index(None, "video_id"),
    Index(None, "comment_id"),
    Index(None, "decision_id"),
    Index(None, "changed_at"),
    info=holding(
        "what they are told of",
        After("notification_days", "changed_at", "the last that it tells of"),
        account_id="account",
    ),
)
notification_choices = Table(
    "notification_choices",
    metadata,
    column("account_id", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    column("kind", Text, PERSONAL, primary_key=True),
    # By which way: in the app today; other ways are further rows.
    column("channel", Text, OPERATIONAL, primary_key=True),
    CheckConstraint(f"kind IN ({_NAMED})", name="kind"),
    CheckConstraint("channel IN ('app')", name="channel"),
    info=holding("what they do not want to be told of", AsLongAs("the account"), account_id="account"),
)
"""A row: not that kind by that way."""

MOST: Final = 1_000
"""Deeds of one row that are counted: more are as many."""
_DEEDS: Final = text("""
WITH seen AS NOT MATERIALIZED (
    SELECT * FROM comments
    WHERE account_id IS NOT NULL AND removed_at IS NULL AND hidden_at IS NULL AND held_at IS NULL
)
SELECT n.id, deeds.count, deeds.people, deeds.comment_id, deeds.said, deeds.of_videos, deeds.action
FROM notifications n
CROSS JOIN LATERAL (
    SELECT count(DISTINCT coalesce(d.by_id, d.video_id)) AS count,
        (array_agg(d.by_id ORDER BY d.at DESC))[1:20] AS people,
        (array_agg(d.comment_id ORDER BY d.at DESC))[1] AS comment_id,
        (array_agg(d.said ORDER BY d.at DESC))[1] AS said,
        (array_agg(d.video_id ORDER BY d.at DESC))[1] AS of_videos,
        (array_agg(d.action))[1] AS action
    FROM (
        (SELECT l.account_id AS by_id, l.created_at AS at, NULL::bigint AS comment_id, NULL AS said,
            NULL::bigint AS video_id, NULL AS action
        FROM likes l
        WHERE n.kind = 'like' AND l.video_id = n.video_id AND l.created_at BETWEEN n.first_at AND n.last_at
        ORDER BY l.created_at DESC LIMIT :most)
        UNION ALL
        (SELECT f.follower_id, f.created_at, NULL, NULL, NULL, NULL FROM follows f
        WHERE n.kind = 'follow' AND f.followed_id = n.account_id AND f.created_at BETWEEN n.first_at AND n.last_at
        ORDER BY f.created_at DESC LIMIT :most)
        UNION ALL
        SELECT r.follower_id, r.created_at, NULL, NULL, NULL, NULL FROM follow_requests r
        WHERE n.kind = 'follow_request' AND r.followed_id = n.account_id
            AND r.created_at BETWEEN n.first_at AND n.last_at
        UNION ALL
        SELECT f.followed_id, n.last_at, NULL, NULL, NULL, NULL FROM follows f
        WHERE n.kind = 'accepted' AND f.follower_id = n.account_id AND f.followed_id = n.by_id
        UNION ALL
        (SELECT l.account_id, l.created_at, l.comment_id, c.text, NULL, NULL
        FROM comment_likes l JOIN seen c ON c.id = l.comment_id
        WHERE n.kind = 'comment_like' AND l.comment_id = n.comment_id
            AND l.created_at BETWEEN n.first_at AND n.last_at
        ORDER BY l.created_at DESC LIMIT :most)
        UNION ALL
        (SELECT c.account_id, c.created_at, c.id, c.text, NULL, NULL FROM seen c
        WHERE n.kind = 'comment' AND c.video_id = n.video_id AND c.parent_id IS NULL
            AND c.created_at BETWEEN n.first_at AND n.last_at
        ORDER BY c.id DESC LIMIT :most)
        UNION ALL
        SELECT c.account_id, c.created_at, c.id, c.text, NULL, NULL
        FROM seen c JOIN comments root ON root.id = c.parent_id
        WHERE n.kind = 'reply' AND c.parent_id = n.comment_id
            AND coalesce(c.answered_id, root.account_id) = n.account_id
            AND c.created_at BETWEEN n.first_at AND n.last_at
        UNION ALL
        SELECT c.account_id, c.created_at, c.id, c.text, NULL, NULL
        FROM comment_mentions m JOIN seen c ON c.id = m.comment_id
        WHERE n.kind = 'mention' AND m.comment_id = n.comment_id AND m.account_id = n.account_id
        UNION ALL
        SELECT NULL, v.published_at, NULL, NULL, v.id, NULL FROM videos v
        WHERE n.kind = 'video_ready' AND v.creator_id = n.account_id AND v.state = 'ready'
            AND v.published_at BETWEEN n.first_at AND n.last_at
        UNION ALL
        SELECT NULL, n.last_at, NULL, NULL, v.id, NULL FROM videos v
        WHERE n.kind = 'video_failed' AND v.id = n.video_id AND v.state = 'failed'
        UNION ALL
        SELECT NULL, s.decided_at, NULL, NULL, s.id, s.action FROM decisions s
        WHERE n.kind = 'decision' AND s.id = n.decision_id
    ) d
    LEFT JOIN accounts a ON a.id = d.by_id
    WHERE d.by_id IS NULL
        OR (a.suspended_at IS NULL AND d.by_id <> n.account_id AND d.by_id <> ALL (:unwanted))
) deeds
WHERE n.id = ANY (:ids) AND deeds.count > 0
""").bindparams(bindparam("ids", type_=ARRAY(BigInteger)), bindparam("unwanted", type_=ARRAY(BigInteger)))
"""What each row tells of now: how many, the latest of them, what they said. Rows without any are not there."""


def add(connection: Connection, **values: Any) -> None:
    """A row, or one more deed for one that is not read yet."""
    n, statement = notifications.c, upsert(notifications).values(**values)
    statement = statement.on_conflict_do_update(
        index_elements=[n.account_id, n.kind, n.about],
        index_where=text("read_at IS NULL"),
        set_={
            "first_at": func.least(n.first_at, statement.excluded.first_at),
            "last_at": func.greatest(n.last_at, statement.excluded.last_at),
            "changed_at": statement.excluded.changed_at,
        },
    )
    connection.execute(statement)


def rows_of(
    connection: Connection, account: AccountId, before: tuple[datetime, int] | None, limit: int, *, unread: bool = False
) -> list[Any]:
    """Rows of somebody, those first of which something was told last."""
    n = notifications.c
    statement = select(notifications).where(n.account_id == account)
    if unread:
        statement = statement.where(n.read_at.is_(None))
    if before is not None:
        statement = statement.where(tuple_(n.changed_at, n.id) < before)
    return list(connection.execute(statement.order_by(n.changed_at.desc(), n.id.desc()).limit(limit)))


def deeds(connection: Connection, ids: Sequence[int], unwanted: Sequence[AccountId]) -> dict[int, Any]:
    """What rows tell of now, without those of the unwanted."""
    rows = connection.execute(_DEEDS, {"ids": list(ids), "unwanted": list(unwanted), "most": MOST})
    return {row.id: row for row in rows}


def place_of(connection: Connection, account: AccountId, id_: int) -> tuple[datetime, int] | None:
    """Where a row of somebody stands in their list."""
    n = notifications.c
    row = connection.execute(select(n.changed_at, n.id).where(n.account_id == account, n.id == id_)).first()
    return (row.changed_at, row.id) if row is not None else None


def read(connection: Connection, account: AccountId, now: datetime, *, one: int | None, until: datetime | None) -> None:
    """Mark one row as read, or all that told of nothing after `until`."""
    n = notifications.c
    which = n.id == one if until is None else n.changed_at <= until
    own = (n.account_id == account, n.read_at.is_(None), which)
    connection.execute(update(notifications).where(*own).values(read_at=now))


def unread_mark(connection: Connection, account: AccountId) -> tuple[int, datetime | None]:
    """How many rows are unread and when one last changed: what tells whether to look at them anew."""
    n = notifications.c
    statement = select(func.count(), func.max(n.changed_at)).where(n.account_id == account, n.read_at.is_(None))
    count, changed_at = connection.execute(statement).one()
    return count, changed_at


def kinds_off(connection: Connection, account: AccountId, channel: str = "app") -> frozenset[str]:
    n = notification_choices.c
    statement = select(n.kind).where(n.account_id == account, n.channel == channel)
    return frozenset(connection.execute(statement).scalars())


def choose(connection: Connection, account: AccountId, kind: str, wanted: bool, channel: str = "app") -> None:
    n = notification_choices.c
    own = (n.account_id == account, n.kind == kind, n.channel == channel)
    if wanted:
        connection.execute(delete(notification_choices).where(*own))
    else:
        statement = upsert(notification_choices).values(account_id=account, kind=kind, channel=channel)
        connection.execute(statement.on_conflict_do_nothing())
