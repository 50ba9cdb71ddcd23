"""The work of moderators: the queue, one case, decisions; appeals, counter-notices, trusted flaggers."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_201_CREATED, HTTP_204_NO_CONTENT

from penchant.app import Penchant
from penchant.catalog import repository as catalog
from penchant.core.database import Connection
from penchant.core.errors import Conflict, Forbidden, NotFound, PenchantError, RateLimited, SignInNeeded
from penchant.core.ids import VideoId, format_id, parse_id
from penchant.safety.casework.appeals import Verdict
from penchant.safety.casework.model import Context, Entry, Outcome, Ruling
from penchant.safety.casework.strikes import Standing
from penchant.safety.model import Action, Decision, TargetKind
from penchant.web.auth import admin, moderator
from penchant.web.dependencies import Asking, Cell
from penchant.web.documentation import refusals
from penchant.web.schemas import media_url, path_of
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


class Answer(msgspec.Struct, forbid_unknown_fields=True):
    verdict: Verdict
    reason: str
    action: Action | None = None
    """What is done instead, where whoever had reported it is right."""
    rule: str | None = None


class Why(msgspec.Struct, forbid_unknown_fields=True):
    reason: str


class Area(msgspec.Struct, forbid_unknown_fields=True):
    area: str


class RuleOut(msgspec.Struct, frozen=True):
    name: str
    when: list[str]
    do: str
    on: list[str]
    harm: int
    hours: int | None
    words: dict[str, str]
    basis: str


class RulesOut(msgspec.Struct, frozen=True):
    version: str
    rules: list[RuleOut]


class TargetOut(msgspec.Struct, frozen=True):
    handle: str
    words: str
    url: str | None
    poster_url: str | None
    media_url: str | None
    created_at: datetime


class EntryOut(msgspec.Struct, frozen=True):
    id: str
    kind: TargetKind
    target: str
    harm: int
    reach: int
    confidence: float
    priority: float
    trusted: bool
    opened_at: datetime
    claimed_by: str | None
    blind: bool
    proposed: bool
    reasons: dict[str, int]
    labels: list[str]
    about: TargetOut | None


class RestOut(msgspec.Struct, frozen=True):
    seen_today: int
    per_day: int
    until: datetime | None


class QueueOut(msgspec.Struct, frozen=True):
    cases: list[EntryOut]
    rest: RestOut


class LabelOut(msgspec.Struct, frozen=True):
    label: str
    source: str
    confidence: float
    evidence: dict[str, Any]


class NoteOut(msgspec.Struct, frozen=True):
    reason: str
    words: str
    trusted: bool
    signed_in: bool
    at: datetime


class PastOut(msgspec.Struct, frozen=True):
    action: str
    reason: str
    rule: str | None
    by: str | None
    at: datetime
    reversed: bool


class OpinionOut(msgspec.Struct, frozen=True):
    by: str | None
    stage: str
    action: str
    rule: str | None
    hours: int | None
    reason: str
    at: datetime


class StandingOut(msgspec.Struct, frozen=True):
    points: int
    strikes: int
    next_step: int | None
    first_forgotten_at: datetime | None


class CaseOut(msgspec.Struct, frozen=True):
    entry: EntryOut
    labels: list[LabelOut]
    notes: list[NoteOut]
    claims: list[dict[str, str]]
    history: list[PastOut]
    standing: StandingOut
    other_cases: int
    opinions: list[OpinionOut]
    needs_second: bool


class OutcomeOut(msgspec.Struct, frozen=True):
    case: str
    stage: str | None
    decision: str | None
    error: str | None
    """Why it was refused, as a code."""


class OutcomesOut(msgspec.Struct, frozen=True):
    outcomes: list[OutcomeOut]


class AppealOut(msgspec.Struct, frozen=True):
    id: str
    side: str
    words: str
    made_at: datetime
    mine: bool
    kind: TargetKind
    decision: PastOut
    about: TargetOut | None


class AppealsOut(msgspec.Struct, frozen=True):
    appeals: list[AppealOut]


class CounterOut(msgspec.Struct, frozen=True):
    decision: str
    words: str
    made_at: datetime
    restore_at: datetime
    video: str


class CountersOut(msgspec.Struct, frozen=True):
    counter_notices: list[CounterOut]


class FlaggerOut(msgspec.Struct, frozen=True):
    handle: str
    area: str
    named_at: datetime


class FlaggersOut(msgspec.Struct, frozen=True):
    flaggers: list[FlaggerOut]


@get("/api/admin/queue", tags=["admin"], responses=refusals(SignInNeeded, Forbidden))
@in_thread
def show_queue(penchant: Cell, viewer: Asking) -> QueueOut:
    """What waits for this moderator, by harm, reach and confidence; nothing hard while it is time to rest."""
    waiting = penchant.desk.queue.waiting(moderator(viewer))
    with penchant.engine.connect() as connection:
        cases = [_entry_out(connection, entry) for entry in waiting.entries]
    rest = waiting.rest
    return QueueOut(cases, RestOut(rest.seen_today, rest.per_day, rest.until))


@get("/api/admin/policy", tags=["admin"], responses=refusals(SignInNeeded, Forbidden))
@in_thread
def show_rules(penchant: Cell, viewer: Asking) -> RulesOut:
    """The rules that moderators decide by."""
    moderator(viewer)
    policy = penchant.safety.policy
    rules = [
        RuleOut(rule.name, rule.when, rule.do, list(rule.on), rule.harm, rule.hours, rule.words, rule.basis)
        for rule in policy.rules
        if rule.do != "allow"
    ]
    return RulesOut(policy.version, rules)


@get("/api/admin/cases/{case:str}", tags=["admin"], responses=refusals(*_MODERATING))
@in_thread
def show_case(penchant: Cell, viewer: Asking, case: FromPath[str]) -> CaseOut:
    """Everything that helps to decide a case. 404 where it does not wait, 403 where it is about oneself."""
    return _case_out(penchant, penchant.desk.queue.look(moderator(viewer), parse_id(case)))


@put("/api/admin/cases/{case:str}/claim", tags=["admin"], responses=refusals(*_MODERATING))
@in_thread
def claim_case(penchant: Cell, viewer: Asking, case: FromPath[str]) -> CaseOut:
    """Take a case for 15 minutes. 409 `claimed`, 429 `rest`."""
    return _case_out(penchant, penchant.desk.queue.claim(moderator(viewer), parse_id(case)))


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


@get("/api/admin/appeals", tags=["admin"], responses=refusals(SignInNeeded, Forbidden))
@in_thread
def show_appeals(penchant: Cell, viewer: Asking) -> AppealsOut:
    """Appeals that wait, the oldest first; `mine` are for somebody else to decide."""
    appeals = penchant.desk.appeals.waiting(moderator(viewer))
    with penchant.engine.connect() as connection:
        return AppealsOut(
            [
                AppealOut(
                    id=format_id(one.id),
                    side=one.side,
                    words=one.words,
                    made_at=one.made_at,
                    mine=one.mine,
                    kind=one.decision.kind,
                    decision=_past_out(one.decision),
                    about=_target_out(connection, one.decision.kind, one.decision.target, one.about),
                )
                for one in appeals
            ]
        )


@post(
    "/api/admin/appeals/{appeal:str}",
    status_code=HTTP_204_NO_CONTENT,
    tags=["admin"],
    responses=refusals(*_MODERATING),
)
@in_thread
def answer_appeal(penchant: Cell, viewer: Asking, appeal: FromPath[str], data: JSONBody[Answer]) -> None:
    """Uphold or reverse. 403 `had_a_part` for whoever had a part in the decision."""
    by = moderator(viewer)
    penchant.desk.appeals.decide(by, parse_id(appeal), data.verdict, data.reason, action=data.action, rule=data.rule)


@get("/api/admin/counter-notices", tags=["admin"], responses=refusals(SignInNeeded, Forbidden))
@in_thread
def show_counter_notices(penchant: Cell, viewer: Asking) -> CountersOut:
    """Counter-notices that wait: their videos come back at `restore_at` unless somebody says otherwise."""
    found = penchant.desk.counter_notices.waiting(moderator(viewer))
    return CountersOut(
        [
            CounterOut(format_id(one.decision), one.words, one.made_at, one.restore_at, format_id(one.video))
            for one in found
        ]
    )


@post(
    "/api/admin/counter-notices/{decision:str}/keep",
    status_code=HTTP_204_NO_CONTENT,
    tags=["admin"],
    responses=refusals(SignInNeeded, Forbidden, NotFound),
)
@in_thread
def keep_removed(penchant: Cell, viewer: Asking, decision: FromPath[str], data: JSONBody[Why]) -> None:
    """Keep a video away in spite of a counter-notice, because the claimant went to court, say."""
    penchant.desk.counter_notices.keep_removed(moderator(viewer), parse_id(decision), data.reason)


@get("/api/admin/flaggers", tags=["admin"], responses=refusals(SignInNeeded, Forbidden))
@in_thread
def show_flaggers(penchant: Cell, viewer: Asking) -> FlaggersOut:
    """Trusted flaggers and what they know about."""
    moderator(viewer)
    return FlaggersOut([FlaggerOut(one.handle, one.area, one.named_at) for one in penchant.desk.flaggers.all()])


@put(
    "/api/admin/flaggers/{handle:str}",
    status_code=HTTP_204_NO_CONTENT,
    tags=["admin"],
    responses=refusals(SignInNeeded, Forbidden, NotFound),
)
@in_thread
def name_flagger(penchant: Cell, viewer: Asking, handle: FromPath[str], data: JSONBody[Area]) -> None:
    """Trust an account's reports: they come first. Admins only."""
    penchant.desk.flaggers.name(admin(viewer), handle, data.area)


@delete(
    "/api/admin/flaggers/{handle:str}",
    status_code=HTTP_204_NO_CONTENT,
    tags=["admin"],
    responses=refusals(SignInNeeded, Forbidden, NotFound),
)
@in_thread
def forget_flagger(penchant: Cell, viewer: Asking, handle: FromPath[str]) -> None:
    """Take the trust back. Admins only."""
    penchant.desk.flaggers.forget(admin(viewer), handle)


def _entry_out(connection: Connection, entry: Entry) -> EntryOut:
    return EntryOut(
        id=format_id(entry.id),
        kind=entry.kind,
        target=format_id(entry.target),
        harm=entry.harm,
        reach=entry.reach,
        confidence=entry.confidence / 1000,
        priority=round(entry.priority, 3),
        trusted=entry.trusted,
        opened_at=entry.opened_at,
        claimed_by=entry.claimed_by,
        blind=entry.blind,
        proposed=entry.proposed,
        reasons=dict(entry.reasons),
        labels=list(entry.labels),
        about=_target_out(connection, entry.kind, entry.target, entry.about),
    )


def _target_out(connection: Connection, kind: TargetKind, target: int, about: Any) -> TargetOut | None:
    if about is None:
        return None
    poster = media = None
    if kind == "video":
        found = catalog.video(connection, VideoId(target))
        if found is not None:
            video = found[0]
            poster = media_url(video.id, "poster.jpg", video.poster.sha256) if video.poster else None
            file = video.renditions[0] if video.renditions else None
            media = media_url(video.id, f"{file.name}.mp4", file.sha256) if file else None
    url = path_of(about.handle) if kind == "account" else f"/v/{format_id(about.video)}"
    return TargetOut(about.handle, about.words, url, poster, media, about.created_at)


def _case_out(penchant: Penchant, context: Context) -> CaseOut:
    with penchant.engine.connect() as connection:
        entry = _entry_out(connection, context.entry)
    return CaseOut(
        entry=entry,
        labels=[LabelOut(one.label, one.source, one.confidence / 1000, dict(one.evidence)) for one in context.labels],
        notes=[NoteOut(one.reason, one.words, one.trusted, one.signed_in, one.at) for one in context.notes],
        claims=[{name: str(text) for name, text in claim.items()} for claim in context.claims],
        history=[_past_out(one) for one in context.history],
        standing=standing_out(context.standing),
        other_cases=context.other_cases,
        opinions=[
            OpinionOut(one.by, one.stage, one.action, one.rule, one.hours, one.reason, one.at)
            for one in context.opinions
        ],
        needs_second=context.needs_second,
    )


def standing_out(standing: Standing) -> StandingOut:
    """How an account stands, for itself and for moderators."""
    first = standing.strikes[0].until if standing.strikes else None
    return StandingOut(standing.points, len(standing.strikes), standing.next_step, first)


def _past_out(decision: Decision) -> PastOut:
    return PastOut(
        action=decision.action,
        reason=decision.reason,
        rule=decision.rule,
        by=decision.decided_by,
        at=decision.decided_at,
        reversed=decision.reversed_by is not None,
    )


def _outcome_out(outcome: Outcome) -> OutcomeOut:
    decision = format_id(outcome.decision) if outcome.decision is not None else None
    return OutcomeOut(format_id(outcome.case), outcome.stage, decision, None)


ROUTES = [
    show_queue,
    show_rules,
    show_case,
    claim_case,
    release_case,
    decide_case,
    decide_cases,
    show_appeals,
    answer_appeal,
    show_counter_notices,
    keep_removed,
    show_flaggers,
    name_flagger,
    forget_flagger,
]
