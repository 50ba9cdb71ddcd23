"""What co-exposure says: the same parts over everything that was shown, whether it was watched or not.

Only for the evaluation. Who was shown what together predicts what they will be shown, by imitating whoever chose it;
in a live feed that is its own echo. So these columns are reported, to say what an echo is worth, and never served.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from penchant.lab.dataset import Dataset
from penchant.lab.metrics import Floats
from penchant.taste.engine import Engine, Impression
from penchant.taste.parts import TABLE, Column
from penchant.taste.recipe import Recipe

PREFIX: Final = "shown_"
_BRINGS: Final = {"rows": 120, "crowd": 100, "crowd_surface": 100, "surface_8h": 40}
_GROUPS: Final = ("rows", "place", "crowd", "played", "surface", "past")

COLUMNS: Final = tuple(
    replace(
        column,
        name=PREFIX + column.name,
        group="exposure",
        says=f"{column.says}, with everything shown for a long view",
        quota=_BRINGS.get(column.name, 0),
        prior=0.0,
    )
    for column in TABLE
    if column.group in _GROUPS and column.name != "rows_liked"
)


def with_exposure(recipe: Recipe) -> Recipe:
    """The recipe and what co-exposure says."""
    columns: tuple[Column, ...] = (*recipe.columns, *COLUMNS)
    return replace(recipe, columns=columns)


def shown_as_long(data: Dataset) -> Dataset:
    """The folder with its history of what was shown in the place of what was watched long."""
    shown = data.history.get("shown")
    return replace(data, history={} if shown is None else {"long_view": shown})


class Exposure:
    """An engine that takes every impression for a long view."""

    def __init__(self, engine: Engine) -> None:
        """`engine`: one that was prepared from `shown_as_long`."""
        self._engine = engine
        self._wanted = frozenset(column.name.removeprefix(PREFIX) for column in COLUMNS)

    def read(self, viewer: int, surface: int, as_of_ms: int) -> dict[str, Floats]:
        """(V,) for each of `COLUMNS`."""
        reading, _ = self._engine.read(viewer, surface, as_of_ms, self._wanted)
        return {PREFIX + name: values for name, values in reading.values.items()}

    def take(self, event: Impression) -> None:
        """Lets an impression in."""
        self._engine.take(replace(event, long=True, liked=False))
