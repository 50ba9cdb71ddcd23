"""A backup while it is written: beside its place under another name, renamed when whole.

A draft is held by a lock that the kernel releases with the process, so whoever comes next knows which drafts
were left behind by a kill and removes them.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Protocol

from penchant.core.errors import SettingWrong
from penchant.operations.manifest import Part

SUFFIX = ".penchant-draft"
_BLOCK = tarfile.BLOCKSIZE


class Draft(Protocol):
    """A backup that is being written."""

    def add(self, name: str, pieces: Iterable[bytes]) -> Part:
        """Write one part; returns its size and hash."""
        ...

    def finish(self) -> None:
        """Make everything durable and give it its name; from here on the backup exists."""
        ...

    def discard(self) -> None:
        """Remove what was written, unless it was finished."""
        ...


def open_draft(target: Path) -> Draft:
    """Begin a backup: a `.tar` file where the name ends so, else a folder. Removes drafts that a kill left behind.

    Raises:
        SettingWrong: there is something at `target` already, or it cannot be written there.
    """
    if target.exists() or target.is_symlink():
        raise SettingWrong(f"{target} exists already; a backup never overwrites anything: choose another name")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_left_behind(target.parent)
        return TarDraft(target) if target.suffix == ".tar" else FolderDraft(target)
    except OSError as error:
        raise SettingWrong(f"{target} cannot be written ({error.strerror}); choose another place") from error


class FolderDraft:
    """A folder with one file per part; for its owner's eyes only."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._path = _draft_path(target)
        self._path.mkdir(mode=0o700)
        self._lock = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._folders = {self._path}

    def add(self, name: str, pieces: Iterable[bytes]) -> Part:
        path = self._path / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folders.update(folder for folder in path.parents if folder.is_relative_to(self._path))
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            part = _copy(name, pieces, file)
            file.flush()
            os.fsync(file.fileno())
        return part

    def finish(self) -> None:
        for folder in self._folders:
            flush_folder(folder)
        self._path.rename(self._target)
        flush_folder(self._target.parent)
        os.close(self._lock)

    def discard(self) -> None:
        if self._path.exists():
            shutil.rmtree(self._path, ignore_errors=True)
            os.close(self._lock)


class TarDraft:
    """One plain `.tar`; parts of unknown size are streamed and their headers filled in afterwards."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._path = _draft_path(target)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        self._file: BinaryIO = os.fdopen(descriptor, "w+b")

    def add(self, name: str, pieces: Iterable[bytes]) -> Part:
        start = self._file.tell()
        self._file.write(_header(name, 0))
        part = _copy(name, pieces, self._file)
        self._file.write(bytes(-part.size_bytes % _BLOCK))
        end = self._file.tell()
        self._file.seek(start)
        self._file.write(_header(name, part.size_bytes))
        self._file.seek(end)
        return part

    def finish(self) -> None:
        self._file.write(bytes(2 * _BLOCK))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._path.rename(self._target)
        flush_folder(self._target.parent)
        self._file.close()

    def discard(self) -> None:
        if not self._file.closed:
            self._path.unlink(missing_ok=True)
            self._file.close()


def flush_folder(folder: Path) -> None:
    """Make the names in a folder outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _draft_path(target: Path) -> Path:
    return target.with_name(f".{target.name}.{os.getpid()}{SUFFIX}")


def _remove_left_behind(folder: Path) -> None:
    for path in folder.glob(f".*{SUFFIX}"):
        with contextlib.suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                # Held by someone: that backup is alive.
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            finally:
                os.close(descriptor)


def _copy(name: str, pieces: Iterable[bytes], file: BinaryIO) -> Part:
    digest = hashlib.sha256()
    size = 0
    for piece in pieces:
        file.write(piece)
        digest.update(piece)
        size += len(piece)
    return Part(name, size, digest.hexdigest())


def _header(name: str, size_bytes: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size = size_bytes
    info.mode = 0o600
    return info.tobuf(tarfile.GNU_FORMAT)
