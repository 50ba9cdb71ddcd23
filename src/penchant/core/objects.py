"""The object-store port: bytes under keys, for media and later epochs and ledger tiles.

Content type, hash and visibility are rows in PostgreSQL, because a plain folder cannot carry them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol


class StoredObject(NamedTuple):
    """One object as a listing shows it."""

    key: str
    size_bytes: int
    modified_at_s: float
    """When it was stored: Unix seconds by the store's clock."""


class ObjectStore(Protocol):
    """Bytes under keys such as `videos/06f…/480p-3fa2….mp4`: lower-case letters, digits, `-`, `_`, `.` and `/`.

    An object appears whole or not at all. Keys never hold anything that a person typed.
    """

    def put_file(self, key: str, path: Path) -> int:
        """Store a file's bytes durably; returns the size in bytes. An older object of that key is replaced.

        Raises:
            OSError: there is no room, or the store refuses; nothing is there under that key that was not before.
        """
        ...

    def put_bytes(self, key: str, content: bytes) -> int:
        """Store bytes durably; returns the size in bytes. Raises as `put_file` does."""
        ...

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes `start` to `end` (exclusive; None: to the last), in pieces.

        Raises:
            NotFound: there is no such object.
        """
        ...

    def size_bytes(self, key: str) -> int | None:
        """The size, or None where there is no such object."""
        ...

    def delete(self, key: str) -> None:
        """Remove an object; nothing happens where there is none."""
        ...

    def listing(self, prefix: str = "") -> Iterator[StoredObject]:
        """All objects whose keys begin with `prefix`, a whole path segment, in no promised order."""
        ...

    def keys(self, prefix: str = "") -> Iterator[str]:
        """All keys that begin with `prefix`, a whole path segment, in no promised order."""
        ...
