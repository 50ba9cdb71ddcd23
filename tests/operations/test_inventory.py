"""Everything that is kept says what for and how long: tables, tables of libraries, folders."""

import pytest
from sqlalchemy import Column, MetaData, Table, Text

from penchant.app import Penchant
from penchant.catalog import repository as catalog
from penchant.core.database import KEY, OPERATIONAL, PERSONAL, SENSITIVE, make_engine, metadata
from penchant.core.holdings import After, Until, holding, holding_of
from penchant.core.settings import Settings
from penchant.operations.privacy import inventory
from penchant.testing.installation import Installation, wait_for


def test_every_table_says_what_for_whose_and_how_long():
    found = inventory.tables()
    assert [table.name for table, _ in found] == sorted(metadata.tables)
    for table, said in found:
        assert said.purpose, table.name
        if isinstance(said.kept, After):
            assert isinstance(getattr(Settings(), said.kept.setting), int), table.name


def test_what_is_about_somebody_says_about_whom():
    """But for what cannot: the outbox is told for seconds, limits know hashes, figures know nobody."""
    about_nobody = {table.name for table, said in inventory.tables() if not said.whose}
    for table, said in inventory.tables():
        personal = [column.name for column in table.columns if column.info["class"] in (PERSONAL, SENSITIVE, KEY)]
        if not said.whose and personal:
            # What is said of videos and held of them goes by the video's number; a word goes with its last video.
            said_of_videos = {"labels", "held_videos"}
            assert table.name in {"outbox", "rate_limits", "partners", "vocabulary"} | said_of_videos, (
                f"{table.name}: whose are {personal}?"
            )
    counted = {"spread", "spread_windows", "spread_place", "note_runs", "policies", "hash_banks", "bank_entries"}
    counted |= {"boosts", "partners", "profile_stops", "ledger_pending", "ledger_entries", "ledger_state"}
    of_the_market = {"orders", "closing_certificates", "licences"}
    counted |= {"gateway_nonces", "offered", "mirrors", "mirrored_markets", "counted"}
    known = {"outbox", "rate_limits", "labels", "held_videos", "vocabulary", "hashtags"} | counted | of_the_market
    assert {name for name in about_nobody if not name.startswith("feed_")} == known


@pytest.mark.parametrize(
    ("info", "complaint"),
    [
        ({}, "does not say"),
        (holding("x", Until("never")), "no column never"),
        (holding("x", Until("a"), b="account"), "b"),
    ],
)
def test_a_table_without_a_word_is_found(monkeypatch: pytest.MonkeyPatch, info: dict[str, object], complaint: str):
    others = MetaData()
    Table("silent", others, Column("a", Text, info={"class": OPERATIONAL}), info=info)
    monkeypatch.setattr(inventory, "metadata", others)
    with pytest.raises(inventory.InventoryIncomplete, match=complaint):
        inventory.tables()


@pytest.mark.service
def test_every_table_of_the_database_is_ours_or_of_a_library_that_is_listed(cell: Penchant):
    statement = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    with cell.engine.connect() as connection:
        there = set(connection.exec_driver_sql(statement).scalars())
    prefixes = tuple(place.name for place in inventory.LIBRARY_TABLES)
    assert {name for name in there if not name.startswith(prefixes)} == {
        name for name, table in metadata.tables.items() if holding_of(table)
    }


def demo_videos(installation: Installation) -> int:
    engine = make_engine(installation.database_url())
    try:
        with engine.connect() as connection:
            return catalog.count_demo(connection)
    finally:
        engine.dispose()


@pytest.mark.service
def test_every_entry_of_the_data_folder_of_a_running_installation_is_listed():
    installation = Installation(demo="true")
    try:
        installation.start()
        # `up` fills it by itself.
        wait_for(lambda: demo_videos(installation) > 0, "the demo's first video", 240)
        there = {path.name for path in installation.data.iterdir() if not path.name.startswith(".")}
    finally:
        installation.remove()
    listed = {place.name for place in inventory.FOLDERS}
    assert there - listed == set()
    assert {"postgres", "objects", "uploads", "taste", "logs", "secrets", "demo"} <= there
