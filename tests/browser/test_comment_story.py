"""A commenter: two people talk below a video, and each hears of the other at once."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.conftest import People, at_rest, picture
from tests.browser.test_stories import current, sign_up, upload

pytestmark = pytest.mark.browser


def badge(page: Page) -> Locator:
    return page.get_by_test_id("nav-inbox").locator("b")


def comments(page: Page, video: str) -> Locator:
    """The sheet of comments of a video, at rest."""
    page.goto(f"/v/{video}")
    current(page).get_by_test_id("comments").click()
    return at_rest(page.get_by_test_id("comments-sheet"))


def press(page: Page, button: Locator) -> None:
    """By the keyboard alone."""
    button.focus()
    page.keyboard.press("Enter")


def choose(page: Page, comment: Locator, what: str) -> None:
    """Something of a comment's menu, by the keyboard alone, once the server has answered."""
    press(page, comment.get_by_test_id("comment-more"))
    expect(comment.get_by_test_id("comment-more")).to_have_attribute("aria-expanded", "true")
    with page.expect_response(re.compile("/api/comments/")):
        press(page, comment.get_by_test_id(f"comment-{what}"))


def say(page: Page, sheet: Locator, words: str) -> None:
    field = sheet.get_by_test_id("comment-input")
    field.focus()
    page.keyboard.insert_text(words)
    with page.expect_response(lambda answer: answer.request.method in ("POST", "PUT") and "comments" in answer.url):
        page.keyboard.press("Enter")
    expect(field).to_have_value("")


def test_two_people_talk_below_a_video(people: People):
    ada = people.arrive()
    sign_up(ada, "talk_ada")
    video = upload(ada, "bikes.mp4", "Bikes at the corner")
    # That it is ready is the first that she is told of.
    expect(badge(ada)).to_have_text("1")

    bob = people.arrive(color_scheme="dark")
    sign_up(bob, "talk_bob")
    sheet = comments(bob, video)
    expect(sheet).to_contain_text("Yours could be the first")
    say(bob, sheet, "Where is this, @Talk_Ada? #bikes @nobody_here")
    said = sheet.get_by_test_id("comment").first
    expect(said.get_by_role("link", name="@Talk_Ada")).to_have_attribute("href", "/@talk_ada")
    expect(said.get_by_role("link", name="#bikes")).to_have_attribute("href", "/t/bikes")
    expect(said.get_by_role("link", name="@nobody_here")).to_have_count(0)
    say(bob, sheet, "A second one")

    # Nothing was loaded again: it came by the line that is open anyway.
    expect(badge(ada)).to_have_text("2")
    ada.get_by_test_id("nav-inbox").click()
    entry = ada.locator('[data-testid="inbox-entry"][data-kind="comment"]')
    expect(entry).to_contain_text("talk_bob commented on your video")
    picture(ada, "inbox-phone")
    entry.click()
    ada.wait_for_url(re.compile(f"/v/{video}$"))
    expect(badge(ada)).to_have_text("1")

    sheet_of_ada = comments(ada, video)
    about = sheet_of_ada.get_by_test_id("comment").filter(has_text="Where is this")
    answer = about.get_by_test_id("comment-reply")
    press(ada, answer)
    field = sheet_of_ada.get_by_test_id("comment-input")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description("Answering @talk_bob")
    ada.keyboard.press("Escape")
    expect(answer).to_be_focused()
    press(ada, answer)
    ada.keyboard.insert_text("At the corner of the market")
    with ada.expect_response(re.compile("/replies")):
        ada.keyboard.press("Enter")
    expect(answer).to_be_focused()
    expect(sheet_of_ada.get_by_text("At the corner of the market")).to_be_visible()
    choose(ada, about, "pin")
    expect(sheet_of_ada.get_by_test_id("comment").first).to_contain_text("Pinned")
    choose(ada, sheet_of_ada.get_by_test_id("comment").filter(has_text="A second one"), "hide")

    expect(badge(bob)).to_have_text("1")
    sheet = comments(bob, video)
    first = sheet.get_by_test_id("comment").first
    expect(first).to_contain_text("Pinned")
    expect(sheet.get_by_test_id("comment").filter(has_text="A second one")).to_contain_text("Hidden by the creator")
    press(bob, sheet.get_by_test_id("comment-replies"))
    theirs = sheet.get_by_test_id("comment").filter(has_text="At the corner of the market")
    like = theirs.get_by_test_id("comment-like")
    with bob.expect_response(re.compile("/like")):
        press(bob, like)
    expect(like).to_have_attribute("aria-pressed", "true")
    expect(theirs.get_by_test_id("comment-likes")).to_have_text("1")
    press(bob, theirs.get_by_test_id("comment-reply"))
    say(bob, sheet, "Thank you")
    expect(sheet.get_by_test_id("comment").filter(has_text="Thank you")).to_contain_text("to talk_ada")
    press(bob, first.get_by_test_id("comment-more"))
    press(bob, first.get_by_test_id("comment-edit"))
    field = sheet.get_by_test_id("comment-input")
    expect(field).to_have_value("Where is this, @Talk_Ada? #bikes @nobody_here")
    field.fill("Where was this filmed, @talk_ada? #bikes")
    with bob.expect_response(lambda answer: answer.request.method == "PUT"):
        bob.keyboard.press("Enter")
    expect(first).to_contain_text("edited")
    expect(first).to_contain_text("Where was this filmed")
    picture(bob, "comment-thread-dark")
    sheet_of_ada = comments(ada, video)
    press(ada, sheet_of_ada.get_by_test_id("comment-replies"))
    expect(sheet_of_ada.get_by_text("Thank you")).to_be_visible()
    more = sheet_of_ada.get_by_test_id("comment").first.get_by_test_id("comment-more")
    press(ada, more)
    picture(ada, "comment-thread-light")

    ada.get_by_test_id("close").click()
    ada.goto("/inbox")
    expect(ada.locator('[data-testid="inbox-entry"][data-kind="comment_like"]')).to_contain_text("liked your comment")
    ada.get_by_test_id("inbox-read-all").click()
    expect(badge(ada)).to_have_count(0)
    expect(ada.get_by_test_id("inbox-read-all")).to_have_count(0)


def test_a_creators_words_hold_a_comment_back_until_they_have_looked(people: People):
    ada = people.arrive(color_scheme="dark")
    sign_up(ada, "words_ada")
    video = upload(ada, "bigbuckbunny.mp4", "A rabbit wakes up")
    ada.goto("/me")
    ada.get_by_test_id("held-words").fill("cheap watches\nspoiler")
    with ada.expect_response(lambda answer: answer.request.method == "PUT"):
        ada.get_by_test_id("held-words-save").click()

    bob = people.arrive()
    sign_up(bob, "words_bob")
    sheet = comments(bob, video)
    say(bob, sheet, "Buy ch3ap watches")
    expect(sheet.get_by_test_id("comment")).to_contain_text("Waits for the creator")

    eve = people.arrive()
    expect(comments(eve, video)).to_contain_text("Yours could be the first")
    ada.goto("/me")
    ada.get_by_test_id("held-words").wait_for()
    waiting = ada.get_by_test_id("held-comment")
    expect(waiting).to_contain_text("Buy ch3ap watches")
    picture(ada, "held-comments-dark")
    with ada.expect_response(re.compile("/held$")):
        waiting.get_by_test_id("held-let-in").click()
    expect(waiting).to_have_count(0)
    expect(comments(eve, video).get_by_test_id("comment")).to_contain_text("Buy ch3ap watches")

    # Of what she does not want to be told, she is not.
    ada.goto("/inbox")
    ada.get_by_text("What you are told of").click()
    with ada.expect_response(re.compile("/kinds$")):
        ada.get_by_test_id("kind-like").click()
    assert not ada.get_by_test_id("kind-like").is_checked()
    picture(ada, "inbox-kinds-dark")
