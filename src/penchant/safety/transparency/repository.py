"""Counts about decisions, appeals and reports for the public report."""

from datetime import datetime
from typing import Any

from sqlalchemy import Float, func, select

from penchant.core.database import Connection
from penchant.safety.casework.repository import appeals
from penchant.safety.model import RESTRICTIONS
from penchant.safety.repository import cases, decisions, reports


def count_restrictions(connection: Connection, since: datetime) -> list[Any]:
    """Restrictions by action, category, source and whether a rule acted alone; and how many were reversed."""
    c = decisions.c
    by = (c.action, c.category, c.source, c.automated)
    statement = select(*by, func.count().label("count"), func.count(c.reversed_by).label("reversed"))
    own = (c.action.in_(RESTRICTIONS), c.decided_at >= since)
    return list(connection.execute(statement.where(*own).group_by(*by)))


def count_appeals(connection: Connection, since: datetime) -> list[Any]:
    """Appeals by side and outcome; no outcome: it waits."""
    by = (appeals.c.side, appeals.c.outcome)
    statement = select(*by, func.count().label("count")).where(appeals.c.made_at >= since)
    return list(connection.execute(statement.group_by(*by)))


def count_reports(connection: Connection, since: datetime) -> list[Any]:
    """Reports by reason and whether a trusted flagger made them."""
    by = (reports.c.reason, reports.c.trusted)
    statement = select(*by, func.count().label("count")).where(reports.c.created_at >= since)
    return list(connection.execute(statement.group_by(*by)))


def hours_to_decision(connection: Connection, since: datetime) -> tuple[int, float | None]:
    """How many cases people decided, and the median of hours from opening to decision."""
    took = _hours(decisions.c.decided_at - cases.c.opened_at)
    statement = (
        select(func.count(), func.percentile_cont(0.5).within_group(took))
        .select_from(cases.join(decisions, decisions.c.id == cases.c.decision_id))
        .where(decisions.c.decided_at >= since, decisions.c.decided_by.is_not(None))
    )
    row = connection.execute(statement).one()
    return int(row[0]), row[1]


def hours_to_answer(connection: Connection, since: datetime) -> tuple[int, float | None]:
    """How many appeals were answered, and the median of hours that it took."""
    took = _hours(appeals.c.decided_at - appeals.c.made_at)
    own = (appeals.c.made_at >= since, appeals.c.decided_at.is_not(None))
    row = connection.execute(select(func.count(), func.percentile_cont(0.5).within_group(took)).where(*own)).one()
    return int(row[0]), row[1]


def _hours(interval: Any) -> Any:
    return func.extract("epoch", interval).cast(Float) / 3600
