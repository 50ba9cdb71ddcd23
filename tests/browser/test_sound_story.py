"""Somebody uses another's sound: from the video to its page, to an upload with it, and back to the credit."""

import wave
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import People, picture
from tests.browser.test_stories import sign_up
from tests.media.conftest import make_clip as make_clip

from penchant.lab import sound_world as world

pytestmark = [pytest.mark.browser, pytest.mark.media]


def post(page: Page, clip: Path, title: str) -> None:
    page.get_by_test_id("upload-file").set_input_files(clip)
    page.get_by_test_id("upload-title").fill(title)
    page.get_by_test_id("upload-submit").click()
    expect(page.get_by_test_id("upload-state")).to_have_attribute("data-state", "ready", timeout=90_000)


def test_a_sound_is_used_credited_and_has_a_page_and_can_be_kept_to_oneself(
    people: People, make_clip: Callable[..., Path], tmp_path: Path
):
    tune = tmp_path / "tune.wav"
    with wave.open(str(tune), "wb") as file:
        file.setparams((1, 2, world.RATE, 0, "NONE", ""))
        file.writeframes(world.samples(world.tune(11, 8.0)).tobytes())
    sounding = make_clip(
        tmp_path / "a.mp4", sound_file=str(tune), sample_rate=world.RATE, channels=1, frames=240, seed=31
    )
    silent = make_clip(tmp_path / "b.mp4", channels=0, frames=120, seed=32)

    ada = people.arrive(path="/upload")
    sign_up(ada, "story_tune")
    ada.goto("/upload")
    post(ada, sounding, "My own tune")
    ada.goto("/me")
    sharing = ada.get_by_test_id("own-sound")
    for _ in range(60):  # it is known a moment after it is playable
        if sharing.count():
            break
        ada.wait_for_timeout(500)
        ada.reload()
        expect(ada.get_by_test_id("own-video").first).to_be_visible()
    expect(sharing).to_be_checked()
    picture(ada, "sound-sharing-phone")
    video = ada.get_by_test_id("own-video").get_attribute("data-video-id")

    ben = people.arrive(path="/")
    sign_up(ben, "story_dancer")
    ben.goto(f"/v/{video}")
    credit = ben.locator("a.sound").first
    expect(credit).to_contain_text("Original sound · @story_tune")
    picture(ben, "sound-credit-phone")
    credit.click()
    expect(ben.get_by_test_id("sound-creator")).to_have_text("@story_tune")
    expect(ben.get_by_test_id("sound-count")).to_have_text("1 video")
    ben.get_by_test_id("use-sound").click()
    expect(ben.get_by_test_id("used-sound")).to_contain_text("Original sound · @story_tune")
    picture(ben, "sound-chosen-phone")
    post(ben, silent, "I dance to it")

    ben.goto("/me")
    expect(ben.get_by_test_id("own-credit")).to_contain_text("@story_tune")
    use = ben.get_by_test_id("own-video").get_attribute("data-video-id")
    ben.get_by_test_id("own-credit").click()
    expect(ben.get_by_test_id("sound-count")).to_have_text("2 videos")
    shown = ben.get_by_test_id("video-grid").locator("[data-video-id]")
    assert [tile.get_attribute("data-video-id") for tile in shown.all()] == [video, use]
    picture(ben, "sound-page-phone")

    where = ben.url
    with ada.expect_response(lambda answer: answer.request.method == "PUT" and answer.ok):
        sharing.uncheck()
    ben.goto(where)
    expect(ben.get_by_test_id("sound-page")).to_contain_text("not shared")
    expect(ben.get_by_test_id("use-sound")).to_have_count(0)
