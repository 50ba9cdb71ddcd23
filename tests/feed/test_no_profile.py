"""The mode without a profile: the browser keeps what was seen, and nothing on the server leads to who watched."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.feed.conftest import Town

from penchant.app import Penchant
from penchant.core.ids import format_id, parse_id
from penchant.testing.traces import Marker, rows_of, rows_with
from penchant.web.asgi import create_web

pytestmark = pytest.mark.service
Client = TestClient[Litestar]
OFF = {"Penchant-Profile": "none"}
THREE_DAYS_MS = 3 * 86_400_000


@pytest.fixture
def web(town: Town) -> Iterator[Litestar]:
    yield create_web(town.cell)


def ids(page: dict) -> list[str]:  # type: ignore[type-arg]
    return [item["video"]["id"] for item in page["items"]]


def watch(client: Client, video: str, session: UUID) -> None:
    event = {"kind": "shown", "sequence": 1, "at_ms": 1_790_000_000_000, "context": "feed", "video": video}
    assert client.post("/api/events", json={"session": str(session), "events": [event]}).status_code == 202


def rows(cell: Penchant) -> Counter[str]:
    with cell.engine.connect() as connection:
        return rows_of(connection)


def who(cell: Penchant, client: Client) -> list[Marker]:
    """Everything by which the server could know this browser."""
    token = client.cookies["penchant"]
    viewer = cell.accounts.viewer(token)
    assert viewer is not None
    found: list[Marker] = [viewer.subject, hashlib.sha256(token.encode()).digest(), token]
    return found + ([viewer.account.id, viewer.account.handle] if viewer.account else [])


def browse(client: Client, pages: int = 3) -> list[str]:
    """What a browser does in that mode: page after page, and the requests that every page of the app makes."""
    seen: list[str] = []
    for _ in range(pages):
        assert client.get("/api/session", headers=OFF).status_code == 200
        page = client.post("/api/feed/no-profile", json={"seen": seen, "count": 10}, headers=OFF).json()
        assert page["mode"] == "no_profile"
        assert not set(ids(page)) & set(seen)
        assert {item["impression"] for item in page["items"]} == {""}
        seen += ids(page)
        # What the browser asks for by itself, and without our header.
        assert client.get(f"/api/videos/{seen[-1]}").status_code == 200
        assert client.get(f"/media/{seen[-1]}/captions/en.vtt").status_code == 404
    return seen


@pytest.mark.parametrize("signed_in", [True, False], ids=["signed in", "anonymous"])
def test_nothing_new_on_the_server_leads_to_who_watches(town: Town, web: Litestar, signed_in: bool):
    cell, tab, session = town.cell, uuid4(), uuid4()
    with TestClient(web) as client:
        if signed_in:
            person = {"handle": "quiet_one", "password": "correct horse", "birth_year": 1990}
            assert client.post("/api/accounts", json=person).status_code == 201
        first = client.get("/api/feed", params={"tab": str(tab)}).json()
        watch(client, ids(first)[0], session)
        mine = [*who(cell, client), tab, session, parse_id(first["page"])]
        before = rows(cell)
        assert rows_with(before, mine[:1]), "with a profile the server knows them"
        town.clock.advance(THREE_DAYS_MS)
        browse(client)
        new = rows(cell) - before
        assert sum(row.startswith("pages:") for row in new) == 3
        assert rows_with(new, mine) == []
        # The search finds what is there: the same visit with a profile.
        client.get("/api/feed", params={"tab": str(tab)})
        assert rows_with(rows(cell) - before, mine)


def test_without_any_cookie_none_is_made_and_no_page_leads_to_another(town: Town, web: Litestar):
    cell = town.cell
    before = rows(cell)
    with TestClient(web) as client:
        seen = browse(client)
        assert not client.cookies
    everything = list(rows(cell) - before)
    assert len(set(seen)) == 30
    assert {row.split(":")[0] for row in everything} == {"pages", "ledger_pending", "ledger_entries", "ledger_state"}
    new = [row for row in everything if row.startswith("pages:")]
    subjects = {row.split(",")[1] for row in new}
    tabs = {row.split(",")[2] for row in new}
    assert len(subjects) == len(tabs) == 3
    # The page before is in no record: neither as what was removed, nor as what spacing looked back on.
    first, later = seen[:10], [row for row in new if str(parse_id(seen[0])) not in row]
    assert len(later) == 2
    assert rows_with(later, [parse_id(video) for video in first]) == []


def test_what_somebody_refuses_stays_away_without_a_word_in_the_record(town: Town, web: Litestar):
    with TestClient(web) as client:
        person = {"handle": "refuser", "password": "correct horse", "birth_year": 1990}
        client.post("/api/accounts", json=person)
        client.put("/api/profiles/creator_0_0/block")
        reported = town.of_theme(1)[0]
        report = {"kind": "video", "target": format_id(reported), "reason": "spam"}
        assert client.post("/api/reports", json=report).status_code == 201
        me = town.cell.accounts.by_handle("refuser")
        with TestClient(web) as stranger:
            everything = [set(browse(one, 6)) for one in (client, stranger)]
    refused = everything[1] - everything[0]
    assert len(refused) == 5, "one that was reported, and those of the creator who was blocked"
    assert format_id(reported) in refused
    with town.cell.engine.connect() as connection:
        assert not [row for row in rows_of(connection) if row.startswith("pages:") and str(me.subject) in row]


def test_once_all_is_seen_the_oldest_come_again(town: Town):
    everything = list(town.theme_of)
    page = town.cell.feed.page_without_profile(None, everything)
    assert {item.why.code for item in page.items} == {"again"}
    assert [item.video.id for item in page.items] == everything[:10]


def test_taste_plays_no_part(town: Town):
    fan, fresh = town.viewer(), town.viewer()
    watched = town.of_theme(1)[:5]
    for video in watched:
        town.finish(fan, video)
    pages = [town.cell.feed.page_without_profile(viewer, watched, seed=5) for viewer in (fan, fresh, None)]
    orders = {tuple(item.video.id for item in page.items) for page in pages}
    assert len(orders) == 1
    assert not set(orders.pop()) & set(watched)


def test_wrong_requests_are_told(town: Town, web: Litestar):
    with TestClient(web) as client:
        for body in ({"seen": ["nonsense"]}, {"seen": ["0" * 13] * 1_001}, {"count": 0}, {"tab": str(uuid4())}):
            answer = client.post("/api/feed/no-profile", json=body)
            assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid"), body
        mode = client.get("/api/feed", params={"tab": str(uuid4()), "mode": "no_profile"})
        header = client.get("/api/feed", params={"tab": str(uuid4())}, headers=OFF)
        assert (mode.status_code, header.status_code) == (422, 422)
        assert not client.cookies
