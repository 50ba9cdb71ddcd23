"""The pages of figures in a real browser: reached from the app, in both languages, on a phone and on a desk."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import PHONE, WIDE, People, picture

from penchant.core.database import make_engine
from penchant.operations.figures import repository
from penchant.operations.figures.model import ARMS, SOURCES, Bin, Day, Mean, Share
from penchant.testing.installation import Installation

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def installation(begun: Path) -> Iterator[Installation]:
    """Without videos, but with two weeks of figures."""
    installation = Installation(like=begun)
    try:
        yield with_figures(installation.start())
    finally:
        installation.remove()


def with_figures(installation: Installation) -> Installation:
    now = datetime.now(UTC)
    engine = make_engine(installation.database_url())
    with engine.begin() as connection:
        for back in range(14, 0, -1):
            day = Day((now - timedelta(days=back)).date(), pages=900, viewers=120, videos=180, listed=240)
            for weight, arm in enumerate(reversed(ARMS), start=1):
                day.shares["arm", arm] = Share(60, 100.0 * weight**2, 8e5 * weight**2, 20.0 * weight**2)
            for weight, source in enumerate(reversed(SOURCES), start=1):
                day.shares["source", source] = Share(60, 100.0 * weight, 8e5 * weight, 20.0 * weight)
            day.means = {name: Mean(50 + back, 100) for name in ("long_in_first", "uniform_long", "uniform_left")}
            day.bins = {("chosen", 2): Bin(7.5, 8.0, 100), ("chosen", 5): Bin(25.0, 24.0, 100)}
            repository.put_day(connection, day, now)
    engine.dispose()
    return installation


def is_whole(page: Page, language: str) -> None:
    """Nothing sticks out at the side, every plot has a name, and the style sheet is at work."""
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for plot in page.locator("svg[role=img]").all():
        assert plot.get_attribute("aria-label")
        box = plot.bounding_box()
        assert box is not None
        assert box["width"] > 100
        assert box["height"] > 50
    painted = page.locator("rect.arm-exploit").first.evaluate("node => getComputedStyle(node).fill")
    assert painted not in ("rgb(0, 0, 0)", "none")


def test_anyone_reads_what_fills_the_feed(people: People):
    for size, name in ((PHONE, "phone"), (WIDE, "wide")):
        page = people.arrive(size=size, path="/me")
        page.get_by_text("What fills the feed here").click()
        page.wait_for_url("**/figures?lang=en")
        is_whole(page, "en")
        expect(page.locator(".lead")).to_have_text(re.compile("Of 100 videos"))
        page.locator("summary").first.click()
        expect(page.locator("table").first).to_be_visible()
        page.get_by_role("link", name="FR", exact=True).click()
        expect(page.get_by_role("heading", name="Ce qui remplit le fil ici")).to_be_visible()
        is_whole(page, "fr")
        picture(page, f"figures-{name}")


def test_a_moderator_sees_how_it_learns(people: People, installation: Installation):
    page = people.arrive(path=installation.admin_link().removeprefix(installation.url))
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.goto("/admin")
    page.get_by_text("How it learns").click()
    page.wait_for_url("**/admin/figures?lang=en")
    is_whole(page, "en")
    expect(page.get_by_role("heading", name="Kept promises")).to_be_visible()
    page.get_by_role("link", name="FR", exact=True).click()
    expect(page.get_by_role("heading", name="Promesses tenues")).to_be_visible()
    picture(page, "how-it-learns")
