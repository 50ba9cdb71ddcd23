"""One upload from its owner's side: every step live, on every page of theirs, and the same file a second time."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import WIDE, People, picture, real_clip
from tests.browser.test_stories import sign_up, upload

from penchant.testing.installation import Installation

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def installation(begun: Path) -> Iterator[Installation]:
    """Without a demo: the worker has nothing else to do."""
    installation = Installation(like=begun)
    try:
        yield installation.start()
    finally:
        installation.remove()


def test_an_upload_is_followed_to_full_quality_and_its_double_is_told(people: People):
    page = people.arrive(path="/sign-up")
    sign_up(page, "twice")
    page.goto("/upload")
    expect(page.get_by_test_id("upload-room")).to_contain_text("100 videos")
    picture(page, "upload-room")
    video = upload(page, "bikes.mp4", "Bikes, once")
    expect(page.get_by_test_id("upload-state")).to_have_attribute("data-step", "complete", timeout=90_000)
    picture(page, "upload-complete")
    page.get_by_test_id("upload-another").click()
    page.get_by_test_id("upload-file").set_input_files(real_clip("bikes.mp4"))
    page.get_by_test_id("upload-title").fill("Bikes, twice")
    page.get_by_test_id("upload-submit").click()
    expect(page.get_by_test_id("upload-twin")).to_have_attribute("href", f"/v/{video}")
    picture(page, "upload-double")
    # Other pages of the same person hear it, too.
    own = page.context.new_page()
    own.set_viewport_size(WIDE)
    own.goto("/me")
    expect(own.get_by_test_id("own-upload")).to_have_attribute("data-step", "duplicate")
    picture(own, "own-double")
    page.get_by_test_id("upload-anyway").click()
    expect(own.get_by_test_id("own-upload")).to_have_count(0)
    expect(own.locator('[data-testid="own-video"][data-state="ready"]')).to_have_count(2, timeout=90_000)
    picture(own, "own-videos")
