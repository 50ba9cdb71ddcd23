"""Recording with a camera (Chromium's own fake one), cutting, muting, describing; and every way a camera may fail."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, Route, expect
from tests.browser.conftest import FLAGS, PHONE, WIDE, People, find_browser, picture, real_clip
from tests.browser.test_stories import current, sign_up

from penchant.testing.installation import Installation, wait_for

pytestmark = pytest.mark.browser

MOST_S = 6
FRAME_MS = 34
ALT = "A green field with a beeping pie chart."
ELSEWHERE = "studio.test"
"""Leads to the same server, and browsers do not take it for this machine."""
COUNT_QUESTIONS = """
  window.asked = 0;
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = wanted => { window.asked += 1; window.wanted = wanted; return ask(wanted); };
"""


@pytest.fixture(scope="module")
def installation(begun: Path) -> Iterator[Installation]:
    """Without a demo, and with videos of a few seconds, so that a recording soon reaches the end."""
    installation = Installation(like=begun, upload_seconds=str(MOST_S))
    try:
        yield installation.start()
    finally:
        installation.remove()


def launch(playwright: Playwright, *flags: str) -> Browser:
    fake = [
        "--use-fake-device-for-media-stream=device-count=2",
        f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1",
        *flags,
    ]
    return playwright.chromium.launch(executable_path=find_browser(), args=[*FLAGS, *fake])


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Its camera is drawn, and everybody says yes to it."""
    browser = launch(playwright, "--use-fake-ui-for-media-stream")
    yield browser
    browser.close()


def both(page: Page, name: str) -> None:
    """Pictures in light and in dark."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        picture(page, f"{name}-{scheme}")


def seconds(page: Page) -> float:
    minutes, rest = page.get_by_test_id("recorder-time").locator("[aria-hidden]").inner_text().split(" ")[0].split(":")
    return 60 * int(minutes) + int(rest)


def stretch(page: Page) -> tuple[int, int, int]:
    trimmer = page.get_by_test_id("trimmer")
    values = [trimmer.get_attribute(f"data-{name}") for name in ("start", "end", "length")]
    return tuple(int(value or 0) for value in values)  # type: ignore[return-value]


def test_a_recording_is_cut_muted_described_and_published(people: People) -> None:
    page = people.arrive(path="/sign-up")
    sign_up(page, "filmer")
    page.add_init_script(COUNT_QUESTIONS)
    page.goto("/upload")
    both(page, "upload-empty")
    page.get_by_test_id("upload-record").click()
    expect(page.get_by_test_id("recorder-open")).to_be_visible()
    assert page.evaluate("window.asked") == 0, "nobody is asked before a tap"
    both(page, "recorder-closed")
    page.get_by_test_id("recorder-open").click()
    recorder = page.get_by_test_id("recorder")
    expect(recorder).to_have_attribute("data-state", "live")
    wanted = page.evaluate("window.wanted")
    assert (wanted["video"]["width"], wanted["video"]["height"]) == ({"ideal": 1080}, {"ideal": 1920})
    page.get_by_test_id("recorder-turn").click()
    wait_for(lambda: page.evaluate("window.wanted.video.facingMode.ideal") == "environment", "the other camera")
    expect(recorder).to_have_attribute("data-state", "live")
    both(page, "recorder-live")

    # It ends by itself where videos end here.
    page.get_by_test_id("recorder-start").click()
    wait_for(lambda: seconds(page) >= 2, "two seconds")
    both(page, "recorder-running")
    expect(page.get_by_test_id("recorder-stop")).to_be_focused()
    expect(recorder).to_have_attribute("data-state", "done", timeout=2_000 * MOST_S)
    page.get_by_test_id("recorder-again").click()
    expect(recorder).to_have_attribute("data-state", "live")

    page.get_by_test_id("recorder-start").click()
    wait_for(lambda: seconds(page) >= 1, "a second")
    page.get_by_test_id("recorder-pause").click()
    expect(recorder).to_have_attribute("data-state", "paused")
    held = seconds(page)
    page.wait_for_timeout(1_200)
    assert seconds(page) == held, "a pause does not count"
    page.get_by_test_id("recorder-resume").click()
    wait_for(lambda: seconds(page) >= 3, "three seconds")
    page.get_by_test_id("recorder-stop").click()
    expect(recorder).to_have_attribute("data-state", "done")
    expect(page.get_by_test_id("recorder-result")).to_have_js_property("readyState", 4)
    both(page, "recorder-done")

    # What has been stopped survives a reload.
    page.reload()
    expect(page.get_by_test_id("upload-kept")).to_be_visible()
    both(page, "upload-kept")
    page.get_by_test_id("upload-use-kept").click()
    trimmer = page.get_by_test_id("trimmer")
    expect(page.get_by_test_id("trim-start")).to_be_visible()
    start, end, length = stretch(page)
    assert (start, end) == (0, length)
    assert 2_500 < length < 4_500
    assert trimmer.locator("video").evaluate("video => [video.videoWidth, video.videoHeight].every(Boolean)")

    for _ in range(5):
        page.get_by_test_id("trim-start").press("ArrowRight")
    expect(page.get_by_test_id("trim-start")).to_have_attribute("aria-valuetext", "begins at 0:00.5")
    both(page, "trimmer-before")
    handle, bar = page.get_by_test_id("trim-end").bounding_box(), trimmer.locator(".bar").bounding_box()
    assert handle is not None
    assert bar is not None
    page.mouse.move(handle["x"] + 8, handle["y"] + 20)
    page.mouse.down()
    page.mouse.move(bar["x"] + 0.75 * bar["width"], handle["y"] + 20, steps=4)
    page.mouse.up()
    start, end, _ = stretch(page)
    assert start == 500
    assert end == pytest.approx(0.75 * length, abs=40)
    page.get_by_test_id("trim-mute").check()
    page.get_by_test_id("upload-title").fill("Filmed here")
    page.get_by_test_id("upload-alt").fill(ALT)
    both(page, "trimmer")
    trimmer.scroll_into_view_if_needed()
    page.get_by_test_id("trim-play").scroll_into_view_if_needed()
    both(page, "trimmer-above")
    page.get_by_test_id("upload-submit").click()
    expect(page.get_by_test_id("upload-state")).to_have_attribute("data-state", "ready", timeout=90_000)
    href = page.get_by_test_id("upload-watch").get_attribute("href") or ""

    found = page.request.get(f"/api{href.replace('/v/', '/videos/')}").json()
    assert found["duration_ms"] == pytest.approx(end - start, abs=FRAME_MS)
    assert found["alt_text"] == ALT
    content = page.request.get(found["sources"][0]["url"]).body()
    assert b"vide" in content
    assert b"mp4a" not in content, "muted is without a sound track"
    page.get_by_test_id("upload-another").click()
    expect(page.get_by_test_id("upload-form")).to_be_visible()
    expect(page.get_by_test_id("upload-kept")).to_have_count(0)

    # Whoever cannot see it is told, and everybody else can read it.
    reader = people.arrive(path=href)
    expect(current(reader).get_by_role("img", name=ALT)).to_have_count(1)
    wait_for(lambda: current(reader).locator("video").evaluate("video => video.currentTime") > 0.2, "playing")
    current(reader).get_by_test_id("more").click()
    expect(reader.get_by_test_id("alt-text-shown")).to_contain_text(ALT)
    both(reader, "alt-text")

    wide = people.arrive(path=href, size=WIDE)
    expect(wide.get_by_test_id("side-panel")).to_contain_text(ALT)
    both(wide, "alt-text-wide")

    # And its creator can say it better.
    page.goto("/me")
    page.get_by_test_id("own-alt").click()
    page.get_by_test_id("alt-text").fill("A pie chart that beeps.")
    both(page, "alt-edit")
    page.get_by_test_id("alt-save").click()
    expect(page.get_by_test_id("alt-sheet")).to_have_count(0)
    reader.reload()
    expect(current(reader).get_by_role("img", name="A pie chart that beeps.")).to_have_count(1)


def test_a_file_that_is_too_long_is_cut_to_what_is_allowed(people: People) -> None:
    page = people.arrive(path="/sign-up")
    sign_up(page, "cutter")
    page.goto("/upload")
    page.get_by_test_id("upload-file").set_input_files(real_clip("bikes.mp4"))
    expect(page.get_by_test_id("trim-start")).to_be_visible()
    start, end, length = stretch(page)
    assert length > 1_000 * MOST_S
    assert (start, end) == (0, 1_000 * MOST_S)
    page.get_by_test_id("trim-end").press("End")
    assert stretch(page)[:2] == (length - 1_000 * MOST_S, length)
    page.get_by_test_id("upload-submit").click()
    expect(page.get_by_test_id("upload-state")).to_have_attribute("data-state", "ready", timeout=90_000)
    href = page.get_by_test_id("upload-watch").get_attribute("href") or ""
    found = page.request.get(f"/api{href.replace('/v/', '/videos/')}").json()
    assert found["duration_ms"] == pytest.approx(1_000 * MOST_S, abs=2 * FRAME_MS)


def test_an_upload_that_goes_on_after_a_reload_is_cut_as_the_form_says_then(people: People) -> None:
    page = people.arrive(path="/sign-up")
    sign_up(page, "goer_on")
    announced: list[str] = []
    page.on(
        "request",
        lambda request: (
            announced.append(request.url) if (request.method, request.url[-8:]) == ("POST", "/uploads") else None
        ),
    )
    page.on("dialog", lambda dialog: dialog.accept())

    def drop(route: Route) -> None:
        if route.request.method == "PATCH":
            route.abort()
        else:
            route.fallback()

    page.route("**/api/uploads/*", drop)
    for attempt in range(2):
        page.goto("/upload")
        page.get_by_test_id("upload-file").set_input_files(real_clip("bigbuckbunny.mp4"))
        expect(page.get_by_test_id("trim-start")).to_be_visible()
        if attempt == 0:
            page.get_by_test_id("upload-submit").click()
            wait_for(lambda: announced, "the announcement")
            expect(page.get_by_test_id("upload-state")).to_contain_text("The line dropped")
    page.unroute("**/api/uploads/*")
    page.get_by_test_id("trim-end").press("PageDown")
    page.get_by_test_id("trim-mute").check()
    _, end, length = stretch(page)
    assert end == length - 1_000
    page.get_by_test_id("upload-submit").click()
    expect(page.get_by_test_id("upload-state")).to_have_attribute("data-state", "ready", timeout=90_000)
    href = page.get_by_test_id("upload-watch").get_attribute("href") or ""
    found = page.request.get(f"/api{href.replace('/v/', '/videos/')}").json()
    assert found["duration_ms"] == pytest.approx(end, abs=2 * FRAME_MS)
    assert b"mp4a" not in page.request.get(found["sources"][0]["url"]).body()
    assert len(announced) == 1, "it went on instead of beginning anew"


@pytest.mark.parametrize(
    ("flags", "script", "origin", "trouble", "words"),
    [
        (["--use-fake-ui-for-media-stream=deny"], "", "127.0.0.1", "refused", "Allow both"),
        ([], "delete window.MediaRecorder", "127.0.0.1", "missing", "cannot record"),
        ([], "", ELSEWHERE, "insecure", "https"),
        (
            [],
            "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotFoundError'); }",
            "127.0.0.1",
            "none",
            "No camera",
        ),
    ],
)
def test_a_camera_that_does_not_come_is_told_in_words(
    playwright: Playwright,
    installation: Installation,
    flags: list[str],
    script: str,
    origin: str,
    trouble: str,
    words: str,
) -> None:
    browser = launch(playwright, *flags)
    context = browser.new_context(
        viewport=PHONE,  # type: ignore[arg-type]
        base_url=installation.url.replace("127.0.0.1", origin),
        locale="en-GB",
    )
    page = context.new_page()
    sign_up(page, f"without_{trouble}")
    if script:
        page.add_init_script(script)
    page.goto("/upload")
    page.get_by_test_id("upload-record").click()
    page.get_by_test_id("recorder-open").click()
    told = page.get_by_test_id("recorder-trouble")
    expect(told).to_have_attribute("data-trouble", trouble)
    expect(told).to_contain_text(words)
    expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
    both(page, f"recorder-{trouble}")
    if trouble == "insecure":
        page.get_by_test_id("insecure").get_by_role("button").click()
    # The way by a file stays open.
    page.get_by_test_id("recorder-close").click()
    expect(page.get_by_test_id("upload-form")).to_be_visible()
    browser.close()
