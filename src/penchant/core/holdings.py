"""What a table is for, whose rows it holds and how long they stay: said at the table, read by everything else.

The inventory of the documentation is printed from it, one job deletes by it, and the export collects by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Table

_KEY = "holding"


@dataclass(frozen=True)
class Until:
    """A row goes once the moment in this column has passed."""

    column: str

    def in_words(self) -> str:
        return f"until `{self.column}`"


@dataclass(frozen=True)
class After:
    """A row goes so many days after a moment; never where the column is empty."""

    setting: str
    """Of the installation: how many days."""
    column: str
    """The moment, or one of our ids, which tell when they were made."""
    what: str
    """What the moment is of, for people."""
    otherwise: str = ""
    """How long rows stay that have no such moment."""

    def in_words(self) -> str:
        days = f"`{self.setting}` after {self.what}"
        return f"{days}; else {self.otherwise}" if self.otherwise else days


@dataclass(frozen=True)
class AsLongAs:
    """A row goes together with something else, in the same transaction or by a job of its own."""

    what: str

    def in_words(self) -> str:
        return f"as long as {self.what}"


@dataclass(frozen=True)
class ForGood:
    """Nobody's, or kept on purpose."""

    why: str

    def in_words(self) -> str:
        return f"for good: {self.why}"


Kept = Until | After | AsLongAs | ForGood
Owner = Literal["account", "subject", "video", "sound", "report"]
"""What a column names by which a row is somebody's: themselves, or a video, sound or report of theirs."""


@dataclass(frozen=True)
class Holding:
    """Why there is a table."""

    purpose: str
    kept: Kept
    whose: Mapping[str, Owner]
    """By which columns a row belongs to somebody; none where it is about nobody."""


def holding(purpose: str, kept: Kept, **whose: Owner) -> dict[str, Any]:
    """For `Table(..., info=holding(...))`; `whose` is column=owner."""
    return {_KEY: Holding(purpose, kept, whose)}


def holding_of(table: Table) -> Holding | None:
    """What a table said of itself."""
    found = table.info.get(_KEY)
    return found if isinstance(found, Holding) else None


THE_ACCOUNT = AsLongAs("the account")
THE_VIEWER = AsLongAs("the account; without one, the last session")
THE_VIDEO = AsLongAs("the video")
