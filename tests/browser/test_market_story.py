"""A place comes to its end and back: two administrators, a viewer who is told, the page that is left, in a browser."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import WIDE, People, picture
from tests.browser.test_moderation_story import fits
from tests.browser.test_security_story import begin_sign_in, pictures
from tests.browser.test_stories import sign_up, upload

from penchant.core.database import make_engine
from penchant.testing.installation import Installation, wait_for

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def installation(begun: Path) -> Iterator[Installation]:
    """Of its own: no other story goes on in a place that has closed."""
    installation = Installation(like=begun)
    try:
        yield installation.start()
    finally:
        installation.remove()


def make_admins(installation: Installation, *handles: str) -> None:
    engine = make_engine(installation.database_url())
    with engine.begin() as connection:
        for handle in handles:
            connection.exec_driver_sql("UPDATE accounts SET role = 'admin' WHERE handle = %s", (handle,))
    engine.dispose()


def soon(page: Page, other: Page, state: str, order: str) -> None:
    """A step that begins in a moment, and is waited for."""
    at = (datetime.now(UTC) + timedelta(seconds=3)).isoformat()
    step = {"to_state": state, "takes_effect_at": at, "order": order}
    planned = page.request.post("/api/admin/market/steps", data=step)
    assert planned.status == 201, planned.text()
    confirmed = other.request.post(f"/api/admin/market/steps/{planned.json()['id']}/confirm")
    assert confirmed.status == 200, confirmed.text()
    wait_for(lambda: page.request.get("/api/market").json()["state"] == state, state)


def local(page: Page, days: int) -> str:
    """As the field for dates wants it, in the browser's own time."""
    moment = f"new Date(Date.now() + {days} * 864e5)"
    return str(page.evaluate(f"new Date({moment} - {moment}.getTimezoneOffset() * 6e4).toISOString().slice(0, 16)"))


def test_two_administrators_end_a_place_and_a_stay_brings_it_back(people: People, installation: Installation):
    ada, eve, bob = people.arrive(size=WIDE), people.arrive(), people.arrive()
    for page, handle in ((ada, "end_ada"), (eve, "end_eve"), (bob, "end_bob")):
        sign_up(page, handle)
    make_admins(installation, "end_ada", "end_eve")
    video = upload(ada, "bikes.mp4", "Bikes at the sea")

    # The one notes the order and plans.
    ada.goto("/admin")
    market = ada.get_by_test_id("admin-market")
    market.get_by_test_id("new-order").click()
    form = market.get_by_test_id("order-form")
    form.locator('[name="issuer"]').fill("Authority for Media")
    form.locator('[name="legal_basis"]').fill("Media Act, § 12")
    form.locator('[name="text"]').fill("The service is to be closed.\nIts operator may be heard until then.")
    form.locator('[name="date"]').fill(local(ada, 90))
    form.get_by_test_id("order-submit").click()
    expect(market.get_by_test_id("order")).to_contain_text("Authority for Media")
    market.get_by_test_id("new-step").click()
    form = market.get_by_test_id("step-form")
    form.locator('[name="to_state"]').select_option("closed")
    form.locator('[name="at"]').fill(local(ada, 90))
    form.locator('[name="order"]').select_option(index=1)
    pictures(ada, "market-plan-wide")
    form.get_by_test_id("step-submit").click()
    step = market.get_by_test_id("step")
    expect(step.get_by_test_id("step-diff")).to_contain_text("Open → Closed")
    expect(step).to_contain_text("another administrator has to confirm it")
    expect(step.get_by_test_id("step-confirm")).to_have_count(0)

    # The other sees what it changes, and says yes, then no.
    eve.goto("/admin")
    step = eve.get_by_test_id("step")
    expect(step.get_by_test_id("step-diff")).to_contain_text("accounts 4")
    pictures(eve, "market-confirm-phone")
    fits(eve)
    step.get_by_test_id("step-confirm").click()
    expect(step).to_contain_text("confirmed by @end_eve")
    step.get_by_test_id("step-revoke").click()
    expect(step).to_contain_text("revoked by @end_eve")
    order = str(market.get_by_test_id("order").get_attribute("data-order"))

    # Everybody is told, and can still do everything.
    eve.request.post("/api/admin/market/steps", data={
        "to_state": "handed_over", "takes_effect_at": "2031-01-01T00:00:00Z", "order": order,
        "moved_to": "https://elsewhere.example",
    })  # fmt: skip
    handed = eve.request.get("/api/admin/market/steps").json()["steps"][-1]["id"]
    assert ada.request.post(f"/api/admin/market/steps/{handed}/confirm").status == 200
    soon(ada, eve, "winding_down", order)
    guest, wide = people.arrive(), people.arrive(size=WIDE)
    banner = guest.get_by_test_id("market-banner")
    expect(banner).to_contain_text("Media Act, § 12")
    expect(banner).to_contain_text("2031")
    expect(wide.get_by_test_id("market-banner")).to_be_visible()
    expect(wide.get_by_role("navigation").get_by_role("link", name="Create an account")).to_have_count(0)
    for page, name in ((guest, "phone"), (wide, "wide")):
        page.wait_for_load_state("networkidle")
        picture(page, f"market-banner-{name}")
    fits(guest)
    banner.get_by_role("link").click()
    expect(guest.get_by_test_id("market-state")).to_have_attribute("data-state", "winding_down")
    expect(guest.get_by_test_id("market-coming")).to_contain_text("2031")
    guest.locator("summary").click()
    pictures(guest, "market-page-phone")
    fits(guest)
    wide.get_by_test_id("market-banner").get_by_role("link").click()
    pictures(wide, "market-page-wide")
    wide.goto("/sign-up")
    expect(wide.get_by_test_id("sign-up-form")).to_have_count(0)
    wide.goto("/")
    wide.get_by_test_id("market-banner").get_by_role("button").click()
    expect(wide.get_by_test_id("market-banner")).to_have_count(0)
    assert bob.request.put(f"/api/videos/{video}/like").status == 200

    # Only to watch: what is refused is said in words, and nothing is sent any more.
    soon(ada, eve, "read_only", order)
    bob.goto(f"/v/{video}")
    expect(bob.get_by_test_id("market-banner")).to_contain_text("only be watched")
    sent: list[str] = []
    bob.on("request", lambda request: sent.append(request.url) if "/api/events" in request.url else None)
    bob.get_by_test_id("like").first.click()
    expect(bob.get_by_text("This place can only be watched now.").last).to_be_visible()
    bob.goto("/me")
    bob.wait_for_load_state("networkidle")
    assert sent == []

    # Closed: a page without a script says by whose order, and leads to one's data.
    assert ada.request.post(f"/api/admin/market/steps/{handed}/revoke").status == 200
    soon(ada, eve, "closed", order)
    answer = bob.goto("/")
    assert answer is not None
    assert answer.status == 451
    expect(bob.locator("blockquote")).to_contain_text("may be heard")
    picture(bob, "closed-phone")
    fits(bob)
    french = people.arrive(size=WIDE, locale="fr-FR")
    expect(french.locator("h1")).to_contain_text("est fermé")
    picture(french, "closed-wide-fr")
    french.get_by_role("link").click()
    french.wait_for_url("**/market")
    expect(french.get_by_test_id("market-state")).to_have_attribute("data-state", "closed")
    pictures(french, "closed-market-wide")
    begin_sign_in(french, "end_bob")
    french.wait_for_url("**/market")
    with french.expect_download() as found:
        french.get_by_test_id("market-export").click()
    assert json.loads(Path(found.value.path()).read_text("utf-8"))["tables"]["likes"]["rows"]

    # A stay brings everything back.
    ada.goto("/admin")
    expect(ada.get_by_test_id("admin-market-state")).to_contain_text("Closed")
    market.locator('[name="what"]').select_option("stayed")
    market.locator('[name="note"]').fill("The court hears the operator first.")
    market.get_by_test_id("act-submit").click()
    expect(ada.get_by_test_id("admin-market-state")).to_contain_text("Open")
    expect(ada.get_by_test_id("step").last).to_contain_text("rests with its order")
    pictures(ada, "market-stayed-wide")
    answer = bob.goto(f"/v/{video}")
    assert answer is not None
    assert answer.status == 200
    assert bob.request.put(f"/api/videos/{video}/like").status == 200
