"""The bytes of uploads on disk: how much of a file is there *is* how much has arrived, whatever was killed when.

One writer at a time holds a lock on the file, which the kernel releases with the process. A piece that comes with
a checksum is not counted before it is verified: a mark beside the file says where it began, and whoever next takes
the lock cuts an unverified piece off.

The SHA-256 of the whole file grows with it: each process remembers how far it has hashed which file, and reads
again only what another process, or one before it, has taken in.
"""

import fcntl
import hashlib
import os
import shutil
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from uuid import UUID

from penchant.core.errors import Conflict, NotFound, Unavailable
from penchant.media.model import UploadId

if TYPE_CHECKING:
    from hashlib import _Hash

_SPARE_BYTES = 500_000_000
"""Kept free on the disk: the database has to go on writing."""
_REMEMBERED = 256
"""Files whose growing hash one process keeps: 200 bytes each."""
_READ_BYTES = 1 << 20


class UploadLocked(Conflict):
    """Another request is writing this upload at the moment."""

    code = "locked"


class ChecksumMismatch(Conflict):
    """The piece that arrived is not the piece that was sent; nothing of it is kept."""

    code = "checksum_mismatch"


class UploadFiles:
    """A folder with one file per upload, named by its id."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._hashes: OrderedDict[UploadId, tuple[int, _Hash]] = OrderedDict()
        self._turn = Lock()

    def path(self, id_: UploadId) -> Path:
        return self._folder / id_.hex

    def create(self, id_: UploadId, size_bytes: int) -> None:
        """An empty file, durably.

        Raises:
            Unavailable: the disk has no room for `size_bytes`.
        """
        if shutil.disk_usage(self._folder).free < size_bytes + _SPARE_BYTES:
            raise Unavailable("the server has no room for this file right now", code="no_space", retry_after_s=3600)
        os.close(os.open(self.path(id_), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        _flush(self._folder)

    def received_bytes(self, id_: UploadId) -> int:
        """Bytes that are there for good; those of a piece that is still being verified do not count.

        Raises:
            NotFound: there is no file.
        """
        try:
            size = self.path(id_).stat().st_size
        except FileNotFoundError:
            raise NotFound("there is no such upload") from None
        start = self._mark_of(id_)
        return size if start is None else min(size, start)

    @contextmanager
    def writing(self, id_: UploadId, checksum: tuple[str, bytes] | None = None) -> Iterator["Piece"]:
        """Hold the upload's lock and append a piece; leaving the block makes it durable, or drops it.

        checksum: (algorithm, digest) of the whole piece.

        Raises:
            UploadLocked: somebody else holds it.
            ChecksumMismatch: on leaving; nothing of the piece is kept.
            NotFound: there is no file.
        """
        try:
            descriptor = os.open(self.path(id_), os.O_RDWR)
        except FileNotFoundError:
            raise NotFound("there is no such upload") from None
        piece: Piece | None = None
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UploadLocked("another request is writing this upload", retry_after_s=1) from None
            self._cut_unverified(id_, descriptor)
            start = os.lseek(descriptor, 0, os.SEEK_END)
            piece = Piece(descriptor, start, checksum[0] if checksum else None, self._hash_until(id_, start))
            if checksum:
                self._mark(id_, piece.offset)
            yield piece
            if checksum:
                matches = piece.digest() == checksum[1]
                if not matches:
                    os.ftruncate(descriptor, piece.start)
                os.fsync(descriptor)
                self._unmark(id_)
                if not matches:
                    raise ChecksumMismatch("the piece was damaged on its way; send it again")
                self._remember(id_, piece)
        finally:
            # A dropped line ends here, too: what it brought is kept, unless a checksum was to vouch for it.
            if checksum is None:
                os.fsync(descriptor)
                if piece is not None:
                    self._remember(id_, piece)
            os.close(descriptor)

    def sha256(self, id_: UploadId) -> str:
        """Of the whole file, hexadecimal; reads only what this process has not seen arrive.

        Raises:
            NotFound: there is no file.
        """
        with self._turn:
            done, digest = self._hashes.pop(id_, (0, hashlib.sha256()))
        try:
            with self.path(id_).open("rb") as file:
                file.seek(done)
                while content := file.read(_READ_BYTES):
                    digest.update(content)
        except FileNotFoundError:
            raise NotFound("there is no such upload") from None
        return digest.hexdigest()

    def take_copy(self, id_: UploadId, source: Path) -> str:
        """A file of this machine as a complete upload, durably; returns its SHA-256.

        Raises:
            Unavailable: the disk has no room for it.
            OSError: `source` cannot be read.
        """
        self.create(id_, source.stat().st_size)
        with self.writing(id_) as piece, source.open("rb") as file:
            while content := file.read(_READ_BYTES):
                piece.write(content)
        return self.sha256(id_)

    def remove(self, id_: UploadId) -> None:
        with self._turn:
            self._hashes.pop(id_, None)
        for path in (self.path(id_), self._mark_path(id_)):
            path.unlink(missing_ok=True)

    def ids_older_than(self, moment_s: float) -> list[UploadId]:
        """Uploads whose file was last written before `moment_s` (Unix seconds, by the disk's clock)."""
        found = []
        for path in self._folder.iterdir():
            with suppress(ValueError, FileNotFoundError):
                id_ = UploadId(UUID(hex=path.name))
                if path.stat().st_mtime < moment_s:
                    found.append(id_)
        return found

    def _hash_until(self, id_: UploadId, offset: int) -> "_Hash | None":
        """The hash of the file's first `offset` bytes, where this process knows it."""
        with self._turn:
            done, digest = self._hashes.get(id_, (0, hashlib.sha256()))
        return digest.copy() if done == offset else None

    def _remember(self, id_: UploadId, piece: "Piece") -> None:
        if piece.whole is None:
            return
        with self._turn:
            self._hashes[id_] = (piece.offset, piece.whole)
            self._hashes.move_to_end(id_)
            while len(self._hashes) > _REMEMBERED:
                self._hashes.popitem(last=False)

    def _mark_path(self, id_: UploadId) -> Path:
        return self._folder / f"{id_.hex}.unverified"

    def _mark_of(self, id_: UploadId) -> int | None:
        try:
            return int(self._mark_path(id_).read_text("ascii") or "0")
        except FileNotFoundError:
            return None

    def _mark(self, id_: UploadId, offset: int) -> None:
        waiting = self._mark_path(id_).with_suffix(".mark")
        waiting.write_text(str(offset), "ascii")
        _flush(waiting)
        waiting.rename(self._mark_path(id_))
        _flush(self._folder)

    def _unmark(self, id_: UploadId) -> None:
        self._mark_path(id_).unlink(missing_ok=True)

    def _cut_unverified(self, id_: UploadId, descriptor: int) -> None:
        start = self._mark_of(id_)
        if start is not None:
            os.ftruncate(descriptor, min(start, os.fstat(descriptor).st_size))
            os.fsync(descriptor)
            self._unmark(id_)


class Piece:
    """The open end of an upload."""

    def __init__(self, descriptor: int, start: int, algorithm: str | None, whole: "_Hash | None") -> None:
        self._descriptor = descriptor
        self.start = start
        self.whole = whole
        """Hash of the file up to `offset`, or None where that is not known."""
        self._hash = hashlib.new(algorithm, usedforsecurity=False) if algorithm else None
        self._written = 0

    @property
    def offset(self) -> int:
        """Where the next byte goes."""
        return self.start + self._written

    def write(self, content: bytes) -> None:
        """Append.

        Raises:
            Unavailable: the disk is full; what was written before stays.
        """
        view = memoryview(content)
        try:
            while view:
                count = os.write(self._descriptor, view)
                self._written += count
                if self.whole is not None:
                    self.whole.update(view[:count])
                view = view[count:]
        except OSError as error:
            raise Unavailable(
                "the server has no room for this file right now", code="no_space", retry_after_s=3600
            ) from error
        if self._hash is not None:
            self._hash.update(content)

    def digest(self) -> bytes:
        return self._hash.digest() if self._hash is not None else b""


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
