"""A minor, who may see what they publish, who looks after them, and the end of their day, in a real browser."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Page, expect
from tests.browser.conftest import WIDE, FillDemo, People, picture
from tests.browser.test_stories import PASSWORD, current, played_s, sign_up, upload

from penchant.core.database import make_engine
from penchant.demo.service import FIRST
from penchant.testing.installation import Installation, wait_for

pytestmark = pytest.mark.browser
BORN = datetime.now(UTC).year - 15
QUARTER_MS = 15 * 60_000
NAMELESS = """() => [...document.querySelectorAll('main :is(a, button, input, select, textarea)')]
  .filter(one => !(one.ariaLabel || one.labels?.length || one.textContent.trim()))
  .map(one => one.outerHTML)"""
"""What can be pressed or filled in and has no name to be read out."""


@pytest.fixture(scope="module")
def issuer() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@pytest.fixture(scope="module")
def installation(
    issuer: Ed25519PrivateKey, tmp_path_factory: pytest.TempPathFactory, fill_demo: FillDemo, begun: Path
) -> Iterator[Installation]:
    """With the first demo videos, so that there is always more to go on with. It trusts one issuer of proofs of age."""
    keys: Path = tmp_path_factory.mktemp("issuers") / "issuers.pem"
    keys.write_bytes(issuer.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    installation = Installation(like=begun, age_issuers=str(keys))
    try:
        installation.start()
        fill_demo(installation, FIRST)
        yield installation
    finally:
        installation.remove()


def pictures(page: Page, name: str) -> None:
    """In the light and English, in the dark and French."""
    if not os.environ.get("PENCHANT_PICTURES"):
        return
    for language, scheme in (("fr", "dark"), ("en", "light")):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.evaluate("language => localStorage.setItem('penchant.language', language)", language)
        page.reload()
        page.wait_for_load_state("networkidle")
        size = page.viewport_size
        tall = page.evaluate("document.querySelector('.page')?.scrollHeight ?? 0")
        assert size is not None
        page.set_viewport_size({**size, "height": max(size["height"], tall)})
        picture(page, f"{name}-{language}-{scheme}")
        page.set_viewport_size(size)


def use_up(installation: Installation, handle: str, used_ms: int) -> None:
    """As if they had been here for so long today, and just now."""
    engine = make_engine(installation.database_url())
    with engine.begin() as connection:
        changed = connection.exec_driver_sql(
            "UPDATE daily_use SET used_ms = %s, last_at = now() FROM accounts"
            " WHERE daily_use.subject_id = accounts.subject_id AND handle = %s",
            (used_ms, handle),
        )
        assert changed.rowcount == 1
    engine.dispose()


def served(page: Page) -> set[str]:
    """All that a feed holds for them."""
    found: list[str] = []
    while True:
        answer = page.request.post("/api/feed/no-profile", data={"seen": found, "count": 10})
        assert answer.ok, answer.text()
        fresh = [item["video"]["id"] for item in answer.json()["items"] if item["video"]["id"] not in found]
        if not fresh:
            return set(found)
        found += fresh


def expect_the_end(page: Page) -> None:
    expect(page.get_by_role("heading", level=1, name="That is enough for today")).to_be_visible(timeout=30_000)
    expect(page.get_by_test_id("stop-until")).to_contain_text("You can watch again on")
    assert page.locator("video, [data-testid=feed]").count() == 0
    assert page.locator("main").get_by_role("button").count() == 0


def test_a_minor_lets_in_whom_they_accept_and_nobody_else(people: People):
    mila, bob = people.arrive(path="/sign-up"), people.arrive(size=WIDE)
    rule = mila.get_by_test_id("minor-rule")
    expect(rule).to_contain_text("Under 18 your account is private")
    mila.get_by_role("spinbutton", name="Year of birth").fill("1990")
    expect(rule).to_be_empty()
    mila.get_by_role("spinbutton", name="Year of birth").fill(str(BORN))
    expect(rule).to_contain_text("Under 18 your account is private")
    pictures(mila, "minor-sign-up")
    sign_up(mila, "minor_mila", BORN)
    video = upload(mila, "bigbuckbunny.mp4", "A rabbit at home")

    mila.goto("/me")
    protections = mila.get_by_test_id("protections")
    private = protections.get_by_role("switch", name="Private account")
    expect(private).to_be_checked()
    expect(private).to_be_disabled()
    expect(protections).to_contain_text("For minors this stays on.")
    expect(protections).to_contain_text("Nothing is sent to you from 21:00 to 07:00.")
    expect(protections.get_by_test_id("daily-limit")).to_contain_text("0 of 60 min used today")
    assert mila.evaluate(NAMELESS) == []
    refused = mila.request.put("/api/me/private", data={"private": False}, headers={"Origin": mila.url[:-3]})
    assert (refused.status, refused.json()["error"]["code"]) == (403, "minor_private")

    # A stranger: not by the profile, not by the link, not in the feed.
    sign_up(bob, "minor_bob")
    bob.goto("/@minor_mila")
    expect(bob.get_by_test_id("private")).to_have_text("Private account")
    expect(bob.get_by_test_id("only-accepted")).to_have_text("Only people whom @minor_mila accepted see their videos.")
    assert bob.get_by_test_id("video-grid").count() == 0
    assert bob.evaluate(NAMELESS) == []
    others = served(bob)
    assert len(others) >= 24
    assert video not in others
    bob.goto(f"/v/{video}")
    expect(bob.get_by_test_id("lost")).to_be_visible()

    # They ask, withdraw, and ask again.
    bob.goto("/@minor_mila")
    ask = bob.get_by_test_id("follow")
    expect(ask).to_have_accessible_name("Ask to follow")
    ask.press("Enter")
    expect(ask).to_have_accessible_name("Requested")
    expect(ask).to_have_attribute("aria-pressed", "true")
    expect(ask).to_have_accessible_description("@minor_mila has not answered yet. Press again to withdraw.")
    pictures(bob, "minor-requested")
    ask.press("Enter")
    expect(ask).to_have_accessible_name("Ask to follow")
    mila.reload()
    expect(protections).to_be_visible()
    expect(mila.get_by_test_id("follow-request")).to_have_count(0)
    ask.press("Enter")
    expect(ask).to_have_accessible_name("Requested")

    mila.reload()
    expect(mila.get_by_test_id("follow-request")).to_contain_text("@minor_bob")
    pictures(mila, "minor-me")
    mila.get_by_role("button", name="Accept @minor_bob").press("Enter")
    expect(mila.get_by_test_id("follow-request")).to_have_count(0)
    bob.reload()
    expect(ask).to_have_accessible_name("Following")
    bob.get_by_test_id("video-grid").get_by_role("link").press("Enter")
    wait_for(lambda: played_s(bob) > 0.3, "playing for who was accepted")

    # What was accepted can be taken back, and the next request finds nothing.
    bob.goto("/@minor_mila")
    mila.get_by_test_id("undo").click()
    expect(mila.get_by_text("@minor_bob no longer sees them.").first).to_be_visible()
    bob.reload()
    expect(ask).to_have_accessible_name("Ask to follow")
    assert bob.request.get(f"/api/videos/{video}").status == 404


def test_a_guardian_ends_the_day_and_nothing_brings_it_back(people: People, installation: Installation):
    gran, leo = people.arrive(size=WIDE), people.arrive()
    sign_up(gran, "minor_gran")
    video = upload(gran, "bikes.mp4", "Bikes at the corner")
    sign_up(leo, "minor_leo", BORN)

    # Linked by a code, with a limit.
    leo.goto("/me")
    leo.get_by_role("button", name="Ask a guardian").press("Enter")
    expect(leo.get_by_text("Give this code to them.")).to_be_focused()
    code = leo.get_by_test_id("guardian-code").inner_text()
    gran.goto("/me")
    wards = gran.get_by_test_id("wards")
    wards.get_by_role("textbox", name="Code").fill("nothing")
    gran.keyboard.press("Enter")
    expect(wards.get_by_role("alert")).to_have_text("This code has been used or is too old.")
    wards.get_by_role("textbox", name="Code").fill(code)
    gran.keyboard.press("Enter")
    expect(wards.get_by_role("alert")).to_have_count(0)
    limit = wards.get_by_role("combobox", name="Minutes a day for @minor_leo")
    expect(limit).to_have_value("60")
    limit.select_option("15")
    assert gran.evaluate(NAMELESS) == []
    pictures(gran, "minor-wards")
    expect(leo.get_by_test_id("guardian")).to_have_attribute("data-guardian", "minor_gran", timeout=15_000)
    leo.reload()
    expect(leo.get_by_test_id("daily-limit")).to_contain_text("of 15 min used today")
    pictures(leo, "minor-guardian")

    # The last seconds run out while a video plays.
    leo.goto("/")
    wait_for(lambda: played_s(leo) > 0.3, "playing")
    use_up(installation, "minor_leo", QUARTER_MS - 10_000)
    leo.reload()
    wait_for(lambda: leo.locator("video").count() and played_s(leo) > 0.3, "playing for the last seconds")
    expect_the_end(leo)
    pictures(leo, "minor-stop")

    # No key, no link, no way back, and nothing of anybody's plays elsewhere.
    heading = leo.get_by_role("heading", level=1)
    expect(heading).to_be_focused()
    for key in ("Escape", "ArrowDown", " ", "Enter"):
        leo.keyboard.press(key)
    expect_the_end(leo)
    leo.get_by_test_id("nav-feed").click()
    expect_the_end(leo)
    leo.goto(f"/v/{video}")
    expect_the_end(leo)
    leo.goto(f"/embed/{video}")
    expect_the_end(leo)
    picture(leo, "minor-stop-embed")
    leo.go_back()
    expect_the_end(leo)
    leo.go_back()
    expect_the_end(leo)
    leo.go_forward()
    expect_the_end(leo)
    leo.goto("/@minor_gran")
    shown = leo.get_by_test_id("video-grid").get_by_role("link")
    shown.hover()
    assert leo.locator("video").count() == 0
    shown.click()
    expect_the_end(leo)
    leo.goto("/me")
    expect(leo.get_by_test_id("daily-limit")).to_contain_text("15 of 15 min used today")

    # Who signs out, or comes after them, finds the same; an adult who signs in does not.
    leo.get_by_test_id("sign-out").click()
    expect_the_end(leo)
    expect(leo.get_by_text("It holds in this browser")).to_be_visible()
    pictures(leo, "minor-stop-guest")
    leo.reload()
    expect_the_end(leo)
    sign_up(leo, "minor_other", BORN)
    expect_the_end(leo)
    leo.reload()
    expect_the_end(leo)
    leo.goto("/me")
    leo.get_by_test_id("sign-out").click()
    enter(leo, "minor_gran")
    wait_for(lambda: leo.locator("video").count() and played_s(leo) > 0.3, "playing for an adult")

    # In a browser that knows of nothing the server says it, also by a link; a longer day is there at once.
    fresh = people.arrive(size=WIDE)
    enter(fresh, "minor_leo")
    expect_the_end(fresh)
    fresh.evaluate("localStorage.removeItem('penchant.stopped')")
    fresh.goto(f"/v/{video}")
    expect_the_end(fresh)
    pictures(fresh, "minor-stop-wide")
    limit.select_option("30")
    expect(wards.get_by_test_id("ward")).to_contain_text("15\u00a0min today")
    fresh.reload()
    expect(fresh.get_by_role("heading", level=1, name="There is time again")).to_be_visible()
    assert fresh.locator("video").count() == 0
    fresh.get_by_test_id("stop-over").press("Enter")
    wait_for(lambda: fresh.locator("video").count() and played_s(fresh) > 0.3, "playing in the longer day")

    wards.get_by_role("button", name="No longer look after @minor_leo").click()
    wards.get_by_test_id("ward-end-sure").click()
    expect(wards.get_by_test_id("ward")).to_have_count(0)


def enter(page: Page, handle: str) -> None:
    page.goto("/sign-in")
    page.get_by_role("textbox", name="Handle").fill(handle)
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_test_id("sign-in-submit").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def test_an_age_is_proved_by_whom_this_place_trusts(people: People, issuer: Ed25519PrivateKey):
    page = people.arrive()
    sign_up(page, "minor_ann", BORN)
    page.goto("/me")
    proof = page.get_by_test_id("age-proof")
    proof.get_by_role("button", name="Begin").press("Enter")
    answer = proof.get_by_role("textbox", name="Its answer")
    answer.fill("no.such.proof")
    assert page.evaluate(NAMELESS) == []
    proof.get_by_role("button", name="Prove it").press("Enter")
    expect(proof.get_by_role("alert")).to_contain_text("This answer does not hold.")
    proof.get_by_role("button", name="Begin").press("Enter")
    asked = {name: page.get_by_test_id(f"age-{name}").inner_text() for name in ("nonce", "audience", "claim")}
    said = {asked["claim"]: True, "aud": asked["audience"], "nonce": asked["nonce"]}
    answer.fill(jwt.encode({**said, "exp": datetime.now(UTC) + timedelta(minutes=5)}, issuer, algorithm="EdDSA"))
    picture(page, "minor-age")
    proof.get_by_role("button", name="Prove it").press("Enter")
    expect(proof).to_have_attribute("data-proved", "adult")
    expect(page.get_by_role("switch", name="Private account")).to_be_enabled()
    page.get_by_role("switch", name="Private account").uncheck()
    expect(page.get_by_test_id("wards")).to_be_visible()
    page.goto("/@minor_ann")
    assert current(page).count() == 0
    expect(page.get_by_test_id("private")).to_have_count(0)
