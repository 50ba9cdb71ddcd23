"""What a tool can find of WCAG 2.2 AA: axe finds nothing, on any main page or sheet, on phone and desktop, dark and
light. What no tool can find: docs/reference/accessibility.md.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import PHONE, WIDE, People, at_rest, picture
from tests.browser.test_stories import current, sign_up

from penchant.testing.installation import Installation

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("some_videos")]
AXE = Path(__file__).parents[2] / "ui" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async rules => {
  const { violations } = await axe.run(document, { runOnly: rules, resultTypes: ['violations'] });
  const said = (rule, node) => `${rule}: ${node.target.join(' ')} – ${node.failureSummary}`;
  return violations.flatMap(({ id, nodes }) => nodes.map(node => said(id, node)));
}"""
AT_REST = """async () => {
  await new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  await Promise.all(document.getAnimations().map(one => one.finished.catch(() => 0)));
}"""
"""The look that was chosen is drawn, and what moved has arrived."""
Scheme = Literal["dark", "light"]
LOOKS: dict[str, tuple[dict[str, int], Scheme]] = {
    "phone": (PHONE, "dark"),
    "phone-light": (PHONE, "light"),
    "wide": (WIDE, "light"),
    "wide-dark": (WIDE, "dark"),
}


def faults(page: Page) -> list[str]:
    page.evaluate(AXE.read_text("utf-8"))
    found: list[str] = page.evaluate(RUN, RULES)
    return found


def settled(page: Page) -> Page:
    """What it draws is there: a heading, and nothing that is still waited for."""
    expect(page.locator("h1").first).to_be_attached()
    expect(page.locator('[aria-busy="true"]')).to_have_count(0)
    return page


def look_at(page: Page, name: str) -> None:
    """In every look; what is found is said of all of them together."""
    found = {}
    for look, (size, scheme) in LOOKS.items():
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.evaluate(AT_REST)
        picture(page, f"{name}-{look}")
        if said := faults(page):
            found[look] = said
    assert found == {}, f"{name}: " + "\n".join(line for said in found.values() for line in said)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/sign-in",
        "/sign-up",
        "/reset",
        "/search",
        "/upload",
        "/me",
        "/market",
        "/check/0000000000000",
        "/nowhere/at/all",
        "/evidence",
    ],
)
def test_a_newcomer_s_pages(people: People, path: str):
    page = people.arrive(path=path)
    settled(page)
    if path == "/":
        expect(current(page)).to_be_visible()
    look_at(page, f"newcomer-{path.strip('/').replace('/', '-') or 'feed'}")


SHEETS: dict[str, Callable[[Page], None]] = {
    "more": lambda page: current(page).get_by_test_id("more").click(),
    "comments": lambda page: current(page).get_by_test_id("comments").click(),
    "why": lambda page: current(page).get_by_test_id("why").click(),
}


@pytest.mark.parametrize("sheet", SHEETS)
def test_the_sheets_of_the_feed(people: People, sheet: str):
    page = people.arrive()
    expect(current(page)).to_be_visible()
    SHEETS[sheet](page)
    at_rest(page.get_by_test_id(f"{sheet}-sheet"))
    look_at(page, f"sheet-{sheet}")


OUT_OF_SIGHT = """() => {
  const wide = document.documentElement.clientWidth;
  const out = (box) => box.width > 1 && box.height > 1 && (box.left < -1 || box.right > wide + 1);
  const seen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  return [...document.querySelectorAll('a, button, input, textarea, select, h1, h2, p')]
    .filter(element => seen(element) && !element.closest('.unseen, [inert]') && out(element.getBoundingClientRect()))
    .map(element => element.outerHTML.slice(0, 120));
}"""
"""What reaches out of the window to a side."""


@pytest.mark.parametrize("path", ["/", "/sign-up", "/me", "/evidence"])
def test_a_language_from_right_to_left_breaks_no_layout(people: People, path: str):
    page = people.arrive(path=path)
    settled(page)
    if path == "/":
        expect(current(page)).to_be_visible()
    page.evaluate("document.documentElement.dir = 'rtl'")
    for name, size in {"phone": PHONE, "wide": WIDE}.items():
        page.set_viewport_size(size)  # type: ignore[arg-type]
        picture(page, f"right-to-left-{path.strip('/') or 'feed'}-{name}")
        assert page.evaluate(OUT_OF_SIGHT) == []
        if path == "/":
            caption, rail = (current(page).locator(part).bounding_box() for part in (".caption", ".rail"))
            assert caption is not None
            assert rail is not None
            apart = rail["x"] >= caption["x"] + caption["width"] or caption["x"] >= rail["x"] + rail["width"]
            assert apart, "the words lie under the buttons"


NARROW = {"width": 320, "height": 640}
SPACED = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-bottom: 2em !important; }"""
"""WCAG 1.4.12: what readers may set."""


@pytest.mark.parametrize("path", ["/", "/sign-up", "/me", "/search", "/evidence"])
def test_a_narrow_window_and_wide_letters_put_nothing_out_of_sight(people: People, path: str):
    page = people.arrive(path=path, size=NARROW, bypass_csp=True)
    settled(page)
    if path == "/":
        expect(current(page)).to_be_visible()
    picture(page, f"narrow-{path.strip('/') or 'feed'}")
    assert page.evaluate(OUT_OF_SIGHT) == []
    page.add_style_tag(content=SPACED)
    picture(page, f"spaced-{path.strip('/') or 'feed'}")
    assert page.evaluate(OUT_OF_SIGHT) == []


def test_the_pages_of_somebody_with_an_account(people: People):
    page = people.arrive()
    sign_up(page, "story_axe")
    for path in ("/me", "/@story_axe", "/upload"):
        page.goto(path)
        settled(page)
        look_at(page, f"account-{path.strip('/@')}")


def test_the_pages_of_an_administrator(people: People, installation: Installation):
    page = people.arrive(path=installation.admin_link().removeprefix(installation.url))
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.goto("/admin")
    for tab in page.get_by_role("tab").all() or [None]:
        if tab is not None:
            tab.click()
        settled(page)
        look_at(page, f"admin-{(tab.inner_text() if tab else 'only').lower().replace(' ', '-')}")
