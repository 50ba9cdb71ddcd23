"""`penchant restore`: a backup becomes a data folder again.

The mark `.half-restored` stands from the first byte to the last. While it is there `up` refuses to start, and
another `restore` clears the folder and begins anew.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import make_url

from penchant.core.database import Engine
from penchant.core.errors import SettingWrong, Unavailable
from penchant.core.migrations import newest_revision
from penchant.operations import manifest as m
from penchant.operations import repository
from penchant.operations.backup_draft import flush_folder
from penchant.operations.backup_source import Source
from penchant.operations.data_folder import HALF_RESTORED, LOCK
from penchant.operations.manifest import BackupWrong, Manifest

_PLACES = {m.OBJECTS: "objects", m.UPLOADS: "uploads", m.SECRETS: "secrets", m.MARKS: ".", m.TASTE: "taste"}
RESTORED_SETTINGS = "restored-penchant.toml"


def check_version(manifest: Manifest) -> None:
    """Refuse what only a newer Penchant understands.

    Raises:
        BackupWrong: the schema of the backup is newer than ours.
    """
    if manifest.schema > newest_revision():
        raise BackupWrong(
            f"the backup was made by Penchant {manifest.penchant} with the newer schema {manifest.schema}; "
            f"restore it with that version"
        )


def check_empty(data: Path) -> None:
    """Only an empty folder, or one whose restore was interrupted, is restored into.

    Raises:
        SettingWrong: the folder holds something.
    """
    if (data / HALF_RESTORED).exists():
        return
    if any(path.name != LOCK for path in data.iterdir()):
        raise SettingWrong(
            f"{data} is not empty, and a restore never overwrites anything: name an empty folder with --data"
        )


def begin(data: Path, source: Path) -> None:
    """Mark the folder as half restored and clear what an interrupted restore left in it."""
    mark = data / HALF_RESTORED
    draft = mark.with_name(f"{mark.name}.new")
    draft.write_text(str(source), "utf-8")
    draft.rename(mark)
    flush_folder(data)
    for path in data.iterdir():
        if path.name in (LOCK, HALF_RESTORED):
            continue
        # The database of a closed home lies elsewhere; the link must not be all that goes.
        if path.is_symlink():
            shutil.rmtree(path.resolve(), ignore_errors=True)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def restore_files(source: Source, manifest: Manifest, data: Path, progress: Callable[[int], None]) -> Path:
    """Write everything but the database into place, durably; returns where the dump lies for `load_dump`."""
    done = 0
    folders = {data}
    for name in ("objects", "uploads", "secrets"):
        (data / name).mkdir(mode=0o700)
    for part in manifest.parts:
        path = _place(data, part.name)
        private = part.name.startswith((m.SECRETS, m.UPLOADS)) or part.name in (m.DUMP, m.SETTINGS)
        path.parent.mkdir(parents=True, exist_ok=True)
        folders.update(folder for folder in path.parents if folder.is_relative_to(data))
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o644), "wb") as file:
            for piece in source.pieces(part.name):
                file.write(piece)
                done += len(piece)
                progress(done)
            file.flush()
            os.fsync(file.fileno())
    for folder in folders:
        flush_folder(folder)
    return _place(data, m.DUMP)


def load_dump(pg_restore: Path, dump: Path, database_url: str, engine: Engine, *, again: bool) -> None:
    """Fill a database from a dump in one transaction.

    Args:
        again: an interrupted restore may have filled it; it is cleared first.

    Raises:
        SettingWrong: the database holds tables that no restore of ours put there.
        Unavailable: the program failed; the message holds what it said.
    """
    with engine.connect() as connection:
        if not again and repository.count_tables(connection):
            raise SettingWrong("the database is not empty, and a restore never overwrites anything; name an empty one")
    url = make_url(database_url).set(drivername="postgresql")
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PGPASSWORD": url.password or "", "PGTZ": "UTC"}
    address = url.set(password=None).render_as_string(hide_password=False)
    command = [str(pg_restore), "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    if again:
        command += ["--clean", "--if-exists"]
    done = subprocess.run(
        [*command, f"--dbname={address}", str(dump.resolve())],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=environment,
        cwd="/",
        check=False,
    )
    if done.returncode != 0:
        raise Unavailable(f"the database could not be restored: {done.stderr.decode(errors='replace')[-600:]}")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        repository.analyze(connection)


def finish(data: Path) -> None:
    """Everything is there: take the mark away; from here on the folder is an installation."""
    _place(data, m.DUMP).unlink()
    flush_folder(data)
    (data / HALF_RESTORED).unlink()
    flush_folder(data)


def _place(data: Path, name: str) -> Path:
    if name == m.SETTINGS:
        return data / RESTORED_SETTINGS
    if name == m.DUMP:
        return data / ".restoring.dump"
    folder, _, rest = name.partition("/")
    return data / _PLACES[f"{folder}/"] / rest
