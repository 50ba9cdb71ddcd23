"""The headers that every answer carries: pages, JSON, media, streams, refusals, and what the framework says by itself.

A route that needs another value sets it; here only what is missing is added. Source: OWASP ASVS 5.0, V3.4 and V14.3.
"""

from collections.abc import Awaitable, Callable

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

_EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=()",
    # What is no page is data: opened as a page it may load nothing, run nothing, and stand in nobody's frame.
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    # Answers depend on who asks; those that may be kept say so themselves.
    "Cache-Control": "no-store",
}
_OWN_PAGES = {"Cross-Origin-Resource-Policy": "same-origin"}
_SHARED = ("/media/", "/oembed", "/embed/", "/icons/", "/assets/", "/v/")
"""What other sites show: videos, previews, and the frame with what it loads."""
_HTTPS_ONLY = {"Strict-Transport-Security": "max-age=31536000"}


def add_headers(https_only: bool) -> Callable[[Message, Scope], Awaitable[None]]:
    """A hook before each answer is sent.

    https_only: browsers shall come back by HTTPS alone, for a year. Not for an address in a local network, whose
    certificate may be gone tomorrow.
    """
    fixed = _EVERYWHERE | (_HTTPS_ONLY if https_only else {})
    ours = fixed | _OWN_PAGES

    async def before_send(message: Message, scope: Scope) -> None:
        if message["type"] == "http.response.start":
            headers = MutableScopeHeaders.from_message(message)
            for name, value in (fixed if scope["path"].startswith(_SHARED) else ours).items():
                headers.setdefault(name, value)

    return before_send
