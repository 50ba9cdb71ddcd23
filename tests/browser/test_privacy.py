"""No page talks to anybody else; the feed without a profile; everything about you as a file."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect
from tests.browser.conftest import PHONE, WIDE, People, at_rest, picture
from tests.browser.test_stories import current, sign_up, swipe

from penchant.testing.installation import Installation, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("some_videos")]
ROUTER = Path(__file__).parents[2] / "ui" / "src" / "place" / "router.svelte.ts"


def quiet(page: Page, asked: list[str]) -> None:
    """Wait until it has asked for nothing for half a second. What a page sends off as it goes may never be reported as
    ended, so the browser's own word for it does not come.
    """
    for _ in range(40):
        before = len(asked)
        page.wait_for_timeout(500)
        if len(asked) == before:
            return
    raise AssertionError(f"it goes on asking: {asked[-3:]}")


def seen(page: Page) -> list[str]:
    return str(page.evaluate("localStorage.getItem('penchant.seen') ?? ''")).split()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_page_asks_anybody_but_us(people: People, installation: Installation, language: str):
    """`People` complains of every request that leaves the origin; here every kind of page is opened."""
    page = people.arrive(path=installation.admin_link().removeprefix(installation.url) if language == "en" else "/")
    if language == "fr":
        sign_up(page, "privacy_fr")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.evaluate("language => localStorage.setItem('penchant.language', language)", language)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/")
    expect(current(page)).to_be_visible()
    video = current(page).get_attribute("data-video-id")
    for name in ("why", "comments", "more"):
        current(page).get_by_test_id(name).click()
        expect(at_rest(page.get_by_test_id(f"{name}-sheet"))).to_be_visible()
        page.keyboard.press("Escape")
    shown = page.request.get(f"/api/videos/{video}").json()
    creator, sound = shown["creator"]["handle"], (shown["sound"] or {}).get("id", "none")
    paths = ["/upload", "/me", "/sign-in", "/sign-up", "/reset#token=none", "/admin", f"/@{creator}", f"/v/{video}"]
    paths += [
        f"/s/{sound}",
        f"/embed/{video}",
        "/check/0",
        "/market",
        "/search",
        "/t/loop",
        "/inbox",
        "/me/feed",
        "/me/history",
        "/figures",
        "/evidence",
        "/v/0000000000000",
        "/schema/openapi.json",
    ]
    for path in paths:
        page.goto(path)
        quiet(page, asked)
    places = set(re.findall(r"'([a-z-]+)'", ROUTER.read_text("utf-8").partition("const PLAIN")[0]))
    opened = {"feed", "upload", "me", "sign-in", "sign-up", "reset", "admin", "profile", "video", "s", "embed", "lost"}
    opened |= {"check", "market", "search", "t", "inbox"}
    assert places <= opened, "a page that nobody opened here"
    assert len(asked) > 50
    assert {url for url in asked if not url.startswith((installation.url, "data:", "blob:"))} == set()


@pytest.mark.parametrize("who", ["guest", "member"])
def test_a_feed_without_a_profile_is_one_switch_and_tells_nothing(people: People, who: str):
    page = people.arrive(size=PHONE)
    expect(current(page)).to_be_visible()
    if who == "member":
        sign_up(page, "privacy_quiet")
        page.goto("/")
        expect(current(page)).to_be_visible()
    current(page).get_by_test_id("more").click()
    with page.expect_response("**/api/feed/no-profile"):
        at_rest(page.get_by_test_id("more-sheet")).get_by_test_id("profile-switch").click()
    told: list[Request] = []
    page.on("request", lambda request: told.append(request))
    expect(current(page)).to_be_visible()
    ids = [str(current(page).get_attribute("data-video-id"))]
    for _ in range(7):
        wait_for(lambda: ids[-1] in seen(page), "the browser's note of it")
        ids.append(swipe(page))
    wait_for(lambda: ids[-1] in seen(page), "the browser's note of it")
    assert len(set(ids)) == 8
    assert seen(page) == ids
    picture(page, f"no-profile-{who}")
    asked = [request for request in told if "/api/" in request.url]
    assert not [request.url for request in asked if "/api/events" in request.url or "/api/feed?" in request.url]
    # The stream of an account's own news takes no header, and says nothing of what is watched.
    streams = [request for request in asked if request.resource_type == "eventsource"]
    assert all("/api/me/uploads/news" in request.url for request in streams)
    assert len(streams) <= (who == "member")
    assert {request.headers.get("penchant-profile") for request in asked if request not in streams} == {"none"}

    page.reload()
    expect(current(page)).to_be_visible()
    assert current(page).get_attribute("data-video-id") not in ids
    page.goto("/me")
    expect(page.get_by_test_id("profile-state")).to_have_attribute("data-state", "off")
    picture(page, f"me-no-profile-{who}")
    with page.expect_response(re.compile("/api/feed[?]")):
        page.get_by_test_id("profile-switch").click()
    assert page.evaluate("localStorage.getItem('penchant.seen')") is None


def test_a_browser_that_never_had_a_cookie_gets_none(people: People):
    # A page of this place that is none of the app's: it asks for no session.
    page = people.arrive(path="/transparency")
    page.evaluate("localStorage.setItem('penchant.profile', 'off')")
    assert page.context.cookies() == []
    page.goto("/")
    expect(current(page)).to_be_visible()
    swipe(page)
    assert page.context.cookies() == []
    current(page).get_by_test_id("more").click()
    at_rest(page.get_by_test_id("more-sheet")).get_by_test_id("report").click()
    page.get_by_test_id("report-form").locator('input[type="radio"]').first.check()
    with page.expect_response(lambda answer: "/api/reports" in answer.url and answer.status == 201):
        page.get_by_test_id("report-submit").click()
    assert [cookie["name"] for cookie in page.context.cookies()] == ["penchant"], "a report is an act"


def test_everything_about_me_is_a_file(people: People):
    page = people.arrive(size=WIDE)
    sign_up(page, "privacy_whole")
    page.goto("/me")
    picture(page, "me-wide")
    with page.expect_download() as started:
        page.get_by_test_id("export").click()
    assert started.value.suggested_filename == "penchant-privacy_whole.json"
    found = json.loads(Path(started.value.path()).read_text("utf-8"))
    assert found["tables"]["accounts"]["rows"][0]["handle"] == "privacy_whole"
