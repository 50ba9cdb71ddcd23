"""What is about people stays in their market: searched for in every byte of the others. A leak would be found."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Text, cast
from tests.markets.canaries import NEVER_CROSSES, OF_THE_PERSON, Canaries, traceable
from tests.markets.houses import Place, a_directory, a_house

from penchant.adapters.embedded_postgres import PostgresHome
from penchant.catalog.repository import videos
from penchant.core.clock import ManualClock
from penchant.core.database import make_engine, metadata
from penchant.markets import gateway_rows
from penchant.operations.crossings import public
from penchant.testing.traces import Marker, files_with, rows_of, rows_with

pytestmark = pytest.mark.service
PASSWORD = "correct horse"


class House:
    """Two markets that show each other's videos, and their directory."""

    def __init__(self, us: Place, de: Place, directory: str) -> None:
        self.us = us
        self.de = de
        self.directory = directory

    def found(self, markers: list[Marker], place: Place) -> list[str]:
        """Everything outside a market in which one of the markers is."""
        other = self.de if place is self.us else self.us
        rows = {name: rows_in(url) for name, url in (("other", other.database_url), ("directory", self.directory))}
        found = [f"{name}: {row}" for name, one in rows.items() for row in rows_with(one, markers)]
        return found + files_with(other.cell.settings.data, markers)

    def drive(self) -> None:
        """Everything that crosses, both ways, and what follows from it."""
        for place in (self.us, self.de):
            place.cell.ledger.sequencer.run_empty()
        for _ in range(2):
            for place in (self.us, self.de):
                place.mirroring.round()
        for place, handle in ((self.us, "bob"), (self.de, "eve")):
            _, viewer = place.cell.accounts.sign_up(None, handle, PASSWORD, 1990)
            directory = place.house.directory
            assert directory is not None
            assert (peer := directory.find(handle)) is not None
            assert peer.id == place.peer.id
            assert viewer.account is not None
            for video in place.shown().values():
                place.cell.community.like(viewer.account, video.id)
                place.cell.comments.write(viewer.account, video.id, "well")
            place.cell.events.deliver()
            place.cell.learner().rebuild()
            place.cell.ledger.sequencer.run_empty()


def rows_in(url: str) -> list[str]:
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            return list(rows_of(connection))
    finally:
        engine.dispose()


@pytest.fixture
def house(postgres: PostgresHome, tmp_path: Path, clock: ManualClock) -> Iterator[House]:
    with (
        a_directory(postgres, tmp_path / "markets.toml", clock) as (address, directory),
        a_house(postgres, tmp_path, clock, {"us": "de", "de": "us"}, directory_url=address) as places,
    ):
        yield House(places["us"], places["de"], directory)


def planted_in(place: Place) -> Canaries:
    """Canaries beside a video that crosses."""
    _, viewer = place.cell.accounts.sign_up(None, f"ada_{place.peer.id}", PASSWORD, 1931)
    assert viewer.account is not None
    canaries = Canaries(place.cell, viewer.account, place.publish(viewer.account.handle, f"of {place.peer.id}"))
    canaries.plant()
    with place.cell.engine.connect() as connection:
        accounts = connection.exec_driver_sql("SELECT password_hash FROM accounts WHERE password_hash <> ''")
        canaries.planted["accounts.password_hash"] = accounts.scalars().first()
        keys = connection.exec_driver_sql("SELECT sealed FROM data_keys").scalars()
        canaries.planted["data_keys.sealed"] = bytes(keys.first())
    return canaries


def test_every_column_about_people_has_a_canary(house: House):
    """But yes and no and small numbers, which cannot be told from others, and rows of the people themselves."""
    there = planted_in(house.us).planted
    for table in metadata.tables.values():
        for column in table.columns:
            if column.info["class"] in NEVER_CROSSES and table.name not in OF_THE_PERSON:
                place = f"{table.name}.{column.name}"
                owned = column.name in (table.info["holding"].whose if "holding" in table.info else {})
                checked = any(f"{column.name} IN" in str(getattr(one, "sqltext", "")) for one in table.constraints)
                assert place in there or owned or checked or not traceable(column), place


def test_nothing_about_people_is_outside_their_market(house: House):
    planted = {place.peer.id: list(planted_in(place).planted.values()) for place in (house.us, house.de)}
    # The search finds each of them where it is: a test of the test.
    for place in (house.us, house.de):
        rows = rows_in(place.database_url)
        missing = [marker for marker in planted[place.peer.id] if not rows_with(rows, [marker])]
        assert not missing
    house.drive()
    for place in (house.us, house.de):
        other = house.de if place is house.us else house.us
        assert f"of {place.peer.id}" in other.shown(), "what is public did cross"
        assert house.found(planted[place.peer.id], place) == []


def _told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody adds a column to an answer."""
    before = public.public_videos

    def leaking() -> object:
        statement = before()
        names = [column.name for column in statement.selected_columns]
        columns = [column for column in statement.selected_columns if column.name != "alt_text"]
        assert "alt_text" in names
        return statement.with_only_columns(*columns, cast(videos.c.provenance, Text).label("alt_text"))

    monkeypatch.setattr(public, "public_videos", leaking)


def _copied(house: House, _: pytest.MonkeyPatch) -> None:
    """Somebody copies a row by hand."""
    with house.us.cell.engine.connect() as connection:
        said = connection.exec_driver_sql("SELECT provenance::text FROM videos").scalars().one()
    with house.de.cell.engine.begin() as connection:
        gateway_rows.hear(connection, said, 1)


def _filed(house: House, _: pytest.MonkeyPatch) -> None:
    """A process writes what it should not into a log."""
    with house.us.cell.engine.connect() as connection:
        said = connection.exec_driver_sql("SELECT provenance::text FROM videos").scalars().one()
    (house.de.cell.settings.data / "logs").mkdir(exist_ok=True)
    (house.de.cell.settings.data / "logs" / "web.log").write_text(said)


def _in_the_directory(house: House, _: pytest.MonkeyPatch) -> None:
    """A market claims more than a handle."""
    with house.us.cell.engine.connect() as connection:
        said = connection.exec_driver_sql("SELECT provenance::text FROM videos").scalars().one()
    engine = make_engine(house.directory)
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO handles VALUES (%s, 'us')", (said,))
    engine.dispose()


@pytest.mark.parametrize("plant", [_told, _copied, _filed, _in_the_directory])
def test_a_planted_leak_is_found(house: House, monkeypatch: pytest.MonkeyPatch, plant: Callable[..., None]):
    canaries = planted_in(house.us)
    plant(house, monkeypatch)
    house.drive()
    assert house.found([canaries.planted["videos.provenance"]], house.us)
    assert house.found([canaries.planted["subjects.id"]], house.us) == []


def test_the_directory_knows_handle_and_market_and_nothing_else(house: House):
    house.drive()
    assert sorted(rows_in(house.directory)) == ["handles: (bob,us)", "handles: (eve,de)"]
    engine = make_engine(house.directory)
    with engine.connect() as connection:
        columns = connection.exec_driver_sql(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        ).all()
    engine.dispose()
    assert {tuple(row) for row in columns} == {("handles", "handle"), ("handles", "market")}
