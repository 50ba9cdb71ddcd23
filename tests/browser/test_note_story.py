"""A note from its writing to the line under the video, judged by two camps that agree on nothing else."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import psycopg
import pytest
from playwright.sync_api import expect
from tests.browser.conftest import WIDE, FillDemo, People, at_rest, picture
from tests.browser.test_stories import current, sign_up

from penchant.testing.installation import Installation

pytestmark = pytest.mark.browser

PLAN = "gllllrrrrbbb"
"""What the twelve others write: one note for both camps, eight for one, three for nobody."""
NOTE = "This was filmed in 2019.\nSee https://example.org/archive?a=1&b=2 <b>and compare</b>."


@pytest.fixture(scope="module")
def installation(fill_demo: FillDemo, begun: Path) -> Iterator[Installation]:
    """With one video, and notes for everybody."""
    installation = Installation(like=begun, note_account_days="0")
    try:
        installation.start()
        fill_demo(installation, 1)
        yield installation
    finally:
        installation.remove()


@pytest.fixture
def others(installation: Installation) -> Iterator[list[httpx.Client]]:
    """Twelve people, by turns of one camp and of the other."""
    with ExitStack() as stack:
        clients = [stack.enter_context(httpx.Client(base_url=installation.url, timeout=60)) for _ in PLAN]
        for number, client in enumerate(clients):
            body = {"handle": f"camp_{number:02}", "password": "correct horse", "birth_year": 1980}
            assert client.post("/api/accounts", json=body).status_code == 201
        yield clients


def rate(client: httpx.Client, note: str, helpful: bool) -> None:
    value = "helpful" if helpful else "not_helpful"
    assert client.put(f"/api/notes/{note}/rating", json={"value": value}).status_code == 200


def judge(installation: Installation) -> str:
    done = installation.run("notes")
    assert done.returncode == 0, done.stderr
    return done.stdout


def half_an_hour_later(installation: Installation) -> None:
    """The clock of a running installation cannot be moved, so what it remembers is."""
    with psycopg.connect(installation.database_url()) as connection:
        connection.execute("UPDATE notes SET status_since = status_since - interval '31 minutes'")


def only_video(client: httpx.Client) -> str:
    (item,) = client.get("/api/feed", params={"tab": "00000000-0000-4000-8000-000000000001"}).json()["items"]
    return str(item["video"]["id"])


def test_a_note_that_bridges_stands_under_the_video(
    people: People, installation: Installation, others: list[httpx.Client]
):
    video = only_video(others[0])

    writer = people.arrive(path="/")
    sign_up(writer, "note_writer")
    writer.goto(f"/v/{video}")
    current(writer).get_by_test_id("more").click()
    writer.get_by_test_id("notes").click()
    sheet = at_rest(writer.get_by_test_id("notes-sheet"))
    expect(sheet).to_contain_text("Nobody has written a note")
    sheet.get_by_test_id("note-write").click()
    sheet.get_by_label("What is it about?").select_option("old_footage")
    sheet.get_by_label("What should people know?").fill(NOTE)
    picture(writer, "note-form-phone")
    sheet.get_by_test_id("note-submit").click()
    written = sheet.get_by_test_id("note")
    expect(written.get_by_test_id("note-text")).to_have_text(NOTE.replace("\n", " "))
    expect(written).to_contain_text("Needs more ratings")
    link = written.get_by_role("link")
    expect(link).to_have_attribute("href", "https://example.org/archive?a=1&b=2")
    expect(link).to_have_attribute("rel", "nofollow noreferrer noopener ugc")
    expect(written.get_by_test_id("rate-helpful")).to_have_count(0)

    mine = others[0].get(f"/api/videos/{video}/notes").json()["notes"][0]["id"]
    notes = [
        client.post(f"/api/videos/{video}/notes", json={"kind": "satire", "text": f"note {number}"}).json()["id"]
        for number, client in enumerate(others)
    ]
    for number, client in enumerate(others):
        for at, (kind, note) in enumerate(zip(PLAN, notes, strict=True)):
            if at != number:
                rate(client, note, kind == "g" or kind == "lr"[number % 2])
        rate(client, mine, True)
    assert "helpful" in judge(installation)
    assert others[0].get(f"/api/videos/{video}").json()["note"] is None
    half_an_hour_later(installation)
    judge(installation)

    reader = people.arrive(path=f"/v/{video}")
    line = current(reader).get_by_test_id("note-line")
    # It comes with the sheets, once the first video plays.
    expect(line).to_contain_text("Viewers added context", timeout=60_000)
    expect(line).to_contain_text("This was filmed in 2019.")
    picture(reader, "note-line-phone")
    line.click()
    shown = at_rest(reader.get_by_test_id("notes-sheet")).get_by_test_id("note").first
    expect(shown).to_have_attribute("data-shown", "true")
    expect(shown).to_contain_text("people who usually disagree")
    picture(reader, "note-sheet-phone")
    shown.get_by_test_id("rate-helpful").click()
    expect(reader.get_by_test_id("account-sheet")).to_be_visible()

    rater = people.arrive(size=WIDE, path="/")
    sign_up(rater, "note_rater")
    rater.goto(f"/v/{video}")
    current(rater).get_by_test_id("note-line").focus()
    picture(rater, "note-line-wide")
    rater.keyboard.press("Enter")
    open_ = at_rest(rater.get_by_test_id("notes-sheet")).get_by_test_id("note").first
    open_.get_by_test_id("rate-not_helpful").focus()
    rater.keyboard.press("Space")
    expect(open_.get_by_test_id("rate-not_helpful")).to_have_attribute("aria-pressed", "true")
    open_.get_by_role("button", name="without good sources").click()
    expect(open_.get_by_role("button", name="without good sources")).to_have_attribute("aria-pressed", "true")
    picture(rater, "note-sheet-wide")
    open_.get_by_test_id("note-report").click()
    expect(rater.get_by_test_id("report-sheet")).to_contain_text("What is wrong with this note?")

    elsewhere = people.arrive(path=f"/embed/{video}")
    beside = elsewhere.get_by_test_id("embed-note")
    expect(beside).to_contain_text("Viewers added context: This was filmed in 2019.", timeout=60_000)
    picture(elsewhere, "note-embed")

    french = people.arrive(path="/")
    french.evaluate("localStorage.setItem('penchant.language', 'fr')")
    french.goto(f"/v/{video}")
    expect(current(french).get_by_test_id("note-line")).to_contain_text(
        "Le public a ajouté du contexte", timeout=60_000
    )
    current(french).get_by_test_id("note-line").click()
    expect(french.get_by_test_id("notes-sheet")).to_contain_text("d’ordinaire en désaccord")
    picture(french, "note-sheet-french")
