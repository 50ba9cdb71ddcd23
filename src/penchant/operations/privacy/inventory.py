"""What is kept beside the tables that say so themselves: tables of libraries, and the folders."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Table

from penchant.core.database import metadata
from penchant.core.holdings import THE_VIDEO, AsLongAs, ForGood, Holding, Kept, holding_of


@dataclass(frozen=True)
class Place:
    """A folder or file of the data folder, or tables that a library made."""

    name: str
    """Of the entry; of tables what their names begin with."""
    holds: str
    about_people: str
    """What of it is about people; empty: nothing."""
    kept: Kept


LIBRARY_TABLES: Final = (
    Place("alembic_", "which migrations were made", "", ForGood("about nobody")),
    Place(
        "procrastinate_",
        "jobs that wait",
        "ids of videos, names of their files",
        AsLongAs("they wait; 30 days where they were given up"),
    ),
)
FOLDERS: Final = (
    Place(
        "postgres",
        "the database",
        "what the tables hold; deleted rows until vacuum and write-ahead log have passed over them",
        AsLongAs("the tables say"),
    ),
    Place("objects", "videos as they are watched, covers, previews", "what creators published", THE_VIDEO),
    Place(
        "uploads",
        "files on their way in",
        "what creators are about to publish",
        AsLongAs("it takes to make them; `originals_days`; seven days after a failure, one where the rest never came"),
    ),
    Place("work", "files of a video that is being made", "the same", AsLongAs("that takes; three hours after a crash")),
    Place(
        "taste",
        "what was learned",
        "who played what in the last week, and what became of the last 20,000 showings, by subject",
        AsLongAs("the log says; folded anew in the night after an erasure"),
    ),
    Place("logs", "what processes say of themselves", "", AsLongAs("`log_days`, twice at most")),
    Place("secrets", "keys of the installation", "", ForGood("about nobody")),
    Place("demo", "demo videos that are being made", "", AsLongAs("that takes")),
    Place("no-demo", "that the demo was removed", "", ForGood("about nobody")),
    Place("media-sandbox.txt", "what the sandbox lacks", "", ForGood("about nobody")),
    Place("restored-penchant.toml", "settings of the backup that was restored", "", ForGood("about nobody")),
)
"""Entries of the data folder; those that begin with a dot are locks and marks of the moment."""


class InventoryIncomplete(Exception):
    """A table does not say what it is for: a fault of whoever added it, found by a test."""


def tables() -> list[tuple[Table, Holding]]:
    """Every table of ours with what it said of itself, by name.

    Raises:
        InventoryIncomplete: one says nothing, or names a column that it does not have.
    """
    found = []
    for name, table in sorted(metadata.tables.items()):
        said = holding_of(table)
        if said is None:
            raise InventoryIncomplete(f"{name} does not say what it is for and how long its rows stay: info=holding(…)")
        named = [*said.whose, *([said.kept.column] if hasattr(said.kept, "column") else [])]
        if unknown := [column for column in named if column not in table.c]:
            raise InventoryIncomplete(f"{name} has no column {', '.join(unknown)}")
        found.append((table, said))
    return found
