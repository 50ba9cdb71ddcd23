"""The table of what was said in the last day, as numbers, and the SQL about it."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, Table, delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from penchant.core.database import OPERATIONAL, PERSONAL, Connection, column, metadata
from penchant.core.holdings import AsLongAs, holding
from penchant.core.ids import AccountId

text_prints = Table(
    "text_prints",
    metadata,
    column("print", BigInteger, PERSONAL, primary_key=True, autoincrement=False),
    column("account_id", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    column("target_id", BigInteger, PERSONAL, primary_key=True),
    column("at", DateTime(timezone=True), OPERATIONAL, nullable=False),
    Index(None, "at"),
    Index(None, "account_id"),
    info=holding("notices the same words said by many", AsLongAs("a day"), account_id="account"),
)
"""Rows live for a day."""


def add(connection: Connection, number: int, account: AccountId, target: int, now: datetime) -> None:
    """A text of one target counts once, however often it is looked at."""
    values = {"print": number, "account_id": account, "target_id": target, "at": now}
    connection.execute(upsert(text_prints).values(values).on_conflict_do_nothing())


def times_by(connection: Connection, number: int, account: AccountId, since: datetime) -> int:
    c = text_prints.c
    statement = select(func.count()).where(c.print == number, c.account_id == account, c.at > since)
    return int(connection.execute(statement).scalar_one())


def people(connection: Connection, number: int) -> int:
    """How many said it within the rows that are left."""
    c = text_prints.c
    return int(connection.execute(select(func.count(c.account_id.distinct())).where(c.print == number)).scalar_one())


def forget_before(connection: Connection, moment: datetime) -> None:
    connection.execute(delete(text_prints).where(text_prints.c.at < moment))
