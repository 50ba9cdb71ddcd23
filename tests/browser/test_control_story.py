"""A viewer takes hold of the feed: mutes, says no, looks back, begins anew; by pointer and by keyboard."""

import re

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import WIDE, People, at_rest, picture
from tests.browser.test_stories import arrived, current, sign_up, swipe

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("some_videos")]


def current_video(page: Page) -> dict:  # type: ignore[type-arg]
    expect(current(page)).to_be_visible()
    id_ = current(page).get_attribute("data-video-id")
    found: dict = page.request.get(f"/api/videos/{id_}").json()  # type: ignore[type-arg]
    return found


def refuse(page: Page, what: str) -> None:
    """More, Not interested, and one line of that."""
    current(page).get_by_test_id("more").click()
    sheet = at_rest(page.get_by_test_id("more-sheet"))
    sheet.get_by_test_id("not-interested").click()
    with page.expect_response(lambda answer: "replaces=" in answer.url or "/api/feed?" in answer.url):
        sheet.get_by_test_id(what).first.click()
    expect(page.get_by_test_id("more-sheet")).to_have_count(0)


def feed(page: Page, count: int = 8) -> list[dict]:  # type: ignore[type-arg]
    """The next videos of somebody who swipes on."""
    found = [current_video(page)]
    for _ in range(count - 1):
        swipe(page)
        found.append(current_video(page))
    return found


def test_a_viewer_takes_hold_of_the_feed(people: People):
    page = people.arrive()
    sign_up(page, "story_grip")
    page.goto("/")
    muted = current_video(page)
    current(page).get_by_test_id("more").click()
    sheet = at_rest(page.get_by_test_id("more-sheet"))
    sheet.get_by_test_id("not-interested").click()
    sheet.get_by_test_id("mute-creator").scroll_into_view_if_needed()
    picture(page, "control-more-phone")
    with page.expect_response(lambda answer: answer.url.endswith("/api/me/mutes")):
        sheet.get_by_test_id("mute-creator").click()
    arrived(page, muted["id"])
    refused = current_video(page)
    tag = refused["hashtags"][0]
    with page.expect_response(lambda answer: "/api/events" in answer.url):
        refuse(page, "less-hashtag")
    arrived(page, refused["id"])
    coming = feed(page)
    assert muted["creator"]["id"] not in {video["creator"]["id"] for video in coming}
    assert not any(tag in video["hashtags"] for video in coming)

    page.get_by_test_id("nav-me").click()
    page.get_by_test_id("to-your-feed").click()
    expect(page.get_by_test_id("your-feed")).to_be_visible()
    mutes, dislikes = page.get_by_test_id("mutes"), page.get_by_test_id("dislikes")
    expect(mutes.get_by_test_id("named")).to_contain_text(f"@{muted['creator']['handle']}")
    expect(dislikes.get_by_test_id("named")).to_contain_text(f"#{tag}")
    word = next(one for one in re.findall(r"\w{4,}", coming[-1]["title"]) if one.isascii())
    mutes.locator("[name=word]").fill("x")
    mutes.get_by_test_id("mute-add").click()
    expect(mutes.get_by_role("alert")).to_be_visible()
    mutes.locator("[name=word]").fill(word.upper())
    mutes.get_by_test_id("mute-add").click()
    expect(mutes.get_by_test_id("named")).to_have_count(2)
    picture(page, "control-feed-phone")
    page.get_by_test_id("nav-feed").click()
    assert not any(re.search(rf"\b{word}\b", video["title"], re.IGNORECASE) for video in feed(page, 4))

    page.goto("/me/feed")
    dislikes.get_by_test_id("undo").click()
    expect(dislikes.get_by_test_id("named")).to_have_count(0)
    expect(page.get_by_role("heading", name="Not interested")).to_be_focused()
    mutes.get_by_role("button", name=f"Unmute @{muted['creator']['handle']}").click()
    expect(mutes.get_by_test_id("named")).to_have_count(1)
    expect(mutes.locator("[name=word]")).to_be_focused()


def test_a_history_is_looked_at_and_taken_out_by_keyboard_alone(people: People):
    page = people.arrive()
    with page.expect_response(lambda answer: "/api/events" in answer.url):
        feed(page, 5)
    page.goto("/me/history")
    entries = page.get_by_test_id("watched")
    expect(entries.first).to_be_visible()
    before = entries.count()
    assert before >= 4
    picture(page, "control-history-phone")
    first = entries.first.get_attribute("data-video-id")
    page.get_by_test_id("watched-remove").first.focus()
    page.keyboard.press("Enter")
    expect(entries).to_have_count(before - 1)
    expect(page.locator(f'[data-video-id="{first}"]')).to_have_count(0)
    expect(page.get_by_test_id("watched-remove").first).to_be_focused()
    seen = {one.get_attribute("data-video-id") for one in entries.all()} | {first}
    page.get_by_test_id("anew").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("anew-sure")).to_be_focused()
    with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        page.keyboard.press("Enter")
    expect(page.get_by_test_id("no-history")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.get_by_test_id("nav-feed").click()
    assert not {video["id"] for video in feed(page, 4)} & seen


def test_a_comment_with_a_muted_word_is_folded_away_until_it_is_asked_for(people: People):
    author, reader = people.arrive(), people.arrive()
    sign_up(author, "story_teller")
    author.goto("/")
    video = current_video(author)
    assert author.request.post(f"/api/videos/{video['id']}/comments", data={"text": "The END is a spoiler"}).ok
    assert reader.request.put("/api/me/mutes", data={"target": "word", "id": "Spoiler"}).ok
    reader.goto(f"/v/{video['id']}")
    reader.get_by_test_id("comments").first.click()
    sheet = at_rest(reader.get_by_test_id("comments-sheet"))
    expect(sheet.get_by_test_id("comment-folded")).to_be_visible()
    expect(sheet.get_by_text("The END is a spoiler")).to_have_count(0)
    picture(reader, "control-comment-phone")
    sheet.get_by_role("button", name="Show it").press("Enter")
    expect(sheet.get_by_text("The END is a spoiler")).to_be_focused()


def test_the_pages_in_french_in_the_dark_and_wide(people: People):
    page = people.arrive(size=WIDE, locale="fr-FR", color_scheme="dark")
    with page.expect_response(lambda answer: "/api/events" in answer.url):
        feed(page, 4)
    for word in ("divulgâcher", "élection"):
        assert page.request.put("/api/me/mutes", data={"target": "word", "id": word}).ok
    page.goto("/me/feed")
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre fil")
    expect(page.get_by_test_id("named")).to_have_count(2)
    picture(page, "control-feed-wide-dark")
    with page.expect_response(lambda answer: answer.url.endswith("/api/me/mutes")):
        page.get_by_test_id("languages").get_by_label("anglais").uncheck()
    expect(page.get_by_test_id("named")).to_have_count(2)
    page.get_by_test_id("languages").scroll_into_view_if_needed()
    picture(page, "control-languages-wide-dark")
    page.get_by_test_id("nav-feed").click()
    assert {video["language"] for video in feed(page, 4)} == {"fr"}
    page.goto("/me/feed")
    page.get_by_test_id("to-history").click()
    expect(page.get_by_test_id("watched").first).to_be_visible()
    picture(page, "control-history-wide-dark")
