"""The end of a minor's day: counted by the server, whatever the browser says, and the same on every way to the feed."""

import math
from uuid import uuid4

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.accounts.protection.test_private import YEAR, Client, arrive, publish

from penchant.app import Penchant
from penchant.core.clock import ManualClock

pytestmark = pytest.mark.service
MINUTE_MS = 60_000


def page(client: Client, *, profile: bool = True) -> tuple[int, int | None]:
    """Status, and the seconds that are left."""
    if profile:
        answer = client.get("/api/feed", params={"tab": str(uuid4())})
    else:
        answer = client.post("/api/feed/no-profile", json={})
    if answer.status_code == 200:
        return 200, answer.json()["rest_s"]
    error = answer.json()["error"]
    assert error["code"] == "daily_limit", answer.text
    wait_s = math.ceil(error["retry_after_s"])
    assert answer.headers["Retry-After"] == str(wait_s)
    return answer.status_code, wait_s


@pytest.fixture
def minor(cell: Penchant, web: Litestar) -> Client:
    publish(cell, cell.accounts.make_account("ada").handle)
    return arrive(web, "mia", YEAR - 15)


@pytest.mark.parametrize("profile", [True, False], ids=["profile", "no profile"])
def test_the_feed_ends_after_an_hour_and_goes_on_at_midnight(minor: Client, clock: ManualClock, profile: bool):
    assert page(minor, profile=profile) == (200, 3600)
    for minute in range(1, 60):
        clock.advance(MINUTE_MS)
        assert page(minor, profile=profile) == (200, 3600 - minute * 60)
    clock.advance(MINUTE_MS)
    status, wait_s = page(minor, profile=profile)
    assert (status, page(minor, profile=not profile)[0]) == (403, 403)
    # Nothing lifts it before the day is over, neither waiting nor asking.
    assert wait_s is not None
    clock.advance(wait_s * 1000 - 1)
    assert page(minor)[0] == 403
    clock.advance(2)
    assert page(minor) == (200, 3600)


def test_what_is_watched_counts_though_no_page_is_asked_for(minor: Client, clock: ManualClock):
    page(minor)
    for _ in range(60):
        clock.advance(MINUTE_MS)
        answer = minor.post("/api/events", json={"session": str(uuid4()), "events": []})
        assert answer.status_code == 202, "what happened is kept, limit or not"
    assert page(minor)[0] == 403


def test_a_pause_counts_for_five_minutes_at_most(minor: Client, clock: ManualClock):
    page(minor)
    clock.advance(180 * MINUTE_MS)
    assert page(minor) == (200, 3300)


def test_signing_in_elsewhere_does_not_begin_anew(minor: Client, web: Litestar, clock: ManualClock):
    page(minor)
    for _ in range(20):
        clock.advance(3 * MINUTE_MS)
        page(minor)
    other = TestClient(web)
    other.post("/api/session", json={"handle": "mia", "password": "correct horse"})
    assert page(other)[0] == page(minor)[0] == 403


def test_adults_and_people_without_an_account_are_not_counted(minor: Client, web: Litestar, clock: ManualClock):
    guest, ada = TestClient(web), arrive(web, "eve")
    for _ in range(30):
        clock.advance(4 * MINUTE_MS)
        assert page(guest) == page(ada) == page(ada, profile=False) == (200, None)


def test_what_is_left_of_a_link_is_still_to_be_seen(cell: Penchant, minor: Client, clock: ManualClock):
    """The limit is on what does not end by itself: a friend's link is one video."""
    for _ in range(61):
        clock.advance(MINUTE_MS)
        page(minor)
    assert page(minor)[0] == 403
    assert minor.get("/api/profiles/ada/videos").json()["videos"]
    assert minor.get("/api/me/protections").json()["used_minutes"] == 60
