"""The tables of orders, steps and certificates, and the SQL about them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    insert,
    select,
    update,
)
from sqlalchemy import func as sql
from sqlalchemy.dialects.postgresql import JSONB

from penchant.core.database import PERSONAL, PUBLIC, Connection, column, metadata
from penchant.core.holdings import ForGood, holding
from penchant.core.ids import AccountId
from penchant.markets.lifecycle import STATES, Step
from penchant.markets.orders import WHAT, Act, Order

_MOMENT = DateTime(timezone=True)
_KEPT = ForGood("whoever asks why a service ended may know")
_LOCK: Final = 0x6D61726B6574


def _by(name: str) -> Any:
    return column(name, BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="SET NULL"), nullable=True)


def _one_of(name: str, words: Iterable[str]) -> CheckConstraint:
    return CheckConstraint(f"{name} IN ('" + "', '".join(words) + "')", name=name)


orders = Table(
    "orders",
    metadata,
    column("id", BigInteger, PUBLIC, primary_key=True, autoincrement=False),
    column("issuer", Text, PUBLIC, nullable=False),
    column("legal_basis", Text, PUBLIC, nullable=False),
    column("body", Text, PUBLIC, nullable=False),
    column("markets", ARRAY(Text), PUBLIC, nullable=False),
    info=holding("what authorities and courts demand of the market", _KEPT),
)
order_acts = Table(
    "order_acts",
    metadata,
    column("id", BigInteger, PUBLIC, primary_key=True, autoincrement=False),
    column("order_id", BigInteger, PUBLIC, ForeignKey("orders.id"), nullable=False),
    column("what", Text, PUBLIC, nullable=False),
    column("at", _MOMENT, PUBLIC, nullable=False),
    column("new_date", _MOMENT, PUBLIC, nullable=True),
    column("note", Text, PUBLIC, nullable=False),
    _by("acted_by"),
    _one_of("what", WHAT),
    Index(None, "order_id"),
    Index(None, "acted_by"),
    info=holding("what became of an order; rows are added and never changed", _KEPT, acted_by="account"),
)
market_steps = Table(
    "market_steps",
    metadata,
    column("id", BigInteger, PUBLIC, primary_key=True, autoincrement=False),
    column("to_state", Text, PUBLIC, nullable=False),
    column("order_id", BigInteger, PUBLIC, ForeignKey("orders.id"), nullable=True),
    column("takes_effect_at", _MOMENT, PUBLIC, nullable=False),
    column("moved_to", Text, PUBLIC, nullable=False),
    column("reason", Text, PUBLIC, nullable=False),
    _by("planned_by"),
    column("planned_at", _MOMENT, PUBLIC, nullable=False),
    _by("confirmed_by"),
    column("confirmed_at", _MOMENT, PUBLIC, nullable=True),
    _by("revoked_by"),
    column("revoked_at", _MOMENT, PUBLIC, nullable=True),
    _one_of("to_state", STATES[1:]),
    CheckConstraint("planned_by <> confirmed_by", name="two_people"),
    info=holding(
        "how the market comes to its end, and which two people said so",
        _KEPT,
        planned_by="account",
        confirmed_by="account",
        revoked_by="account",
    ),
)
closing_certificates = Table(
    "closing_certificates",
    metadata,
    column("step_id", BigInteger, PUBLIC, ForeignKey("market_steps.id"), primary_key=True, autoincrement=False),
    column("destroyed_at", _MOMENT, PUBLIC, nullable=False),
    column("counts", JSONB, PUBLIC, nullable=False),
    info=holding("that the keys of the market were destroyed", _KEPT),
)

licences = Table(
    "licences",
    metadata,
    column("digest", LargeBinary, PUBLIC, primary_key=True),
    column("note", Text, PUBLIC, nullable=False),
    column("recorded_at", _MOMENT, PUBLIC, nullable=False),
    info=holding("by whose licence what was learned may cross, and when", _KEPT),
)
"""`note`: the licence as it was signed; everything else is read from it."""


def lock(connection: Connection) -> None:
    """Let nobody else change orders or steps until this transaction ends: each change looks at all of them."""
    connection.execute(select(sql.pg_advisory_xact_lock(_LOCK)))


def all_orders(connection: Connection) -> dict[int, Order]:
    """Every order with what became of it, the oldest first."""
    acts: dict[int, list[Act]] = {}
    a = order_acts.c
    statement = select(a.order_id, a.what, a.at, a.new_date, a.note, a.acted_by).order_by(a.id)
    for order_id, *act in connection.execute(statement):
        acts.setdefault(order_id, []).append(Act(*act))
    rows = connection.execute(select(orders).order_by(orders.c.id)).all()
    return {
        row.id: Order(row.id, row.issuer, row.legal_basis, row.body, tuple(row.markets), tuple(acts.get(row.id, ())))
        for row in rows
    }


def all_steps(connection: Connection) -> list[Step]:
    """Every step, revoked ones too, in the order in which they were planned."""
    rows = connection.execute(select(market_steps).order_by(market_steps.c.id)).mappings()
    return [Step(**row) for row in rows]


def certificate(connection: Connection) -> Any:
    """The row; None where no keys were destroyed."""
    return connection.execute(select(closing_certificates)).first()


def add_order(connection: Connection, order: Order) -> None:
    values = {"id": order.id, "issuer": order.issuer, "legal_basis": order.legal_basis, "body": order.text}
    connection.execute(insert(orders).values(**values, markets=list(order.markets)))


def add_act(connection: Connection, id_: int, order_id: int, act: Act) -> None:
    connection.execute(insert(order_acts).values(id=id_, order_id=order_id, **act._asdict()))


def add_step(connection: Connection, step: Step) -> None:
    connection.execute(insert(market_steps).values(**vars(step)))


def confirm_step(connection: Connection, id_: int, by: AccountId, now: datetime) -> None:
    _set(connection, id_, confirmed_by=by, confirmed_at=now)


def revoke_step(connection: Connection, id_: int, by: AccountId, now: datetime) -> None:
    _set(connection, id_, revoked_by=by, revoked_at=now)


def revoke_all(connection: Connection, now: datetime) -> None:
    """Take every step back, by nobody here, those that have begun too."""
    connection.execute(update(market_steps).where(market_steps.c.revoked_at.is_(None)).values(revoked_at=now))


def add_certificate(connection: Connection, step: int, now: datetime, counts: Mapping[str, int]) -> None:
    connection.execute(insert(closing_certificates).values(step_id=step, destroyed_at=now, counts=dict(counts)))


def add_licence(connection: Connection, digest: bytes, note: str, now: datetime) -> None:
    connection.execute(insert(licences).values(digest=digest, note=note, recorded_at=now))


def licence_digests(connection: Connection) -> set[bytes]:
    return set(connection.execute(select(licences.c.digest)).scalars())


def licence_notes(connection: Connection) -> list[str]:
    """Every licence as it was signed, in the order of their recording."""
    statement = select(licences.c.note).order_by(licences.c.recorded_at, licences.c.digest)
    return list(connection.execute(statement).scalars())


def _set(connection: Connection, id_: int, **values: Any) -> None:
    connection.execute(update(market_steps).where(market_steps.c.id == id_).values(**values))
