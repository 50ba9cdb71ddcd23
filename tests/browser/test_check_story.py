"""A viewer checks a page against the public record by themselves; then somebody tampers with it."""

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from sqlalchemy import update
from tests.browser.conftest import PHONE, WIDE, People, at_rest, picture
from tests.browser.test_stories import current, swipe

from penchant.core.database import make_engine
from penchant.ledger.repository import entries
from penchant.testing.installation import Installation

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("some_videos")]
SCRIPT = Path(__file__).parents[2] / "tools" / "verify_ledger.py"
RECEIPTS = "**/api/pages/*/receipt"
STEPS = ("receipt", "included", "signed", "origin", "grew", "shown")


def open_check(page: Page) -> Locator:
    """By the reason of the video that is on, as people do."""
    current(page).get_by_test_id("why").click()
    at_rest(page.get_by_test_id("why-sheet")).get_by_test_id("check-open").click()
    return outcome(page)


def outcome(page: Page) -> Locator:
    """The check, once it says something."""
    check = page.get_by_test_id("check")
    expect(check).not_to_have_attribute("data-verdict", "checking")
    return check


def settled(check: Locator) -> None:
    """Its ticks have all come."""
    check.evaluate("node => Promise.allSettled(node.getAnimations({subtree: true}).map(one => one.finished))")


def states(check: Locator) -> dict[str, str | None]:
    found = {name: check.get_by_test_id(f"check-{name}") for name in (*STEPS, "key")}
    return {name: step.get_attribute("data-state") for name, step in found.items() if step.count()}


def readable(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@contextmanager
def altered(page: Page, change: dict[str, str]) -> Iterator[None]:
    """Lets what a server gives as a receipt through with changes to its lines, by their first words."""

    def answer(route: Route) -> None:
        response = route.fetch()
        lines = [change.get(line.split(" ")[0], line) for line in response.text().split("\n")]
        route.fulfill(response=response, body="\n".join(lines))

    page.route(RECEIPTS, answer)
    yield
    page.unroute(RECEIPTS)


def test_a_page_is_checked_in_the_browser_and_by_an_auditor(people: People, tmp_path: Path):
    viewer = people.arrive(path="/", accept_downloads=True)
    expect(current(viewer)).to_be_visible()
    swipe(viewer)
    check = open_check(viewer)
    expect(check).to_have_attribute("data-verdict", "right")
    expect(viewer.get_by_test_id("check-outcome")).to_contain_text("This page stands in the public record")
    assert states(check) == dict.fromkeys(STEPS, "right")
    expect(check.get_by_test_id("check-grew")).to_contain_text("You look for the first time")
    expect(check.get_by_test_id("check-record")).to_contain_text("candidates")
    settled(check)
    picture(viewer, "check-phone-light")
    check.get_by_test_id("check-save").scroll_into_view_if_needed()
    picture(viewer, "check-phone-light-below")
    readable(viewer)

    # The file and the command are all that an auditor needs.
    with viewer.expect_download() as download:
        check.get_by_test_id("check-save").click()
    name = download.value.suggested_filename
    download.value.save_as(tmp_path / name)
    command = check.get_by_test_id("check-command").inner_text()
    key = command.split("--key '")[1].rstrip("'")
    assert f"proof {name} --key" in command
    audit = [sys.executable, str(SCRIPT), "proof", str(tmp_path / name), "--key", key]
    done = subprocess.run(audit, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, "is a page" in done.stdout) == (0, True), done.stdout + done.stderr

    # A later page: the record only grew. By its own address, too, in another language.
    viewer.keyboard.press("Escape")
    expect(viewer.get_by_test_id("check-sheet")).to_have_count(0)
    for _ in range(9):
        swipe(viewer)
    check = open_check(viewer)
    expect(check).to_have_attribute("data-verdict", "right")
    expect(check.get_by_test_id("check-grew")).to_contain_text("It only grew, from")
    check.get_by_role("link").click()
    check = outcome(viewer)
    expect(viewer.get_by_role("heading", level=1)).to_have_text("Check this page")
    expect(check).to_have_attribute("data-verdict", "right")
    viewer.evaluate("localStorage.setItem('penchant.language', 'fr')")
    viewer.reload()
    check = outcome(viewer)
    expect(viewer.get_by_role("heading", level=1)).to_have_text("Vérifier cette page")
    # What was on screen is forgotten with the tab's feed; that is said, and is no fault.
    assert states(check) == {**dict.fromkeys(STEPS, "right"), "shown": "unknown"}
    settled(check)
    picture(viewer, "check-page-french")
    readable(viewer)


@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "light"), (WIDE, "dark"), (PHONE, "dark")])
def test_what_it_looks_like(people: People, size: dict[str, int], scheme: str):
    viewer = people.arrive(size=size, color_scheme=scheme, reduced_motion="reduce")
    check = open_check(viewer)
    expect(check).to_have_attribute("data-verdict", "right")
    name = f"check-{'phone' if size is PHONE else 'wide'}-{scheme}"
    picture(viewer, name)
    check.get_by_test_id("check-record").scroll_into_view_if_needed()
    picture(viewer, f"{name}-record")
    readable(viewer)
    check.get_by_test_id("check-again").scroll_into_view_if_needed()
    picture(viewer, f"{name}-end")
    # By keys alone: from the top of the sheet to saving the proof.
    viewer.get_by_test_id("check-sheet").get_by_test_id("close").focus()
    for _ in range(4):
        viewer.keyboard.press("Tab")
        if check.get_by_test_id("check-save").evaluate("button => button === document.activeElement"):
            break
    expect(check.get_by_test_id("check-save")).to_be_focused()


def test_a_receipt_that_was_altered_is_named(people: People):
    viewer = people.arrive()
    extra = base64.b64encode(b"another record" * 8).decode()
    with altered(viewer, {"extra": f"extra {extra}"}):
        check = open_check(viewer)
        expect(check).to_have_attribute("data-verdict", "wrong")
        expect(viewer.get_by_test_id("check-outcome")).to_contain_text("does not lead to the seal")
        assert states(check)["included"] == "wrong"
        settled(check)
        picture(viewer, "check-altered")
    check.get_by_test_id("check-again").click()
    expect(outcome(viewer)).to_have_attribute("data-verdict", "right")


def test_an_old_checkpoint_and_another_key_are_named(people: People, installation: Installation):
    viewer = people.arrive(color_scheme="dark")
    check = open_check(viewer)
    expect(check).to_have_attribute("data-verdict", "right")
    page = viewer.evaluate("JSON.parse(localStorage.getItem('penchant.ledger'))")
    (origin,) = page["logs"]

    # As if this browser had seen more of it already.
    ahead = json.dumps({**page, "logs": {origin: {**page["logs"][origin], "size": page["logs"][origin]["size"] + 7}}})
    viewer.evaluate("kept => localStorage.setItem('penchant.ledger', kept)", ahead)
    check.get_by_test_id("check-again").click()
    check = outcome(viewer)
    expect(viewer.get_by_test_id("check-outcome")).to_contain_text("The record was rewound")
    assert states(check)["grew"] == "wrong"
    settled(check)
    picture(viewer, "check-rewound-dark")

    # A receipt kept from before is served again after a newer one was seen.
    viewer.evaluate("kept => localStorage.setItem('penchant.ledger', kept)", json.dumps(page))
    old: list[str] = []

    def replay(route: Route) -> None:
        old.append(route.fetch().text())
        route.fulfill(body=old[0], content_type="text/plain")

    viewer.route(RECEIPTS, replay)
    check.get_by_test_id("check-again").click()
    expect(outcome(viewer)).to_have_attribute("data-verdict", "right")
    other = people.arrive()
    expect(current(other)).to_be_visible()
    viewer.unroute(RECEIPTS)
    viewer.wait_for_timeout(1500)
    check.get_by_test_id("check-again").click()
    check = outcome(viewer)
    expect(check.get_by_test_id("check-grew")).to_contain_text("It only grew")
    viewer.route(RECEIPTS, replay)
    check.get_by_test_id("check-again").click()
    outcome(viewer)
    expect(viewer.get_by_test_id("check-outcome")).to_contain_text("The record was rewound")
    viewer.unroute(RECEIPTS)

    kept = viewer.evaluate("JSON.parse(localStorage.getItem('penchant.ledger'))")
    kept["key"] = "log.example/penchant+1e95ce5a+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"
    viewer.evaluate("kept => localStorage.setItem('penchant.ledger', JSON.stringify(kept))", kept)
    check.get_by_test_id("check-again").click()
    outcome(viewer)
    expect(viewer.get_by_test_id("check-outcome")).to_contain_text("The key is another one than last time")


def test_without_witnesses_the_feed_goes_on_without_a_profile_and_comes_back(people: People):
    viewer = people.arrive()
    expect(current(viewer)).to_be_visible()
    refusal = {"error": {"code": "not_witnessed", "message": "nobody vouches", "retry_after_s": None, "fields": {}}}
    viewer.route("**/api/feed?*", lambda route: route.fulfill(status=403, json=refusal))
    with viewer.expect_response("**/api/feed/no-profile"):
        viewer.reload()
    expect(current(viewer)).to_be_visible()
    expect(viewer.get_by_test_id("line")).to_contain_text("Nobody else vouches for this place’s record")
    expect(viewer.get_by_test_id("feed")).to_have_attribute("data-state", "ready")
    picture(viewer, "feed-unwitnessed")
    assert viewer.evaluate("localStorage.getItem('penchant.profile')") is None, "the person's own setting"
    # Such a page stands in the record like any other.
    check = open_check(viewer)
    expect(check).to_have_attribute("data-verdict", "right")
    viewer.keyboard.press("Escape")
    expect(viewer.get_by_test_id("check-sheet")).to_have_count(0)
    viewer.unroute("**/api/feed?*")
    with viewer.expect_response("**/api/feed?*"):
        for _ in range(9):
            swipe(viewer)
    expect(viewer.get_by_test_id("line")).to_have_count(0)


def test_a_database_that_was_altered_behind_its_back_proves_nothing(people: People, installation: Installation):
    """The last one: it leaves the record of this place damaged."""
    viewer = people.arrive()
    check = open_check(viewer)
    expect(check).to_have_attribute("data-verdict", "right")
    engine = make_engine(installation.database_url())
    page_entry = bytes.fromhex("a300010101035820") + bytes(32)
    with engine.begin() as connection:
        connection.execute(update(entries).where(entries.c.kind == 1).values(leaf=page_entry))
    engine.dispose()
    check.get_by_test_id("check-again").click()
    check = outcome(viewer)
    expect(check).to_have_attribute("data-verdict", "wrong")
    expect(viewer.get_by_test_id("check-outcome")).to_contain_text("cannot prove that the page is in its record")
    picture(viewer, "check-damaged")
