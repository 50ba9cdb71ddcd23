"""`penchant backup`: a whole, consistent copy of a running installation.

One snapshot of the database decides what belongs to it. The files that it names are held (pinned) right after it
was taken; if one went in between, another snapshot is taken. From then on nothing that anyone deletes matters.
The taste folder is not copied: it is a fold of the event log and makes itself anew.
"""

import contextlib
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import make_url

import penchant
from penchant.core.database import Connection, Engine
from penchant.core.errors import NotFound, Unavailable
from penchant.media.model import UploadId
from penchant.media.upload_files import UploadFiles
from penchant.operations import manifest as m
from penchant.operations import repository
from penchant.operations.backup_draft import Draft, open_draft
from penchant.operations.data_folder import only_backup, refuse_half_restored
from penchant.operations.pins import Pins, pieces_of

Progress = Callable[[str, int, int], None]
"""Called with what is being written, and how many bytes of how many are done."""

Look = Callable[[Connection], object]

NOT_COPIED_SECRETS = frozenset({"postgres", "ledger"})
"""The embedded server's own password: a restored cluster is a new one with a new password. And the key that signs the
ledger: two places that sign with one key would be a ledger that says two things (decision 0047)."""
_MOST_SNAPSHOTS = 5
_PIECE_BYTES = 1 << 18


@dataclass(frozen=True)
class Installation:
    """What is backed up, handed in by the command.

    Attributes:
        database_url: of the running server.
        pg_dump: the program, at least as new as the server.
        settings: the operator's own, without addresses of this machine and without passwords.
        takes: whether a part goes along, by its name.
        taste: whether what was learned goes along, too.
    """

    engine: Engine
    database_url: str
    pg_dump: Path
    data: Path
    market: str
    settings: Mapping[str, object]
    takes: Callable[[str], bool] = lambda _: True
    taste: bool = False


@dataclass(frozen=True)
class _Held:
    """Everything beside the database that belongs to one snapshot."""

    objects: dict[str, Path]
    uploads: dict[str, tuple[Path, int]]
    taste: dict[str, Path]
    missing: frozenset[str]


def back_up(installation: Installation, target: Path, progress: Progress, look: Look = lambda _: None) -> m.Manifest:
    """Write a backup to `target`, a folder or (`.tar`) one file; it appears there whole or not at all.

    Args:
        look: called with a connection that sees the moment of the backup.

    Raises:
        SettingWrong: `target` exists or cannot be written, or another backup of the same folder is under way.
        Unavailable: the dump failed; the message holds what the program said.
    """
    refuse_half_restored(installation.data)
    with only_backup(installation.data):
        draft = open_draft(target)
        pins = Pins(installation.data)
        try:
            manifest = _write(installation, draft, pins, progress, look)
            draft.finish()
        finally:
            pins.release()
            draft.discard()
    return manifest


def _write(installation: Installation, draft: Draft, pins: Pins, progress: Progress, look: Look) -> m.Manifest:
    with _snapshot(installation, pins) as (connection, held):
        look(connection)
        snapshot = repository.export_snapshot(connection)
        pieces = _dump(installation, snapshot)
        parts = [draft.add(m.DUMP, _counted(pieces, "database", 0, progress))]
        revision, made_at = repository.schema_revision(connection), repository.now_rfc3339(connection)
    files = [
        *((m.OBJECTS + key, path, path.stat().st_size) for key, path in held.objects.items()),
        *((m.TASTE + name, path, path.stat().st_size) for name, path in held.taste.items()),
        *((m.UPLOADS + name, path, size) for name, (path, size) in held.uploads.items()),
    ]
    total, done = sum(size for *_, size in files), 0
    for name, path, size in files:
        parts.append(draft.add(name, _counted(pieces_of(path, size), "videos", total, progress, done)))
        done += size
    for name, path in _small_files(installation):
        parts.append(draft.add(name, pieces_of(path)))
    parts.append(draft.add(m.SETTINGS, [_toml(installation.settings)]))
    manifest = m.Manifest(
        penchant=penchant.__version__,
        schema=revision,
        market=installation.market,
        made_at=made_at,
        parts=tuple(parts),
        missing=tuple(sorted(held.missing)),
    )
    draft.add(m.MANIFEST, [m.encode(manifest)])
    return manifest


@contextlib.contextmanager
def _snapshot(installation: Installation, pins: Pins) -> Iterator[tuple[Connection, _Held]]:
    """A transaction that sees one moment, with every file of that moment held.

    What two snapshots in a row name and miss was lost before: the backup says so instead of failing for ever.
    """
    missed: frozenset[str] = frozenset()
    for _ in range(_MOST_SNAPSHOTS):
        with installation.engine.connect() as connection:
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            named = repository.named_objects(connection)
            uploads = repository.named_uploads(connection)
            held = _hold(installation, pins, named, uploads)
            if held.missing <= missed:
                yield connection, held
                return
            missed = held.missing
    raise Unavailable("files go faster than the backup can hold them; try again when fewer videos are being removed")


def _hold(installation: Installation, pins: Pins, named: set[str], uploads: set[UUID]) -> _Held:
    data, takes = installation.data, installation.takes
    pins.release()
    pinned = pins.pin_folder("objects", data / "objects")
    objects = {key: path for key, path in pinned.items() if m.is_name(m.OBJECTS + key) and takes(m.OBJECTS + key)}
    files = UploadFiles(data / "uploads")
    held_files = pins.pin_folder("uploads", data / "uploads")
    held_uploads = {
        id_.hex: (path, _acknowledged(files, UploadId(id_), path))
        for id_ in uploads
        if (path := held_files.get(id_.hex)) is not None
    }
    # The pointers come first by their names: what they name is written before them.
    pinned = pins.pin_folder("taste", data / "taste") if installation.taste else {}
    taste = {name: path for name, path in pinned.items() if m.is_name(m.TASTE + name)}
    missing = {m.OBJECTS + key for key in named - objects.keys()}
    missing |= {m.UPLOADS + id_.hex for id_ in uploads if id_.hex not in held_uploads}
    return _Held(objects, held_uploads, taste, frozenset(missing))


def _acknowledged(files: UploadFiles, id_: UploadId, held: Path) -> int:
    """Bytes of an upload that stay; asked twice, because a piece that fails its checksum is cut off in between."""
    try:
        return min(files.received_bytes(id_), files.received_bytes(id_), held.stat().st_size)
    except NotFound:
        # Processed or given up meanwhile: it was complete.
        return held.stat().st_size


def _dump(installation: Installation, snapshot: str) -> Iterator[bytes]:
    url = make_url(installation.database_url).set(drivername="postgresql")
    # The password goes by the environment: every user of the machine can read a command line.
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PGPASSWORD": url.password or "", "PGTZ": "UTC"}
    address = url.set(password=None).render_as_string(hide_password=False)
    command = [str(installation.pg_dump), "--format=custom", "--no-owner", "--no-privileges"]
    process = subprocess.Popen(
        [*command, f"--snapshot={snapshot}", "--lock-wait-timeout=60s", f"--dbname={address}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        cwd="/",
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        # When we are killed the pipe breaks, and the program ends by itself.
        while piece := process.stdout.read(_PIECE_BYTES):
            yield piece
        said = process.stderr.read().decode(errors="replace").strip()
        if process.wait() != 0:
            raise Unavailable(f"the database could not be dumped: {said[-600:]}")
    finally:
        if process.poll() is None:
            process.kill()
        process.stdout.close()
        process.stderr.close()
        process.wait()


def _counted(pieces: Iterator[bytes], what: str, total: int, progress: Progress, done: int = 0) -> Iterator[bytes]:
    for piece in pieces:
        done += len(piece)
        yield piece
        progress(what, done, total)


def _small_files(installation: Installation) -> Iterator[tuple[str, Path]]:
    data = installation.data
    for prefix, folder in ((m.SECRETS, data / "secrets"), (m.MARKS, data)):
        for path in sorted(folder.iterdir()):
            ours = path.name not in NOT_COPIED_SECRETS and not path.name.startswith(".")
            name = prefix + path.name
            if ours and path.is_file() and m.is_name(name) and installation.takes(name):
                yield name, path


def _toml(settings: Mapping[str, object]) -> bytes:
    """Settings hold only text, numbers and booleans; their JSON form is TOML, too."""
    lines = ["# Settings that were not at their default when the backup was made."]
    lines += [f"{name} = {_value(value)}" for name, value in settings.items()]
    return ("\n".join(lines) + "\n").encode()


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
