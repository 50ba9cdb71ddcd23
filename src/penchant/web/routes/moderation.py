"""Reports from people, and the admin page: cases, decisions, invites, reset links, status."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.status_codes import HTTP_201_CREATED

from penchant.accounts import repository as accounts
from penchant.accounts.limits import REPORT
from penchant.catalog import repository as catalog
from penchant.community import repository as community
from penchant.core.database import Connection
from penchant.core.errors import Forbidden, NotFound, RateLimited, SignInNeeded
from penchant.core.ids import AccountId, CommentId, NoteId, VideoId, format_id, parse_id
from penchant.safety import repository as safety
from penchant.safety.casework.copyright import Claim
from penchant.safety.model import Action, Case, Reason, TargetKind
from penchant.safety.notes import repository as notes
from penchant.web.auth import admin, known_viewer, moderator
from penchant.web.cases_view import as_reported
from penchant.web.dependencies import Asking, Cell
from penchant.web.documentation import refusals
from penchant.web.schemas import CreatedOut, media_url, path_of
from penchant.web.threads import in_thread
from penchant.web.videos_view import base_url

Ask = Request[Any, Any, Any]


class NewClaim(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    contact: str
    work: str
    good_faith: bool


class NewReport(msgspec.Struct, forbid_unknown_fields=True):
    kind: TargetKind
    target: str
    reason: Reason
    note: str = ""
    claim: NewClaim | None = None
    """Needed where the reason is copyright."""


class NewDecision(msgspec.Struct, forbid_unknown_fields=True):
    kind: TargetKind
    target: str
    action: Action
    reason: str
    rule: str | None = None
    """A rule of the policy that it follows."""
    hours: int | None = None
    """How long a restriction lasts; for good without it."""


class DecisionOut(msgspec.Struct, frozen=True):
    action: str
    reason: str
    by: str | None
    at: datetime


class CaseOut(msgspec.Struct, frozen=True):
    id: str
    kind: str
    target: str
    target_text: str
    """Of a comment what it said when it was reported last."""
    edited_to: str | None
    """What a comment says now, where that is something else."""
    poster_url: str | None
    target_url: str | None
    reason: str
    reasons: list[str]
    note: str
    count: int
    created_at: datetime
    state: str
    decision: DecisionOut | None


class CasesOut(msgspec.Struct, frozen=True):
    reports: list[CaseOut]


class LinkOut(msgspec.Struct, frozen=True):
    url: str
    expires_at: datetime


class InviteOut(msgspec.Struct, frozen=True):
    code: str
    expires_at: datetime


class StatusOut(msgspec.Struct, frozen=True):
    counts: dict[str, int]


@post(
    "/api/reports",
    status_code=HTTP_201_CREATED,
    tags=["safety"],
    responses=refusals(SignInNeeded, Forbidden, NotFound, RateLimited),
)
@in_thread
def report(penchant: Cell, viewer: Asking, data: JSONBody[NewReport]) -> CreatedOut:
    """Report a video, a comment, an account or a note. Needs no account; 429 `rate_limited`."""
    reporter = known_viewer(viewer)
    penchant.limits.spend(REPORT, str(reporter.subject))
    target = parse_id(data.target)
    said = data.claim
    claim = Claim(said.name, said.contact, said.work, said.good_faith) if said is not None else None
    return CreatedOut(format_id(penchant.safety.report(reporter, data.kind, target, data.reason, data.note, claim)))


@get("/api/admin/reports", tags=["admin"], responses=refusals(SignInNeeded, Forbidden))
@in_thread
def show_reports(
    penchant: Cell,
    viewer: Asking,
    which: Annotated[Literal["open", "closed"], QueryParameter(name="state", description="open or closed")] = "open",
) -> CasesOut:
    """What was reported, grouped by target, the most reported first. 403 for members."""
    moderator(viewer)
    cases = penchant.safety.cases(which)
    with penchant.engine.connect() as connection:
        return CasesOut([_case_out(connection, case) for case in cases])


@post(
    "/api/admin/decisions",
    status_code=HTTP_201_CREATED,
    tags=["admin"],
    responses=refusals(SignInNeeded, Forbidden, NotFound),
)
@in_thread
def decide(penchant: Cell, viewer: Asking, data: JSONBody[NewDecision]) -> CreatedOut:
    """Remove, restore, suspend or dismiss, with a reason; acts at once. 422 where it does not fit."""
    by = moderator(viewer)
    target = parse_id(data.target)
    with penchant.engine.begin() as connection:
        decision = penchant.safety.decide(
            connection, by, data.kind, target, data.action, data.reason, rule=data.rule, hours=data.hours
        )
    penchant.events.deliver()
    return CreatedOut(format_id(decision))


@get("/api/admin/status", tags=["admin"], responses=refusals(SignInNeeded, Forbidden))
@in_thread
def show_status(penchant: Cell, viewer: Asking) -> StatusOut:
    """How many of what there are."""
    moderator(viewer)
    with penchant.engine.connect() as connection:
        counts = {f"videos_{state}": count for state, count in catalog.count_by_state(connection).items()}
        counts["accounts"] = accounts.count_accounts(connection)
        counts["reports_open"] = safety.count_open(connection)
    counts["events"] = penchant.events.log.last_offset()
    return StatusOut(counts)


@post(
    "/api/admin/accounts/{handle:str}/reset-link",
    status_code=HTTP_201_CREATED,
    tags=["admin"],
    responses=refusals(SignInNeeded, Forbidden, NotFound),
)
@in_thread
def make_reset_link(penchant: Cell, viewer: Asking, request: Ask, handle: FromPath[str]) -> LinkOut:
    """A one-time link with which someone sets a new password; hand it to them yourself. Not for another administrator:
    whoever could be both would be the two people that a step takes. 403 `other_admin`.
    """
    me = admin(viewer)
    account = penchant.accounts.by_handle(handle)
    if account.role == "admin" and account.id != me.id:
        words = (
            f"@{account.handle} is an administrator too: 'penchant admin reset-link {account.handle}' makes that link"
        )
        raise Forbidden(words, code="other_admin")
    penchant.admin_acts.tell("reset_link", account)
    token, expires_at = penchant.accounts.make_link(account, "reset")
    return LinkOut(f"{base_url(penchant, request)}/reset#token={token}", expires_at)


@post("/api/admin/invites", status_code=HTTP_201_CREATED, tags=["admin"], responses=refusals(SignInNeeded, Forbidden))
@in_thread
def make_invite(penchant: Cell, viewer: Asking) -> InviteOut:
    """A code with which one person may sign up where sign-up is by invitation."""
    by = admin(viewer)
    penchant.admin_acts.tell("invite")
    code, expires_at = penchant.accounts.make_invite(by)
    return InviteOut(code, expires_at)


def _case_out(connection: Connection, case: Case) -> CaseOut:
    words, url, poster = _target(connection, case)
    text, edited_to = as_reported(connection, case.kind, case.target, words, case.created_at)
    decision = case.decision
    return CaseOut(
        id=format_id(case.id),
        kind=case.kind,
        target=format_id(case.target),
        target_text=text,
        edited_to=edited_to,
        poster_url=poster,
        target_url=url,
        reason=case.reasons[0],
        reasons=list(case.reasons),
        note="\n".join(case.notes),
        count=case.count,
        created_at=case.created_at,
        state="closed" if decision else "open",
        decision=DecisionOut(decision.action, decision.reason, decision.decided_by, decision.decided_at)
        if decision
        else None,
    )


def _target(connection: Connection, case: Case) -> tuple[str, str | None, str | None]:
    """What a case is about: words, address, picture."""
    if case.kind == "video":
        found = catalog.video(connection, VideoId(case.target))
        if found is not None:
            video = found[0]
            poster = media_url(video.id, "poster.jpg", video.poster.sha256) if video.poster else None
            return f"{video.title} (@{video.creator.handle})", f"/v/{format_id(video.id)}", poster
    elif case.kind == "comment":
        row = community.comment(connection, CommentId(case.target))
        if row is not None:
            return row.text, f"/v/{format_id(row.video_id)}", None
    elif case.kind == "note":
        row = notes.note_or_removed(connection, NoteId(case.target))
        if row is not None:
            return row.text, f"/v/{format_id(row.video_id)}", None
    else:
        account = accounts.account_by_id(connection, AccountId(case.target))
        if account is not None:
            return f"@{account.handle}", path_of(account.handle), None
    return "no longer there", None, None


ROUTES = [report, show_reports, decide, show_status, make_reset_link, make_invite]
