"""The counts of one day. None of them carries an id of a person, a page or a video."""

from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

Kind = Literal["arm", "source"]
"""Which rule drew a slot; what had brought the video to the page."""

ARMS: Final = ("exploit", "turn", "explore", "trial", "followed", "audit", "again")
FINDING: Final = ("explore", "trial", "audit")
"""Arms that find out."""
SOURCES: Final = ("similar", "crowd", "popular", "content", "fresh", "uniform", "followed", "boosted", "again")
"""Families of sources; `similar` is whatever goes with the videos, or the creators, that were watched before."""


@dataclass
class Share:
    """What one arm or one family of sources had on a day. A video that several brought counts in equal parts."""

    viewers: int = 0
    shown: float = 0.0
    watched_ms: float = 0.0
    long: float = 0.0


@dataclass
class Mean:
    """A sum, and of how many."""

    total: float = 0.0
    count: int = 0

    def add(self, value: float) -> None:
        """One more."""
        self.total += value
        self.count += 1

    @property
    def value(self) -> float | None:
        """None of nothing."""
        return self.total / self.count if self.count else None


@dataclass
class Bin:
    """Predictions of about the same chance: their sum, how many came true, how many there were."""

    predicted: float = 0.0
    observed: float = 0.0
    count: int = 0


@dataclass
class Day:
    """Everything that is counted of one day (UTC)."""

    day: date
    pages: int = 0
    viewers: int = 0
    """Who were shown anything."""
    videos: int = 0
    """Different ones that were shown."""
    listed: int = 0
    """Videos that could have been shown when this was counted."""
    shares: dict[tuple[Kind, str], Share] = field(default_factory=dict)
    means: dict[str, Mean] = field(default_factory=dict)
    bins: dict[tuple[str, int], Bin] = field(default_factory=dict)
    """(what was predicted, number of the bin)."""

    def share(self, kind: Kind, name: str) -> Share:
        """That of one arm or family; all zero where it had nothing."""
        return self.shares.get((kind, name), Share())
