"""What each state of the market lets through: every route in every state, against the real app and a real database."""

from collections.abc import Iterator
from datetime import timedelta
from typing import get_args

import pytest
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import event
from tests.conftest import CHEAP_HASHER, NOW_MS, fresh_database
from tests.web.access import ROWS, Row
from tests.web.place import PASSWORD, Place

from penchant.adapters import embedded_postgres
from penchant.app import Penchant, build
from penchant.core.clock import ManualClock, as_datetime
from penchant.core.settings import Settings
from penchant.markets.lifecycle import State
from penchant.web.asgi import create_web
from penchant.web.gate import KNOWN

pytestmark = pytest.mark.service

DAY_MS = 86_400_000
STATES = get_args(State)
SIGN_UP = "POST /api/accounts"
WAYS_OUT = """
    GET /api/session  POST /api/session  DELETE /api/session  POST /api/session/link  POST /api/password
    GET /api/me/export"""
NEVER_REFUSED = """
    GET /api/market  GET /api/admin/market/orders  POST /api/admin/market/orders
    POST /api/admin/market/orders/{order}/acts  GET /api/admin/market/steps  POST /api/admin/market/steps
    POST /api/admin/market/steps/{step}/confirm  POST /api/admin/market/steps/{step}/revoke
    GET /market  GET /sign-in  GET /reset  GET /admin  GET /figures.css  GET /assets/{name}  GET /icons/{name}
    GET /manifest.webmanifest  GET /sw.js  GET /favicon.ico  GET /robots.txt  GET /healthz  GET /metrics  GET /ca.crt"""
WRITTEN_IN_READ_ONLY = """
    POST /api/session  DELETE /api/session  POST /api/session/link  POST /api/password
    DELETE /api/accounts/me  PUT /api/me/password  DELETE /api/me/sessions  DELETE /api/me/sessions/{session}
    POST /api/me/second-factor  PUT /api/me/second-factor  DELETE /api/me/second-factor
    POST /api/admin/accounts/{handle}/reset-link
    POST /api/reports  POST /api/decisions/{decision}/appeal  POST /api/decisions/{decision}/counter-notice
    POST /api/suspension  POST /api/suspension/appeal  POST /api/admin/decisions
    PUT /api/admin/cases/{case}/claim  DELETE /api/admin/cases/{case}/claim  POST /api/admin/cases/{case}/decision
    POST /api/admin/queue/decisions  POST /api/admin/appeals/{appeal}
    POST /api/admin/counter-notices/{decision}/keep  POST /api/admin/held/{video}/release
    POST /api/feed/no-profile  POST /api/admin/policy/dry-run  POST /gateway/{kind}"""


def routes(text: str) -> frozenset[str]:
    words = text.split()
    return frozenset(f"{method} {path}" for method, path in zip(words[::2], words[1::2], strict=True))


def refusal(state: State, route: str) -> str:
    """What a route is to say: the code, or nothing."""
    if route in routes(NEVER_REFUSED):
        return ""
    if state in ("closed", "handed_over"):
        return "" if route in routes(WAYS_OUT) else "closed_by_law"
    if state != "open" and route == SIGN_UP:
        return "no_signups"
    writes = route.split()[0] not in ("GET", "HEAD", "OPTIONS")
    return "read_only" if state == "read_only" and writes and route not in routes(WRITTEN_IN_READ_ONLY) else ""


class Ended:
    """A place whose market an order has brought into a state."""

    def __init__(self, cell: Penchant, clock: ManualClock, web: Litestar, state: State, by_order: bool) -> None:
        self.cell, self.clock, self.state = cell, clock, state
        self.place = Place(cell, web)
        self.client = TestClient(web)
        one, other = (cell.accounts.make_account(name, name, "admin").id for name in ("one", "other"))
        self.one, self.order = one, None
        date = as_datetime(clock.now_ms()) + timedelta(days=1)
        if state != "open":
            words = {"moved_to": "https://elsewhere.example"} if state == "handed_over" else {}
            if by_order:
                self.order = cell.life_cycle.announce(one, "the <court>", "Act § 1", "Close it.", date)
            order_id = self.order.id if self.order else None
            step = cell.life_cycle.plan(one, state, date, order_id=order_id, **words).step.id
            cell.life_cycle.confirm(other, step)
            clock.advance(DAY_MS)

    def code(self, row: Row) -> str:
        """The refusal of the gate; empty where the request came through to the route."""
        answer = self.place.ask("nobody", row)
        found = code(answer)
        if found in ("closed", "closed_by_law") or answer.status_code == 451:
            assert answer.headers["cache-control"] == "no-store"
            assert 'rel="blocked-by"' in answer.headers["link"]
            assert answer.status_code == 451
            return "closed_by_law"
        return found if found in ("no_signups", "read_only") else ""


def code(answer: Response) -> str:
    is_error = answer.status_code >= 400 and answer.headers.get("content-type", "").startswith("application/json")
    return str(answer.json()["error"]["code"]) if is_error and answer.content else ""


@pytest.fixture
def ended(
    request: pytest.FixtureRequest, postgres: embedded_postgres.PostgresHome, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ended]:
    state, by_order = request.param if isinstance(request.param, tuple) else (request.param, True)
    with fresh_database(postgres) as url:
        clock = ManualClock(NOW_MS)
        settings = Settings(data=tmp_path_factory.mktemp("data"), note_account_days=0)
        cell = build(settings, clock=clock, database_url=url, hasher=CHEAP_HASHER)
        yield Ended(cell, clock, create_web(cell), state, by_order)
        cell.close()


def test_the_table_names_only_routes_that_there_are():
    assert KNOWN - {row.route for row in ROWS} == set()


@pytest.mark.parametrize("ended", STATES, indirect=True)
def test_every_route_in_every_state(ended: Ended):
    for row in ROWS:
        assert ended.code(row) == refusal(ended.state, row.route), row.route


@pytest.mark.parametrize("ended", ["no_signups", "winding_down"], indirect=True)
def test_nobody_new_and_everything_else_as_before(ended: Ended):
    sign_up = {"handle": "new_one", "password": PASSWORD, "birth_year": 1990}
    answer = ended.client.post("/api/accounts", json=sign_up)
    assert (answer.status_code, code(answer)) == (403, "no_signups")
    assert ended.client.get("/api/session").json()["market"]["signup"] == "closed"
    assert ended.client.get("/api/session").json()["market"]["state"] == ended.state
    like = Row(f"PUT /api/videos/{ended.place.value('video')}/like", "account")
    assert ended.place.ask("other", like).status_code == 200


@pytest.mark.parametrize("ended", ["read_only"], indirect=True)
def test_watching_goes_on_and_people_can_leave(ended: Ended):
    assert ended.client.get("/api/feed?tab=7d444840-9dc0-11d1-b245-5ffdce74fad2").status_code == 200
    video = ended.place.value("video")
    assert ended.client.get(f"/media/{video}/480p.mp4").status_code == 200
    refused = ended.place.ask("other", Row(f"PUT /api/videos/{video}/like", "account"))
    assert (refused.status_code, code(refused)) == (403, "read_only")
    assert ended.place.ask("other", Row("GET /api/me/export", "session")).status_code == 200
    report = {"kind": "video", "target": video, "reason": "spam"}
    assert ended.place.ask("other", Row("POST /api/reports", "session", report)).status_code == 201
    assert ended.place.ask("other", Row("DELETE /api/accounts/me", "account", {"password": PASSWORD})).is_success


@pytest.mark.parametrize("ended", ["closed"], indirect=True)
def test_a_closed_market_says_by_whose_order_and_hands_out_data(ended: Ended):
    page = ended.client.get("/", headers={"Accept-Language": "fr"})
    assert page.status_code == 451
    assert page.headers["link"] == '<http://testserver.local/api/market>; rel="blocked-by"'
    assert page.headers["content-type"].startswith("text/html")
    for words in ("est fermé", "the &lt;court&gt;", "Act § 1", "Close it.", 'href="/market"'):
        assert words in page.text
    feed = ended.client.get("/api/feed")
    assert (feed.status_code, code(feed)) == (451, "closed_by_law")
    assert "Act § 1" in feed.json()["error"]["message"]
    media = ended.client.get(f"/media/{ended.place.value('video')}/480p.mp4")
    assert (media.status_code, code(media)) == (451, "closed_by_law")
    market = ended.client.get("/api/market").json()
    assert (market["state"], market["legal_basis"], market["banner"]) == ("closed", "Act § 1", "closed")
    assert market["order"]["acts"][0]["by"] is None
    who = {"handle": ended.place.value("owner_handle"), "password": PASSWORD}
    assert ended.client.post("/api/session", json=who).status_code == 200
    assert ended.client.get("/api/me/export").status_code == 200
    # A stay restores at once.
    assert ended.order is not None
    ended.cell.life_cycle.act(ended.one, ended.order.id, "stayed")
    assert ended.client.get("/").status_code == 200
    assert ended.client.get(f"/media/{ended.place.value('video')}/480p.mp4").status_code == 200


@pytest.mark.parametrize("ended", [("closed", False), ("handed_over", False)], indirect=True)
def test_without_an_order_it_is_gone_and_no_law_is_named(ended: Ended):
    for path in ("/", "/api/feed"):
        answer = ended.client.get(path)
        assert answer.status_code == 410
        assert "link" not in answer.headers
    if ended.state == "handed_over":
        assert 'href="https://elsewhere.example"' in ended.client.get("/").text
        assert "https://elsewhere.example" in ended.client.get("/api/feed").json()["error"]["message"]
        assert ended.client.get("/api/market").json()["moved_to"] == "https://elsewhere.example"


@pytest.mark.parametrize("ended", ["closed"], indirect=True)
def test_once_the_keys_are_destroyed_nothing_is_handed_out_any_more(ended: Ended):
    ended.clock.advance(30 * DAY_MS)
    assert ended.cell.closing.enforce() is not None
    for row in ROWS:
        never = row.route in routes(NEVER_REFUSED)
        assert ended.code(row) == ("" if never else "closed_by_law"), row.route
    assert ended.client.get("/api/market").json()["keys_destroyed_at"] is not None
    assert "destroyed" in ended.client.get("/").text


def test_the_state_costs_no_question_within_a_second(cell: Penchant, client: TestClient[Litestar], clock: ManualClock):
    asked: list[str] = []
    event.listen(cell.engine, "before_cursor_execute", lambda _, __, words, *___: asked.append(words))
    for _ in range(3):
        client.get("/v/nothing")
    assert len([words for words in asked if "market_steps" in words]) == 1
    clock.advance(1_000)
    client.get("/v/nothing")
    assert len([words for words in asked if "market_steps" in words]) == 2


def test_while_the_database_is_away_what_was_known_holds(cell: Penchant, client: TestClient[Litestar]):
    assert client.get("/").status_code == 200
    cell.life_cycle.watch.forget()
    with cell.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE market_steps RENAME TO away")
    assert client.get("/").status_code == 200
    assert client.get("/assets/nothing").status_code == 404


def test_where_nothing_is_known_of_the_state_nothing_is_let_through(cell: Penchant, client: TestClient[Litestar]):
    with cell.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE market_steps RENAME TO away")
    answer = client.get("/")
    assert (answer.status_code, code(answer)) == (503, "unavailable")
    assert client.get("/assets/nothing").status_code == 404
