"""What people do, in a real browser against a real installation."""

import re

import pytest
from playwright.sync_api import FilePayload, Page, Route, expect
from tests.browser.conftest import PHONE, WIDE, People, at_rest, picture, real_clip

from penchant.testing.installation import Installation, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("some_videos")]
PASSWORD = "correct horse"
TO_THE_END = """video => new Promise(done => {
  let last = video.currentTime;
  const look = () => {
    if (video.currentTime > 0.95 * video.duration || video.currentTime < last - 0.5) return done();
    last = video.currentTime;
    requestAnimationFrame(look);
  };
  look();
})"""
"""Until a video has nearly ended, or begins again because it loops."""


def current(page: Page):
    return page.locator('[data-testid="feed-item"][data-current="true"]')


def arrived(page: Page, before: str | None) -> str:
    """Another video than before, and at rest there: what is pressed while it moves would be scrolled to, away from what
    is current. Returns its id.
    """
    expect(current(page)).not_to_have_attribute("data-video-id", before or "")
    page.wait_for_function(
        """() => {
            const item = document.querySelector('[data-testid="feed-item"][data-current="true"]');
            return item && Math.abs(item.getBoundingClientRect().top) < 1;
        }"""
    )
    return current(page).get_attribute("data-video-id") or ""


def swipe(page: Page) -> str:
    """One video further, and at rest there. Returns its id."""
    before = current(page).get_attribute("data-video-id")
    page.keyboard.press("ArrowDown")
    return arrived(page, before)


def played_s(page: Page) -> float:
    return float(current(page).locator("video").evaluate("video => video.currentTime"))


def sign_up(page: Page, handle: str, birth_year: int = 1990) -> None:
    page.goto("/sign-up")
    form = page.get_by_test_id("sign-up-form")
    form.locator('[name="handle"]').fill(handle)
    form.locator('[name="password"]').fill(PASSWORD)
    form.locator('[name="birth_year"]').fill(str(birth_year))
    page.get_by_test_id("sign-up-submit").click()
    page.wait_for_url(lambda url: "/sign-up" not in url)


def upload(page: Page, clip: str, title: str) -> str:
    """Upload a real clip, wait until it is ready, and return its id."""
    page.goto("/upload")
    page.get_by_test_id("upload-file").set_input_files(real_clip(clip))
    page.get_by_test_id("upload-title").fill(title)
    page.get_by_test_id("upload-submit").click()
    expect(page.get_by_test_id("upload-state")).to_have_attribute("data-state", "ready", timeout=90_000)
    href = page.get_by_test_id("upload-watch").get_attribute("href") or ""
    return href.rsplit("/", 1)[1]


def caption(page: Page, video: str) -> None:
    """Captions for the whole of one's own video."""
    text = "WEBVTT\n\n00:00.000 --> 00:09.000\n<c.red>Bikes &amp; people &lt;in town&gt;</c>\n"
    where = f"/api/videos/{video}/captions/en"
    done = page.request.put(where, data={"text": text}, headers={"Origin": page.url.split("/upload")[0]})
    assert done.ok, done.text()


def test_the_first_video_plays_and_ten_swipes_play_ten_more(people: People):
    page = people.arrive()
    expect(current(page)).to_be_visible()
    wait_for(lambda: played_s(page) > 0.5, "playing")
    picture(page, "feed-phone")
    ids = {current(page).get_attribute("data-video-id")}
    for _ in range(10):
        ids.add(swipe(page))
        wait_for(lambda: played_s(page) > 0.1, "playing")
        assert page.locator("video").count() <= 5
    assert len(ids) == 11


def test_sign_up_upload_and_watch_from_two_browsers(people: People):
    page = people.arrive()
    sign_up(page, "story_ada")
    videos = {
        upload(page, "bikes.mp4", "Bikes at the corner"): "Bikes at the corner",
        upload(page, "bigbuckbunny.mp4", "A rabbit wakes up"): "A rabbit wakes up",
    }
    picture(page, "upload-ready")
    caption(page, next(iter(videos)))
    other = people.arrive(size=WIDE)
    for video, title in videos.items():
        other.goto(f"/v/{video}")
        expect(other.get_by_text(title).first).to_be_visible()
        wait_for(lambda: other.locator("video").first.evaluate("v => v.currentTime") > 0.3, "playing on its own page")
    picture(other, "video-wide")
    reader = people.arrive(path=f"/v/{next(iter(videos))}")
    expect(reader.get_by_test_id("captions").first).to_have_text("Bikes & people <in town>")
    picture(reader, "captions-phone")
    reader.get_by_test_id("more").first.click()
    toggle = at_rest(reader.get_by_test_id("more-sheet")).get_by_test_id("toggle-captions")
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "false")
    reader.keyboard.press("Escape")
    expect(reader.get_by_test_id("captions")).to_have_count(0)
    other.goto("/")
    left = set(videos)
    for _ in range(60):
        left.discard(current(other).get_attribute("data-video-id"))
        if not left:
            break
        swipe(other)
    assert not left, "both are in the feed of somebody else"


def test_like_comment_follow(people: People):
    page = people.arrive()
    sign_up(page, "story_bob")
    page.goto("/")
    expect(current(page)).to_be_visible()
    before = int(current(page).get_by_test_id("like-count").inner_text() or 0)
    page.keyboard.press("l")
    expect(current(page).get_by_test_id("like-count")).to_have_text(str(before + 1))
    current(page).get_by_test_id("comments").click()
    sheet = at_rest(page.get_by_test_id("comments-sheet"))
    sheet.get_by_test_id("comment-input").fill("What a start")
    sheet.get_by_test_id("comment-submit").click()
    expect(page.get_by_test_id("comment").first).to_contain_text("What a start")
    picture(page, "comments-phone")


def test_block_report_and_remove_act_at_once(people: People, installation: Installation):
    author, viewer = people.arrive(), people.arrive()
    sign_up(author, "story_cleo")
    video = upload(author, "bikes.mp4", "To be removed")
    sign_up(viewer, "story_dan")
    viewer.goto(f"/v/{video}")
    expect(viewer.get_by_text("To be removed").first).to_be_visible()
    answer = viewer.request.post(
        "/api/reports", data={"kind": "video", "target": video, "reason": "spam", "note": "advertising"}
    )
    assert answer.status == 201
    admin = people.arrive(path=installation.admin_link().removeprefix(installation.url))
    admin.wait_for_url(lambda url: "/sign-in" not in url)
    admin.goto("/admin")
    case = admin.get_by_test_id("queue-entry").filter(has_text="To be removed")
    expect(case).to_be_visible()
    picture(admin, "admin-phone")
    case.get_by_role("button", name="To be removed").click()
    admin.get_by_test_id("queue-reason").fill("advertising")
    admin.get_by_test_id("queue-remove").click()
    expect(case).to_have_count(0)
    assert viewer.request.get(f"/api/videos/{video}").status == 410
    assert viewer.request.get(f"/media/{video}/480p.mp4", headers={"Range": "bytes=0-99"}).status == 410
    assert author.request.put("/api/profiles/story_dan/block").ok
    assert viewer.request.get("/api/profiles/story_cleo").status == 404


def test_a_slow_first_answer_does_not_undo_signing_in(people: People):
    """A new browser becomes an anonymous viewer with its first answer; signing in waits for that answer."""
    sign_up(people.arrive(), "story_eve")
    page = people.arrive(path="/v/none")
    page.context.clear_cookies()
    asked: list[str] = []
    answered: list[int] = []

    def answer_late(route: Route) -> None:
        if route.request.method != "GET" or asked:
            route.fallback()
            return
        asked.append(route.request.url)
        answer = route.fetch()
        # Long enough for the form to be sent meanwhile.
        page.wait_for_timeout(1_500)
        route.fulfill(response=answer)
        answered.append(answer.status)

    page.route("**/api/session", answer_late)
    page.goto("/sign-in")
    form = page.get_by_test_id("sign-in-form")
    form.locator('[name="handle"]').fill("story_eve")
    form.locator('[name="password"]').fill(PASSWORD)
    page.get_by_test_id("sign-in-submit").click()
    while not answered:
        page.wait_for_timeout(50)
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.goto("/me")
    expect(page.get_by_test_id("sign-out")).to_be_visible()


def test_what_is_watched_to_its_end_changes_the_page_in_hand(people: People):
    """Two finished videos replace the far part of the page; how far the feed turns is measured in the scale tier."""
    page = people.arrive()
    expect(current(page)).to_be_visible()
    with page.expect_response(lambda answer: "replaces=" in answer.url, timeout=60_000) as turned:
        for _ in range(2):
            current(page).locator("video").evaluate(TO_THE_END)
            swipe(page)
    kept = current(page).get_attribute("data-video-id")
    items = turned.value.json()["items"]
    assert kept not in {item["video"]["id"] for item in items}
    assert any(item["why"]["code"] == "similar" for item in items)


def test_why_a_video_is_there_in_words_and_numbers(people: People):
    page = people.arrive()
    expect(current(page)).to_be_visible()
    current(page).get_by_test_id("why").click()
    sheet = page.get_by_test_id("why-sheet")
    expect(sheet.get_by_test_id("why-text")).not_to_be_empty()
    numbers = sheet.get_by_test_id("why-numbers")
    expect(numbers.locator("div")).to_have_count(10)
    expect(numbers).to_contain_text("People of your taste watch it")
    picture(page, "why-phone")


def test_wide_screen_keyboard_and_language(people: People):
    page = people.arrive(size=WIDE)
    expect(current(page)).to_be_visible()
    wait_for(lambda: played_s(page) > 0.3, "playing")
    picture(page, "feed")
    page.keyboard.press("m")
    muted = current(page).locator("video").evaluate("v => v.muted")
    page.keyboard.press("m")
    assert current(page).locator("video").evaluate("v => v.muted") != muted
    page.keyboard.press(" ")
    expect(page.get_by_test_id("paused").first).to_be_visible()


def test_a_page_that_is_not_there(people: People):
    page = people.arrive(path="/v/0000000000000")
    expect(page.get_by_test_id("lost")).to_be_visible()
    assert re.search(r"\w", page.get_by_test_id("lost").inner_text())


def test_the_cover_is_chosen_with_the_keyboard(people: People):
    page = people.arrive()
    sign_up(page, "story_cover")
    upload(page, "bikes.mp4", "Bikes at the corner")
    page.goto("/me")
    page.get_by_test_id("own-cover").press("Enter")
    sheet = page.get_by_test_id("cover-sheet")
    covers = sheet.get_by_test_id("cover")
    expect(covers).to_have_count(6)
    chosen = sheet.locator("input:checked")
    before = page.locator("[data-testid=own-video] img").get_attribute("src")
    chosen.press("ArrowRight")
    expect(page.locator("[data-testid=own-video] img")).not_to_have_attribute("src", before or "")
    picture(page, "cover-phone")
    page.set_viewport_size(WIDE)
    picture(page, "cover-wide")
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)


def caption_file(name: str, text: str) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": text.encode()}


def test_captions_come_from_a_file_are_edited_and_seen_over_the_player(people: People):
    page = people.arrive()
    sign_up(page, "story_words")
    video = upload(page, "bikes.mp4", "Bikes at the corner")
    page.goto("/me")
    page.get_by_test_id("own-captions").press("Enter")
    sheet = page.get_by_test_id("captions-sheet")
    sheet.get_by_test_id("captions-file").set_input_files(caption_file("notes.srt", "hello"))
    expect(sheet.get_by_test_id("captions-wrong")).to_have_text("This is neither WebVTT nor SRT.")
    subtitles = (
        "1\n00:00:00,000 --> 00:00:05,000\n<i>Bikes</i> in town\n\n2\n00:00:05,000 --> 00:00:09,000\nMore bikes\n"
    )
    sheet.get_by_test_id("captions-file").set_input_files(caption_file("bikes.srt", subtitles))
    english = sheet.locator("[data-testid=captions-of][data-language=en]")
    expect(english).to_contain_text("2 lines")
    picture(page, "captions-sheet-phone")

    english.get_by_test_id("captions-edit").press("Enter")
    editor = page.get_by_test_id("cue-editor")
    expect(editor.get_by_test_id("cue-words").first).to_have_value("Bikes in town")
    editor.get_by_test_id("cue-words").first.fill("Bikes & people\n\n<in town>")
    editor.get_by_test_id("cue-end").last.fill("soon")
    editor.get_by_test_id("cue-save").press("Enter")
    expect(editor.get_by_test_id("cue-end").last).to_be_focused()
    expect(editor.get_by_test_id("cue-end").last).to_have_attribute("aria-invalid", "true")
    picture(page, "cue-editor-phone")
    editor.get_by_test_id("cue-end").last.fill("0:09")
    editor.get_by_test_id("cue-remove").last.press("Enter")
    expect(editor.get_by_test_id("cue")).to_have_count(1)
    editor.locator("video").evaluate("film => { film.currentTime = 4 }")
    expect(editor.get_by_test_id("cue-preview")).to_have_text("Bikes & people\n<in town>", use_inner_text=True)
    editor.get_by_test_id("cue-now-end").press("Enter")
    expect(editor.get_by_test_id("cue-end")).to_have_value("0:04")
    editor.get_by_test_id("cue-add").press("Enter")
    page.keyboard.type("Written by hand")
    expect(editor.get_by_test_id("cue-start").last).to_have_value("0:04")
    page.keyboard.press("Escape")
    expect(editor.get_by_test_id("cue-discard")).to_be_visible()
    editor.get_by_role("button", name="Go on editing").press("Enter")
    editor.get_by_test_id("cue-end").last.fill("9,5")
    page.set_viewport_size(WIDE)
    picture(page, "cue-editor-wide")
    editor.get_by_test_id("cue-save").press("Enter")
    expect(english).to_contain_text("2 lines")

    sheet.get_by_test_id("captions-language").select_option("fr")
    sheet.get_by_test_id("captions-write").press("Enter")
    editor.get_by_test_id("cue-words").fill("Des vélos")
    editor.get_by_test_id("cue-save").press("Enter")
    french = sheet.locator("[data-testid=captions-of][data-language=fr]")
    expect(french).to_contain_text("1 line")

    reader = people.arrive(path=f"/v/{video}")
    expect(reader.get_by_test_id("captions").first).to_have_text("Bikes & people\n<in town>", use_inner_text=True)
    picture(reader, "captions-edited-phone")
    expect(reader.get_by_test_id("captions").first).to_have_text("Written by hand")

    french.get_by_test_id("captions-delete").press("Enter")
    french.get_by_test_id("captions-delete-sure").press("Enter")
    expect(french).to_have_count(0)
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)

    page.set_viewport_size(PHONE)
    page.get_by_role("button", name="Français").click()
    page.get_by_test_id("own-captions").press("Enter")
    sheet.get_by_test_id("captions-file").set_input_files(caption_file("notes.vtt", "WEBVTT\n"))
    expect(sheet.get_by_test_id("captions-wrong")).to_have_text("Il n’y a pas de mots dedans.")
    picture(page, "captions-sheet-french-phone")
