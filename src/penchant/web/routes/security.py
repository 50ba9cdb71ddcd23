"""The safety of one's own account: password, second factor, where one is signed in."""

from datetime import datetime
from typing import Any

import msgspec
import segno
from litestar import Request, Response, delete, get, post, put
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED, HTTP_204_NO_CONTENT
from pyotp.utils import build_uri

from penchant.accounts.model import Account
from penchant.core.errors import Conflict
from penchant.web.auth import agent_of, cookie_for, count_guess, signed_in, token_of
from penchant.web.dependencies import Asking, Cell
from penchant.web.documentation import ACTING, refusals
from penchant.web.threads import in_thread

Ask = Request[Any, Any, Any]


class AccountSessionOut(msgspec.Struct, frozen=True):
    id: str
    here: bool
    since: datetime
    used_at: datetime
    agent: str


class AccountChangeOut(msgspec.Struct, frozen=True):
    what: str
    at: datetime


class SecurityOut(msgspec.Struct, frozen=True):
    has_password: bool
    second_factor: bool
    recovery_codes_left: int
    sessions: list[AccountSessionOut]
    changes: list[AccountChangeOut]


class SecondFactorOut(msgspec.Struct, frozen=True):
    secret: str
    """Base 32, to be typed where the picture cannot be read."""
    uri: str
    qr: str
    """The same as a picture, as an address of its bytes."""


class RecoveryCodesOut(msgspec.Struct, frozen=True):
    recovery_codes: list[str]


class PasswordChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    old: str
    new: str


class OwnPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    password: str


class FactorCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str


class PasswordAndCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    password: str
    code: str


@get("/api/me/security", tags=["security"], responses=refusals(*ACTING))
@in_thread
def show_security(penchant: Cell, viewer: Asking, request: Ask) -> SecurityOut:
    """Where I am signed in, whether a second factor is on, and what was changed in the last half year."""
    found = penchant.security.overview(signed_in(viewer), token_of(request) or "")
    return SecurityOut(
        found.has_password,
        found.second_factor,
        found.recovery_codes_left,
        [AccountSessionOut(*session) for session in found.sessions],
        [AccountChangeOut(*change) for change in found.changes],
    )


@put("/api/me/password", status_code=HTTP_204_NO_CONTENT, tags=["security"], responses=refusals(*ACTING))
@in_thread
def change_password(penchant: Cell, viewer: Asking, request: Ask, data: JSONBody[PasswordChange]) -> Response[None]:
    """Set another password: every other session ends, this one gets a new cookie. 403 `wrong_password`, 422 `new`."""
    me = signed_in(viewer)
    count_guess(penchant, request, me.handle)
    token = penchant.accounts.change_password(me, data.old, data.new, agent=agent_of(request))
    return Response(None, status_code=HTTP_204_NO_CONTENT, cookies=[cookie_for(penchant, request, token)])


@delete("/api/me/sessions/{session:str}", tags=["security"], responses=refusals(*ACTING))
@in_thread
def end_session(penchant: Cell, viewer: Asking, session: FromPath[str]) -> None:
    """Sign out somewhere else."""
    penchant.security.end_session(signed_in(viewer), session)


@delete("/api/me/sessions", tags=["security"], responses=refusals(*ACTING))
@in_thread
def end_other_sessions(penchant: Cell, viewer: Asking, request: Ask) -> None:
    """Sign out everywhere but here."""
    penchant.security.end_others(signed_in(viewer), token_of(request) or "")


@post("/api/me/second-factor", status_code=HTTP_201_CREATED, tags=["security"], responses=refusals(*ACTING, Conflict))
@in_thread
def begin_second_factor(
    penchant: Cell, viewer: Asking, request: Ask, data: JSONBody[OwnPassword]
) -> Response[SecondFactorOut]:
    """A secret for an authenticator app; it is on from its first code. 403 `wrong_password`, 409 `second_factor_on`."""
    me = _sure(penchant, viewer, request, data.password)
    secret = penchant.security.begin_second_factor(me)
    uri = build_uri(secret, me.handle, issuer=penchant.market.name)
    qr = segno.make(uri, error="m").svg_data_uri(scale=4, border=4, light="#fff")
    return Response(SecondFactorOut(secret, uri, qr), headers={"Cache-Control": "no-store"})


@put("/api/me/second-factor", status_code=HTTP_200_OK, tags=["security"], responses=refusals(*ACTING, Conflict))
@in_thread
def confirm_second_factor(
    penchant: Cell, viewer: Asking, request: Ask, data: JSONBody[FactorCode]
) -> Response[RecoveryCodesOut]:
    """Turn it on by a code of the app; the recovery codes are told once. 403 `wrong_code`, 404 where none was begun."""
    me = signed_in(viewer)
    count_guess(penchant, request, me.handle)
    codes = penchant.security.confirm_second_factor(me, data.code)
    return Response(RecoveryCodesOut(codes), headers={"Cache-Control": "no-store"})


@delete("/api/me/second-factor", status_code=HTTP_204_NO_CONTENT, tags=["security"], responses=refusals(*ACTING))
@in_thread
def turn_off_second_factor(penchant: Cell, viewer: Asking, request: Ask, data: JSONBody[PasswordAndCode]) -> None:
    """Ask for the password alone again. 403 `wrong_password`, `wrong_code`."""
    me = _sure(penchant, viewer, request, data.password)
    penchant.security.turn_off_second_factor(me, data.code)


def _sure(penchant: Cell, viewer: Asking, request: Ask, password: str) -> Account:
    """That it is really them, and not somebody at their open browser."""
    me = signed_in(viewer)
    count_guess(penchant, request, me.handle)
    penchant.accounts.check_password(me, password)
    return me


ROUTES = [
    show_security,
    change_password,
    end_session,
    end_other_sessions,
    begin_second_factor,
    confirm_second_factor,
    turn_off_second_factor,
]
