"""Sessions, accounts, profiles, follows and blocks."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED, HTTP_204_NO_CONTENT

from penchant.accounts.limits import SIGN_IN_ADDRESS, SIGN_UP, SOCIAL
from penchant.accounts.model import Profile, Viewer
from penchant.catalog import repository as catalog
from penchant.catalog.model import ALT_TEXT_CHARACTERS, TITLE_CHARACTERS
from penchant.community.model import COMMENT_CHARACTERS
from penchant.core.errors import Conflict, Forbidden, NotFound, RateLimited, SignInNeeded
from penchant.core.ids import parse_id
from penchant.demo.service import WANTED
from penchant.markets.rules import allows
from penchant.web.auth import agent_of, cookie_for, count_guess, network, signed_in, token_of, without_profile
from penchant.web.dependencies import Asking, Cell
from penchant.web.documentation import ACTING, refusals
from penchant.web.schemas import (
    DemoOut,
    LimitsOut,
    MarketOut,
    ProfileOut,
    SessionOut,
    VideosOut,
    account_out,
    profile_out,
)
from penchant.web.threads import in_thread
from penchant.web.videos_view import videos_out

_PAGE = 24
Ask = Request[Any, Any, Any]


class SignIn(msgspec.Struct, forbid_unknown_fields=True):
    handle: str
    password: str
    code: str = ""
    """Of the second factor, where one is on."""


class SignUp(msgspec.Struct, forbid_unknown_fields=True):
    handle: str
    password: str
    birth_year: int | None = None
    name: str = ""
    invite: str = ""


class Link(msgspec.Struct, forbid_unknown_fields=True):
    token: str


class NewPassword(msgspec.Struct, forbid_unknown_fields=True):
    token: str
    password: str


class Password(msgspec.Struct, forbid_unknown_fields=True):
    password: str


@get("/api/session", tags=["accounts"], responses=refusals())
@in_thread
def show_session(penchant: Cell, viewer: Asking, request: Ask) -> Response[SessionOut]:
    """Who this browser is, and the rules here. A browser without a session becomes an anonymous viewer.

    Asking for it keeps a session from running out. Not so with the header `Penchant-Profile: none`: nothing is written
    down, and who has no session stays nobody.
    """
    token = token_of(request)
    if token and not without_profile(request):
        # Nowhere else: what a browser fetches by itself, such as captions, cannot say that it does without a profile.
        penchant.accounts.note_use(token)
    if viewer is not None or without_profile(request):
        return Response(session_out(penchant, viewer))
    token, viewer = penchant.accounts.welcome()
    return _with_session(penchant, request, token, viewer)


@post(
    "/api/session", status_code=HTTP_200_OK, tags=["accounts"], responses=refusals(SignInNeeded, Forbidden, RateLimited)
)
@in_thread
def sign_in(penchant: Cell, request: Ask, data: JSONBody[SignIn]) -> Response[SessionOut]:
    """Sign in by handle and password. 401 `wrong_password`, 403 `suspended`, 429 `rate_limited`; where a second factor
    is on, 401 `code_needed` without its code, and `wrong_code`.
    """
    count_guess(penchant, request, data.handle)
    token, viewer = penchant.accounts.sign_in(data.handle, data.password, data.code, agent=agent_of(request))
    return _with_session(penchant, request, token, viewer)


@delete("/api/session", tags=["accounts"], responses=refusals(Forbidden))
@in_thread
def sign_out(penchant: Cell, request: Ask) -> None:
    """Sign out; the browser's next page makes it a new anonymous viewer."""
    if token := token_of(request):
        penchant.accounts.sign_out(token)


@post("/api/session/link", status_code=HTTP_200_OK, tags=["accounts"], responses=refusals(Forbidden, RateLimited))
@in_thread
def sign_in_by_link(penchant: Cell, request: Ask, data: JSONBody[Link]) -> Response[SessionOut]:
    """Use a one-time sign-in link. 403 `link_used`."""
    penchant.limits.spend(SIGN_IN_ADDRESS, network(request))
    token, viewer = penchant.accounts.sign_in_by_link(data.token, agent=agent_of(request))
    return _with_session(penchant, request, token, viewer)


@post(
    "/api/accounts",
    status_code=HTTP_201_CREATED,
    tags=["accounts"],
    responses=refusals(Forbidden, Conflict, RateLimited),
)
@in_thread
def sign_up(penchant: Cell, viewer: Asking, request: Ask, data: JSONBody[SignUp]) -> Response[SessionOut]:
    """Make an account; what this browser watched so far becomes its history.

    422 `invalid` with fields, 409 `handle_taken`, 403 `too_young`, `signup_closed` or `invite_needed`.
    """
    penchant.limits.spend(SIGN_UP, network(request))
    token, viewer = penchant.accounts.sign_up(
        viewer, data.handle, data.password, data.birth_year, data.name, data.invite, agent=agent_of(request)
    )
    return _with_session(penchant, request, token, viewer, HTTP_201_CREATED)


class ErasedOut(msgspec.Struct, frozen=True):
    opens: str


@delete(
    "/api/accounts/me",
    status_code=HTTP_200_OK,
    tags=["accounts"],
    responses=refusals(SignInNeeded, Forbidden, RateLimited),
)
@in_thread
def delete_account(penchant: Cell, viewer: Asking, request: Ask, data: JSONBody[Password]) -> ErasedOut:
    """Delete one's account with everything that is theirs. 403 `wrong_password`.

    `opens` is what the leaf of the ledger that says so commits to, in hexadecimal; nobody else has it from now on.
    """
    account = signed_in(viewer)
    count_guess(penchant, request, account.handle)
    penchant.accounts.check_password(account, data.password)
    return ErasedOut(penchant.erasure.erase(account).salted.hex())


@post("/api/password", status_code=HTTP_204_NO_CONTENT, tags=["accounts"], responses=refusals(Forbidden, RateLimited))
@in_thread
def reset_password(penchant: Cell, request: Ask, data: JSONBody[NewPassword]) -> None:
    """Set a password by an admin's one-time link. 403 `link_used`."""
    penchant.limits.spend(SIGN_IN_ADDRESS, network(request))
    penchant.accounts.reset_password(data.token, data.password)


@get("/api/profiles/{handle:str}", tags=["people"], responses=refusals(NotFound))
@in_thread
def show_profile(penchant: Cell, viewer: Asking, handle: FromPath[str]) -> ProfileOut:
    """Someone's page. 404 also where they blocked the viewer."""
    return _profile_out(penchant, penchant.social.profile(handle, viewer.account if viewer else None))


@get("/api/profiles/{handle:str}/videos", tags=["people"], responses=refusals(NotFound))
@in_thread
def show_profile_videos(
    penchant: Cell,
    viewer: Asking,
    request: Ask,
    handle: FromPath[str],
    before: Annotated[str | None, QueryParameter(description="the `next` of the page before")] = None,
) -> VideosOut:
    """Their listed videos, newest first; none where the viewer blocked them, or they publish for followers only."""
    account = viewer.account if viewer else None
    profile = penchant.social.profile(handle, account)
    if profile.blocked:
        return VideosOut([], None)
    with penchant.engine.connect() as connection:
        start = parse_id(before) if before else None
        found = catalog.listed_videos_of(connection, profile.account.id, start, _PAGE + 1, account)
        shown = videos_out(penchant, request, connection, found[:_PAGE], account)
    return VideosOut(shown, shown[-1].id if len(found) > _PAGE else None)


@put("/api/profiles/{handle:str}/follow", tags=["people"], responses=refusals(*ACTING))
@in_thread
def follow(penchant: Cell, viewer: Asking, handle: FromPath[str]) -> ProfileOut:
    """Follow someone, or ask to where their account is private: then `requested` says so."""
    me = signed_in(viewer)
    penchant.limits.spend(SOCIAL, me.handle)
    return _profile_out(penchant, penchant.social.follow(me, handle))


@delete("/api/profiles/{handle:str}/follow", status_code=HTTP_200_OK, tags=["people"], responses=refusals(*ACTING))
@in_thread
def unfollow(penchant: Cell, viewer: Asking, handle: FromPath[str]) -> ProfileOut:
    """Take a follow back, or the question whether one may."""
    return _profile_out(penchant, penchant.social.unfollow(signed_in(viewer), handle))


@put("/api/profiles/{handle:str}/block", tags=["people"], responses=refusals(*ACTING))
@in_thread
def block(penchant: Cell, viewer: Asking, handle: FromPath[str]) -> ProfileOut:
    """Block someone: from the next page on neither sees the other."""
    me = signed_in(viewer)
    penchant.limits.spend(SOCIAL, me.handle)
    return _profile_out(penchant, penchant.social.block(me, handle))


@delete("/api/profiles/{handle:str}/block", status_code=HTTP_200_OK, tags=["people"], responses=refusals(*ACTING))
@in_thread
def unblock(penchant: Cell, viewer: Asking, handle: FromPath[str]) -> ProfileOut:
    """Take a block back."""
    return _profile_out(penchant, penchant.social.unblock(signed_in(viewer), handle))


def session_out(penchant: Cell, viewer: Viewer | None) -> SessionOut:
    """Who someone is, with the rules of the market."""
    market, account = penchant.market, viewer.account if viewer else None
    standing = penchant.life_cycle.watch.last_known()
    signup = market.signup if allows(standing, "sign_up") else "closed"
    return SessionOut(
        signed_in=account is not None,
        account=account_out(account) if account else None,
        market=MarketOut(
            market.id,
            market.name,
            signup,
            market.minimum_age,
            market.adult_age,
            list(market.languages),
            standing.state,
        ),
        limits=LimitsOut(
            market.upload_bytes, market.upload_seconds, TITLE_CHARACTERS, ALT_TEXT_CHARACTERS, COMMENT_CHARACTERS
        ),
        demo=_demo(penchant),
    )


def _demo(penchant: Cell) -> DemoOut | None:
    with penchant.engine.connect() as connection:
        made = catalog.count_demo(connection)
    return DemoOut(made, WANTED) if made else None


def _with_session(
    penchant: Cell, request: Ask, token: str, viewer: Viewer, status: int = HTTP_200_OK
) -> Response[SessionOut]:
    # Rotated: what the browser held before ends, so that a token planted earlier opens nothing.
    if old := token_of(request):
        penchant.accounts.sign_out(old)
    return Response(session_out(penchant, viewer), status_code=status, cookies=[cookie_for(penchant, request, token)])


def _profile_out(penchant: Cell, profile: Profile) -> ProfileOut:
    with penchant.engine.connect() as connection:
        return profile_out(profile, catalog.count_listed(connection, profile.account.id))


ROUTES = [
    show_session,
    sign_in,
    sign_out,
    sign_in_by_link,
    sign_up,
    delete_account,
    reset_password,
    show_profile,
    show_profile_videos,
    follow,
    unfollow,
    block,
    unblock,
]
