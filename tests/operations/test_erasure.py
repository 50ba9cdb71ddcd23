"""Erasing somebody on a running installation: nothing that only they could have brought is found anywhere any more."""

import base64
import hashlib
import re
import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from tests.browser.conftest import real_clip

from penchant.adapters import embedded_postgres
from penchant.app import Penchant, build
from penchant.core.database import make_engine
from penchant.core.ids import parse_id
from penchant.core.settings import Settings
from penchant.testing.installation import Installation, wait_for
from penchant.testing.traces import Marker, files_with, rows_of, rows_with

pytestmark = [pytest.mark.service, pytest.mark.media]

TUS = {"Tus-Resumable": "1.0.0"}
PIECE = {**TUS, "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
PASSWORD = "correct horse battery"


def word(what: str) -> str:
    """Nothing else in the world says that."""
    return f"{what}{secrets.token_hex(5)}"


class Person:
    """Somebody who does everything that can be done here, with words of their own."""

    def __init__(self, installation: Installation, name: str) -> None:
        self.http = httpx.Client(base_url=installation.url, timeout=60)
        self.words = {
            what: word(what)
            for what in (
                "name",
                "title",
                "tag",
                "alt",
                "caption",
                "comment",
                "note",
                "file",
                "late",
                "spare",
                "bytes",
                "mute",
            )
        }
        self.handle = word(name)
        self.tab, self.session = uuid4(), uuid4()
        self.tokens: list[str] = []
        self.page = ""
        self.video = ""

    def arrive(self) -> None:
        """Watch as a guest, then sign up, and sign in once more."""
        page = self.ask("GET", f"/api/feed?tab={self.tab}")
        self.page = page["page"]
        self.tokens.append(self.http.cookies["penchant"])
        who = {"handle": self.handle, "password": PASSWORD, "birth_year": 1990, "name": self.words["name"]}
        self.ask("POST", "/api/accounts", json=who)
        self.tokens.append(self.http.cookies["penchant"])
        self.ask("POST", "/api/session", json={"handle": self.handle, "password": PASSWORD})
        self.tokens.append(self.http.cookies["penchant"])

    def publish(self) -> None:
        """A video with everything that can be said of one, and a file that never comes whole."""
        where = self._begin(len(content := real_clip("bikes.mp4").read_bytes()), "title")
        self.ask("PATCH", where, content=content, headers=PIECE)
        own = wait_for(self._ready, "a video that plays", 120)
        self.video = own["id"]
        vtt = f"WEBVTT\n\n00:00.000 --> 00:01.000\n{self.words['caption']}\n"
        self.ask("PUT", f"/api/videos/{self.video}/captions/en", json={"text": vtt})
        self.ask("PUT", f"/api/videos/{self.video}/alt-text", json={"text": self.words["alt"]})
        self.ask("PUT", f"/api/videos/{self.video}/cover", json={"name": own["covers"][0]["name"]})
        unfinished = self._begin(10_000, "late")
        self.ask("PATCH", unfinished, content=self.words["bytes"].encode() * 20, headers=PIECE)

    def act(self, other: "Person") -> None:
        """Everything towards somebody else and their video."""
        video = other.video
        self.ask("PUT", f"/api/videos/{video}/like")
        self.ask("POST", f"/api/videos/{video}/comments", json={"text": self.words["comment"]})
        self.ask("PUT", f"/api/profiles/{other.handle}/follow")
        report = {"kind": "video", "target": video, "reason": "spam", "note": self.words["note"]}
        self.ask("POST", "/api/reports", json=report)
        own = {"at_ms": 1, "context": "feed", "video": video}
        happened = [
            {"kind": "shown", **own},
            {"kind": "watch", **own, "play": 1, "watched_ms": 5_000, "duration_ms": 5_000},
            {"kind": "share", **own, "via": "copy"},
            {"kind": "profile_open", "at_ms": 1, "context": "feed", "creator": video},
            {"kind": "not_interested", "at_ms": 1, "context": "feed", "target": "hashtag", "id": self.words["spare"]},
        ]
        events = [{"sequence": at, **event} for at, event in enumerate(happened, 1)]
        assert self.ask("POST", "/api/events", json={"session": str(self.session), "events": events})["accepted"] == 5
        self.ask("PUT", "/api/me/mutes", json={"target": "word", "id": self.words["mute"]})
        self.ask("GET", "/api/me/export")

    def ask(self, method: str, path: str, **options: object) -> dict:  # type: ignore[type-arg]
        answer = self.http.request(method, path, **options)  # type: ignore[arg-type]
        assert answer.is_success, answer.text
        return answer.json() if answer.headers.get("content-type", "").startswith("application/json") else {}

    def _begin(self, size_bytes: int, title: str) -> str:
        about = {"title": self.words[title], "hashtags": self.words["tag"], "filename": self.words["file"] + ".mp4"}
        said = ",".join(f"{key} {base64.b64encode(text.encode()).decode()}" for key, text in about.items())
        headers = {**TUS, "Upload-Length": str(size_bytes), "Upload-Metadata": said}
        answer = self.http.post("/api/uploads", headers=headers)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["location"])

    def _ready(self) -> dict | None:  # type: ignore[type-arg]
        own = self.ask("GET", "/api/me/videos")["videos"]
        return own[0] if own and own[0]["state"] == "ready" else None


@contextmanager
def opened(data: Path) -> Iterator[Penchant]:
    """The cell of an installation that has ended, on its own database."""
    home = embedded_postgres.locate(data)
    server = embedded_postgres.start(home)
    try:
        embedded_postgres.wait_until_ready(home, server, lambda _: None)
        cell = build(Settings(data=data), database_url=home.url)
        yield cell
        cell.close()
    finally:
        embedded_postgres.stop(server)


def rows(url: str) -> Counter[str]:
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            return rows_of(connection)
    finally:
        engine.dispose()


@pytest.fixture(scope="module")
def installation(begun: Path) -> Iterator[Installation]:
    installation = Installation(like=begun)
    try:
        yield installation.start()
    finally:
        installation.remove()


@pytest.fixture
def two(installation: Installation) -> Iterator[tuple[Person, Person]]:
    """Who leaves, and who stays."""
    people = Person(installation, "leaver"), Person(installation, "stayer")
    yield people
    for person in people:
        person.http.close()


def test_nothing_of_somebody_is_found_after_they_were_erased(installation: Installation, two: tuple[Person, Person]):
    leaver, stayer = two
    for person in two:
        person.arrive()
        person.publish()
    leaver.act(stayer)
    stayer.act(leaver)
    url, data = installation.database_url(), installation.data
    before = rows(url)
    found = {row for row in before if row.startswith("accounts:") and leaver.handle in row}
    (account,) = found
    account_id, subject = int(account.split("(")[1].split(",")[0]), UUID(re.findall(r"[0-9a-f-]{36}", account)[0])
    words: list[Marker] = [leaver.handle, *leaver.words.values(), *leaver.tokens]
    ids: list[Marker] = [subject, leaver.tab, leaver.session, parse_id(leaver.page)]
    ids += [hashlib.sha256(token.encode()).digest() for token in leaver.tokens]
    public: list[Marker] = [account_id, parse_id(leaver.video)]

    # The search finds each of them while it is there: a test of the test.
    nowhere_in_clear = {leaver.words["note"], leaver.words["mute"], *leaver.tokens, leaver.words["bytes"]}
    for marker in (*words, *ids[:4], *public):
        assert rows_with(before, [marker]) or marker in nowhere_in_clear, marker
    assert files_with(data / "uploads", [leaver.words["bytes"]])
    assert files_with(data / "objects", public)
    wait_for(lambda: files_with(data / "taste", [subject]) != [], "a learner that knows them", 90)

    leaver.ask("DELETE", "/api/accounts/me", json={"password": PASSWORD})
    wait_for(lambda: not files_with(data / "objects", public), "the files' deletion", 60)
    installation.stop()
    with opened(data) as cell:
        cell.learner().rebuild()
        with cell.engine.connect() as connection:
            after = rows_of(connection)

    assert rows_with(after, words) == []
    kept = rows_with(after, ids)
    assert [row.split(",")[4] for row in kept] == ["erased"], "only that somebody was erased"
    for row in rows_with(after, public):
        assert row.startswith(("event_log:", "history_videos:", "pages:", "reports:", "decisions:", "labels:")), row
        assert f",{subject}," not in row
        assert ",published," not in row
    assert files_with(data, [*words, *ids], but=["postgres"]) == []
    assert files_with(data, public, but=["postgres", "taste"]) == []
    assert files_with(data / "taste", [account_id]) == []
    output = installation.output.read_bytes()
    assert not [marker for marker in words if str(marker).encode() in output]
    # What the other did is untouched.
    assert rows_with(after, [stayer.handle])
    assert rows_with(after, [stayer.words["title"]])


def test_a_leak_is_found_wherever_it_is(tmp_path: Path):
    """One marker of each kind, planted in the forms that programs leave them in."""
    subject, number, name = uuid4(), 1 << 61, word("leak")
    for at, content in enumerate(
        (
            subject.bytes,
            str(subject).encode(),
            subject.bytes.hex().encode(),
            number.to_bytes(8, "little"),
            name.encode(),
        )
    ):
        folder = tmp_path / f"{at}" / "below"
        folder.mkdir(parents=True)
        (folder / "file").write_bytes(b"x" * ((1 << 20) - 3) + content + b"x" * 100)
    assert [line.split(":")[0] for line in files_with(tmp_path, [subject, number, name])] == [
        f"{at}/below/file" for at in range(5)
    ]
    (tmp_path / name).touch()
    assert files_with(tmp_path, [name]) == [f"4/below/file: {name!r}", f"{name}: {name!r}"]
    planted = [f"pages: (1,{subject})", f"outbox: (1,\\x{str(subject).encode().hex()})", "videos: (2)"]
    assert rows_with(planted, [subject]) == planted[:2]
