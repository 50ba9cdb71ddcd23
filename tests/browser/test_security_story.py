"""A second factor, a stolen session and a new password, in a real browser."""

import os
import re
import time

import pyotp
import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.conftest import WIDE, People, picture
from tests.browser.test_minor_story import NAMELESS
from tests.browser.test_stories import PASSWORD, sign_up

pytestmark = pytest.mark.browser


def code_of(secret: str, steps_ahead: int = 0) -> str:
    """What the app shows on a phone whose clock is ahead: each code is good once, and no test waits for the next."""
    app = pyotp.TOTP(secret)
    return app.at(int(time.time()) + steps_ahead * app.interval)


def pictures(page: Page, name: str) -> None:
    """Of the whole page as it stands, in the light and English, in the dark and French."""
    if not os.environ.get("PENCHANT_PICTURES"):
        return
    size = page.viewport_size
    assert size is not None
    for language, scheme in (("fr", "dark"), ("en", "light")):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        choice = page.get_by_test_id(f"language-{language}")
        if choice.count():
            choice.last.evaluate("button => button.click()")
        page.wait_for_load_state("networkidle")
        tall = page.evaluate("document.querySelector('.page')?.scrollHeight ?? 0")
        page.set_viewport_size({**size, "height": max(size["height"], tall)})
        picture(page, f"{name}-{language}-{scheme}")
        page.set_viewport_size(size)


def begin_sign_in(page: Page, handle: str, password: str = PASSWORD) -> None:
    page.goto("/sign-in")
    # In whatever language the page is.
    page.locator('[name="handle"]').fill(handle)
    page.locator('[name="password"]').fill(password)
    page.keyboard.press("Enter")


def code_field(page: Page) -> Locator:
    return page.locator("#code")


def send_code(page: Page, code: str) -> None:
    code_field(page).fill(code)
    page.keyboard.press("Enter")


def expect_in(page: Page) -> None:
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.goto("/me")
    expect(page.get_by_test_id("security")).to_be_visible()


def sign_out(page: Page) -> None:
    page.get_by_test_id("sign-out").click()
    page.wait_for_url(lambda url: "/me" not in url)


def test_a_second_factor_is_asked_for_and_a_recovery_code_stands_in_once(people: People):
    page = people.arrive()
    sign_up(page, "safe_sara")
    page.goto("/me")
    factor = page.get_by_test_id("second-factor")
    turn = factor.get_by_test_id("second-factor-turn")
    expect(turn).to_have_accessible_name("Turn on: Second factor")
    pictures(page, "security-rest")

    # On: the password, the secret, a code of it.
    turn.press("Enter")
    expect(factor.get_by_role("textbox", name="Password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(factor.get_by_text("Scan this")).to_be_focused()
    expect(factor.get_by_role("img", name="The secret as a QR code")).to_have_js_property("complete", True)
    assert factor.get_by_role("img").evaluate("image => image.naturalWidth") > 0
    secret = factor.get_by_test_id("second-factor-secret").inner_text()
    app = factor.get_by_role("link", name="Open in an app")
    assert secret in (app.get_attribute("href") or "")
    assert page.evaluate(NAMELESS) == []
    pictures(page, "security-pair")
    first = code_of(secret)
    send_code(page, first)
    codes = page.get_by_test_id("recovery-codes")
    expect(codes.get_by_role("heading", name="The second factor is on")).to_be_focused()
    recovery = codes.get_by_role("listitem").all_inner_texts()
    assert len(set(recovery)) == 8
    pictures(page, "security-codes")
    codes.get_by_role("button", name="I have kept them").press("Enter")
    expect(turn).to_be_focused()
    expect(turn).to_have_accessible_name("Turn off: Second factor")
    expect(factor).to_contain_text("8 recovery codes are left.")
    assert recovery[0] not in page.content()

    # The password alone is not enough any more; what was typed stays.
    sign_out(page)
    begin_sign_in(page, "safe_sara")
    expect(code_field(page)).to_be_focused()
    expect(page.get_by_role("textbox", name="Handle")).to_have_value("safe_sara")
    expect(page.get_by_test_id("form-error")).to_have_count(0)
    pictures(page, "security-sign-in")
    send_code(page, first)
    expect(code_field(page)).to_have_accessible_name("Code")
    expect(code_field(page)).to_have_accessible_description(re.compile("This code is not right, or was used already."))
    expect(code_field(page)).to_be_focused()
    send_code(page, code_of(secret, 1))
    expect_in(page)

    # A recovery code, once.
    sign_out(page)
    begin_sign_in(page, "safe_sara")
    page.get_by_role("button", name="Use a recovery code").press("Enter")
    expect(page.get_by_role("textbox", name="Recovery code")).to_be_focused()
    send_code(page, recovery[0])
    expect_in(page)
    expect(factor).to_contain_text("7 recovery codes are left.")
    expect(page.get_by_test_id("security-changes").get_by_role("listitem").first).to_contain_text("Recovery code used")
    pictures(page, "security-on")
    other = people.arrive(size=WIDE)
    begin_sign_in(other, "safe_sara")
    other.get_by_role("button", name="Use a recovery code").click()
    send_code(other, recovery[0])
    expect(other.get_by_role("alert").filter(has_text="was used already")).to_be_visible()
    picture(other, "security-sign-in-wide")

    # Off, by another.
    turn.press("Enter")
    expect(factor.get_by_role("textbox", name="Password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    factor.get_by_role("button", name="Use a recovery code").press("Enter")
    page.keyboard.type(recovery[1])
    pictures(page, "security-off")
    page.keyboard.press("Enter")
    expect(turn).to_be_focused()
    expect(turn).to_have_accessible_name("Turn on: Second factor")


def test_another_browser_is_ended_and_a_new_password_ends_the_rest(people: People):
    page, other, third = people.arrive(), people.arrive(size=WIDE), people.arrive(size=WIDE)
    sign_up(page, "safe_sam")
    for one in (other, third):
        begin_sign_in(one, "safe_sam")
        expect_in(one)

    # One of the others is ended, from the list.
    page.goto("/me")
    sessions = page.get_by_test_id("session")
    expect(sessions).to_have_count(3)
    here = sessions.filter(has_text="This browser")
    expect(here).to_have_count(1)
    expect(here).to_contain_text("Chrome, Linux")
    expect(here.get_by_role("button")).to_have_count(0)
    expect(sessions.first).to_have_attribute("data-here", "true")
    expect(page.get_by_role("button", name="End all others")).to_be_visible()
    assert page.evaluate(NAMELESS) == []
    pictures(page, "security-sessions")
    pictures(other, "security-sessions-wide")
    page.get_by_role("button", name=re.compile("End: Chrome, Linux, since")).first.press("Enter")
    expect(sessions).to_have_count(2)
    expect(page.get_by_role("heading", name="Where you are signed in")).to_be_focused()
    for one in (other, third):
        one.reload()
        expect(one.get_by_test_id("guest").or_(one.get_by_test_id("security"))).to_be_visible()
    assert sorted(one.get_by_test_id("guest").count() for one in (other, third)) == [0, 1]

    # A new password ends what is left, and only it lets in.
    page.get_by_test_id("password-change").press("Enter")
    form = page.get_by_test_id("password-form")
    old = form.get_by_role("textbox", name="Your password until now")
    new = form.get_by_role("textbox", name="New password")
    expect(old).to_be_focused()
    old.fill("not my password")
    new.fill("battery staple")
    page.keyboard.press("Enter")
    expect(form.get_by_role("alert")).to_have_text("This password is not right.")
    old.fill(PASSWORD)
    new.fill("password1")
    page.keyboard.press("Enter")
    expect(form.get_by_role("alert")).to_contain_text("none of the most common ones")
    pictures(page, "security-password")
    new.fill("battery staple")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("password-change")).to_be_focused()
    expect(sessions).to_have_count(1)
    expect(page.get_by_test_id("security-changes").get_by_role("listitem").first).to_contain_text("Password changed")
    page.reload()
    expect(sessions).to_have_count(1)
    for one in (other, third):
        one.reload()
        expect(one.get_by_test_id("guest")).to_be_visible()
    begin_sign_in(other, "safe_sam")
    expect(other.get_by_test_id("form-error")).to_have_text("Handle or password is not right.")
    begin_sign_in(other, "safe_sam", "battery staple")
    expect_in(other)
