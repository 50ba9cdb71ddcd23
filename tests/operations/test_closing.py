"""After the legal term nothing opens anything any more: keys are gone from rows and files, a certificate says so."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select
from tests.markets.conftest import Two

from penchant.accounts.repository import accounts, data_keys, sessions
from penchant.app import Penchant
from penchant.core.clock import ManualClock
from penchant.core.database import KEY, metadata
from penchant.core.errors import Conflict, NotFound
from penchant.markets import repository
from penchant.operations import repository as rows
from penchant.operations.closing import Closing

pytestmark = pytest.mark.service


@pytest.fixture
def two(cell: Penchant, clock: ManualClock) -> Two:
    return Two(cell, clock)


@pytest.fixture
def closing(two: Two) -> Closing:
    return Closing(two.cell.engine, two.clock, two.life, term_days=30)


def keys(cell: Penchant) -> int:
    """Everything of the class `key` that is not empty."""
    found = 0
    with cell.engine.connect() as connection:
        for table in metadata.tables.values():
            for column in table.columns:
                if column.info["class"] == KEY:
                    found += connection.execute(select(func.count(column))).scalar_one()
    return found


def test_keys_go_when_the_term_is_over_and_not_before(two: Two, closing: Closing):
    _, viewer = two.cell.accounts.sign_up(None, "somebody", "correct horse", 1990)
    two.cell.accounts.make_invite(two.ada)
    two.cell.accounts.make_link(two.eve, "reset")
    with two.cell.engine.begin() as connection:
        sealed = two.cell.keys.seal(connection, viewer.subject, b"in confidence")
        assert connection.execute(select(data_keys)).all()
    two.step("closed", 1)
    assert closing.enforce() is None
    two.wait(1)
    assert closing.due_at(two.life.watch.standing()) == two.day(30)
    two.wait(29.9)
    assert closing.enforce() is None
    assert keys(two.cell) > 0
    two.wait(0.1)
    counts = closing.enforce()
    assert counts is not None
    assert keys(two.cell) == 0
    assert {name: count for name, count in counts.items() if count} == {
        "accounts": 1, "data_keys": 3, "invites": 1, "one_time_links": 1, "sessions": 1,
    }  # fmt: skip
    with two.cell.engine.connect() as connection:
        assert repository.certificate(connection).counts == counts
        assert connection.execute(select(func.count()).select_from(accounts)).scalar_one() == 3
        assert connection.execute(select(sessions)).first() is None
        with pytest.raises(NotFound):
            two.cell.keys.open(connection, viewer.subject, sealed)
    kind, said = two.written[-1]
    assert (kind, said["destroyed_data_keys"], said["destroyed_accounts"]) == ("certificate", 3, 1)
    assert closing.enforce() is None


def test_a_stay_stops_the_term_and_its_end_begins_it_anew(two: Two, closing: Closing):
    order = two.life.announce(two.ada.id, "a court", "§ 1", "close it", two.day(1))
    two.step("closed", 1, order.id)
    two.wait(20)
    two.life.act(two.ada.id, order.id, "stayed")
    two.wait(20)
    assert closing.enforce() is None
    two.life.act(two.ada.id, order.id, "resumed")
    two.wait(29.9)
    assert closing.enforce() is None
    two.wait(0.2)
    assert closing.enforce() is not None
    # Too late: nothing brings back what is destroyed.
    two.life.act(two.ada.id, order.id, "annulled")
    assert two.life.watch.standing().state == "closed"
    with pytest.raises(Conflict, match="destroyed"):
        two.life.plan(two.ada.id, "handed_over", two.day(1), moved_to="https://elsewhere.example")


@pytest.fixture
def holders(two: Two) -> Callable[[], list[str]]:
    """Files of the database in which a key lies that there was in the beginning."""
    with two.cell.engine.connect() as connection:
        key = connection.execute(select(data_keys.c.sealed)).scalars().first()
        folder = connection.exec_driver_sql("SHOW data_directory").scalar_one()
        database = connection.exec_driver_sql("SELECT oid FROM pg_database WHERE datname = current_database()")
        number = database.scalar_one()
    assert key is not None

    def holders() -> list[str]:
        with two.cell.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("CHECKPOINT")
        files = Path(folder, "base", str(number)).iterdir()
        return [path.name for path in files if path.is_file() and key in path.read_bytes()]

    return holders


def test_nothing_of_a_key_is_left_in_the_files_of_the_tables(
    two: Two, closing: Closing, holders: Callable[[], list[str]]
):
    assert holders()
    two.step("closed", 1)
    two.wait(32)
    assert closing.enforce() is not None
    assert not holders()


def test_who_dies_before_the_files_are_written_anew_is_followed_by_one_who_does_it(
    two: Two, closing: Closing, holders: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
):
    two.step("closed", 1)
    two.wait(32)
    with monkeypatch.context() as patch:
        patch.setattr(rows, "rewrite", dies)
        with pytest.raises(OSError, match="no room"):
            closing.enforce()
    assert keys(two.cell) == 0
    assert holders()
    assert Closing(two.cell.engine, two.clock, two.life, term_days=30).enforce() is None
    assert not holders()


def dies(*_: object) -> None:
    raise OSError("no room")
