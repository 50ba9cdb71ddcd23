"""The work of moderators: the queue, one case, decisions."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_201_CREATED, HTTP_204_NO_CONTENT

from penchant.core.errors import Conflict, Forbidden, NotFound, PenchantError, RateLimited, SignInNeeded
from penchant.core.ids import format_id, parse_id
from penchant.safety.casework.model import Outcome, Ruling
from penchant.safety.model import Action
from penchant.web.auth import moderator
from penchant.web.cases_view import CaseOut, EntryOut, case_out, entry_out
from penchant.web.dependencies import Asking, Cell
from penchant.web.documentation import refusals
from penchant.web.threads import in_thread

_MODERATING = (SignInNeeded, Forbidden, NotFound, Conflict, RateLimited)


class NewRuling(msgspec.Struct, forbid_unknown_fields=True):
    action: Action
    reason: str
    rule: str | None = None
    hours: int | None = None
    propose: bool = False
    """Ask a second person instead of deciding."""

    def ruling(self) -> Ruling:
        """As the queue takes it."""
        return Ruling(self.action, self.reason, self.rule, self.hours, self.propose)


class NewRulings(NewRuling, forbid_unknown_fields=True, kw_only=True):
    cases: Annotated[list[str], msgspec.Meta(min_length=1, max_length=50)]


class RestOut(msgspec.Struct, frozen=True):
    seen_today: int
    per_day: int
    until: datetime | None


class QueueOut(msgspec.Struct, frozen=True):
    cases: list[EntryOut]
    rest: RestOut


class OutcomeOut(msgspec.Struct, frozen=True):
    case: str
    stage: str | None
    decision: str | None
    error: str | None
    """Why it was refused, as a code."""


class OutcomesOut(msgspec.Struct, frozen=True):
    outcomes: list[OutcomeOut]


@get("/api/admin/queue", tags=["admin"], responses=refusals(SignInNeeded, Forbidden))
@in_thread
def show_queue(penchant: Cell, viewer: Asking) -> QueueOut:
    """What waits for this moderator, by harm, reach and confidence; nothing hard while it is time to rest."""
    waiting = penchant.desk.queue.waiting(moderator(viewer))
    with penchant.engine.connect() as connection:
        cases = [entry_out(connection, entry) for entry in waiting.entries]
    rest = waiting.rest
    return QueueOut(cases, RestOut(rest.seen_today, rest.per_day, rest.until))


@get("/api/admin/cases/{case:str}", tags=["admin"], responses=refusals(*_MODERATING))
@in_thread
def show_case(penchant: Cell, viewer: Asking, case: FromPath[str]) -> CaseOut:
    """Everything that helps to decide a case. 404 where it does not wait, 403 where it is about oneself."""
    return case_out(penchant, penchant.desk.queue.look(moderator(viewer), parse_id(case)))


@put("/api/admin/cases/{case:str}/claim", tags=["admin"], responses=refusals(*_MODERATING))
@in_thread
def claim_case(penchant: Cell, viewer: Asking, case: FromPath[str]) -> CaseOut:
    """Take a case for 15 minutes. 409 `claimed`, 429 `rest`."""
    return case_out(penchant, penchant.desk.queue.claim(moderator(viewer), parse_id(case)))


@delete(
    "/api/admin/cases/{case:str}/claim",
    status_code=HTTP_204_NO_CONTENT,
    tags=["admin"],
    responses=refusals(SignInNeeded, Forbidden, NotFound),
)
@in_thread
def release_case(penchant: Cell, viewer: Asking, case: FromPath[str]) -> None:
    """Let others take a claimed case; skipping it."""
    penchant.desk.queue.release(moderator(viewer), parse_id(case))


@post(
    "/api/admin/cases/{case:str}/decision",
    status_code=HTTP_201_CREATED,
    tags=["admin"],
    responses=refusals(*_MODERATING),
)
@in_thread
def decide_case(penchant: Cell, viewer: Asking, case: FromPath[str], data: JSONBody[NewRuling]) -> OutcomeOut:
    """Decide, propose, answer a proposal or judge blindly: what the case waits for. 409 `second_opinion_needed`."""
    return _outcome_out(penchant.desk.queue.decide(moderator(viewer), parse_id(case), data.ruling()))


@post(
    "/api/admin/queue/decisions",
    status_code=HTTP_201_CREATED,
    tags=["admin"],
    responses=refusals(SignInNeeded, Forbidden, NotFound),
)
@in_thread
def decide_cases(penchant: Cell, viewer: Asking, data: JSONBody[NewRulings]) -> OutcomesOut:
    """The same for up to 50 cases, each a decision of its own; says of each what became of it."""
    by, outcomes = moderator(viewer), []
    decided = penchant.desk.queue.decide_many(by, [parse_id(case) for case in data.cases], data.ruling())
    for case, outcome in zip(data.cases, decided, strict=True):
        if isinstance(outcome, PenchantError):
            outcomes.append(OutcomeOut(case, None, None, outcome.code))
        else:
            outcomes.append(_outcome_out(outcome))
    return OutcomesOut(outcomes)


def _outcome_out(outcome: Outcome) -> OutcomeOut:
    decision = format_id(outcome.decision) if outcome.decision is not None else None
    return OutcomeOut(format_id(outcome.case), outcome.stage, decision, None)


ROUTES = [
    show_queue,
    show_case,
    claim_case,
    release_case,
    decide_case,
    decide_cases,
]
