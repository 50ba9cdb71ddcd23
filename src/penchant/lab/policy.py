"""What fills the pages of a simulated world: asked for a page, told what came of it.

It knows what a real one knows: who asks, what is published, what this viewer saw, what happened on its own pages, tags,
lengths, who follows whom. Only the oracle knows more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from penchant.feed.service import PAGE_SLOTS
from penchant.lab.reality import Bools, Reality, Watched
from penchant.taste.engine import Impression
from penchant.taste.fixed import Int64s

SLOTS: Final = PAGE_SLOTS
ARMS: Final = ("exploit", "turn", "explore", "trial", "followed", "audit")


@dataclass(frozen=True, slots=True)
class Visit:
    """A page that is asked for."""

    number: int
    viewer: int
    at_ms: int
    free: Bools
    """(V,) published, and not yet shown to this viewer."""


@dataclass(frozen=True, slots=True)
class Served:
    """A page. Shapes: (S,) each."""

    places: Int64s
    arms: Int64s
    """Places in `ARMS`."""


class Policy(Protocol):
    """Something that fills pages."""

    def page(self, visit: Visit) -> Served:
        """`SLOTS` different videos of those that are free."""

    def take(self, visit: Visit, served: Served, watched: Watched) -> None:
        """What came of that page."""


def impressions(reality: Reality, visit: Visit, served: Served, watched: Watched) -> list[Impression]:
    """The page as the engine takes it in, one event a slot."""
    shown = (served.places, watched.watch_ms, watched.long, watched.liked)
    return [
        Impression(visit.viewer, place, visit.at_ms, watch_ms, int(reality.durations_ms[place]), long, liked)
        for place, watch_ms, long, liked in zip(*(values.tolist() for values in shown), strict=True)
    ]
