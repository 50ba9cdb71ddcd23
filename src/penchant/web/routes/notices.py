"""What people are told of decisions that concern them or answer their reports, and how they appeal."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED

from penchant.accounts.limits import REPORT
from penchant.accounts.model import Account
from penchant.app import Penchant
from penchant.core.errors import Conflict, Forbidden, Gone, NotFound, RateLimited, SignInNeeded
from penchant.core.ids import format_id, parse_id
from penchant.safety.casework.notices import Answer, AppealState, CounterState, Notice
from penchant.safety.model import TargetKind
from penchant.web.auth import count_guess, signed_in
from penchant.web.cases_view import StandingOut, standing_out
from penchant.web.dependencies import Asking, Cell
from penchant.web.documentation import refusals
from penchant.web.schemas import CreatedOut
from penchant.web.threads import in_thread

Ask = Request[Any, Any, Any]

_APPEALING = (SignInNeeded, Forbidden, NotFound, Gone, Conflict, RateLimited)


class Words(msgspec.Struct, forbid_unknown_fields=True):
    words: str


class Door(msgspec.Struct, forbid_unknown_fields=True):
    """Of somebody who is suspended, and so cannot sign in."""

    handle: str
    password: str


class AppealAtDoor(Door, forbid_unknown_fields=True, kw_only=True):
    decision: str
    words: str


class LabelledOut(msgspec.Struct, frozen=True):
    label: str
    source: str


class ClaimOut(msgspec.Struct, frozen=True):
    name: str
    work: str


class AppealOut(msgspec.Struct, frozen=True):
    made_at: datetime
    outcome: str | None
    answer: str | None
    decided_at: datetime | None


class CounterStateOut(msgspec.Struct, frozen=True):
    made_at: datetime
    restore_at: datetime
    settled: bool
    kept_reason: str | None


class NoticeOut(msgspec.Struct, frozen=True):
    decision: str
    kind: TargetKind
    target: str
    title: str
    action: str
    reach: int | None
    words: dict[str, str]
    """What the rule says, by language."""
    reason: str
    basis: str | None
    illegal: bool
    automated: bool
    labels: list[LabelledOut]
    reported_for: list[str]
    claims: list[ClaimOut]
    decided_at: datetime
    ends_at: datetime | None
    reversed: bool
    appeal_until: datetime | None
    appeal: AppealOut | None
    counter_notice: CounterStateOut | None
    may_counter: bool
    strike: int


class NoticesOut(msgspec.Struct, frozen=True):
    decisions: list[NoticeOut]
    standing: StandingOut
    dispute_body: str
    """Where a dispute can be taken out of court; empty where none is named."""


class AnsweredOut(msgspec.Struct, frozen=True):
    report: str
    kind: TargetKind
    target: str
    reason: str
    made_at: datetime
    decision: str | None
    action: str | None
    decided_at: datetime | None
    reversed: bool
    appeal_until: datetime | None
    appeal: AppealOut | None


class AnsweredListOut(msgspec.Struct, frozen=True):
    reports: list[AnsweredOut]
    dispute_body: str


class RestoreOut(msgspec.Struct, frozen=True):
    restore_at: datetime


@get("/api/me/decisions", tags=["safety"], responses=refusals(SignInNeeded, Forbidden))
@in_thread
def show_notices(penchant: Cell, viewer: Asking) -> NoticesOut:
    """Every decision that takes something from this account, why, how to appeal; and how the account stands."""
    return _notices_out(penchant, signed_in(viewer))


@get("/api/me/reports", tags=["safety"], responses=refusals(SignInNeeded, Forbidden))
@in_thread
def show_answers(penchant: Cell, viewer: Asking) -> AnsweredListOut:
    """What became of what this account reported."""
    answers = penchant.desk.notices.answers(signed_in(viewer))
    return AnsweredListOut([_answer_out(one) for one in answers], penchant.settings.dispute_body)


@post(
    "/api/decisions/{decision:str}/appeal",
    status_code=HTTP_201_CREATED,
    tags=["safety"],
    responses=refusals(*_APPEALING),
)
@in_thread
def appeal(penchant: Cell, viewer: Asking, decision: FromPath[str], data: JSONBody[Words]) -> CreatedOut:
    """Appeal against a decision that concerns you, or that answers your report. 410 `too_late`."""
    by = signed_in(viewer)
    penchant.limits.spend(REPORT, str(by.subject))
    return CreatedOut(format_id(penchant.desk.appeals.make(by, parse_id(decision), data.words)))


@post(
    "/api/decisions/{decision:str}/counter-notice",
    status_code=HTTP_201_CREATED,
    tags=["safety"],
    responses=refusals(*_APPEALING),
)
@in_thread
def counter(penchant: Cell, viewer: Asking, decision: FromPath[str], data: JSONBody[Words]) -> RestoreOut:
    """Contradict a removal for copyright: the video comes back at `restore_at` unless a moderator says otherwise."""
    by = signed_in(viewer)
    penchant.limits.spend(REPORT, str(by.subject))
    return RestoreOut(penchant.desk.counter_notices.send(by, parse_id(decision), data.words))


@post("/api/suspension", status_code=HTTP_200_OK, tags=["safety"], responses=refusals(SignInNeeded, RateLimited))
@in_thread
def show_suspension(penchant: Cell, request: Ask, data: JSONBody[Door]) -> NoticesOut:
    """`GET /api/me/decisions` for whoever is suspended and cannot sign in, by handle and password."""
    return _notices_out(penchant, _at_the_door(penchant, request, data))


@post(
    "/api/suspension/appeal",
    status_code=HTTP_201_CREATED,
    tags=["safety"],
    responses=refusals(SignInNeeded, NotFound, Gone, Conflict, RateLimited),
)
@in_thread
def appeal_suspension(penchant: Cell, request: Ask, data: JSONBody[AppealAtDoor]) -> CreatedOut:
    """Appeal, for whoever is suspended."""
    by = _at_the_door(penchant, request, data)
    return CreatedOut(format_id(penchant.desk.appeals.make(by, parse_id(data.decision), data.words)))


def _at_the_door(penchant: Penchant, request: Ask, data: Door) -> Account:
    """Counted with attempts to sign in: it tells as much about a password."""
    count_guess(penchant, request, data.handle)
    return penchant.accounts.recognise(data.handle, data.password)


def _notices_out(penchant: Penchant, account: Account) -> NoticesOut:
    notices, standing = penchant.desk.notices.about(account)
    return NoticesOut([_notice_out(one) for one in notices], standing_out(standing), penchant.settings.dispute_body)


def _notice_out(notice: Notice) -> NoticeOut:
    told: dict[str, Any] = {
        name: getattr(notice, name)
        for name in (
            *("kind", "action", "reach", "reason", "basis", "illegal", "automated", "decided_at", "ends_at"),
            *("reversed", "appeal_until", "may_counter", "strike"),
        )
    }
    return NoticeOut(
        decision=format_id(notice.decision),
        target=format_id(notice.target),
        title=notice.words_of_target,
        words=dict(notice.words),
        labels=[LabelledOut(label, source) for label, source in notice.labels],
        reported_for=list(notice.reported_for),
        claims=[ClaimOut(name, work) for name, work in notice.claims],
        appeal=_appeal_out(notice.appeal),
        counter_notice=_counter_out(notice.counter),
        **told,
    )


def _answer_out(answer: Answer) -> AnsweredOut:
    return AnsweredOut(
        report=format_id(answer.report),
        kind=answer.kind,
        target=format_id(answer.target),
        reason=answer.reason,
        made_at=answer.made_at,
        decision=format_id(answer.decision) if answer.decision is not None else None,
        action=answer.action,
        decided_at=answer.decided_at,
        reversed=answer.reversed,
        appeal_until=answer.appeal_until,
        appeal=_appeal_out(answer.appeal),
    )


def _appeal_out(appeal: AppealState | None) -> AppealOut | None:
    if appeal is None:
        return None
    return AppealOut(appeal.made_at, appeal.outcome, appeal.answer, appeal.decided_at)


def _counter_out(counter: CounterState | None) -> CounterStateOut | None:
    if counter is None:
        return None
    return CounterStateOut(counter.made_at, counter.restore_at, counter.settled, counter.kept_reason)


ROUTES = [show_notices, show_answers, appeal, counter, show_suspension, appeal_suspension]
