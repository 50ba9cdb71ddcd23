"""A finished backup, read: a folder or one `.tar`."""

import hashlib
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from penchant.operations import manifest as m
from penchant.operations.backup_draft import SUFFIX
from penchant.operations.manifest import BackupWrong, Manifest
from penchant.operations.pins import pieces_of


class Source(Protocol):
    """Where the parts of a backup are."""

    def pieces(self, name: str) -> Iterator[bytes]:
        """The bytes of one part.

        Raises:
            BackupWrong: it is not there.
        """
        ...


class FolderSource:
    """A backup that is a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def pieces(self, name: str) -> Iterator[bytes]:
        path = self._folder / name
        if path.is_symlink() or not path.is_file():
            raise BackupWrong(f"its part {name} is missing")
        return pieces_of(path)


class TarSource:
    """A backup that is a `.tar` file."""

    def __init__(self, path: Path) -> None:
        try:
            with tarfile.open(path, "r:") as archive:
                members = archive.getmembers()
        except tarfile.TarError as error:
            raise BackupWrong(f"it is no whole tar file ({error})") from error
        self._path = path
        self._places = {member.name: (member.offset_data, member.size) for member in members if member.isreg()}

    def pieces(self, name: str) -> Iterator[bytes]:
        if name not in self._places:
            raise BackupWrong(f"its part {name} is missing")
        return self._read(*self._places[name])

    def _read(self, start: int, size_bytes: int) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            file.seek(start)
            while size_bytes and (piece := file.read(min(size_bytes, 1 << 20))):
                size_bytes -= len(piece)
                yield piece


def open_backup(path: Path) -> tuple[Source, Manifest]:
    """Open a backup and read what it says about itself.

    Raises:
        BackupWrong: there is none, it is a draft, or its manifest cannot be used.
    """
    if path.name.endswith(SUFFIX):
        raise BackupWrong(f"{path} was never finished; use another backup")
    if not path.exists():
        raise BackupWrong(f"there is no backup at {path}")
    try:
        source: Source = FolderSource(path) if path.is_dir() else TarSource(path)
        return source, m.decode(b"".join(source.pieces(m.MANIFEST)))
    except BackupWrong as error:
        raise BackupWrong(f"{path} is no backup that can be restored: {error.message}") from error


def verify(source: Source, manifest: Manifest, progress: Callable[[int], None]) -> None:
    """Compare every part with its size and hash; `progress` gets the bytes read so far.

    Raises:
        BackupWrong: a part is missing or altered; the message names it.
    """
    done = 0
    for part in manifest.parts:
        digest, size = hashlib.sha256(), 0
        for piece in source.pieces(part.name):
            digest.update(piece)
            size += len(piece)
            progress(done + size)
        if (size, digest.hexdigest()) != (part.size_bytes, part.sha256):
            raise BackupWrong(f"the backup is damaged: {part.name} is not what was written. Use another backup")
        done += size
