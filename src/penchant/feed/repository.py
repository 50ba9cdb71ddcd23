"""The table of page records and the SQL about it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    bindparam,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from penchant.accounts import repository as accounts
from penchant.core.database import OPERATIONAL, PERSONAL, SENSITIVE, Connection, column, metadata
from penchant.core.holdings import After, holding
from penchant.core.ids import PageId, SubjectId
from penchant.ledger import repository as ledger

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
    column("experiments", ARRAY(Text), SENSITIVE, nullable=False, server_default="{}"),
    column("record", LargeBinary, SENSITIVE, nullable=False),
    column("entry", BigInteger, OPERATIONAL),
    column("is_sealed", Boolean, OPERATIONAL, nullable=False, server_default="false"),
    Index(None, "subject_id", text("served_at DESC")),
    info=holding(
        "what a page was drawn from: for the learner, experiments, figures, and who asks why",
        After("page_days", "id", "it was served"),
        subject_id="subject",
    ),
)
"""`kept` slots of a page are still the viewer's to see; the rest were replaced and returned to the pool. `experiments`:
the viewer's arms, each as `experiment:arm`. `record`: as `feed.records` keeps it; `entry`: its leaf in the ledger."""

_leaf = ledger.adding("leaf_kind", "leaf")
_GIVEN = tuple(column for column in pages.c if column.name != "entry")
_ADD = insert(pages).from_select(
    [*(column.name for column in _GIVEN), "entry"],
    select(*(bindparam(f"p_{column.name}", type_=column.type) for column in _GIVEN), _leaf.c.number),
)
"""The page and its leaf in one statement, so in one round trip."""


def lock_subject(connection: Connection, subject: SubjectId) -> None:
    """Pages of one viewer are made one after the other, so that two tabs never show the same video."""
    connection.execute(select(func.pg_advisory_xact_lock(subject.int & 0x7FFF_FFFF_FFFF_FFFF)))


def add_page(connection: Connection, *, leaf_kind: int, leaf: bytes, **values: Any) -> None:
    """`values`: the columns but `entry`."""
    own = {f"p_{name}": value for name, value in values.items()}
    connection.execute(_ADD, {"leaf_kind": leaf_kind, "leaf": leaf, **own})


def give_back(connection: Connection, page: PageId, subject: SubjectId, from_slot: int) -> None:
    """Slots from `from_slot` on return to the pool."""
    statement = update(pages).where(pages.c.id == page, pages.c.subject_id == subject)
    connection.execute(statement.values(kept=func.least(pages.c.kept, from_slot)))


def pages_column() -> Any:
    """Pages served after `since` as a column `pages`: JSON of [tab, videos, kept], oldest first; also `subject`."""
    c = pages.c
    entry = func.json_build_array(c.tab, c.video_ids, c.kept)
    own = (c.subject_id == bindparam("subject", type_=Uuid), c.served_at > bindparam("since"))
    in_order = aggregate_order_by(entry, c.served_at, c.id)
    return select(func.json_agg(in_order)).where(*own).scalar_subquery().label("pages")


def held_videos(pages_row: Sequence[tuple[str, list[int], int]], tab: UUID) -> tuple[set[int], tuple[int, ...]]:
    """From `pages_column`: what may still be shown in some tab; and the last of this tab, oldest first."""
    held: set[int] = set()
    tail: list[int] = []
    for of_tab, video_ids, kept in pages_row:
        staying = video_ids[:kept]
        held.update(staying)
        if of_tab == str(tab):
            tail = [*tail, *staying][-_TAIL:]
    return held, tuple(tail)


_WITH_KEYS = select(pages, accounts.data_keys.c.sealed.label("key")).join_from(
    pages, accounts.data_keys, accounts.data_keys.c.subject_id == pages.c.subject_id, isouter=True
)
"""Pages, with the viewers' keys as they rest."""


def page_record(connection: Connection, page: PageId) -> Any:
    """One page's row with its viewer's key as `key`; None where there is none."""
    return connection.execute(_WITH_KEYS.where(pages.c.id == page)).first()


def pages_where(connection: Connection, *where: Any) -> Iterator[Any]:
    """Rows as `page_record`; those of one viewer together, oldest first."""
    statement = _WITH_KEYS.where(*where).order_by(pages.c.subject_id, pages.c.served_at, pages.c.id)
    yield from connection.execute(statement, execution_options={"yield_per": 500})


def count_since(connection: Connection, first: PageId) -> tuple[int, int]:
    """How many pages there are from a page id on, and how many of them have a leaf in the ledger."""
    statement = select(func.count(), func.count(pages.c.entry)).where(pages.c.id >= first)
    row = connection.execute(statement).one()
    return int(row[0]), int(row[1])


def epochs_since(connection: Connection, first: PageId) -> set[str]:
    """Names of the epochs that pages were made with, from a page id on."""
    return set(connection.execute(select(pages.c.epoch).distinct().where(pages.c.id >= first)).scalars())


def served_to(connection: Connection, subject: SubjectId) -> list[datetime]:
    """When a viewer was served pages."""
    return list(connection.execute(select(pages.c.served_at).where(pages.c.subject_id == subject)).scalars())


def forget_pages(connection: Connection, subject: SubjectId) -> None:
    connection.execute(pages.delete().where(pages.c.subject_id == subject))
