"""Objects in a local folder, by obstore: written beside their place, made durable, then renamed into it."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore

from penchant.core.errors import NotFound
from penchant.core.objects import StoredObject

_KEY = re.compile(r"(?:[a-z0-9_-][a-z0-9._-]*/)*[a-z0-9_-][a-z0-9._-]*")
_PIECE_BYTES = 256 * 1024


class LocalObjects:
    """An `ObjectStore` over one folder of this machine; the folder is made on first use, for us alone."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._root = root.resolve()
        self._store = LocalStore(self._root, automatic_cleanup=True)

    def put_file(self, key: str, path: Path) -> int:
        return self._put(key, path)

    def put_bytes(self, key: str, content: bytes) -> int:
        return self._put(key, content)

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        _check(key)
        size = self.size_bytes(key)
        if size is None:
            raise NotFound("There is no such file.")
        return self._pieces(key, start, size if end is None else min(end, size))

    def size_bytes(self, key: str) -> int | None:
        _check(key)
        try:
            return int(obstore.head(self._store, key)["size"])
        except FileNotFoundError:
            return None

    def delete(self, key: str) -> None:
        _check(key)
        try:
            obstore.delete(self._store, key)
        except FileNotFoundError:
            return
        except OSError:
            # Someone else removed the emptied folder at the same moment; what counts is the object.
            if self.size_bytes(key) is not None:
                raise

    def listing(self, prefix: str = "") -> Iterator[StoredObject]:
        for batch in obstore.list(self._store, prefix.strip("/") or None):
            for meta in batch:
                yield StoredObject(str(meta["path"]), int(meta["size"]), meta["last_modified"].timestamp())

    def keys(self, prefix: str = "") -> Iterator[str]:
        return (found.key for found in self.listing(prefix))

    def _put(self, key: str, content: Path | bytes) -> int:
        _check(key)
        try:
            obstore.put(self._store, key, content)
        except BaseError as error:  # a full disk among them: not an OSError of Python's
            raise OSError(str(error).partition("\n")[0]) from error
        return self._settle(key)

    def _pieces(self, key: str, start: int, end: int) -> Iterator[bytes]:
        if start >= end:
            return
        try:
            found = obstore.get(self._store, key, options={"range": (start, end)})
        except FileNotFoundError as error:
            raise NotFound("There is no such file.") from error
        for piece in found.stream(min_chunk_size=_PIECE_BYTES):
            yield bytes(piece)

    def _settle(self, key: str) -> int:
        """Make object and folders outlive a power cut: obstore renames into place but does not flush."""
        path = self._root / key
        _flush(path)
        for folder in path.parents:
            _flush(folder)
            if folder == self._root:
                break
        return path.stat().st_size


def _check(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise ValueError(f"not an object key: {key!r}")


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
