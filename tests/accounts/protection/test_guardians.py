"""An adult who looks after somebody under age: by a code, for how long and never for what."""

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.accounts.protection.test_daily_use import MINUTE_MS, page
from tests.accounts.protection.test_private import YEAR, Client, arrive

from penchant.app import Penchant
from penchant.core.clock import ManualClock

pytestmark = pytest.mark.service


@pytest.fixture
def minor(web: Litestar) -> Client:
    return arrive(web, "mia", YEAR - 15)


@pytest.fixture
def guardian(web: Litestar) -> Client:
    return arrive(web, "ada")


def code_of(client: Client) -> str:
    answer = client.post("/api/me/guardian/code")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["code"])


def take(client: Client, code: str) -> tuple[int, str]:
    answer = client.post("/api/me/wards", json={"code": code})
    return answer.status_code, answer.json()["handle"] if answer.is_success else answer.json()["error"]["code"]


def test_a_code_is_good_once_for_one_adult_and_a_day(
    minor: Client, guardian: Client, web: Litestar, clock: ManualClock
):
    young = arrive(web, "ned", YEAR - 14)
    code = code_of(minor)
    assert take(young, code) == (403, "not_adult")
    assert take(guardian, code) == (201, "mia")
    assert take(arrive(web, "eve"), code) == (403, "link_used")
    late = code_of(young)
    clock.advance(25 * 60 * MINUTE_MS)
    assert take(guardian, late) == (403, "link_used")
    assert take(guardian, "x" * 12) == (403, "link_used")
    answer = guardian.post("/api/me/guardian/code")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_minor")


def test_a_minor_has_one_guardian_who_says_how_long(minor: Client, guardian: Client, web: Litestar, clock: ManualClock):
    assert take(guardian, code_of(minor)) == (201, "mia")
    assert take(arrive(web, "eve"), code_of(minor)) == (409, "has_guardian")
    for minutes in (14, 121):
        assert guardian.put("/api/me/wards/mia", json={"daily_limit_minutes": minutes}).status_code == 422
    assert guardian.put("/api/me/wards/mia", json={"daily_limit_minutes": 15}).json()["daily_limit_minutes"] == 15
    assert minor.get("/api/me/protections").json()["guardian"] == "ada"
    page(minor)
    for _ in range(15):
        clock.advance(MINUTE_MS)
        page(minor)
    assert page(minor)[0] == 403
    (ward,) = guardian.get("/api/me/wards").json()["wards"]
    assert ward == {
        "handle": "mia",
        "name": "mia",
        "daily_limit_minutes": 15,
        "used_minutes": 15,
        "since": ward["since"],
    }
    # Longer, and the whole of it.
    guardian.put("/api/me/wards/mia", json={"daily_limit_minutes": 30})
    assert page(minor) == (200, 15 * 60)


@pytest.mark.parametrize("who", ["ward", "guardian"])
def test_either_ends_it_and_what_holds_for_every_minor_is_left(minor: Client, guardian: Client, who: str):
    take(guardian, code_of(minor))
    guardian.put("/api/me/wards/mia", json={"daily_limit_minutes": 120})
    ended = minor.delete("/api/me/guardian") if who == "ward" else guardian.delete("/api/me/wards/mia")
    assert ended.status_code == 204
    assert guardian.get("/api/me/wards").json()["wards"] == []
    told = minor.get("/api/me/protections").json()
    assert (told["guardian"], told["daily_limit_minutes"]) == (None, 60)
    assert guardian.put("/api/me/wards/mia", json={"daily_limit_minutes": 30}).status_code == 404


def test_it_ends_by_itself_when_the_ward_comes_of_age(
    cell: Penchant, minor: Client, guardian: Client, web: Litestar, clock: ManualClock
):
    take(guardian, code_of(minor))
    clock.advance(4 * 366 * 24 * 60 * MINUTE_MS)
    grown, elder = TestClient(web), TestClient(web)
    grown.post("/api/session", json={"handle": "mia", "password": "correct horse"})
    elder.post("/api/session", json={"handle": "ada", "password": "correct horse"})
    told = grown.get("/api/me/protections").json()
    assert (told["age_band"], told["guardian"], told["daily_limit_minutes"], told["private"]) == (
        "adult",
        None,
        None,
        False,
    )
    assert elder.get("/api/me/wards").json()["wards"] == []


def test_a_guardian_who_is_suspended_decides_nothing(cell: Penchant, minor: Client, guardian: Client):
    take(guardian, code_of(minor))
    guardian.put("/api/me/wards/mia", json={"daily_limit_minutes": 120})
    with cell.engine.begin() as connection:
        cell.accounts.set_suspended(connection, cell.accounts.by_handle("ada"), True)
    told = minor.get("/api/me/protections").json()
    assert (told["guardian"], told["daily_limit_minutes"]) == (None, 60)
    assert page(minor) == (200, 3600)
