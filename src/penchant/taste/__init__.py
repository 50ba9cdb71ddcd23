"""Taste: what is learned from what viewers do, and the ranker that orders their screen by it.

A learner folds the event log and publishes epochs; the feed (above) reads them through `TasteService`.
Neighbours: `events` below gives the log, `catalog` beside it is never imported: videos arrive as events.

`from penchant.taste import Engine` is the same parts and blend on anyone's own data, without a database.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from penchant.taste.engine import Engine as Engine
    from penchant.taste.engine import Impression as Impression
    from penchant.taste.recipe import Recipe as Recipe

__all__ = ["Engine", "Impression", "Recipe"]


def __getattr__(name: str) -> object:
    """Loads the engine when it is asked for: workers that only read epochs start without it."""
    if name in __all__:
        from penchant.taste import engine, recipe

        return getattr(recipe if name == "Recipe" else engine, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
