"""The tables of reports and decisions and the SQL about them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    bindparam,
    func,
    insert,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.engine import RowMapping

from penchant.accounts.repository import accounts
from penchant.core.database import KEY, OPERATIONAL, PERSONAL, PUBLIC, SENSITIVE, Connection, column, metadata
from penchant.core.holdings import After, AsLongAs, ForGood, holding
from penchant.safety.model import RESTRICTIONS, Label, Reason, TargetKind

_THE_TARGET = AsLongAs("what it is about")

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
    column("weight", SmallInteger, SENSITIVE, nullable=False, server_default=text("0")),
    column("trusted", Boolean, SENSITIVE, nullable=False, server_default=text("false")),
    Index(None, "kind", "target_id"),
    Index(None, "reporter_subject_id"),
    info=holding(
        "what people found wrong",
        After("report_days", "decision_id", "the decision", otherwise="as long as it is open"),
        reporter_subject_id="subject",
    ),
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
    column("rule", Text, SENSITIVE, nullable=True),
    column("policy", Text, SENSITIVE, ForeignKey("policies.version"), nullable=True),
    column("automated", Boolean, SENSITIVE, nullable=False, server_default=text("false")),
    column("evidence", JSONB, SENSITIVE, nullable=False, server_default=text("'[]'")),
    column("reach", SmallInteger, SENSITIVE, nullable=True),
    column("ends_at", DateTime(timezone=True), SENSITIVE, nullable=True),
    column("reversed_by", BigInteger, SENSITIVE, ForeignKey("decisions.id"), nullable=True),
    column("ground", Text, SENSITIVE, nullable=True),
    column("basis", Text, SENSITIVE, nullable=True),
    column("category", Text, SENSITIVE, nullable=True),
    # Whom it concerns; what a statement of reasons says of the content, kept for when that is gone.
    column("account_id", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="SET NULL"), nullable=True),
    column("harm", SmallInteger, SENSITIVE, nullable=True),
    column("source", Text, SENSITIVE, nullable=True),
    column("content_date", Date, SENSITIVE, nullable=True),
    column("content_language", Text, SENSITIVE, nullable=True),
    column("entry", BigInteger, OPERATIONAL, nullable=True),
    column("salt", LargeBinary, KEY, nullable=True),
    Index(None, "kind", "target_id"),
    Index(None, "account_id"),
    Index("ix_decisions_ending", "ends_at", postgresql_where=text("ends_at IS NOT NULL AND reversed_by IS NULL")),
    info=holding("what moderators decided, and why", ForGood("whom it concerns may ask"), decided_by="account"),
)
"""Nothing in it is ever changed but `reversed_by`. A restriction stands while nothing reversed it and it has not
ended. `entry` and `salt`: its leaf in the ledger, and what opens that."""
policies = Table(
    "policies",
    metadata,
    column("version", Text, PUBLIC, primary_key=True),
    column("body", Text, PUBLIC, nullable=False),
    column("first_used_at", DateTime(timezone=True), PUBLIC, nullable=False),
    info=holding("the text that each decision was made under", ForGood("about nobody")),
)
"""Every version that was ever in force, so that each decision can be explained by the text it was made under."""
labels = Table(
    "labels",
    metadata,
    column("id", BigInteger, SENSITIVE, primary_key=True, autoincrement=False),
    column("kind", Text, SENSITIVE, nullable=False),
    column("target_id", BigInteger, SENSITIVE, nullable=False),
    column("label", Text, SENSITIVE, nullable=False),
    column("source", Text, SENSITIVE, nullable=False),
    column("confidence", SmallInteger, SENSITIVE, nullable=False),
    column("evidence", JSONB, SENSITIVE, nullable=False),
    column("made_at", DateTime(timezone=True), SENSITIVE, nullable=False),
    CheckConstraint("confidence BETWEEN 0 AND 1000", name="confidence"),
    Index(None, "kind", "target_id", "label", "source", unique=True),
    info=holding("what detectors and moderators say of videos, comments and accounts", _THE_TARGET),
)
"""What is said of a target: one row for each label and source, the newest word of that source."""
cases = Table(
    "cases",
    metadata,
    column("id", BigInteger, SENSITIVE, primary_key=True, autoincrement=False),
    column("kind", Text, SENSITIVE, nullable=False),
    column("target_id", BigInteger, SENSITIVE, nullable=False),
    column("harm", SmallInteger, SENSITIVE, nullable=False),
    column("confidence", SmallInteger, SENSITIVE, nullable=False),
    column("opened_at", DateTime(timezone=True), SENSITIVE, nullable=False),
    column("decision_id", BigInteger, SENSITIVE, ForeignKey("decisions.id"), nullable=True),
    column("trusted", Boolean, SENSITIVE, nullable=False, server_default=text("false")),
    column("claimed_by", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="SET NULL"), nullable=True),
    column("claimed_until", DateTime(timezone=True), SENSITIVE, nullable=True),
    column("double_look", Boolean, SENSITIVE, nullable=False, server_default=text("false")),
    Index(None, "decision_id"),
    Index("ix_cases_double_look", "id", postgresql_where=text("double_look")),
    Index("ix_cases_open", "kind", "target_id", unique=True, postgresql_where=text("decision_id IS NULL")),
    info=holding("what waits for a moderator", _THE_TARGET, claimed_by="account"),
)
"""What waits for a person: at most one open case for each target."""

_BY = select(accounts.c.handle).where(accounts.c.id == decisions.c.decided_by).scalar_subquery().label("by")
_DECIDED = select(decisions, _BY)
"""Decisions with `by`, the handle of who decided."""


def add_report(connection: Connection, **values: Any) -> None:
    connection.execute(insert(reports).values(**values))


def add_decision(connection: Connection, **values: Any) -> None:
    connection.execute(insert(decisions).values(**values))


def decisions_told(connection: Connection) -> Iterator[RowMapping]:
    """Decisions that have a leaf in the ledger."""
    statement = select(decisions).where(decisions.c.entry.is_not(None))
    yield from connection.execute(statement, execution_options={"yield_per": 500}).mappings()


def settle(connection: Connection, kind: str, target: int, decision: int) -> int:
    """Close what is open about a target: reports and the case; returns how many reports there were."""
    own = (cases.c.kind == kind, cases.c.target_id == target, cases.c.decision_id.is_(None))
    connection.execute(update(cases).where(*own).values(decision_id=decision))
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


def open_weights(connection: Connection, kind: str, target: int) -> list[int]:
    """What the word of each who reported a target weighs, in thousandths: whoever reports twice counts once."""
    own = (reports.c.kind == kind, reports.c.target_id == target, reports.c.decision_id.is_(None))
    statement = select(func.max(reports.c.weight)).where(*own).group_by(reports.c.reporter_subject_id)
    return [int(weight) for (weight,) in connection.execute(statement)]


def open_harm(connection: Connection, kind: str, target: int) -> tuple[int, bool] | None:
    """Harm of the open case about a target, and whether a trusted flagger brought it; None where none is open."""
    own = (cases.c.kind == kind, cases.c.target_id == target, cases.c.decision_id.is_(None))
    row = connection.execute(select(cases.c.harm, cases.c.trusted).where(*own)).first()
    return (row.harm, row.trusted) if row is not None else None


def outcomes_of_reporter(connection: Connection, subject: Any) -> tuple[int, int]:
    """Of the decided reports of one person: how many led to a restriction that stands, and how many to nothing."""
    right = decisions.c.action.in_(RESTRICTIONS) & decisions.c.reversed_by.is_(None)
    statement = (
        select(func.count().filter(right), func.count().filter(~right))
        .select_from(reports.join(decisions, decisions.c.id == reports.c.decision_id))
        .where(reports.c.reporter_subject_id == subject)
    )
    row = connection.execute(statement).one()
    return int(row[0]), int(row[1])


def open_reasons(connection: Connection, kind: str, target: int) -> list[tuple[Reason, int]]:
    """What open reports about a target say, the most frequent first, with how often."""
    return reasons_of(connection, kind, target, None)


def reasons_of(connection: Connection, kind: str, target: int, decision: int | None) -> list[tuple[Reason, int]]:
    """What the reports say that a decision settled, or that are open."""
    settled = reports.c.decision_id.is_(None) if decision is None else reports.c.decision_id == decision
    own = (reports.c.kind == kind, reports.c.target_id == target, settled)
    statement = select(reports.c.reason, func.count()).where(*own).group_by(reports.c.reason)
    rows = connection.execute(statement.order_by(func.count().desc(), reports.c.reason))
    return [(reason, count) for reason, count in rows]


def notes_of(connection: Connection, kind: str, target: int) -> list[Any]:
    statement = select(reports.c.reporter_subject_id, reports.c.note_sealed).where(
        reports.c.kind == kind, reports.c.target_id == target, reports.c.note_sealed.is_not(None)
    )
    return list(connection.execute(statement.order_by(reports.c.id.desc())))


def decision(connection: Connection, id_: int) -> Any:
    """One decision, with `by`."""
    return connection.execute(_DECIDED.where(decisions.c.id == id_)).first()


def decisions_about(connection: Connection, kind: str, target: int) -> list[Any]:
    """Every decision about a target with `by`, oldest first."""
    own = (decisions.c.kind == kind, decisions.c.target_id == target)
    return list(connection.execute(_DECIDED.where(*own).order_by(decisions.c.id)))


def standing(connection: Connection, kind: str, target: int, now: datetime) -> list[Any]:
    """The restrictions on a target that nothing reversed and that have not ended, with `by`, oldest first."""
    c = decisions.c
    own = (c.kind == kind, c.target_id == target, c.action.in_(RESTRICTIONS), c.reversed_by.is_(None))
    return list(connection.execute(_DECIDED.where(*own, or_(c.ends_at.is_(None), c.ends_at > now)).order_by(c.id)))


def ended(connection: Connection, now: datetime, limit: int) -> list[Any]:
    """Restrictions that ended by their own time and were not taken back yet."""
    c = decisions.c
    statement = select(decisions).where(c.ends_at <= now, c.reversed_by.is_(None)).order_by(c.ends_at, c.id)
    return list(connection.execute(statement.limit(limit)))


def mark_reversed(connection: Connection, ids: Sequence[int], by: int) -> None:
    connection.execute(update(decisions).where(decisions.c.id.in_(ids)).values(reversed_by=by))


def note_policy(connection: Connection, version: str, body: str, now: datetime) -> None:
    """Keep a version of the policy; a known one stays as it is."""
    statement = upsert(policies).values(version=version, body=body, first_used_at=now)
    connection.execute(statement.on_conflict_do_nothing())


def policy_text(connection: Connection, version: str) -> str | None:
    return connection.execute(select(policies.c.body).where(policies.c.version == version)).scalar_one_or_none()


def put_label(connection: Connection, **values: Any) -> None:
    """Keep a label; what the same source said of the same target under that name before is replaced."""
    newest = {name: values[name] for name in ("id", "confidence", "evidence", "made_at")}
    statement = upsert(labels).values(**values)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["kind", "target_id", "label", "source"], set_=newest)
    )


def drop_labels(connection: Connection, kind: str, target: int, source: str, keep: Sequence[str] = ()) -> None:
    """Forget what a source said of a target, but for some labels."""
    c = labels.c
    connection.execute(
        labels.delete().where(c.kind == kind, c.target_id == target, c.source == source, c.label.not_in(keep))
    )


def labels_of(connection: Connection, kind: str, target: int) -> list[Label]:
    c = labels.c
    statement = select(c.id, c.label, c.source, c.confidence, c.evidence, c.made_at)
    rows = connection.execute(statement.where(c.kind == kind, c.target_id == target).order_by(c.id))
    return [Label(*row) for row in rows]


def labelled(connection: Connection, after: tuple[str, int] | None, limit: int) -> list[tuple[TargetKind, int]]:
    """Targets that have labels, by kind and id, from behind one on."""
    c = labels.c
    statement = select(c.kind, c.target_id).distinct().order_by(c.kind, c.target_id).limit(limit)
    if after is not None:
        statement = statement.where(tuple_(c.kind, c.target_id) > tuple_(*after))
    return [(row.kind, row.target_id) for row in connection.execute(statement)]


def count_labelled(connection: Connection) -> int:
    distinct = select(labels.c.kind, labels.c.target_id).distinct().subquery()
    return int(connection.execute(select(func.count()).select_from(distinct)).scalar_one())


def open_case(
    connection: Connection,
    id_: int,
    kind: str,
    target: int,
    harm: int,
    confidence: int,
    now: datetime,
    *,
    trusted: bool = False,
) -> None:
    """Let a target wait for a person; one that waits already keeps the higher harm and confidence."""
    values = {"id": id_, "kind": kind, "target_id": target, "harm": harm, "confidence": confidence, "opened_at": now}
    statement = upsert(cases).values(trusted=trusted, **values)
    higher = {
        "harm": func.greatest(cases.c.harm, statement.excluded.harm),
        "confidence": func.greatest(cases.c.confidence, statement.excluded.confidence),
        "trusted": or_(cases.c.trusted, statement.excluded.trusted),
    }
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["kind", "target_id"], index_where=text("decision_id IS NULL"), set_=higher
        )
    )


def lock_target(connection: Connection, kind: str, target: int) -> None:
    """What is known and decided of one target changes in one transaction at a time."""
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"safety {kind} {target}"))))


def forget_targets(connection: Connection, kind: TargetKind, targets: Sequence[int]) -> None:
    """What is said of things that are gone, and what waits because of it; decisions about them stay."""
    for table in (labels, cases):
        connection.execute(table.delete().where(table.c.kind == kind, table.c.target_id.in_(targets)))


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


def restrictions_since(connection: Connection, since: datetime, after: int, limit: int) -> list[Any]:
    """Restrictions decided since a moment, by id, from behind one on."""
    c = decisions.c
    own = (c.action.in_(RESTRICTIONS), c.decided_at >= since, c.id > after)
    return list(connection.execute(select(decisions).where(*own).order_by(c.id).limit(limit)))


def policy_texts(connection: Connection) -> dict[str, str]:
    """Every policy that was ever in force, by version."""
    return {row.version: row.body for row in connection.execute(select(policies.c.version, policies.c.body))}
