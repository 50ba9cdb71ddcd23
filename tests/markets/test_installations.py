"""Two markets and a directory as an operator starts them: a film crosses, and nothing else is found over there."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.operations.test_erasure import PASSWORD, Person, opened, rows

from penchant.core.ids import parse_id
from penchant.media.encoder import ClipEncoder
from penchant.testing.installation import Installation, free_port, wait_for
from penchant.testing.traces import Marker, files_with, rows_with

pytestmark = [pytest.mark.service, pytest.mark.media]
CROSS = {"name", "title", "tag", "alt", "caption"}
"""Words of a person that anybody may read beside their video, and that go with it."""


def penchant(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "penchant", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def directory_of(house: Path) -> Iterator[str]:
    port = free_port()
    options = ("--data", "directory", "--markets", "markets.toml", "--port", str(port))
    with (house / "directory.txt").open("wb") as output:
        command = [sys.executable, "-m", "penchant", "directory", *options]
        process = subprocess.Popen(command, cwd=house, stdout=output, stderr=output)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: _answers(address), "the directory")
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz").status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture
def house() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="penchant-house-"))
    # The databases' own user must be able to enter.
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def market(house: Path, id_: str, *options: str) -> Installation:
    port = free_port()
    penchant(house, "market", "add", id_, "--house", ".", "--port", str(port), *options)
    made = Installation(house / id_)
    made.port, made.url = port, f"http://127.0.0.1:{port}"
    return made


def test_a_film_crosses_and_nothing_else(house: Path):
    market(house, "br")
    with directory_of(house) as address:
        us = market(house, "us", "--directory", address)
        de = market(house, "de", "--directory", address, "--mirror", "us")
        people = []
        try:
            for one in (us, de):
                one.start()
            listed = penchant(house, "market", "list", "--house", ".")
            assert [line.split()[-1] for line in listed.splitlines() if "127.0.0.1" in line] == ["no", "yes", "yes"]
            people = [Person(us, "maker"), Person(us, "watcher"), Person(de, "other")]
            maker, watcher, other = people
            for person in people:
                person.arrive()
            taken = {"handle": maker.handle, "password": PASSWORD, "birth_year": 1990}
            assert httpx.post(f"{de.url}/api/accounts", json=taken).json()["error"]["code"] == "handle_taken"
            maker.publish()
            watcher.video = maker.video
            watcher.act(maker)
            where = f"/api/profiles/{maker.handle}.us/videos"
            shown = wait_for(lambda: _videos(other, where), "the film in the other market", 90)
            film = other.http.get(f"/media/{shown['id']}/480p.mp4")
            assert film.content == maker.http.get(f"/media/{maker.video}/480p.mp4").content
            other.ask("PUT", f"/api/videos/{shown['id']}/like")
            other.ask("POST", f"/api/videos/{shown['id']}/comments", json={"text": other.words["comment"]})
            backup = de.run("backup", str(house / "backup"))
            assert backup.returncode == 0, backup.stderr
            known = rows(us.database_url())
            us.stop()
            assert de.healthy()
            assert other.http.get(where).status_code == 200
        finally:
            for person in people:
                person.http.close()
            for one in (us, de):
                one.stop()
        markers: list[Marker] = []
        for person in (maker, watcher):
            words = [word for name, word in person.words.items() if person is watcher or name not in CROSS]
            markers += [*words, *person.tokens, person.tab, person.session, parse_id(person.page)]
        # A backup of the database is compressed: what is in it is looked at as rows.
        outside = [*files_with(house, markers, but=["us"])]
        assert outside == []
        with opened(de.data) as cell, cell.engine.connect() as connection:
            found = rows(cell.settings.database_url or cell.engine.url.render_as_string(hide_password=False))
            made = connection.exec_driver_sql("SELECT encoder FROM videos").scalars().all()
            hashed = connection.exec_driver_sql("SELECT count(*) FROM video_hashes").scalar_one()
        assert rows_with(found, markers) == []
        assert (made, hashed) == ([ClipEncoder.name], 1), "it was looked at as an upload is"
        for name in sorted(CROSS):
            assert rows_with(found, [maker.words[name]]), name
        in_clear = [marker for marker in markers if rows_with(known, [marker])]
        assert len(in_clear) > 8, "the search finds them where they are"


def _videos(person: Person, where: str) -> dict | None:  # type: ignore[type-arg]
    answer = person.http.get(where)
    found = answer.json()["videos"] if answer.status_code == 200 else []
    return found[0] if found else None
