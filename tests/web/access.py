"""Who may do what: one line for each route. `test_access` makes its tests from it, and docs/reference/access.md is it.

A new route needs a line here, or the tests fail. In a line, `{video}`, `{comment_id}`, `{note}`, `{upload_id}` and
`{sound}` are the owner's, `{handle}` is somebody else's, and the other names are in `tests.web.place.Place.value`.
"""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

Who = Literal["anyone", "session", "account", "owner", "moderator", "admin", "partner"]

PEOPLE = ("nobody", "viewer", "other", "owner", "suspended", "moderator", "admin")
"""Without a session; with one but no account; with an account; whose things they are; and so on."""

SIGN_IN = "401 sign_in_needed"
SUSPENDED = "403 suspended"
FORBIDDEN = "403 forbidden"
NOT_FOUND = "404 not_found"

_ACCOUNTS = {"nobody": SIGN_IN, "viewer": SIGN_IN, "suspended": SUSPENDED}
_REFUSED: Mapping[Who, Mapping[str, str]] = {
    "anyone": {},
    # By a token, whoever brings it: tests/operations/partner.
    "partner": {},
    "session": {"nobody": "401 session_needed"},
    "account": _ACCOUNTS,
    "owner": _ACCOUNTS | dict.fromkeys(("other", "moderator", "admin"), FORBIDDEN),
    "moderator": _ACCOUNTS | dict.fromkeys(("other", "owner"), FORBIDDEN),
    "admin": _ACCOUNTS | dict.fromkeys(("other", "owner", "moderator"), FORBIDDEN),
}
DONE = (200, 201, 202, 204)


class Row(NamedTuple):
    """A route, who may, and a request that would be right."""

    route: str
    who: Who
    """Words for whom: docs/reference/access.md."""
    body: Mapping[str, Any] | bytes | None = None
    headers: Mapping[str, str] = {}
    query: Mapping[str, str] = {}
    others: str = FORBIDDEN
    """What accounts get that are not the owner."""
    answers: tuple[int, ...] = DONE
    """What who may gets, where the request is right and something else is in the way."""

    also: Mapping[str, str] = {}
    """Who else may not, and with which words."""

    @property
    def refused(self) -> Mapping[str, str]:
        """Who may not, and with which words."""
        found = dict(_REFUSED[self.who])
        if self.who == "owner":
            found |= dict.fromkeys(("other", "moderator", "admin"), self.others)
        return found | self.also


_PARTNER = {"Authorization": "Bearer {partner_token}"}
_TUS = {"Tus-Resumable": "1.0.0"}
_PIECE = {**_TUS, "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
_VTT = "WEBVTT\n\n00:00.000 --> 00:01.000\nhello\n"
_BUILT = (*DONE, 404)
"""The page's files are there once it has been built."""

ROWS = (
    # Sessions and accounts
    Row("GET /api/session", "anyone"),
    Row("POST /api/session", "anyone", {"handle": "{owner_handle}", "password": "{password}"}),
    Row("DELETE /api/session", "anyone"),
    Row("POST /api/session/link", "anyone", {"token": "{sign_in_link}"}),
    Row("POST /api/accounts", "anyone", {"handle": "{fresh_handle}", "password": "{password}", "birth_year": 1990}),
    Row("DELETE /api/accounts/me", "account", {"password": "{password}"}),
    Row("POST /api/password", "anyone", {"token": "{reset_link}", "password": "another good one"}),
    # People
    Row("GET /api/profiles/{handle}", "anyone"),
    Row("GET /api/profiles/{handle}/videos", "anyone"),
    Row("PUT /api/profiles/{handle}/follow", "account"),
    Row("DELETE /api/profiles/{handle}/follow", "account"),
    Row("PUT /api/profiles/{handle}/block", "account"),
    Row("DELETE /api/profiles/{handle}/block", "account"),
    # Protection: nobody in the place is under age, asks to follow, or is looked after
    Row("GET /api/me/protections", "account"),
    Row("PUT /api/me/private", "account", {"private": True}),
    Row("GET /api/me/follow-requests", "account"),
    Row("PUT /api/me/follow-requests/{handle}", "account", answers=(404,)),
    Row("DELETE /api/me/follow-requests/{handle}", "account", answers=(404,)),
    Row("DELETE /api/me/followers/{handle}", "account"),
    Row("POST /api/me/guardian/code", "account", answers=(403,)),
    Row("DELETE /api/me/guardian", "account"),
    Row("GET /api/me/wards", "account"),
    Row("POST /api/me/wards", "account", {"code": "nobody's"}, answers=(403,)),
    Row("PUT /api/me/wards/{handle}", "account", {"daily_limit_minutes": 30}, answers=(404,)),
    Row("DELETE /api/me/wards/{handle}", "account", answers=(404,)),
    Row("POST /api/me/age/challenge", "account"),
    Row("POST /api/me/age", "account", {"attestation": "none"}, answers=(403,)),
    # The safety of one's own account
    Row("GET /api/me/security", "account"),
    Row("PUT /api/me/password", "account", {"old": "{password}", "new": "another good one"}),
    Row("DELETE /api/me/sessions", "account"),
    Row("DELETE /api/me/sessions/{session}", "account", answers=(404,)),
    Row("POST /api/me/second-factor", "account", {"password": "{password}"}),
    Row("PUT /api/me/second-factor", "account", {"code": "000000"}, answers=(403, 404)),
    Row("DELETE /api/me/second-factor", "account", {"password": "{password}", "code": "000000"}, answers=(403,)),
    # Notes on videos: each writes one, and nobody rates their own
    Row("GET /api/videos/{video}/notes", "anyone"),
    Row("POST /api/videos/{video}/notes", "account", {"kind": "satire", "text": "no news"}, answers=(*DONE, 409)),
    Row("PUT /api/notes/{note}", "owner", {"kind": "satire", "text": "a joke"}),
    Row("PUT /api/notes/{note}/rating", "account", {"value": "helpful"}, also={"owner": "403 own_note"}),
    Row("DELETE /api/notes/{note}", "owner"),
    Row("GET /api/notes/runs", "anyone"),
    Row("GET /api/notes/file", "anyone", answers=(*DONE, 404)),
    Row("GET /api/notes/result", "anyone", answers=(*DONE, 404)),
    # Feed and events
    Row("GET /api/feed", "anyone", query={"tab": "7d444840-9dc0-11d1-b245-5ffdce74fad2"}),
    Row("GET /api/feed/values", "anyone"),
    Row("GET /api/feed/boosts", "anyone"),
    Row("GET /evidence", "anyone"),
    Row("GET /api/evidence", "anyone"),
    Row("GET /api/partner/views", "partner", headers=_PARTNER),
    Row("GET /api/partner/views/{view}", "partner", headers=_PARTNER),
    # One that is right stops the feed of everybody: tests/operations/partner.
    Row("POST /api/partner/stop", "partner", {"reason": " "}, headers=_PARTNER, answers=(422,)),
    Row("DELETE /api/partner/stop", "partner", headers=_PARTNER, answers=(404,)),
    Row(
        "GET /api/pages/{page}/receipt",
        "owner",
        others=NOT_FOUND,
        also=dict.fromkeys(("nobody", "viewer", "suspended"), NOT_FOUND),
    ),
    Row("POST /api/feed/no-profile", "anyone", {"seen": [], "count": 3}),
    Row("GET /api/me/export", "session", answers=(*DONE, 429)),
    Row("GET /api/figures", "anyone"),
    # Controls of the feed, with an account or without
    Row("GET /api/me/dislikes", "session"),
    Row("GET /api/me/mutes", "session"),
    Row("PUT /api/me/mutes", "session", {"target": "word", "id": "spoiler"}),
    Row("DELETE /api/me/mutes/{mute_id}", "session", answers=(404,)),
    Row("GET /api/me/history", "session"),
    Row("DELETE /api/me/history", "session"),
    Row("DELETE /api/me/history/{video}", "session", answers=(*DONE, 404)),
    Row("POST /api/events", "session", {"session": "7d444840-9dc0-11d1-b245-5ffdce74fad2", "events": []}),
    # Videos
    Row("GET /api/videos/{video}", "anyone"),
    Row("GET /api/videos/{video}/elsewhere", "anyone", answers=(404,)),
    Row("DELETE /api/videos/{video}", "owner"),
    Row("PUT /api/videos/{video}/like", "account"),
    Row("DELETE /api/videos/{video}/like", "account"),
    Row("GET /api/videos/{video}/comments", "anyone"),
    Row("POST /api/videos/{video}/comments", "account", {"text": "lovely"}),
    # The video below which it stands is its author's, too; who is which: tests/web/test_comment_routes.py
    Row("PUT /api/comments/{comment_id}", "owner", {"text": "other words"}),
    Row("DELETE /api/comments/{comment_id}", "owner"),
    Row("GET /api/comments/{comment_id}/replies", "anyone"),
    Row("PUT /api/comments/{comment_id}/like", "account"),
    Row("DELETE /api/comments/{comment_id}/like", "account"),
    Row("PUT /api/comments/{comment_id}/pin", "owner"),
    Row("DELETE /api/comments/{comment_id}/pin", "owner"),
    Row("PUT /api/comments/{comment_id}/hidden", "owner"),
    Row("DELETE /api/comments/{comment_id}/hidden", "owner"),
    Row("DELETE /api/comments/{comment_id}/held", "owner"),
    Row("GET /api/me/comments/held", "account"),
    Row("GET /api/me/comments/words", "account"),
    Row("PUT /api/me/comments/words", "account", {"words": ["cheap watches"]}),
    Row("GET /api/me/videos", "account"),
    Row("PUT /api/videos/{video}/cover", "owner", {"name": "cover-1"}),
    Row("PUT /api/videos/{video}/alt-text", "owner", {"text": "a wave"}),
    Row("GET /api/videos/{video}/captions/{language}", "owner"),
    Row("PUT /api/videos/{video}/captions/{language}", "owner", {"text": _VTT}),
    Row("DELETE /api/videos/{video}/captions/{language}", "owner"),
    Row("POST /api/videos/{video}/transcribe", "owner", answers=(404,)),
    Row("PUT /api/videos/{video}/sound", "owner", {"shared": False}),
    Row("POST /api/videos/{video}/retry", "owner", answers=(409,)),
    Row("GET /api/sounds/{sound}", "anyone"),
    Row("GET /api/search", "anyone", query={"q": "waves"}),
    Row("GET /api/search/suggestions", "anyone", query={"q": "wa"}),
    Row("GET /api/hashtags/{tag}/videos", "anyone"),
    Row("GET /api/videos/{video}/qr", "anyone"),
    Row("GET /oembed", "anyone", query={"url": "http://testserver.local/v/{video}"}),
    # Media
    Row("GET /media/{video}/{file}", "anyone"),
    Row("HEAD /media/{video}/{file}", "anyone"),
    Row("GET /media/{video}/captions/{language}", "anyone"),
    # Uploads
    Row("OPTIONS /api/uploads", "anyone"),
    Row("POST /api/uploads", "account", headers={**_TUS, "Upload-Length": "10"}),
    Row("HEAD /api/uploads/{upload_id}", "owner", headers=_TUS, others=NOT_FOUND),
    Row("PATCH /api/uploads/{upload_id}", "owner", b"abc", _PIECE, others=NOT_FOUND),
    Row("POST /api/uploads/{upload_id}", "owner", b"abc", {**_PIECE, "X-HTTP-Method-Override": "PATCH"}, {}, NOT_FOUND),
    Row("POST /api/uploads/{upload_id}", "owner", b"", {**_TUS, "X-HTTP-Method-Override": "DELETE"}, {}, NOT_FOUND),
    Row("PUT /api/uploads/{upload_id}", "owner", {"title": "other words"}, others=NOT_FOUND),
    Row("DELETE /api/uploads/{upload_id}", "owner", headers=_TUS, others=NOT_FOUND),
    Row("POST /api/uploads/{upload_id}/post", "owner", others=NOT_FOUND, answers=(409,)),
    Row("GET /api/uploads/{upload_id}/status", "owner", others=NOT_FOUND),
    Row("GET /api/me/uploads/room", "account"),
    Row("GET /api/me/uploads/news", "account"),
    # Inbox
    Row("GET /api/me/inbox", "account"),
    Row("PUT /api/me/inbox/read", "account", {"until": "2026-01-01T00:00:00Z"}),
    Row("PUT /api/me/inbox/{notification}/read", "account"),
    Row("GET /api/me/inbox/kinds", "account"),
    Row("PUT /api/me/inbox/kinds", "account", {"kind": "like", "in_app": False}),
    # Safety
    Row("POST /api/reports", "session", {"kind": "video", "target": "{video}", "reason": "spam"}),
    Row("GET /api/admin/reports", "moderator"),
    Row(
        "POST /api/admin/decisions",
        "moderator",
        {"kind": "video", "target": "{video}", "action": "dismiss", "reason": "it is fine"},
    ),
    Row("GET /api/admin/status", "moderator"),
    Row("GET /api/me/decisions", "account"),
    Row("GET /api/me/reports", "account"),
    Row("POST /api/decisions/{decision}/appeal", "account", {"words": "I disagree"}, answers=(404,)),
    Row("POST /api/decisions/{decision}/counter-notice", "account", {"words": "it is mine"}, answers=(404,)),
    Row("POST /api/suspension", "anyone", {"handle": "{owner_handle}", "password": "{password}"}, answers=(*DONE, 429)),
    Row(
        "POST /api/suspension/appeal",
        "anyone",
        {"handle": "{owner_handle}", "password": "{password}", "decision": "{decision}", "words": "I disagree"},
        answers=(404, 429),
    ),
    Row("GET /transparency", "anyone"),
    Row("GET /api/transparency", "anyone"),
    # Casework
    Row("GET /api/admin/queue", "moderator"),
    Row("GET /api/admin/policy", "moderator"),
    Row("POST /api/admin/policy/dry-run", "admin", {"text": "version = 1"}),
    Row("GET /api/admin/cases/{case}", "moderator", answers=(404,)),
    Row("PUT /api/admin/cases/{case}/claim", "moderator", answers=(404,)),
    Row("DELETE /api/admin/cases/{case}/claim", "moderator", answers=(*DONE, 404)),
    Row("POST /api/admin/cases/{case}/decision", "moderator", {"action": "dismiss", "reason": "fine"}, answers=(404,)),
    Row(
        "POST /api/admin/queue/decisions",
        "moderator",
        {"cases": ["{case}"], "action": "dismiss", "reason": "fine"},
        answers=(*DONE, 404),
    ),
    Row("GET /api/admin/appeals", "moderator"),
    Row("POST /api/admin/appeals/{appeal}", "moderator", {"verdict": "upheld", "reason": "it is so"}, answers=(404,)),
    Row("GET /api/admin/counter-notices", "moderator"),
    Row("POST /api/admin/counter-notices/{decision}/keep", "moderator", {"reason": "a court"}, answers=(404,)),
    Row("GET /api/admin/flaggers", "moderator"),
    Row("PUT /api/admin/flaggers/{handle}", "admin", {"area": "child safety"}),
    Row("DELETE /api/admin/flaggers/{handle}", "admin", answers=(*DONE, 404)),
    # Banks of known hashes, and what is held; the name in the place is none of a bank
    Row("GET /api/admin/banks", "admin"),
    Row("PUT /api/admin/banks/{name}", "admin", {"owner": "somebody"}, answers=(422,)),
    Row("DELETE /api/admin/banks/{name}", "admin", answers=(404, 422)),
    Row("POST /api/admin/banks/{name}/hashes", "admin", {"text": ""}, answers=(404, 422)),
    Row("GET /api/admin/banks/{name}/hashes", "admin", answers=(404, 422)),
    Row("POST /api/admin/banks/{name}/videos", "admin", {"video": "{video}"}, answers=(404, 422)),
    Row("GET /api/admin/held", "admin"),
    Row("POST /api/admin/held/{video}/release", "admin", answers=(404,)),
    Row("GET /api/admin/figures", "moderator"),
    Row("POST /api/admin/accounts/{handle}/reset-link", "admin"),
    Row("POST /api/admin/invites", "admin"),
    # The life cycle of the market
    Row("GET /api/market", "anyone"),
    Row("GET /api/admin/market/orders", "admin"),
    Row("POST /api/admin/market/orders", "admin", {"issuer": "a court", "legal_basis": "§ 1", "text": "close"}),
    Row("POST /api/admin/market/orders/{order}/acts", "admin", {"what": "annulled"}, answers=(404,)),
    Row("GET /api/admin/market/steps", "admin"),
    Row(
        "POST /api/admin/market/steps",
        "admin",
        {"to_state": "no_signups", "takes_effect_at": "2031-01-01T00:00:00Z"},
        answers=(*DONE, 409),
    ),
    Row("POST /api/admin/market/steps/{step}/confirm", "admin", answers=(404,)),
    Row("POST /api/admin/market/steps/{step}/revoke", "admin", answers=(404,)),
    # Operation
    Row("GET /healthz", "anyone"),
    Row("GET /metrics", "anyone"),
    Row("GET /ca.crt", "anyone", answers=(404,)),
    Row("GET /ledger/key", "anyone"),
    Row("GET /ledger/{path}", "anyone", answers=(404,)),
    # Only other markets of a house, by their signature; here there is no house
    Row("POST /gateway/{kind}", "anyone", b"{}", answers=(404,)),
    Row("GET /schema", "anyone"),
    Row("GET /schema/openapi.json", "anyone"),
    Row("GET /schema/{path}", "anyone", answers=(404,)),
    # Pages: they hold nothing about anybody, and ask the routes above
    *(
        Row(f"GET {path}", "anyone")
        for path in (
            "/",
            "/upload",
            "/inbox",
            "/me",
            "/me/feed",
            "/me/history",
            "/sign-in",
            "/sign-up",
            "/reset",
            "/admin",
            "/market",
            "/search",
        )
    ),
    Row("GET /{profile}", "anyone"),
    Row("GET /{profile}/feed.xml", "anyone"),
    Row("GET /t/{tag}/feed.xml", "anyone"),
    Row("GET /s/{sound}", "anyone"),
    Row("GET /t/{tag}", "anyone"),
    Row("GET /v/{video}", "anyone"),
    Row("GET /embed/{video}", "anyone"),
    Row("GET /check/{page}", "anyone"),
    Row("GET /figures", "anyone"),
    Row("GET /admin/figures", "moderator"),
    Row("GET /figures.css", "anyone"),
    *(
        Row(f"GET {path}", "anyone", answers=_BUILT)
        for path in (
            "/manifest.webmanifest",
            "/sw.js",
            "/favicon.ico",
            "/robots.txt",
            "/assets/{name}",
            "/icons/{name}",
        )
    ),
)
