"""The table of page records and the SQL about it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from penchant.core.database import OPERATIONAL, PERSONAL, SENSITIVE, Connection, column, metadata
from penchant.core.ids import PageId, SubjectId

_TAIL = 8

pages = Table(
    "pages",
    metadata,
    column("id", BigInteger, SENSITIVE, primary_key=True, autoincrement=False),
    column("subject_id", Uuid, PERSONAL, nullable=False),
    column("tab", Uuid, PERSONAL, nullable=False),
    column("served_at", DateTime(timezone=True), SENSITIVE, nullable=False),
    column("video_ids", ARRAY(BigInteger), SENSITIVE, nullable=False),
    column("kept", SmallInteger, SENSITIVE, nullable=False),
    column("recipe", Text, OPERATIONAL, nullable=False),
    column("epoch", Text, OPERATIONAL, nullable=False),
    column("record", LargeBinary, SENSITIVE, nullable=False),
    Index(None, "subject_id", text("served_at DESC")),
)
"""`kept` slots of a page are still the viewer's to see; the rest were replaced and returned to the pool."""


def lock_subject(connection: Connection, subject: SubjectId) -> None:
    """Pages of one viewer are made one after the other, so that two tabs never show the same video."""
    connection.execute(select(func.pg_advisory_xact_lock(subject.int & 0x7FFF_FFFF_FFFF_FFFF)))


def add_page(connection: Connection, **values: Any) -> None:
    connection.execute(insert(pages).values(**values))


def give_back(connection: Connection, page: PageId, subject: SubjectId, from_slot: int) -> None:
    """Slots from `from_slot` on return to the pool."""
    statement = update(pages).where(pages.c.id == page, pages.c.subject_id == subject)
    connection.execute(statement.values(kept=func.least(pages.c.kept, from_slot)))


def held_videos(
    connection: Connection, subject: SubjectId, tab: UUID, since: datetime
) -> tuple[frozenset[int], tuple[int, ...]]:
    """Videos that were served lately and may still be shown in some tab; and the last of this tab, oldest first."""
    statement = (
        select(pages.c.tab, pages.c.video_ids, pages.c.kept)
        .where(pages.c.subject_id == subject, pages.c.served_at > since)
        .order_by(pages.c.served_at, pages.c.id)
    )
    held: set[int] = set()
    tail: list[int] = []
    for row in connection.execute(statement):
        kept = row.video_ids[: row.kept]
        held.update(kept)
        if row.tab == tab:
            tail = [*tail, *kept][-_TAIL:]
    return frozenset(held), tuple(tail)


def page_record(connection: Connection, page: PageId) -> Any:
    return connection.execute(select(pages).where(pages.c.id == page)).first()


def forget_pages(connection: Connection, subject: SubjectId) -> None:
    connection.execute(pages.delete().where(pages.c.subject_id == subject))
