"""A video is handed on: its link, a code for a camera, and a player for another site."""

import re

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import People, at_rest, picture
from tests.browser.test_stories import current

from penchant.testing.installation import Installation

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("some_videos")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_video_is_shared_by_link_code_and_player(people: People, installation: Installation, scheme: str):
    page = people.arrive(color_scheme=scheme, permissions=["clipboard-read", "clipboard-write"])
    expect(current(page)).to_be_visible()
    video = current(page).get_attribute("data-video-id")
    share = current(page).get_by_test_id("share")
    share.focus()
    page.keyboard.press("Enter")
    sheet = at_rest(page.get_by_test_id("share-sheet"))
    code = sheet.get_by_test_id("share-qr")
    expect(code).to_have_js_property("complete", True)
    assert code.evaluate("image => image.naturalWidth") > 0
    address = f"{installation.url}/v/{video}"
    expect(sheet.get_by_test_id("share-address")).to_have_text(address)
    picture(page, f"share-{scheme}")
    sheet.get_by_test_id("share-copy").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Link copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == address
    player = sheet.get_by_test_id("share-code").input_value()
    where = re.search(r'src="([^"]+)"', player)
    assert where is not None
    said = page.request.get("/oembed", params={"url": address}).json()["html"]
    assert where[0] in said
    page.keyboard.press("Escape")
    expect(share).to_be_focused()
    page.goto(where[1])
    expect(page.locator("video")).to_be_visible()
