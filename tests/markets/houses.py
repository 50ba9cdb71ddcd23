"""Houses for tests: real cells in one process, each with a database, a folder and an address of its own."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from tests.conftest import CHEAP_HASHER, fresh_database

from penchant.adapters import embedded_postgres
from penchant.app import Penchant, build
from penchant.catalog import repository as catalog
from penchant.catalog.model import Rendition, Video
from penchant.core.clock import Clock
from penchant.core.database import make_engine
from penchant.core.ids import AccountId, VideoId, format_id
from penchant.core.settings import Settings
from penchant.markets.directory import Directory
from penchant.markets.envelope import Door, MemoryNonces
from penchant.markets.peers import DIRECTORY, Peer, Peers
from penchant.operations.crossings.house import House, gateway_signer, house_of, verify
from penchant.operations.crossings.look import Looked
from penchant.operations.crossings.mirroring import Mirroring
from penchant.operations.crossings.room import build_mirroring
from penchant.safety.detection.examine import Examined
from penchant.testing.served import served
from penchant.web.asgi import create_web
from penchant.web.directory import create_directory


@dataclass(frozen=True)
class Place:
    """One market of a house."""

    cell: Penchant
    house: House
    mirroring: Mirroring
    """Of files that are no films: they are listed as they come. How films are looked at: test_films.py."""
    peer: Peer
    database_url: str

    def publish(self, handle: str, title: str = "waves", content: bytes = b"a film", **more: Any) -> VideoId:
        """A listed, public video with two files."""
        creator = self.cell.accounts.make_account(handle)
        with self.cell.engine.begin() as connection:
            id_ = self.cell.catalog.add(connection, AccountId(creator.id), title, ("sea",), "en", **more)
            files = [self._file(id_, "480p", content, "mp4"), self._file(id_, "poster", b"of " + content, "jpg")]
            self.cell.catalog.publish(
                connection, id_, duration_ms=6_000, width=480, height=854, files=files, encoder="t-1", vector=bytes(64)
            )
        self.cell.events.deliver()
        return id_

    def put_file(self, id_: VideoId, name: str, content: bytes) -> None:
        """A further file of a video, or another in the place of one."""
        with self.cell.engine.begin() as connection:
            self.cell.catalog.add_rendition(connection, id_, self._file(id_, name, content, "mp4"))

    def video(self, id_: VideoId) -> Video:
        with self.cell.engine.connect() as connection:
            found = catalog.video(connection, id_)
        assert found is not None
        return found[0]

    def shown(self) -> dict[str, Video]:
        """By title: what the feed of this market may show."""
        with self.cell.engine.connect() as connection:
            ids = list(connection.exec_driver_sql("SELECT id FROM videos").scalars())
            return {video.title: video for video in catalog.listed_for(connection, ids, None).values()}

    def content(self, file: Rendition | None) -> bytes:
        assert file is not None
        return b"".join(self.cell.objects.read(file.object_key))

    def _file(self, id_: VideoId, name: Any, content: bytes, suffix: str) -> Rendition:
        digest = hashlib.sha256(content).hexdigest()
        key = f"videos/{format_id(id_)}/{name}-{digest[:16]}.{suffix}"
        self.cell.objects.put_bytes(key, content)
        kind = {"mp4": "video/mp4", "jpg": "image/jpeg"}[suffix]
        return Rendition(name, key, kind, len(content), digest, 480, 854)


def as_it_comes(_: Video) -> Looked:
    """Nobody looks."""
    return Looked("t-1", bytes(64), Examined(b"", ()))


@contextmanager
def a_house(
    postgres: embedded_postgres.PostgresHome,
    folder: Path,
    clock: Clock,
    mirror: Mapping[str, str],
    *,
    directory_url: str | None = None,
) -> Iterator[dict[str, Place]]:
    """Markets by id; `mirror`: whose videos each of them shows."""
    with ExitStack() as stack:
        places = {}
        for market, others in mirror.items():
            url = stack.enter_context(fresh_database(postgres))
            settings = Settings(
                data=folder / market / "data",
                market=market,
                market_name=market.upper(),
                markets=folder / "markets.toml",
                mirror=others,
                directory_url=directory_url,
            )
            cell = build(settings, clock=clock, database_url=url, hasher=CHEAP_HASHER)
            stack.callback(cell.close)
            address = stack.enter_context(served(create_web(cell)))
            peer = Peer(market, market.upper(), address, gateway_signer(settings).verifier.written())
            Peers(folder / "markets.toml").add(peer)
            places[market] = _place(cell, settings, clock, peer, url)
        yield places


def _place(cell: Penchant, settings: Settings, clock: Clock, peer: Peer, url: str) -> Place:
    house = house_of(settings, clock)
    assert house is not None
    return Place(cell, house, mirroring_of(cell, house), peer, url)


def mirroring_of(cell: Penchant, house: House, **more: str) -> Mirroring:
    """A mirroring that takes files as they come; `more`: other settings than the cell's."""
    settings = msgspec.structs.replace(cell.settings, **more)
    rooms = (cell.catalog, cell.accounts, cell.events, cell.jobs, cell.detection.examiner)
    return build_mirroring(house, settings, cell.engine, cell.clock, cell.objects, *rooms, as_it_comes, cell.erasure)


@contextmanager
def a_directory(postgres: embedded_postgres.PostgresHome, markets: Path, clock: Clock) -> Iterator[tuple[str, str]]:
    """(address, database)"""
    with fresh_database(postgres, empty=True) as url:
        engine = make_engine(url)
        door = Door(DIRECTORY, Peers(markets), MemoryNonces(clock.now_ms()), verify, clock)
        directory = Directory(engine, door, clock)
        directory.begin()
        with served(create_directory(directory)) as address:
            yield address, url
        engine.dispose()
