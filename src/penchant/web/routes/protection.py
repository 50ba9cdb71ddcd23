"""What protects people, minors first: private accounts, who may follow, guardians, proofs of age."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, delete, get, post, put
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED, HTTP_204_NO_CONTENT

from penchant.accounts.limits import SOCIAL
from penchant.accounts.model import Account
from penchant.accounts.protection.model import Ward
from penchant.core.errors import Conflict
from penchant.web.auth import signed_in
from penchant.web.dependencies import Asking, Cell
from penchant.web.documentation import ACTING, refusals
from penchant.web.threads import in_thread
from penchant.web.videos_view import base_url

Ask = Request[Any, Any, Any]


class ProtectionsOut(msgspec.Struct, frozen=True):
    age_band: str
    private: bool
    private_by_choice: bool
    messages_from: str
    quiet_from: int | None
    """Local hour from which nothing is pushed."""
    quiet_until: int | None
    daily_limit_minutes: int | None
    used_minutes: int
    theme_cap: bool
    sensitive_profiled: bool
    guardian: str | None
    age_proof: str | None
    """What a proof of age said: `adult`, `minor`."""
    age_proof_offered: bool


class PersonOut(msgspec.Struct, frozen=True):
    handle: str
    name: str
    asked_at: datetime


class PeopleOut(msgspec.Struct, frozen=True):
    people: list[PersonOut]


class CodeOut(msgspec.Struct, frozen=True):
    code: str
    expires_at: datetime


class WardOut(msgspec.Struct, frozen=True):
    handle: str
    name: str
    daily_limit_minutes: int
    used_minutes: int
    since: datetime


class WardsOut(msgspec.Struct, frozen=True):
    wards: list[WardOut]


class ChallengeOut(msgspec.Struct, frozen=True):
    nonce: str
    audience: str
    claim: str


class Private(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    private: bool


class Code(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str


class DailyLimit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    daily_limit_minutes: int


class Attestation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    attestation: str


@get("/api/me/protections", tags=["protection"], responses=refusals(*ACTING))
@in_thread
def show_protections(penchant: Cell, viewer: Asking) -> ProtectionsOut:
    """What holds for me because of my age, and because I wish it."""
    return _protections_out(penchant, signed_in(viewer))


@put("/api/me/private", tags=["protection"], responses=refusals(*ACTING))
@in_thread
def set_private(penchant: Cell, viewer: Asking, data: JSONBody[Private]) -> ProtectionsOut:
    """Publish for followers whom I accept, or for everybody. 403 `minor_private`: a minor's account stays private."""
    me = signed_in(viewer)
    penchant.social.set_private(me, data.private)
    return _protections_out(penchant, me)


@get("/api/me/follow-requests", tags=["protection"], responses=refusals(*ACTING))
@in_thread
def show_follow_requests(penchant: Cell, viewer: Asking) -> PeopleOut:
    """Who asks to follow me, the first to ask first."""
    return PeopleOut([PersonOut(*request) for request in penchant.social.requests(signed_in(viewer))])


@put(
    "/api/me/follow-requests/{handle:str}",
    status_code=HTTP_204_NO_CONTENT,
    tags=["protection"],
    responses=refusals(*ACTING),
)
@in_thread
def accept_follower(penchant: Cell, viewer: Asking, handle: FromPath[str]) -> None:
    """Let somebody follow me who asked to."""
    penchant.social.answer(signed_in(viewer), handle, accept=True)


@delete("/api/me/follow-requests/{handle:str}", tags=["protection"], responses=refusals(*ACTING))
@in_thread
def decline_follower(penchant: Cell, viewer: Asking, handle: FromPath[str]) -> None:
    """Do not let them; nobody tells them."""
    penchant.social.answer(signed_in(viewer), handle, accept=False)


@delete("/api/me/followers/{handle:str}", tags=["protection"], responses=refusals(*ACTING))
@in_thread
def remove_follower(penchant: Cell, viewer: Asking, handle: FromPath[str]) -> None:
    """Let somebody follow me no longer; nobody tells them."""
    penchant.social.remove_follower(signed_in(viewer), handle)


@post("/api/me/guardian/code", status_code=HTTP_201_CREATED, tags=["protection"], responses=refusals(*ACTING))
@in_thread
def make_guardian_code(penchant: Cell, viewer: Asking) -> CodeOut:
    """A code with which one adult may look after me, for a day. 403 `not_minor`."""
    me = signed_in(viewer)
    penchant.limits.spend(SOCIAL, me.handle)
    return CodeOut(*penchant.guardians.make_code(me))


@delete("/api/me/guardian", tags=["protection"], responses=refusals(*ACTING))
@in_thread
def leave_guardian(penchant: Cell, viewer: Asking) -> None:
    """Have no guardian any more; what holds for every minor goes on to hold."""
    penchant.guardians.leave(signed_in(viewer))


@get("/api/me/wards", tags=["protection"], responses=refusals(*ACTING))
@in_thread
def show_wards(penchant: Cell, viewer: Asking) -> WardsOut:
    """Whom I look after: how long they were here today, and never what they watched."""
    return WardsOut([_ward_out(ward) for ward in penchant.guardians.wards(signed_in(viewer))])


@post("/api/me/wards", status_code=HTTP_201_CREATED, tags=["protection"], responses=refusals(*ACTING, Conflict))
@in_thread
def take_ward(penchant: Cell, viewer: Asking, data: JSONBody[Code]) -> WardOut:
    """Look after the minor who gave me this code. 403 `not_adult`, `link_used`, 409 `has_guardian`."""
    me = signed_in(viewer)
    penchant.limits.spend(SOCIAL, me.handle)
    return _ward_out(penchant.guardians.take(me, data.code))


@put("/api/me/wards/{handle:str}", tags=["protection"], responses=refusals(*ACTING))
@in_thread
def set_ward_limit(penchant: Cell, viewer: Asking, handle: FromPath[str], data: JSONBody[DailyLimit]) -> WardOut:
    """Say how long the feed goes on for them in a day, from 15 to 120 minutes."""
    return _ward_out(penchant.guardians.set_limit(signed_in(viewer), handle, data.daily_limit_minutes))


@delete("/api/me/wards/{handle:str}", tags=["protection"], responses=refusals(*ACTING))
@in_thread
def end_ward(penchant: Cell, viewer: Asking, handle: FromPath[str]) -> None:
    """Look after somebody no longer."""
    penchant.guardians.end(signed_in(viewer), handle)


@post("/api/me/age/challenge", status_code=HTTP_201_CREATED, tags=["protection"], responses=refusals(*ACTING))
@in_thread
def ask_age(penchant: Cell, viewer: Asking, request: Ask) -> ChallengeOut:
    """What a known issuer has to sign of my age, besides the claim; good for ten minutes."""
    return ChallengeOut(*penchant.ages.ask(signed_in(viewer), base_url(penchant, request)))


@post("/api/me/age", status_code=HTTP_200_OK, tags=["protection"], responses=refusals(*ACTING))
@in_thread
def prove_age(penchant: Cell, viewer: Asking, request: Ask, data: JSONBody[Attestation]) -> ProtectionsOut:
    """Prove that I am an adult, or that I am not; nothing is kept but that. 403 `attestation_refused`."""
    me = signed_in(viewer)
    penchant.limits.spend(SOCIAL, me.handle)
    penchant.ages.prove(me, base_url(penchant, request), data.attestation)
    return _protections_out(penchant, me)


def _protections_out(penchant: Cell, me: Account) -> ProtectionsOut:
    standing = penchant.guardians.standing(me)
    holds = standing.protections
    quiet_from, quiet_until = holds.quiet or (None, None)
    proof = {None: None, True: "adult", False: "minor"}[standing.proved_adult]
    return ProtectionsOut(
        age_band=standing.age_band,
        private=holds.private,
        private_by_choice=standing.wants_private,
        messages_from=holds.messages_from,
        quiet_from=quiet_from,
        quiet_until=quiet_until,
        daily_limit_minutes=holds.daily_limit_minutes,
        used_minutes=standing.used_minutes,
        theme_cap=holds.theme_cap,
        sensitive_profiled=holds.profiled_on_themes,
        guardian=standing.guardian,
        age_proof=proof,
        age_proof_offered=penchant.ages.offered,
    )


def _ward_out(ward: Ward) -> WardOut:
    return WardOut(*ward)


ROUTES = [
    show_protections,
    set_private,
    show_follow_requests,
    accept_follower,
    decline_follower,
    remove_follower,
    make_guardian_code,
    leave_guardian,
    show_wards,
    take_ward,
    set_ward_limit,
    end_ward,
    ask_age,
    prove_age,
]
