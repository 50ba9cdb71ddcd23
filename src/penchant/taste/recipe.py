"""Which columns a ranker has, and which of them pages are served by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from penchant.taste.parts import DEFAULT, TABLE, Column
from penchant.taste.pressure import SPREAD

KEPT: Final = 300
"""Candidates that the first stage leaves to the blend."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Which columns there are, and how far the order leans away from what everybody plays."""

    columns: tuple[Column, ...] = DEFAULT
    spread: float = SPREAD
    """Doublings of odds that a video pays for each doubling of how often it was served lately, beyond its share."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def without(self, names: Iterable[str]) -> Recipe:
        """The same without some columns; raises ValueError for one that is not there."""
        gone = set(names)
        if unknown := gone - set(self.names):
            raise ValueError(f"no such column: {', '.join(sorted(unknown))}")
        kept = [column for column in self.columns if column.name not in gone]
        # What is left brings as many candidates in all.
        before, after = (sum(column.quota for column in columns) for columns in (self.columns, kept))
        return replace(self, columns=tuple(replace(one, quota=one.quota * before // max(after, 1)) for one in kept))


CONTENT: Final = tuple(column for column in TABLE if column.group == "content")
"""For who has content vectors."""
SERVED: Final = Recipe((*DEFAULT, *CONTENT)).without(("walk", "tag"))
"""What pages are made by. Hashtags are in no event; walks earn nothing (docs/reference/quality.md)."""
