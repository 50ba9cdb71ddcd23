"""What a backup says about itself: every part with its size and SHA-256, and what made it."""

import re
from collections.abc import Iterable

import msgspec

from penchant.core.errors import PenchantError

FORMAT = 1
MANIFEST = "manifest.json"
DUMP = "database.dump"
SETTINGS = "settings.toml"
OBJECTS = "objects/"
UPLOADS = "uploads/"
SECRETS = "secrets/"
TASTE = "taste/"
MARKS = "marks/"
"""Small files at the top of the data folder that say something about it, such as that no demo is wanted."""

_NAME = re.compile(
    r"database\.dump|settings\.toml|uploads/[0-9a-f]{32}|secrets/[a-z0-9][a-z0-9._-]*|marks/[a-z0-9-]+"
    r"|taste/(?:[A-Za-z0-9_][A-Za-z0-9._-]*/)*[A-Za-z0-9_][A-Za-z0-9._-]*"
    r"|objects/(?:[a-z0-9_-][a-z0-9._-]*/)*[a-z0-9_-][a-z0-9._-]*"
)


class BackupWrong(PenchantError):
    """A backup cannot be used: damaged, of another version, or no backup at all."""

    code = "backup_wrong"


class Part(msgspec.Struct, frozen=True):
    """One file of a backup."""

    name: str
    size_bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """Written last: a backup without it is not whole."""

    penchant: str
    """Version that made the backup."""
    schema: str
    """Revision of the database's schema."""
    market: str
    made_at: str
    """RFC 3339, UTC: the moment that the database is restored to."""
    parts: tuple[Part, ...]
    missing: tuple[str, ...] = ()
    """Objects that the database names but that were gone already before the backup."""
    format: int = FORMAT

    @property
    def size_bytes(self) -> int:
        return sum(part.size_bytes for part in self.parts)

    def count(self, folder: str) -> int:
        """How many parts lie in `folder`, such as `objects/`."""
        return sum(part.name.startswith(folder) for part in self.parts)


def is_name(name: str) -> bool:
    """Whether a backup may hold a part of this name."""
    return _NAME.fullmatch(name) is not None


def encode(manifest: Manifest) -> bytes:
    return msgspec.json.format(msgspec.json.encode(manifest)) + b"\n"


def decode(content: bytes) -> Manifest:
    """Read and check a manifest.

    Raises:
        BackupWrong: it cannot be read, is of a newer format, or names a file that no backup has.
    """
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except msgspec.DecodeError as error:
        raise BackupWrong(f"its manifest cannot be read ({error})") from error
    if manifest.format > FORMAT:
        raise BackupWrong(f"it was made by the newer Penchant {manifest.penchant}; restore it with that one")
    _check_names(part.name for part in manifest.parts)
    return manifest


def _check_names(names: Iterable[str]) -> None:
    # A backup may come from someone else: no name may lead out of the data folder or hit a file twice.
    seen = set()
    for name in names:
        if not is_name(name) or name in seen:
            raise BackupWrong(f"its manifest names {name!r}, which no backup has")
        seen.add(name)
    if DUMP not in seen:
        raise BackupWrong("it holds no database")
