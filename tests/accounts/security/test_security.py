"""Where one is signed in, a password that its owner changes, and an end that use does not move."""

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.accounts.protection.test_private import Client, arrive

from penchant.app import Penchant
from penchant.core.clock import ManualClock

pytestmark = pytest.mark.service
PASSWORD = "correct horse"
DAY_MS = 86_400_000
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
DESK = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def ada(web: Litestar) -> Client:
    return arrive(web, "ada")


def sign_in(web: Litestar, agent: str = "", password: str = PASSWORD) -> Client:
    client = TestClient(web)
    client.headers["User-Agent"] = agent
    assert client.post("/api/session", json={"handle": "ada", "password": password}).status_code == 200
    return client


def signed_in(client: Client) -> bool:
    return bool(client.get("/api/session").json()["signed_in"])


def test_one_sees_where_one_is_signed_in_and_ends_it(ada: Client, web: Litestar):
    phone, desk = sign_in(web, PHONE), sign_in(web, DESK)
    found = phone.get("/api/me/security").json()["sessions"]
    assert sorted(one["agent"] for one in found) == ["", "Firefox, Linux", "Safari, iPhone"]
    assert [one["agent"] for one in found if one["here"]] == ["Safari, iPhone"]
    (other,) = (one for one in found if one["agent"] == "Firefox, Linux")
    assert phone.delete(f"/api/me/sessions/{other['id']}").status_code == 204
    assert not signed_in(desk)
    assert phone.delete(f"/api/me/sessions/{other['id']}").status_code == 404
    assert phone.delete("/api/me/sessions").status_code == 204
    assert signed_in(phone) and not signed_in(ada)
    assert [change["what"] for change in phone.get("/api/me/security").json()["changes"]] == ["sessions_ended"] * 2


def test_nobody_ends_anothers_session(ada: Client, web: Litestar):
    (own,) = ada.get("/api/me/security").json()["sessions"]
    eve = arrive(web, "eve")
    for id_ in (own["id"], "", "x", own["id"][:4]):
        assert eve.delete(f"/api/me/sessions/{id_}").status_code in (204, 404)
    assert signed_in(ada)


def test_a_changed_password_ends_every_other_session(ada: Client, web: Litestar):
    other = sign_in(web)
    before = ada.cookies["penchant"]
    for body, status in (
        ({"old": "wrong horse", "new": "another good one"}, 403),
        ({"old": PASSWORD, "new": "short"}, 422),
        ({"old": PASSWORD, "new": "password1"}, 422),
    ):
        assert ada.put("/api/me/password", json=body).status_code == status
    assert ada.put("/api/me/password", json={"old": PASSWORD, "new": "another good one"}).status_code == 204
    assert ada.cookies["penchant"] != before
    assert signed_in(ada) and not signed_in(other)
    refused = TestClient(web).post("/api/session", json={"handle": "ada", "password": PASSWORD})
    assert refused.status_code == 401
    sign_in(web, password="another good one")
    assert ada.get("/api/me/security").json()["changes"][0]["what"] == "password_changed"


def test_a_session_ends_after_a_year_however_much_it_is_used(cell: Penchant, ada: Client, clock: ManualClock):
    token = ada.cookies["penchant"]
    for _ in range(12):
        clock.advance(30 * DAY_MS)
        cell.accounts.note_use(token)
        assert cell.accounts.viewer(token) is not None
    clock.advance(5 * DAY_MS + 1)
    assert cell.accounts.viewer(token) is None
