"""The tables of reports and decisions and the SQL about them."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    Uuid,
    bindparam,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from penchant.core.database import PERSONAL, SENSITIVE, Connection, column, metadata

reports = Table(
    "reports",
    metadata,
    column("id", BigInteger, SENSITIVE, primary_key=True, autoincrement=False),
    column("reporter_subject_id", Uuid, PERSONAL, nullable=False),
    column("kind", Text, SENSITIVE, nullable=False),
    column("target_id", BigInteger, SENSITIVE, nullable=False),
    column("reason", Text, SENSITIVE, nullable=False),
    column("note_sealed", LargeBinary, SENSITIVE, nullable=True),
    column("created_at", DateTime(timezone=True), SENSITIVE, nullable=False),
    column("decision_id", BigInteger, SENSITIVE, ForeignKey("decisions.id"), nullable=True),
    Index(None, "kind", "target_id"),
    Index(None, "reporter_subject_id"),
)
decisions = Table(
    "decisions",
    metadata,
    column("id", BigInteger, SENSITIVE, primary_key=True, autoincrement=False),
    column("kind", Text, SENSITIVE, nullable=False),
    column("target_id", BigInteger, SENSITIVE, nullable=False),
    column("action", Text, SENSITIVE, nullable=False),
    column("reason", Text, SENSITIVE, nullable=False),
    column("decided_by", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="SET NULL"), nullable=True),
    column("decided_at", DateTime(timezone=True), SENSITIVE, nullable=False),
    Index(None, "kind", "target_id"),
)


def add_report(connection: Connection, **values: Any) -> None:
    connection.execute(insert(reports).values(**values))


def add_decision(connection: Connection, **values: Any) -> None:
    connection.execute(insert(decisions).values(**values))


def settle(connection: Connection, kind: str, target: int, decision: int) -> int:
    """Close the open reports about a target; returns how many there were."""
    statement = (
        update(reports)
        .where(reports.c.kind == kind, reports.c.target_id == target, reports.c.decision_id.is_(None))
        .values(decision_id=decision)
    )
    return connection.execute(statement).rowcount


def grouped_reports(connection: Connection, state: str, limit: int) -> list[Any]:
    """Reports grouped by what they are about, the most reported first; `latest` is the newest report's id."""
    r = reports.c
    statement = (
        select(
            r.kind,
            r.target_id,
            func.count().label("count"),
            func.max(r.id).label("latest"),
            func.max(r.created_at).label("created_at"),
            func.array_agg(aggregate_order_by(r.reason, r.id.desc())).label("reasons"),
            func.max(r.decision_id).label("decision_id"),
        )
        .where(r.decision_id.is_(None) if state == "open" else r.decision_id.is_not(None))
        .group_by(r.kind, r.target_id)
        .order_by(func.count().desc(), func.max(r.id).desc())
        .limit(limit)
    )
    return list(connection.execute(statement))


def notes_of(connection: Connection, kind: str, target: int) -> list[Any]:
    statement = select(reports.c.reporter_subject_id, reports.c.note_sealed).where(
        reports.c.kind == kind, reports.c.target_id == target, reports.c.note_sealed.is_not(None)
    )
    return list(connection.execute(statement.order_by(reports.c.id.desc())))


def decision(connection: Connection, id_: int) -> Any:
    return connection.execute(select(decisions).where(decisions.c.id == id_)).first()


def forget_reporter(connection: Connection, subject: Any) -> None:
    """A report stays, who made it and what they wrote goes."""
    nobody = "00000000-0000-0000-0000-000000000000"
    connection.execute(
        update(reports)
        .where(reports.c.reporter_subject_id == subject)
        .values(reporter_subject_id=nobody, note_sealed=None)
    )


def reported_column() -> Any:
    """Everything that one person reported as a column `reported`, JSON of [kind, id]; parameter `subject`."""
    c = reports.c
    own = c.reporter_subject_id == bindparam("subject", type_=Uuid)
    found = select(func.json_agg(func.json_build_array(c.kind, c.target_id))).where(own)
    return found.scalar_subquery().label("reported")


def count_open(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).where(reports.c.decision_id.is_(None))).scalar_one())
