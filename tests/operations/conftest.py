"""A small world to back up: people, videos with objects, words, events, and uploads that are under way."""

import hashlib
import itertools
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from penchant.accounts.model import Account
from penchant.app import Penchant, build
from penchant.catalog import repository as catalog
from penchant.catalog.model import Rendition
from penchant.core.database import Connection
from penchant.core.ids import Ids, VideoId, format_id
from penchant.core.settings import Settings

_numbers = itertools.count(1)


class World:
    """Fills a cell through its services. An object's bytes follow from its key, so anyone can check them."""

    def __init__(self, cell: Penchant) -> None:
        self.cell = cell
        self.people: list[Account] = []
        self.videos: list[VideoId] = []

    def fill(self, videos: int) -> None:
        self.people += [self.cell.accounts.make_account(f"person_{next(_numbers)}") for _ in range(3)]
        for _ in range(videos):
            self.publish()
        for unfinished in (10, 70_000):
            self.begin_upload(unfinished)
        for video in self.videos[::2]:
            self.cell.comments.write(self.people[1], video, "“quotes” \\ and\nlines, 日本語")
            self.cell.community.like(self.people[2], video)

    def publish(self) -> VideoId:
        cell, creator = self.cell, self.people[0]
        id_ = VideoId(Ids(cell.clock).new())
        files = [self._store(id_, name) for name in ("480p", "poster")]
        with cell.engine.begin() as connection:
            cell.catalog.add(connection, creator.id, "a title", ["one"], "en", id_=id_)
            cell.catalog.publish(
                connection,
                id_,
                duration_ms=5000,
                width=480,
                height=854,
                files=files,
                encoder="v1",
                vector=b"v" * 64,
            )
        cell.events.deliver()
        self.videos.append(id_)
        return id_

    def erase(self, video: VideoId) -> None:
        """The row, and its objects right after it, as the worker does it."""
        with self.cell.engine.begin() as connection:
            keys = catalog.object_keys(connection, video)
            connection.execute(catalog.videos.delete().where(catalog.videos.c.id == video))
        for key in keys:
            self.cell.objects.delete(key)
        self.videos.remove(video)

    def begin_upload(self, received_bytes: int) -> None:
        upload = self.cell.media.uploads.create(self.people[0], received_bytes + 1000, "unfinished", [], "en")
        with self.cell.media.uploads.piece(upload, 0) as piece:
            piece.write(content_of(upload.id.hex, received_bytes))

    def _store(self, id_: VideoId, name: str) -> Rendition:
        key = f"videos/{format_id(id_)}/{name}-{uuid4().hex[:16]}.mp4"
        content = content_of(key)
        self.cell.objects.put_bytes(key, content)
        return Rendition(name, key, "video/mp4", len(content), hashlib.sha256(content).hexdigest(), 480, 854)  # type: ignore[arg-type]


def content_of(key: str, size_bytes: int | None = None) -> bytes:
    """What lies under a key: noise that follows from it, 1 to 400 kB unless told."""
    seed = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    random = np.random.default_rng(seed)
    return random.bytes(size_bytes if size_bytes is not None else int(random.integers(1_000, 400_000)))


@pytest.fixture
def world(cell: Penchant) -> World:
    return World(cell)


@pytest.fixture(scope="session")
def world_of() -> Callable[[Path, str], World]:
    """A world on the database of an installation that runs."""
    return lambda data, url: World(build(Settings(data=data), database_url=url))


@pytest.fixture(scope="session")
def read_rows() -> Callable[[Connection], dict[str, list[str]]]:
    """Every row of every table, as text, in a fixed order."""
    return _read_rows


@pytest.fixture(scope="session")
def check_objects() -> Callable[[Path, dict[str, list[str]]], int]:
    """Compare the objects and uploads of a data folder with what their names say; returns how many there are."""
    return _check_files


def _read_rows(connection: Connection) -> dict[str, list[str]]:
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    return {
        name: list(connection.exec_driver_sql(f'SELECT t::text FROM "{name}" t ORDER BY t::text').scalars())
        for (name,) in connection.exec_driver_sql(tables).all()
    }


def _check_files(data: Path, rows: dict[str, list[str]]) -> int:
    count = 0
    for path in (data / "objects").rglob("*"):
        # The ledger's files and what epochs rank with say themselves whether they are right.
        if path.is_file() and path.relative_to(data / "objects").parts[0] not in ("ledger", "epochs"):
            count += 1
            assert path.read_bytes() == content_of(path.relative_to(data / "objects").as_posix())
    for row in rows["renditions"]:
        key = row.split(",")[2]
        assert (data / "objects" / key).is_file(), key
    uploads = {row[1:].split(",")[0].replace("-", "") for row in rows["uploads"]}
    for path in (data / "uploads").iterdir():
        assert path.name in uploads
        assert path.read_bytes() == content_of(path.name, path.stat().st_size)
        count += 1
    assert len(uploads) == len(list((data / "uploads").iterdir()))
    return count
