"""Somebody looks for something: as they type, by keys alone, with accents and typos, and with nothing found."""

import json

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import PHONE, WIDE, People, picture

from penchant.demo.plan import plan

pytestmark = [pytest.mark.browser, pytest.mark.media]

CLIPS = plan()[:24]


def results(page: Page) -> list[str]:
    """The videos on the page; the answer has come."""
    expect(page.get_by_test_id("search-found")).to_have_attribute("aria-busy", "false")
    return [str(tile.get_attribute("data-video-id")) for tile in page.locator("[data-video-id]").all()]


def both(page: Page, name: str) -> None:
    """A picture in each scheme."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        picture(page, f"{name}-{scheme}")
    page.emulate_media(color_scheme="light")


@pytest.mark.usefixtures("some_videos")
def test_a_search_by_typing_opens_videos_and_is_remembered_on_this_device_only(people: People):
    page = people.arrive()
    page.get_by_test_id("nav-search").click()
    field = page.get_by_test_id("search-input")
    expect(field).to_be_focused()
    both(page, "search-start-phone")

    clip = next(clip for clip in CLIPS if clip.language == "fr" and len(clip.title.split()) > 3)
    word = max(clip.title.lower().replace("'", " ").replace(",", " ").split(), key=len)
    field.fill(word)
    with page.expect_response("**/api/search?*"):
        field.press("Enter")
    found = results(page)
    assert found
    expect(page.get_by_role("status").filter(has_text="result")).to_have_count(1)
    both(page, "search-videos-phone")

    with page.expect_request(
        lambda sent: sent.url.endswith("/api/events") and "search" in (sent.post_data or "")
    ) as sent:
        page.locator("[data-video-id]").first.click()
        page.wait_for_url(lambda url: "/v/" in url)
        page.wait_for_function("() => [...document.querySelectorAll('video')].some(video => video.currentTime > 0.5)")
        page.go_back()
    told = json.loads(sent.value.post_data or "{}")
    assert {event["context"] for event in told["events"] if event.get("video") == found[0]} == {"search"}
    assert results(page) == found

    page.goto("/search")
    expect(page.get_by_test_id("recent-search")).to_have_text([word])
    both(page, "search-recent-phone")
    assert page.evaluate("localStorage['penchant.searches']") == json.dumps([word], ensure_ascii=False)
    page.get_by_test_id("forget").click()
    expect(page.get_by_test_id("recent")).to_have_count(0)
    assert page.evaluate("localStorage['penchant.searches']") is None


@pytest.mark.usefixtures("some_videos")
def test_suggestions_by_keys_alone(people: People):
    page = people.arrive(size=WIDE, path="/search")
    field = page.get_by_test_id("search-input")
    expect(field).to_be_focused()
    tag = CLIPS[0].hashtags[0]
    with page.expect_response(lambda answer: f"q={tag[:4]}" in answer.url):
        page.keyboard.type(tag[:4])
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    both(page, "search-suggestions-desktop")
    page.keyboard.press("Escape")
    expect(options.first).to_be_hidden()
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value(tag[:4])
    page.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "suggestion-0")
    expect(page.locator("#suggestion-0")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    expect(field).not_to_have_attribute("aria-activedescendant", "suggestion-0")
    page.keyboard.press("ArrowDown")
    assert page.locator("#suggestion-0").get_attribute("data-kind") == "hashtag"
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("hashtag-page").get_by_role("heading")).to_contain_text("#")
    assert "/t/" in page.url
    expect(page.locator("[data-video-id]").first).to_be_visible()
    both(page, "hashtag-desktop")


@pytest.mark.usefixtures("some_videos")
def test_kinds_typos_and_nothing_found(people: People):
    page = people.arrive(size=PHONE, path="/search?q=zzzzzzzz", locale="fr-FR")
    expect(page.get_by_test_id("search-none")).to_contain_text("Aucune vidéo pour « zzzzzzzz »")
    both(page, "search-none-phone")

    def kind(name: str) -> None:
        with page.expect_response("**/api/search?*"):
            page.keyboard.press("ArrowRight")
        expect(page.get_by_test_id(f"search-{name}")).to_be_focused()
        expect(page.get_by_test_id(f"search-{name}")).to_have_attribute("aria-selected", "true")

    clip = max(CLIPS, key=lambda clip: max(map(len, clip.name.split())))
    page.get_by_test_id("search-clear").click()
    page.get_by_test_id("search-input").fill(clip.name)
    with page.expect_response("**/api/search?*"):
        page.keyboard.press("Enter")
    page.get_by_test_id("search-videos").focus()
    kind("people")
    expect(page.get_by_test_id("found-person").first).to_have_attribute("href", f"/@{clip.handle}")
    both(page, "search-people-phone")

    longest = max((tag for clip in CLIPS for tag in clip.hashtags), key=len)
    wrong = longest[:4] + longest[5] + longest[4] + longest[6:]
    page.get_by_test_id("search-input").fill(wrong)
    with page.expect_response("**/api/search?*"):
        page.keyboard.press("Enter")
    page.get_by_test_id("search-people").focus()
    kind("hashtags")
    expect(page.get_by_test_id("found-hashtag").first).to_contain_text(longest)
    both(page, "search-hashtags-phone")
    with page.expect_response("**/api/search?*"):
        page.get_by_test_id("search-videos").click()
    expect(page.get_by_test_id("search-alike")).to_be_visible()
    both(page, "search-alike-phone")

    page.context.set_offline(True)
    page.get_by_test_id("search-sounds").click()
    expect(page.get_by_role("alert")).to_be_visible()
    both(page, "search-offline-phone")
    page.context.set_offline(False)
    with page.expect_response("**/api/search?*"):
        page.get_by_test_id("search-retry").click()
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.usefixtures("some_videos")
def test_a_hashtag_below_a_video_leads_to_its_page(people: People):
    page = people.arrive(path="/search")
    tag = CLIPS[0].hashtags[0]
    page.goto(f"/t/{tag}")
    page.locator("[data-video-id]").first.click()
    link = page.locator(".tags a").first
    expect(link).to_be_visible()
    picture(page, "hashtags-of-a-video-phone")
    link.click()
    expect(page.get_by_test_id("hashtag-page")).to_be_visible()
