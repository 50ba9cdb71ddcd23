"""The one place where the state of the market meets requests: which kind each route is, and the refusals."""

from collections.abc import Mapping
from typing import Any, Final

from litestar import MediaType, Request, Response
from litestar.concurrency import sync_to_thread
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from penchant.app import Penchant
from penchant.core.errors import PenchantError
from penchant.markets.lifecycle import Standing
from penchant.markets.rules import Kind, allows, check
from penchant.web.closed_page import closed_page
from penchant.web.errors import error_response
from penchant.web.reports.words import speak
from penchant.web.videos_view import base_url

_KINDS: Final[Mapping[Kind, str]] = {
    "market": """
        GET /api/market  GET /api/admin/market/orders  POST /api/admin/market/orders
        POST /api/admin/market/orders/{order}/acts  GET /api/admin/market/steps  POST /api/admin/market/steps
        POST /api/admin/market/steps/{step}/confirm  POST /api/admin/market/steps/{step}/revoke
        GET /market  GET /sign-in  GET /reset  GET /admin  GET /figures.css  GET /assets/{name}  GET /icons/{name}
        GET /manifest.webmanifest  GET /sw.js  GET /favicon.ico  GET /robots.txt
        GET /healthz  GET /metrics  GET /ca.crt""",
    "sign_in": """
        GET /api/session  POST /api/session  DELETE /api/session  POST /api/session/link  POST /api/password""",
    "sign_up": "POST /api/accounts",
    "export": "GET /api/me/export",
    "account": """
        DELETE /api/accounts/me  PUT /api/me/password  DELETE /api/me/sessions  DELETE /api/me/sessions/{session}
        POST /api/me/second-factor  PUT /api/me/second-factor  DELETE /api/me/second-factor
        POST /api/admin/accounts/{handle}/reset-link""",
    "legal": """
        POST /api/reports  POST /api/decisions/{decision}/appeal  POST /api/decisions/{decision}/counter-notice
        POST /api/suspension  POST /api/suspension/appeal  POST /api/admin/decisions
        PUT /api/admin/cases/{case}/claim  DELETE /api/admin/cases/{case}/claim
        POST /api/admin/cases/{case}/decision  POST /api/admin/queue/decisions  POST /api/admin/appeals/{appeal}
        POST /api/admin/counter-notices/{decision}/keep  POST /api/admin/held/{video}/release""",
    # These send something and change nothing.
    "watch": "POST /api/feed/no-profile  POST /api/admin/policy/dry-run  POST /gateway/{kind}",
}
_KIND_OF: Final[Mapping[str, Kind]] = {
    f"{method} {path}": kind
    for kind, text in _KINDS.items()
    for method, path in zip(text.split()[::2], text.split()[1::2], strict=True)
}
KNOWN: Final = frozenset(_KIND_OF)
"""Routes that are named here; what is not is looked at or written, by its method."""
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_FOR_PROGRAMS: Final = ("/api/", "/gateway/", "/media/", "/oembed", "/schema")


def kind_of(method: str, template: str) -> Kind:
    """What kind of request a route takes. A new route that writes is refused in `read_only` until it is named."""
    return _KIND_OF.get(f"{method} {template}") or ("watch" if method in _SAFE else "write")


def gate(cell: Penchant) -> Any:
    """Middleware: lets through what the state of the market allows; the database is asked once a second at most."""
    watch = cell.life_cycle.watch

    def middleware(app: ASGIApp) -> ASGIApp:
        async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
            kind = kind_of(scope["method"], scope.get("path_template", "")) if scope["type"] == ScopeType.HTTP else None
            # What is allowed in every state does not ask: files, health, and the way back.
            if kind is not None and kind != "market":
                standing = watch.known()
                if standing is None:
                    standing = await sync_to_thread(watch.standing)
                if not allows(standing, kind):
                    response = _refused(cell, Request(scope), standing, kind)
                    await response.to_asgi_response(app=None, request=Request(scope))(scope, receive, send)
                    return
            await app(scope, receive, send)

        return guarded

    return middleware


def _refused(cell: Penchant, request: Request[Any, Any, Any], standing: Standing, kind: Kind) -> Response[Any]:
    try:
        check(standing, kind)
    except PenchantError as error:
        response: Response[Any] = error_response(error)
    if standing.state in ("closed", "handed_over") and not request.url.path.startswith(_FOR_PROGRAMS):
        words = speak(None, request.headers.get("Accept-Language", ""))
        text, policy = closed_page(cell.market.name, standing, words)
        headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store", "Vary": "Accept-Language"}
        response = Response(text, status_code=response.status_code, media_type=MediaType.HTML, headers=headers)
    if standing.order is not None and response.status_code == 451:
        # RFC 7725, 4: who refuses, which is this place itself; who demands it stands in the body.
        response.headers["Link"] = f'<{base_url(cell, request)}/api/market>; rel="blocked-by"'
    return response
