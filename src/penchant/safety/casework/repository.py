"""The tables of judgements, appeals, trusted flaggers and copyright, and the SQL about them and about cases."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from penchant.accounts.repository import accounts
from penchant.catalog.repository import videos
from penchant.core.database import PERSONAL, SENSITIVE, Connection, column, metadata
from penchant.core.holdings import THE_ACCOUNT, AsLongAs, holding
from penchant.core.ids import AccountId, SubjectId
from penchant.safety.repository import cases, decisions, reports

_MOMENT = DateTime(timezone=True)

judgements = Table(
    "judgements",
    metadata,
    column("id", BigInteger, SENSITIVE, primary_key=True, autoincrement=False),
    column("case_id", BigInteger, SENSITIVE, ForeignKey("cases.id", ondelete="CASCADE"), nullable=False),
    column("moderator_id", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="SET NULL"), nullable=True),
    column("stage", Text, SENSITIVE, nullable=False),
    column("action", Text, SENSITIVE, nullable=False),
    column("rule", Text, SENSITIVE, nullable=True),
    column("hours", Integer, SENSITIVE, nullable=True),
    column("reason", Text, SENSITIVE, nullable=False),
    column("harm", SmallInteger, SENSITIVE, nullable=False),
    column("made_at", _MOMENT, SENSITIVE, nullable=False),
    column("hold_id", BigInteger, SENSITIVE, ForeignKey("decisions.id"), nullable=True),
    CheckConstraint("stage IN ('decided', 'proposed', 'confirmed', 'overturned', 'blind')", name="stage"),
    Index(None, "case_id"),
    Index(None, "moderator_id", "made_at"),
    info=holding("how moderators judged, and whether they agree", AsLongAs("the case"), moderator_id="account"),
)
"""Every time that a moderator judged a case. `decided` and `blind` ones did not know of each other."""
appeals = Table(
    "appeals",
    metadata,
    column("id", BigInteger, SENSITIVE, primary_key=True, autoincrement=False),
    column("decision_id", BigInteger, SENSITIVE, ForeignKey("decisions.id"), nullable=False),
    column("account_id", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    column("side", Text, SENSITIVE, nullable=False),
    column("words_sealed", LargeBinary, SENSITIVE, nullable=False),
    column("made_at", _MOMENT, SENSITIVE, nullable=False),
    column("outcome", Text, SENSITIVE, nullable=True),
    column("answer", Text, SENSITIVE, nullable=True),
    column("decided_by", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="SET NULL"), nullable=True),
    column("decided_at", _MOMENT, SENSITIVE, nullable=True),
    CheckConstraint("side IN ('affected', 'reporter')", name="side"),
    CheckConstraint("outcome IN ('upheld', 'reversed')", name="outcome"),
    Index(None, "decision_id", "account_id", unique=True),
    info=holding(
        "what people say against decisions, and the answer", THE_ACCOUNT, account_id="account", decided_by="account"
    ),
)
trusted_flaggers = Table(
    "trusted_flaggers",
    metadata,
    column(
        "account_id",
        BigInteger,
        PERSONAL,
        ForeignKey("accounts.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    column("area", Text, PERSONAL, nullable=False),
    column("named_at", _MOMENT, PERSONAL, nullable=False),
    info=holding("whose reports come first", THE_ACCOUNT, account_id="account"),
)
copyright_claims = Table(
    "copyright_claims",
    metadata,
    column(
        "report_id",
        BigInteger,
        SENSITIVE,
        ForeignKey("reports.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    column("claim_sealed", LargeBinary, SENSITIVE, nullable=False),
    info=holding("whose work somebody says that it is", AsLongAs("the report"), report_id="report"),
)
"""Sealed under the reporter's key: name, contact, work."""
counter_notices = Table(
    "counter_notices",
    metadata,
    column("decision_id", BigInteger, SENSITIVE, ForeignKey("decisions.id"), primary_key=True, autoincrement=False),
    column("account_id", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    column("words_sealed", LargeBinary, SENSITIVE, nullable=False),
    column("made_at", _MOMENT, SENSITIVE, nullable=False),
    column("restore_at", _MOMENT, SENSITIVE, nullable=False),
    column("settled_at", _MOMENT, SENSITIVE, nullable=True),
    column("kept_by", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="SET NULL"), nullable=True),
    column("kept_reason", Text, SENSITIVE, nullable=True),
    Index("ix_counter_notices_due", "restore_at", postgresql_where=text("settled_at IS NULL")),
    info=holding("what creators answer to a claim", THE_ACCOUNT, account_id="account", kept_by="account"),
)


def waiting_cases(connection: Connection, limit: int) -> list[Any]:
    """Open cases, those of trusted flaggers and the most harmful first."""
    c = cases.c
    order = (c.trusted.desc(), (c.harm * c.confidence).desc(), c.id)
    return list(connection.execute(select(cases).where(c.decision_id.is_(None)).order_by(*order).limit(limit)))


def cases_for_double_look(connection: Connection, moderator: int, since: datetime, limit: int) -> list[Any]:
    """Decided cases that are to be judged once more by somebody who has not judged them yet."""
    c, seen = cases.c, judgements.c
    judged = exists().where(seen.case_id == c.id, seen.moderator_id == moderator)
    own = (c.double_look, c.opened_at > since, ~judged)
    return list(connection.execute(select(cases).where(*own).order_by(c.id).limit(limit)))


def case(connection: Connection, id_: int) -> Any:
    return connection.execute(select(cases).where(cases.c.id == id_)).first()


def lock_case(connection: Connection, id_: int) -> Any:
    return connection.execute(select(cases).where(cases.c.id == id_).with_for_update()).first()


def set_claim(connection: Connection, id_: int, by: int | None, until: datetime | None) -> None:
    connection.execute(update(cases).where(cases.c.id == id_).values(claimed_by=by, claimed_until=until))


def set_double_look(connection: Connection, id_: int, wanted: bool) -> None:
    connection.execute(update(cases).where(cases.c.id == id_).values(double_look=wanted))


def add_judgement(connection: Connection, **values: Any) -> None:
    connection.execute(insert(judgements).values(**values))


def judgements_of(connection: Connection, case: int) -> list[Any]:
    """What moderators said of a case, the first word first, with their handles."""
    statement = (
        select(judgements, accounts.c.handle)
        .select_from(judgements.outerjoin(accounts, accounts.c.id == judgements.c.moderator_id))
        .where(judgements.c.case_id == case)
    )
    return list(connection.execute(statement.order_by(judgements.c.id)))


def judges_of(connection: Connection, decision: int) -> frozenset[int]:
    """Who had a part in a decision: whoever made it, and whoever judged its case."""
    c = judgements.c
    of_case = select(c.moderator_id).join(cases, cases.c.id == c.case_id).where(cases.c.decision_id == decision)
    maker = select(decisions.c.decided_by).where(decisions.c.id == decision)
    return frozenset(row[0] for row in connection.execute(of_case.union(maker)) if row[0] is not None)


def hard_judgements(connection: Connection, moderator: int, harm: int, since: datetime) -> int:
    """How many cases of at least such harm somebody judged since a moment."""
    c = judgements.c
    own = (c.moderator_id == moderator, c.harm >= harm, c.made_at >= since)
    return int(connection.execute(select(func.count()).select_from(judgements).where(*own)).scalar_one())


def latest_judgements(connection: Connection, moderator: int, limit: int) -> list[Any]:
    """Harm and moment of what somebody judged last, the newest first."""
    c = judgements.c
    statement = select(c.harm, c.made_at).where(c.moderator_id == moderator).order_by(c.made_at.desc(), c.id.desc())
    return list(connection.execute(statement.limit(limit)))


def open_cases_of(connection: Connection, account: int, but: int) -> int:
    """How many other open cases are about an account or its videos."""
    c = cases.c
    own = select(videos.c.id).where(videos.c.creator_id == account)
    about = or_((c.kind == "account") & (c.target_id == account), (c.kind == "video") & c.target_id.in_(own))
    statement = select(func.count()).select_from(cases).where(c.decision_id.is_(None), c.id != but, about)
    return int(connection.execute(statement).scalar_one())


def decisions_on_account(connection: Connection, account: int, limit: int = 100) -> list[Any]:
    """Restrictions that concern an account, the newest first."""
    c = decisions.c
    statement = select(decisions).where(c.account_id == account, c.action.not_in(("restore", "unsuspend", "dismiss")))
    return list(connection.execute(statement.order_by(c.id.desc()).limit(limit)))


def removals_since(connection: Connection, account: int, since: datetime) -> list[Any]:
    """Removals of what an account made that nothing reversed, oldest first."""
    c = decisions.c
    own = (c.account_id == account, c.action == "remove", c.reversed_by.is_(None), c.decided_at > since)
    return list(connection.execute(select(decisions).where(*own).order_by(c.id)))


def reports_on(connection: Connection, kind: str, target: int, decision: int | None, limit: int) -> list[Any]:
    """The newest reports about a target that are open, or were settled by a decision."""
    c = reports.c
    settled = c.decision_id.is_(None) if decision is None else c.decision_id == decision
    own = (c.kind == kind, c.target_id == target, settled)
    return list(connection.execute(select(reports).where(*own).order_by(c.id.desc()).limit(limit)))


def reports_by(connection: Connection, subject: Any, limit: int = 100) -> list[Any]:
    """What somebody reported, the newest first, each with the decision that settled it."""
    statement = (
        select(
            reports.c.id,
            reports.c.kind,
            reports.c.target_id,
            reports.c.reason,
            reports.c.created_at,
            reports.c.decision_id,
            decisions.c.action,
            decisions.c.decided_at,
            decisions.c.reversed_by,
        )
        .select_from(reports.outerjoin(decisions, decisions.c.id == reports.c.decision_id))
        .where(reports.c.reporter_subject_id == subject)
    )
    return list(connection.execute(statement.order_by(reports.c.id.desc()).limit(limit)))


def reported_and_settled(connection: Connection, subject: Any, decision: int) -> bool:
    """Whether a decision settled a report of this person."""
    own = (reports.c.reporter_subject_id == subject, reports.c.decision_id == decision)
    return connection.execute(select(reports.c.id).where(*own).limit(1)).first() is not None


def add_appeal(connection: Connection, **values: Any) -> bool:
    """False where this account has appealed against this decision before."""
    statement = upsert(appeals).values(**values).on_conflict_do_nothing().returning(appeals.c.id)
    return connection.execute(statement).first() is not None


def lock_appeal(connection: Connection, id_: int) -> Any:
    return connection.execute(select(appeals).where(appeals.c.id == id_).with_for_update()).first()


def open_appeals(connection: Connection, limit: int) -> list[Any]:
    """Appeals that wait, the oldest first."""
    return list(
        connection.execute(select(appeals).where(appeals.c.outcome.is_(None)).order_by(appeals.c.id).limit(limit))
    )


def appeals_by(connection: Connection, account: int) -> dict[int, Any]:
    """An account's appeals by the decision that they are against."""
    rows = connection.execute(select(appeals).where(appeals.c.account_id == account))
    return {row.decision_id: row for row in rows}


def settle_appeal(connection: Connection, id_: int, **values: Any) -> None:
    connection.execute(update(appeals).where(appeals.c.id == id_).values(**values))


def put_flagger(connection: Connection, account: int, area: str, now: datetime) -> None:
    statement = upsert(trusted_flaggers).values(account_id=account, area=area, named_at=now)
    connection.execute(statement.on_conflict_do_update(index_elements=["account_id"], set_={"area": area}))


def remove_flagger(connection: Connection, account: int) -> bool:
    statement = delete(trusted_flaggers).where(trusted_flaggers.c.account_id == account)
    return connection.execute(statement).rowcount == 1


def is_flagger(connection: Connection, account: int) -> bool:
    own = trusted_flaggers.c.account_id == account
    return connection.execute(select(trusted_flaggers.c.area).where(own)).first() is not None


def flaggers(connection: Connection) -> list[Any]:
    """Trusted flaggers with their handles, by name."""
    statement = select(accounts.c.handle, trusted_flaggers.c.area, trusted_flaggers.c.named_at).join(
        accounts, accounts.c.id == trusted_flaggers.c.account_id
    )
    return list(connection.execute(statement.order_by(accounts.c.handle)))


def add_claim(connection: Connection, report: int, sealed: bytes) -> None:
    connection.execute(insert(copyright_claims).values(report_id=report, claim_sealed=sealed))


def claims_about(connection: Connection, kind: str, target: int, decision: int | None = None) -> list[Any]:
    """Copyright claims about a target that are open, or that a decision settled, with whose key seals them."""
    c = reports.c
    settled = c.decision_id.is_(None) if decision is None else c.decision_id == decision
    statement = (
        select(copyright_claims.c.claim_sealed, c.reporter_subject_id)
        .join(reports, c.id == copyright_claims.c.report_id)
        .where(c.kind == kind, c.target_id == target, settled)
    )
    return list(connection.execute(statement.order_by(c.id)))


def forget_claims(connection: Connection, subject: Any) -> None:
    """What somebody claimed goes with them."""
    own = select(reports.c.id).where(reports.c.reporter_subject_id == subject)
    connection.execute(delete(copyright_claims).where(copyright_claims.c.report_id.in_(own)))


def add_counter_notice(connection: Connection, **values: Any) -> bool:
    """False where there is one already."""
    statement = upsert(counter_notices).values(**values).on_conflict_do_nothing()
    return connection.execute(statement.returning(counter_notices.c.decision_id)).first() is not None


def lock_counter_notice(connection: Connection, decision: int) -> Any:
    own = counter_notices.c.decision_id == decision
    return connection.execute(select(counter_notices).where(own).with_for_update()).first()


def open_counter_notices(connection: Connection, due: datetime | None = None) -> list[Any]:
    """Counter-notices that wait, the first to be restored first; only those whose time is over, where asked."""
    c = counter_notices.c
    statement = select(counter_notices).where(c.settled_at.is_(None)).order_by(c.restore_at)
    return list(connection.execute(statement if due is None else statement.where(c.restore_at <= due)))


def counter_notices_by(connection: Connection, account: int) -> dict[int, Any]:
    """An account's counter-notices by the decision that they are against."""
    rows = connection.execute(select(counter_notices).where(counter_notices.c.account_id == account))
    return {row.decision_id: row for row in rows}


def settle_counter_notice(connection: Connection, decision: int, **values: Any) -> None:
    connection.execute(update(counter_notices).where(counter_notices.c.decision_id == decision).values(**values))


def judged_twice(connection: Connection, since: datetime) -> dict[int, Sequence[str]]:
    """By case: the actions that people chose without knowing of each other, where there are two or more."""
    c = judgements.c
    statement = (
        select(c.case_id, func.array_agg(c.action).label("actions"))
        .where(c.stage.in_(("decided", "blind")), c.made_at >= since)
        .group_by(c.case_id)
        .having(func.count() > 1)
    )
    return {row.case_id: row.actions for row in connection.execute(statement)}


def decision_on(connection: Connection, id_: int, account: int) -> Any:
    """A decision that concerns an account; None where it does not."""
    own = (decisions.c.id == id_, decisions.c.account_id == account)
    return connection.execute(select(decisions).where(*own)).first()


def subject_of(connection: Connection, account: AccountId) -> SubjectId:
    """Under whose key an account's words are sealed."""
    found = select(accounts.c.subject_id).where(accounts.c.id == account)
    return SubjectId(connection.execute(found).scalar_one())
