"""Stored script injection, looked for in a real Chromium: every stored text of every page is hostile.

The policy of the pages is switched off in the browser, so that escaping alone has to hold; a test of its own shows
that the policy alone would hold as well, and that the corpus runs where neither does.
"""

from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import WIDE, People, at_rest, picture
from tests.browser.hostile_words import WORDS, fill

from penchant.app import build
from penchant.core.settings import Settings
from penchant.testing.installation import Installation

pytestmark = pytest.mark.browser

EVERY = 8
CORPORA = [WORDS[start::EVERY] for start in range(EVERY)]
"""Every eighth of the words, in a place of their own. The first are of all kinds: a tag, an attribute's end, a tag
that acts by itself, a form; the others are for the long tier."""
WATCH = "window.hits = []; window.hit = () => window.hits.push(1)"


class Place:
    """The installation, what is hostile in it, and links that sign in."""

    def __init__(self, installation: Installation, words: Sequence[str]) -> None:
        settings = Settings(data=installation.data, demo=False)
        self.cell = build(settings, database_url=installation.database_url())
        self.words = words
        self.owner, self.hostile = fill(self.cell, words)

    def way_in(self, handle: str, role: str = "member") -> str:
        account = self.cell.accounts.make_account(handle, handle, role)  # type: ignore[arg-type]
        return f"/sign-in#token={self.cell.accounts.make_link(account, 'sign_in')[0]}"


@pytest.fixture(
    scope="module",
    params=[pytest.param(words, marks=pytest.mark.scale if at else ()) for at, words in enumerate(CORPORA)],
    ids=range(EVERY),
)
def words(request: pytest.FixtureRequest) -> Sequence[str]:
    found: Sequence[str] = request.param
    return found


@pytest.fixture(scope="module")
def installation(words: Sequence[str], begun: Path) -> Iterator[Installation]:
    installation = Installation(like=begun, market_name=words[0])
    try:
        yield installation.start()
    finally:
        installation.remove()


@pytest.fixture(scope="module")
def place(installation: Installation, words: Sequence[str]) -> Iterator[Place]:
    place = Place(installation, words)
    yield place
    place.cell.close()


def arrive(people: People, path: str = "/", *, guarded: bool = False) -> Page:
    """Somebody whose browser tells us of every dialog and every script that ran. Wide: there is the side panel, too."""
    page = people.arrive(size=WIDE, path="/robots.txt", bypass_csp=not guarded)
    page.on("dialog", lambda dialog: (people.complaints.append(f"a dialog: {dialog.message}"), dialog.dismiss()))
    page.add_init_script(WATCH)
    page.goto(path)
    return page


def unharmed(page: Page, address: str) -> None:
    """Nothing ran, nothing was put into the page, and it is still the page that it was."""
    assert page.evaluate("window.hits") == []
    assert page.evaluate("location.pathname") == address.partition("#")[0]
    foreign = "iframe, object, embed, base, form[action^=http], meta[http-equiv], style:not([data-vite-dev-id])"
    assert page.locator(f"body :is({foreign})").count() == 0
    assert page.locator("body :is(img[src=x], script, svg[onload], details[ontoggle], math)").count() == 0


def shows(page: Page, words: str) -> bool:
    """Whether a person reads exactly these words."""
    return bool(page.evaluate("words => document.body.innerText.includes(words)", words))


def test_the_page_of_a_video(people: People, place: Place):
    page = arrive(people)
    for one in place.hostile:
        page.goto(f"/v/{one.video}")
        expect(page.get_by_test_id("feed-item").first).to_be_visible()
        assert shows(page, one.words), one.words
        for name in ("og:title", "og:description"):
            assert one.words in (page.locator(f'meta[property="{name}"]').get_attribute("content") or ""), name
        assert page.title().startswith(one.words.strip()[:5])
        page.get_by_test_id("comments").first.click()
        expect(page.get_by_test_id("comment").first).to_contain_text(one.words)
        unharmed(page, f"/v/{one.video}")
    picture(page, "hostile-video")


def test_what_more_says_of_it(people: People, place: Place):
    page = people.arrive(path="/robots.txt", bypass_csp=True)
    page.add_init_script(WATCH)
    for one in place.hostile:
        page.goto(f"/v/{one.video}")
        page.get_by_test_id("more").first.click()
        sheet = at_rest(page.get_by_test_id("more-sheet"))
        expect(sheet.get_by_test_id("alt-text-shown")).to_contain_text(one.words)
        expect(sheet.get_by_test_id("provenance")).to_contain_text(one.words)
        sheet.get_by_test_id("notes").click()
        expect(page.get_by_test_id("note-text")).to_have_text(one.words)
        unharmed(page, f"/v/{one.video}")
    picture(page, "hostile-more")


def test_the_pages_of_its_sound_and_creator_and_the_embedded_player(people: People, place: Place):
    page = arrive(people)
    for one in place.hostile:
        for path, ready in ((f"/s/{one.sound}", "sound-page"), (f"/@{one.handle}", "profile")):
            page.goto(path)
            expect(page.get_by_test_id(ready)).to_be_visible()
            expect(page.locator("h1")).to_have_text(one.words.strip())
            unharmed(page, path)
        page.goto(f"/embed/{one.video}")
        expect(page.get_by_test_id("embed")).to_be_visible()
        expect(page.get_by_test_id("embed-note")).to_contain_text(one.words)
        unharmed(page, f"/embed/{one.video}")


def test_the_feed(people: People, place: Place):
    page = arrive(people)
    expect(page.get_by_test_id("feed-item").first).to_be_visible()
    for _ in range(len(place.words) + 2):
        page.keyboard.press("ArrowDown")
    unharmed(page, "/")


def test_what_moderators_and_owners_see(people: People, place: Place):
    page = arrive(people, place.way_in("boss", "admin"))
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.goto("/admin")
    entries = page.get_by_test_id("queue-entry")
    expect(entries.first).to_be_visible()
    for place_in_list in range(len(place.words)):
        entries.nth(place_in_list).locator("button.entry").click()
        case = page.get_by_test_id("queue-case")
        expect(case).to_have_attribute("data-case", entries.nth(place_in_list).get_attribute("data-case") or "")
        unharmed(page, "/admin")
    picture(page, "hostile-admin")
    left, reasons = set(place.words), cycle(place.words)
    while left and entries.count():
        # The queue shows the most urgent; what is decided makes room.
        left -= {words for words in left if shows(page, words)}
        unharmed(page, "/admin")
        for entry in entries.all():
            about = {"kind": entry.get_attribute("data-kind"), "target": entry.get_attribute("data-target")}
            assert page.request.post(
                "/api/admin/decisions", data=about | {"action": "dismiss", "reason": next(reasons)}
            ).ok
        page.goto("/admin")
        expect(page.locator('[data-testid="queue-entry"], [data-testid="queue"] .none').first).to_be_visible()
    assert left == set()
    expect(page.locator('[data-testid="admin-report"][data-state="closed"]').first).to_be_visible()
    for words in place.words:
        assert shows(page, f": {words}"), words
    unharmed(page, "/admin")
    mine = arrive(people, place.way_in("failing"))
    mine.wait_for_url(lambda url: "/sign-in" not in url)
    mine.goto("/me")
    expect(mine.get_by_test_id("own-video")).to_have_count(len(place.words))
    for words in place.words:
        assert shows(mine, words), words
    unharmed(mine, "/me")


INJECT = """html => {
  const there = document.createElement('div');
  there.innerHTML = html;
  document.body.append(there);
}"""


def test_the_corpus_runs_where_nothing_holds_it_and_the_policy_holds_it_alone(people: People, place: Place):
    """So the other tests of this file can fail."""
    bare, guarded = arrive(people), arrive(people, guarded=True)
    for page in (bare, guarded):
        for words in WORDS:
            if "elsewhere.example" not in words:
                page.evaluate(INJECT, words)
        page.wait_for_timeout(500)
    assert len(bare.evaluate("window.hits")) >= 6
    assert guarded.evaluate("window.hits") == []
    refused = [line for line in people.complaints if "Content Security Policy" in line]
    assert len(refused) >= 6
    ends: list[str | None] = []
    guarded.on("requestfailed", lambda request: ends.append(request.failure))
    guarded.evaluate(INJECT, "".join(f"<img src=https://elsewhere.example/{n}>" for n in range(3)))
    guarded.wait_for_timeout(200)
    assert ends == ["csp"] * 3
    people.complaints.clear()


def test_a_one_time_link_leaves_no_trace_in_addresses(people: People, place: Place):
    """Its token is behind the #, which no browser sends, and is taken out of the address at once."""
    link = place.way_in("linked")
    token = link.partition("token=")[2]
    sent: list[str] = []
    page = people.arrive(path="/robots.txt")
    page.on("request", lambda request: sent.append(f"{request.url} {request.headers.get('referer', '')}"))
    page.goto(link)
    page.wait_for_url(lambda url: "/sign-in" not in url)
    assert sent
    assert not [line for line in sent if token in line]
    assert token not in page.url
    page.go_back()
    assert token not in page.url
