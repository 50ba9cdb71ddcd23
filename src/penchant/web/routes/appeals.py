"""What comes after decisions: appeals, counter-notices; and who is a trusted flagger."""

from datetime import datetime

import msgspec
from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_204_NO_CONTENT

from penchant.core.errors import Conflict, Forbidden, NotFound, SignInNeeded
from penchant.core.ids import format_id, parse_id
from penchant.safety.casework.appeals import Verdict
from penchant.safety.model import Action, TargetKind
from penchant.web.auth import admin, moderator
from penchant.web.cases_view import PastOut, TargetOut, past_out, target_out
from penchant.web.dependencies import Asking, Cell
from penchant.web.documentation import refusals
from penchant.web.threads import in_thread


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
                    decision=past_out(one.decision),
                    about=target_out(
                        connection, one.decision.kind, one.decision.target, one.about, one.decision.decided_at
                    ),
                )
                for one in appeals
            ]
        )


@post(
    "/api/admin/appeals/{appeal:str}",
    status_code=HTTP_204_NO_CONTENT,
    tags=["admin"],
    responses=refusals(SignInNeeded, Forbidden, NotFound, Conflict),
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


ROUTES = [
    show_appeals,
    answer_appeal,
    show_counter_notices,
    keep_removed,
    show_flaggers,
    name_flagger,
    forget_flagger,
]
