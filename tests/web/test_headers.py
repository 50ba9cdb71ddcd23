"""Every kind of answer carries the headers that hold browsers back, also those that the framework makes by itself."""

from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.conftest import CHEAP_HASHER
from tests.web.place import Place

from penchant.app import Penchant, build
from penchant.core.clock import ManualClock
from penchant.core.settings import Settings
from penchant.web.asgi import create_web
from penchant.web.routes import health

pytestmark = pytest.mark.service

Client = TestClient[Litestar]
JSON = {"Content-Type": "application/json"}


def csp(answer: Any) -> dict[str, str]:
    parts = answer.headers["content-security-policy"].split(";")
    return {name: value for name, _, value in (part.strip().partition(" ") for part in parts)}


KINDS: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "page": ("GET", "/", {}, 200),
    "video page": ("GET", "/v/{video}", {}, 200),
    "page of a video that is gone": ("GET", "/v/0000000000000", {}, 404),
    "embedded": ("GET", "/embed/{video}", {}, 200),
    "figures": ("GET", "/figures", {}, 200),
    "json": ("GET", "/api/session", {}, 200),
    "no content": ("DELETE", "/api/session", {}, 204),
    "media": ("GET", "/media/{video}/480p.mp4", {}, 200),
    "part of media": ("GET", "/media/{video}/480p.mp4", {"headers": {"Range": "bytes=0-1"}}, 206),
    "nothing new": ("GET", "/media/{video}/480p.mp4", {"headers": {"If-None-Match": "*"}}, 304),
    "captions": ("GET", "/media/{video}/captions/en", {}, 200),
    "no media": ("GET", "/media/{video}/nothing.mp4", {}, 404),
    "oembed": ("GET", "/oembed?url=http://testserver.local/v/{video}", {}, 200),
    "metrics": ("GET", "/metrics", {}, 200),
    "style": ("GET", "/figures.css", {}, 200),
    "tus": ("OPTIONS", "/api/uploads", {}, 204),
    "which methods": ("OPTIONS", "/api/session", {}, 204),
    "schema": ("GET", "/schema/openapi.json", {}, 200),
    "refused": ("PUT", "/api/videos/{video}/like", {}, 401),
    "another site": ("DELETE", "/api/session", {"headers": {"Sec-Fetch-Site": "cross-site"}}, 403),
    "unknown": ("GET", "/api/nothing", {}, 404),
    "a page that is none": ("GET", "/no/such/page", {"headers": {"Accept": "text/html"}}, 404),
    "wrong method": ("PATCH", "/api/session", {}, 405),
    "no JSON": ("POST", "/api/session", {"content": b"{", "headers": JSON}, 400),
    "wrong shape": ("POST", "/api/session", {"json": {"handle": 1}}, 422),
    "too large": ("POST", "/api/session", {"content": b"x" * 1_100_000, "headers": JSON}, 413),
}


@pytest.fixture
def place(cell: Penchant, web: Litestar) -> Place:
    return Place(cell, web)


def test_every_kind_of_answer_is_guarded(place: Place, client: Client):
    for kind, (method, path, options, status) in KINDS.items():
        answer = client.request(method, path.replace("{video}", place.value("video")), **options)
        assert answer.status_code == status, f"{kind}: {answer.status_code} {answer.text[:200]}"
        _check(kind, answer)


def _check(kind: str, answer: Any) -> None:
    headers, policy = answer.headers, csp(answer)
    assert headers["x-content-type-options"] == "nosniff", kind
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin", kind
    assert headers["cross-origin-opener-policy"] == "same-origin", kind
    assert "geolocation=()" in headers["permissions-policy"], kind
    assert "strict-transport-security" not in headers, kind
    assert policy["default-src"] == "'none'", kind
    assert policy["base-uri"] == "'none'", kind
    assert policy.get("script-src", "'self'") == policy.get("style-src", "'self'") == "'self'", kind
    assert policy["frame-ancestors"] == ("*" if kind == "embedded" else "'none'"), kind
    assert "unsafe" not in headers["content-security-policy"], kind
    assert "access-control-allow-origin" not in headers, kind
    assert "server" not in headers, kind
    if not answer.request.url.path.startswith(("/media/", "/oembed", "/embed/", "/v/")):
        assert headers["cross-origin-resource-policy"] == "same-origin", kind
    if answer.request.url.path.startswith("/api/"):
        assert headers["cache-control"] == "no-store", kind


def test_a_fault_of_ours_is_guarded_and_says_nothing(client: Client, monkeypatch: pytest.MonkeyPatch):
    def fail(_: Path) -> str:
        raise RuntimeError("the secret is canary")

    monkeypatch.setattr(health, "read_readiness", fail)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "failed")
    assert "canary" not in answer.text
    _check("fault", answer)


def test_over_https_the_session_is_for_this_host_alone_and_https_is_kept(database_url: str, tmp_path: Path):
    settings = Settings(data=tmp_path, public_url="https://video.example")
    cell = build(settings, clock=ManualClock(0), database_url=database_url, hasher=CHEAP_HASHER)
    with TestClient(create_web(cell), base_url="https://video.example") as client:
        answer = client.get("/api/session")
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-penchant=")
        assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
        assert "domain" not in cookie.lower()
        # A name without the prefix can be planted by a sibling's page or by whoever sits in the line.
        token = client.cookies["__Host-penchant"]
        client.cookies.clear()
        planted = client.get("/api/session", headers={"Cookie": f"penchant={token}"})
        assert "set-cookie" in planted.headers


@pytest.mark.service
@pytest.mark.parametrize("path", ["/nothing", "/no/such/page"])
def test_where_there_is_nothing_people_get_a_page_and_programs_an_error(client: Client, path: str):
    page = client.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    answer = client.get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
