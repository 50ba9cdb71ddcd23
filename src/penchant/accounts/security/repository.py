"""The tables of second factors and of what was changed at an account, and the SQL about them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from penchant.accounts.repository import sessions
from penchant.core.database import KEY, OPERATIONAL, PERSONAL, Connection, column, metadata
from penchant.core.holdings import THE_ACCOUNT, AsLongAs, Until, holding
from penchant.core.ids import AccountId

_MOMENT = DateTime(timezone=True)
CHANGES = (
    "password_changed",
    "password_reset",
    "second_factor_on",
    "second_factor_off",
    "recovery_code_used",
    "sessions_ended",
    "signed_in_by_link",
)

second_factors = Table(
    "second_factors",
    metadata,
    column("account_id", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    column("secret", LargeBinary, KEY, nullable=False),
    column("confirmed_at", _MOMENT, PERSONAL, nullable=True),
    column("last_step", BigInteger, OPERATIONAL, nullable=False),
    info=holding("asks for more than a password", THE_ACCOUNT, account_id="account"),
)
recovery_codes = Table(
    "recovery_codes",
    metadata,
    column("account_id", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    column("code_hash", LargeBinary, KEY, primary_key=True),
    info=holding("lets in who lost their second factor", AsLongAs("it is not used"), account_id="account"),
)
account_changes = Table(
    "account_changes",
    metadata,
    column("id", BigInteger, OPERATIONAL, Identity(), primary_key=True),
    column("account_id", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    column("what", Text, PERSONAL, nullable=False),
    column("at", _MOMENT, PERSONAL, nullable=False),
    column("until", _MOMENT, OPERATIONAL, nullable=False),
    CheckConstraint("what IN ('" + "', '".join(CHANGES) + "')", name="what"),
    Index(None, "account_id", "at"),
    Index(None, "until"),
    info=holding("tells an account's owner what was changed at it", Until("until"), account_id="account"),
)


def put_factor(connection: Connection, account: AccountId, secret: bytes) -> bool:
    """Begin with a secret; False where one is confirmed already."""
    table = second_factors
    statement = upsert(table).values(account_id=account, secret=secret, last_step=0)
    statement = statement.on_conflict_do_update(
        index_elements=["account_id"], set_={"secret": secret}, where=table.c.confirmed_at.is_(None)
    )
    return connection.execute(statement.returning(table.c.account_id)).first() is not None


def factor(connection: Connection, account: AccountId) -> Any:
    """The row, locked, so that a code is good once; None where there is none."""
    statement = select(second_factors).where(second_factors.c.account_id == account).with_for_update()
    return connection.execute(statement).first()


def has_factor(connection: Connection, account: AccountId) -> bool:
    own = (second_factors.c.account_id == account, second_factors.c.confirmed_at.is_not(None))
    return connection.execute(select(second_factors.c.account_id).where(*own)).first() is not None


def use_step(connection: Connection, account: AccountId, step: int, confirmed_at: datetime) -> None:
    """Note the time step of a code that was right: neither it nor an earlier one is, any more."""
    table = second_factors
    values = {"last_step": step, "confirmed_at": func.coalesce(table.c.confirmed_at, confirmed_at)}
    connection.execute(update(table).where(table.c.account_id == account).values(**values))


def remove_factor(connection: Connection, account: AccountId) -> None:
    for table in (second_factors, recovery_codes):
        connection.execute(delete(table).where(table.c.account_id == account))


def add_codes(connection: Connection, account: AccountId, hashes: Iterable[bytes]) -> None:
    connection.execute(insert(recovery_codes), [{"account_id": account, "code_hash": one} for one in hashes])


def use_code(connection: Connection, account: AccountId, code_hash: bytes) -> bool:
    """Take a recovery code away; False where it is none."""
    own = (recovery_codes.c.account_id == account, recovery_codes.c.code_hash == code_hash)
    return connection.execute(delete(recovery_codes).where(*own)).rowcount == 1


def count_codes(connection: Connection, account: AccountId) -> int:
    statement = select(func.count()).where(recovery_codes.c.account_id == account)
    return int(connection.execute(statement).scalar_one())


def add_change(connection: Connection, account: AccountId, what: str, at: datetime, until: datetime) -> None:
    connection.execute(insert(account_changes).values(account_id=account, what=what, at=at, until=until))


def changes_of(connection: Connection, account: AccountId, limit: int) -> list[Any]:
    """What was changed and when, the newest first."""
    own = account_changes.c
    statement = select(own.what, own.at).where(own.account_id == account)
    return list(connection.execute(statement.order_by(own.at.desc(), own.id.desc()).limit(limit)).all())


def sessions_of(connection: Connection, account: AccountId, now: datetime) -> list[Any]:
    """Where an account is signed in, the last used first."""
    own = sessions.c
    statement = select(own.token_hash, own.created_at, own.used_at, own.agent)
    statement = statement.where(own.account_id == account, own.expires_at > now)
    return list(connection.execute(statement.order_by(own.used_at.desc(), own.token_hash)).all())


def end_sessions(connection: Connection, account: AccountId, hashes: Iterable[bytes]) -> int:
    """End those of an account's sessions; returns how many there were."""
    own = (sessions.c.account_id == account, sessions.c.token_hash.in_(list(hashes)))
    return connection.execute(delete(sessions).where(*own)).rowcount
