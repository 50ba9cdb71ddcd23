"""The tables of guardians and of time used in a day, and the SQL about them."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    Uuid,
    and_,
    bindparam,
    case,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from penchant.accounts.model import AgeBand
from penchant.accounts.repository import accounts, subjects
from penchant.core.database import PERSONAL, SENSITIVE, Connection, column, metadata
from penchant.core.holdings import AsLongAs, Until, holding
from penchant.core.ids import AccountId, SubjectId

_MOMENT = DateTime(timezone=True)

guardianships = Table(
    "guardianships",
    metadata,
    column("ward_id", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    column("guardian_id", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    column("daily_limit_minutes", SmallInteger, PERSONAL, nullable=True),
    column("since", _MOMENT, PERSONAL, nullable=False),
    Index(None, "guardian_id"),
    info=holding(
        "who looks after somebody under age", AsLongAs("both want it"), ward_id="account", guardian_id="account"
    ),
)
daily_use = Table(
    "daily_use",
    metadata,
    column("subject_id", Uuid, SENSITIVE, ForeignKey("subjects.id", ondelete="CASCADE"), primary_key=True),
    column("used_ms", BigInteger, SENSITIVE, nullable=False),
    column("last_at", _MOMENT, SENSITIVE, nullable=False),
    column("ends_at", _MOMENT, SENSITIVE, nullable=False),
    Index(None, "ends_at"),
    info=holding("how long a minor was here today", Until("ends_at"), subject_id="subject"),
)

_guardians, _wards = accounts.alias("guardians"), accounts.alias("wards")
_ABLE = and_(_guardians.c.age_band == "adult", _guardians.c.suspended_at.is_(None))
_STANDING = and_(_ABLE, _wards.c.age_band == "minor")
"""A link counts only as long as the one is an adult and the other is not."""
_LINKS = (
    guardianships.join(_guardians, _guardians.c.id == guardianships.c.guardian_id)
    .join(_wards, _wards.c.id == guardianships.c.ward_id)
    .outerjoin(daily_use, daily_use.c.subject_id == _wards.c.subject_id)
)


def set_age(connection: Connection, id_: AccountId, subject: SubjectId, band: AgeBand, proved: bool | None) -> None:
    """Write down an age band and what a proof said of it."""
    connection.execute(update(accounts).where(accounts.c.id == id_).values(age_band=band, proved_adult=proved))
    connection.execute(update(subjects).where(subjects.c.id == subject).values(age_band=band))


def standing(connection: Connection, id_: AccountId, now: datetime) -> Any:
    """What somebody's protections stand on: one row."""
    return connection.execute(
        select(
            accounts.c.age_band,
            accounts.c.wants_private,
            accounts.c.proved_adult,
            _guardians.c.handle.label("guardian"),
            guardianships.c.daily_limit_minutes,
            _used_until(now).label("used_ms"),
        )
        .outerjoin(guardianships, guardianships.c.ward_id == accounts.c.id)
        .outerjoin(
            _guardians,
            and_(_guardians.c.id == guardianships.c.guardian_id, _ABLE),
        )
        .outerjoin(daily_use, daily_use.c.subject_id == accounts.c.subject_id)
        .where(accounts.c.id == id_)
    ).one()


def limit_of(connection: Connection, ward: AccountId) -> int | None:
    """The minutes a day that a guardian chose."""
    statement = select(guardianships.c.daily_limit_minutes).select_from(_LINKS)
    return connection.execute(statement.where(guardianships.c.ward_id == ward, _STANDING)).scalar_one_or_none()


def add_guardianship(connection: Connection, ward: AccountId, guardian: AccountId, now: datetime) -> bool:
    """False where the ward has a guardian already."""
    statement = upsert(guardianships).values(ward_id=ward, guardian_id=guardian, since=now)
    added = statement.on_conflict_do_nothing().returning(guardianships.c.ward_id)
    return connection.execute(added).first() is not None


def wards_of(connection: Connection, guardian: AccountId, now: datetime) -> list[Any]:
    """Whom somebody looks after, by handle."""
    statement = (
        select(
            guardianships.c.ward_id,
            _wards.c.handle,
            _wards.c.name,
            guardianships.c.daily_limit_minutes,
            _used_until(now).label("used_ms"),
            guardianships.c.since,
        )
        .select_from(_LINKS)
        .where(guardianships.c.guardian_id == guardian, _STANDING)
        .order_by(_wards.c.handle)
    )
    return list(connection.execute(statement).all())


def set_limit(connection: Connection, ward: AccountId, guardian: AccountId, minutes: int) -> None:
    own = (guardianships.c.ward_id == ward, guardianships.c.guardian_id == guardian)
    connection.execute(update(guardianships).where(*own).values(daily_limit_minutes=minutes))


def remove_guardianship(connection: Connection, ward: AccountId, guardian: AccountId | None = None) -> bool:
    """guardian: only where it is this one."""
    statement = delete(guardianships).where(guardianships.c.ward_id == ward)
    if guardian is not None:
        statement = statement.where(guardianships.c.guardian_id == guardian)
    return connection.execute(statement).rowcount == 1


def spend(
    connection: Connection, subject: SubjectId, now: datetime, ends_at: datetime, most_ms: int, limit_ms: int
) -> int:
    """Add the time since somebody was last here, at most `most_ms` of it, and return what they used of this day.

    What was asked once the limit was reached is not counted: a guardian who lengthens the day gives all of it.
    """
    own = daily_use.c
    since_ms = func.extract("epoch", bindparam("now", now, _MOMENT) - own.last_at) * 1000
    counted_ms = func.greatest(0, func.least(since_ms, most_ms))
    grown = func.least(own.used_ms + counted_ms, func.greatest(own.used_ms, limit_ms))
    statement = upsert(daily_use).values(subject_id=subject, used_ms=0, last_at=now, ends_at=ends_at)
    statement = statement.on_conflict_do_update(
        index_elements=["subject_id"],
        set_={
            "used_ms": case((own.ends_at <= now, 0), else_=grown),
            "last_at": now,
            "ends_at": ends_at,
        },
    )
    return int(connection.execute(statement.returning(own.used_ms)).scalar_one())


def _used_until(now: datetime) -> Any:
    """Of this day; the row of another day says nothing."""
    return case((daily_use.c.ends_at > now, daily_use.c.used_ms), else_=0)
