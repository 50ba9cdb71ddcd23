"""The table of mutes and the SQL about it."""

from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, Table, Uuid, bindparam, select
from sqlalchemy.dialects.postgresql import insert as upsert

from penchant.core.database import PERSONAL, SENSITIVE, Connection, column, metadata
from penchant.core.holdings import THE_VIEWER, holding
from penchant.core.ids import SubjectId

mutes = Table(
    "mutes",
    metadata,
    column("subject_id", Uuid, PERSONAL, ForeignKey("subjects.id", ondelete="CASCADE"), primary_key=True),
    column("list_sealed", LargeBinary, SENSITIVE, nullable=False),
    info=holding("what they never want to see", THE_VIEWER, subject_id="subject"),
)
"""One row a viewer: the whole list, sealed, so that words that somebody cannot bear to read lie nowhere open."""


def sealed_list(connection: Connection, subject: SubjectId) -> bytes | None:
    return connection.execute(select(mutes.c.list_sealed).where(mutes.c.subject_id == subject)).scalar_one_or_none()


def put_list(connection: Connection, subject: SubjectId, sealed: bytes) -> None:
    statement = upsert(mutes).values(subject_id=subject, list_sealed=sealed)
    connection.execute(statement.on_conflict_do_update(index_elements=["subject_id"], set_={"list_sealed": sealed}))


def mutes_column() -> Any:
    """A subject's sealed list as a column `mutes`, for a statement that asks for more besides; parameter `subject`."""
    own = mutes.c.subject_id == bindparam("subject", type_=Uuid)
    return select(mutes.c.list_sealed).where(own).scalar_subquery().label("mutes")
