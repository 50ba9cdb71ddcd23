"""Who is asking: the session cookie, and refusing what another site makes a browser send."""

from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from litestar.datastructures import Cookie
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from penchant.accounts.addresses import shortened
from penchant.accounts.limits import SIGN_IN, SIGN_IN_ADDRESS, SIGN_IN_HANDLE
from penchant.accounts.model import Account, Viewer
from penchant.app import Penchant
from penchant.core.errors import Forbidden, SignInNeeded
from penchant.web.errors import error_response

COOKIE = "penchant"
SECURE_COOKIE = "__Host-penchant"
"""Over HTTPS. A browser takes a cookie of this name from this host alone, over HTTPS alone: neither a sibling's page
nor whoever sits in the line can plant one."""
PROFILE_HEADER = "Penchant-Profile"
"""`none`: whoever asks is in the mode `no_profile`; that they were here is not written down."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def cookie_for(penchant: Penchant, request: Request[Any, Any, Any], token: str) -> Cookie:
    """The session cookie: out of reach of scripts, not sent by other sites, only over HTTPS where there is any."""
    return Cookie(
        key=_cookie_name(request),
        value=token,
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
        max_age=penchant.settings.session_days * 86_400,
    )


def token_of(request: Request[Any, Any, Any]) -> str | None:
    return request.cookies.get(_cookie_name(request))


def _cookie_name(request: Request[Any, Any, Any]) -> str:
    return SECURE_COOKIE if request.url.scheme == "https" else COOKIE


def network(request: Request[Any, Any, Any]) -> str:
    """Whose attempts are counted together: neighbours in a network, because nothing finer is looked at."""
    return shortened(request.client.host) if request.client else "unknown"


_BROWSERS = {
    "Edg/": "Edge",
    "EdgiOS/": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "Chrome/": "Chrome",
    "CriOS/": "Chrome",
    "Safari/": "Safari",
}
"""By the first mark that is found: most browsers call themselves others as well."""
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


def agent_of(request: Request[Any, Any, Any]) -> str:
    """What browser on what system, as its owner would call it: nothing finer is kept. Empty where it does not say."""
    said = request.headers.get("User-Agent", "")
    found = (next((name for mark, name in known.items() if mark in said), "") for known in (_BROWSERS, _SYSTEMS))
    return ", ".join(name for name in found if name)


def count_guess(penchant: Penchant, request: Request[Any, Any, Any], handle: str) -> None:
    """Count an attempt at a password, before it is looked at, whether or not there is such a handle.

    Raises:
        RateLimited: too many, from here or at this handle.
    """
    where, handle = network(request), handle.strip().lower()
    penchant.limits.spend(SIGN_IN, f"{handle}\0{where}")
    penchant.limits.spend(SIGN_IN_HANDLE, handle)
    penchant.limits.spend(SIGN_IN_ADDRESS, where)


def find_viewer(penchant: Penchant, request: Request[Any, Any, Any]) -> Viewer | None:
    """Dependency: who is asking, or None where there is no session (yet)."""
    token = token_of(request)
    return penchant.accounts.viewer(token) if token else None


def without_profile(request: Request[Any, Any, Any]) -> bool:
    """Whether this browser does without a profile."""
    return request.headers.get(PROFILE_HEADER) == "none"


def known_viewer(viewer: Viewer | None) -> Viewer:
    """Raises: SignInNeeded where there is no session at all; any page makes one."""
    if viewer is None:
        raise SignInNeeded("open the page first: it gives this browser a session", code="session_needed")
    return viewer


def signed_in(viewer: Viewer | None) -> Account:
    """Raises: SignInNeeded for anonymous viewers, Forbidden for suspended accounts."""
    if viewer is None or viewer.account is None:
        raise SignInNeeded("sign in first")
    if viewer.account.suspended:
        raise Forbidden("this account is suspended", code="suspended")
    return viewer.account


def moderator(viewer: Viewer | None) -> Account:
    """Raises: SignInNeeded, or Forbidden for members."""
    account = signed_in(viewer)
    if not account.moderates:
        raise Forbidden("only moderators may do this")
    return account


def admin(viewer: Viewer | None) -> Account:
    """Raises: SignInNeeded, or Forbidden for everybody else."""
    account = signed_in(viewer)
    if account.role != "admin":
        raise Forbidden("only admins may do this")
    return account


def refuse_other_sites(app: ASGIApp) -> ASGIApp:
    """Middleware against forged requests: a browser says where a request came from, and only our own pages may write.

    `Sec-Fetch-Site` cannot be set by a page; older browsers send `Origin`. Programs send neither and carry no
    cookie that somebody else could abuse. `navigator.sendBeacon` cannot add headers, so a token would not reach it.
    """

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["method"] not in _SAFE and _from_other_site(scope):
            response = error_response(Forbidden("this came from another site", code="cross_site"))
            await response.to_asgi_response(app=None, request=Request(scope))(scope, receive, send)
            return
        await app(scope, receive, send)

    return middleware


def _from_other_site(scope: Scope) -> bool:
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get(b"origin")
    return origin is not None and urlsplit(origin).netloc != headers.get(b"host")
