"""Somebody speaks in a video, and its captions write themselves; where the extra `speech` is installed."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import People, at_rest, picture
from tests.browser.test_stories import sign_up
from tests.media.conftest import make_clip as make_clip

from penchant.adapters import whisper
from penchant.testing.installation import Installation

pytestmark = [
    pytest.mark.browser,
    pytest.mark.media,
    pytest.mark.skipif(not whisper.is_installed(), reason="the extra speech is not installed: ./dev speech"),
    pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="no espeak-ng here: ./dev speech"),
]


@pytest.fixture(scope="module")
def installation(begun: Path) -> Iterator[Installation]:
    """One that listens."""
    installation = Installation(like=begun, automatic_captions="true")
    try:
        yield installation.start()
    finally:
        installation.remove()


def test_captions_write_themselves_are_marked_and_become_a_persons_once_saved(
    people: People, make_clip: Callable[..., Path], tmp_path: Path
):
    speech = tmp_path / "speech.wav"
    said = "Good morning everyone. Today I want to show you how to paint a wooden chair."
    subprocess.run(["espeak-ng", "-v", "en-us", "-s", "150", "-w", str(speech), said], check=True)
    clip = make_clip(tmp_path / "clip.mp4", sound_file=str(speech), sample_rate=22_050, channels=1, frames=180)

    page = people.arrive()
    sign_up(page, "story_voice")
    page.goto("/upload")
    page.get_by_test_id("upload-file").set_input_files(clip)
    page.get_by_test_id("upload-title").fill("A wooden chair")
    page.get_by_test_id("upload-submit").click()
    expect(page.get_by_test_id("upload-state")).to_have_attribute("data-state", "ready", timeout=90_000)
    page.goto("/me")
    page.get_by_test_id("own-captions").click()
    sheet = at_rest(page.get_by_test_id("captions-sheet"))
    expect(sheet.get_by_test_id("captions-automatic")).to_be_visible(timeout=90_000)
    picture(page, "captions-automatic-phone")
    video = page.get_by_test_id("own-video").get_attribute("data-video-id")

    reader = people.arrive(path=f"/v/{video}")
    expect(reader.get_by_test_id("captions").first).to_contain_text("show you how")
    reader.get_by_test_id("more").first.click()
    expect(reader.get_by_test_id("toggle-captions")).to_contain_text("automatic")
    picture(reader, "captions-automatic-more-phone")

    sheet.get_by_test_id("captions-edit").click()
    page.get_by_test_id("cue-words").first.fill("Good morning, everyone.")
    picture(page, "cue-editor-automatic-phone")
    page.get_by_test_id("cue-save").click()
    expect(sheet.get_by_test_id("captions-of")).to_be_visible()
    expect(sheet.get_by_test_id("captions-automatic")).to_have_count(0)
