"""What a folder of videos says about itself: the files, and a table of words about them."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from penchant.core.errors import Invalid

TABLES = ("videos.csv", "videos.json")
"""Looked for in the folder where none is named."""
COLUMNS = ("file", "title", "hashtags", "creator", "name", "language", "published", "alt_text")


@dataclass(frozen=True)
class Entry:
    """One file to bring in, and what is said about it; nothing of it is checked yet."""

    file: str
    """Relative to the folder."""
    title: str
    hashtags: tuple[str, ...] = ()
    creator: str = ""
    name: str = ""
    """Of the creator, where an account has to be made."""
    language: str = ""
    published: str = ""
    alt_text: str = ""

    def published_at(self) -> datetime | None:
        """Raises: Invalid where it is neither a date nor a moment."""
        if not self.published:
            return None
        try:
            moment = datetime.fromisoformat(self.published)
        except ValueError:
            raise Invalid(f"'{self.published[:40]}' is no date like 2026-09-30 or 2026-09-30T12:00:00Z") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def entries_of(folder: Path, table: Path | None = None) -> list[Entry]:
    """Every file of the folder and of its table, by name; hidden files and the table itself are none.

    Raises:
        Invalid: there is no such folder, or its table cannot be read.
    """
    if not folder.is_dir():
        raise Invalid(f"{folder} is no folder")
    if table is None:
        table = next((folder / name for name in TABLES if (folder / name).is_file()), None)
    told = {} if table is None else {entry.file: entry for entry in _read(table)}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden and path != table and name not in told:
            told[name] = Entry(name, " ".join(path.stem.replace("_", " ").replace("-", " ").split()))
    return [told[name] for name in sorted(told)]


def _read(table: Path) -> Iterator[Entry]:
    try:
        text = table.read_text("utf-8-sig")
        rows = json.loads(text) if table.suffix == ".json" else list(csv.DictReader(text.splitlines()))
    except (OSError, UnicodeDecodeError, ValueError, csv.Error) as error:
        raise Invalid(f"{table.name} cannot be read: {error}") from error
    if not isinstance(rows, list):
        raise Invalid(f"{table.name} has to be a list of objects, one for each file")
    for number, row in enumerate(rows, start=1):
        yield _entry(row, f"row {number} of {table.name}")


def _entry(row: object, where: str) -> Entry:
    if not isinstance(row, Mapping) or not row.get("file"):
        raise Invalid(f"{where} names no file; its columns are {', '.join(COLUMNS)}")
    unknown = sorted(str(name) for name in row if name not in COLUMNS)
    if unknown:
        raise Invalid(f"{where} has {', '.join(unknown)}; known are {', '.join(COLUMNS)}")
    words = {name: row.get(name) or "" for name in COLUMNS}
    hashtags = words.pop("hashtags")
    if isinstance(hashtags, str):
        hashtags = hashtags.replace(",", " ").replace(";", " ").split()
    return Entry(hashtags=tuple(str(tag) for tag in hashtags), **{name: str(value) for name, value in words.items()})
