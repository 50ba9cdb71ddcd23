"""What a part of the pipeline looks like; the parts are listed in `recipe`."""

from collections.abc import Sequence
from typing import Protocol

from penchant.catalog.model import VideoFacts
from penchant.core.database import Connection
from penchant.feed.model import Bools, Candidates, Drawing, Int64s, Query, Slot


class Source(Protocol):
    """Brings candidates."""

    name: str

    def retrieve(self, query: Query, connection: Connection) -> Int64s:
        """Ids of videos, (N,) int64; they need not be distinct from those of other sources."""
        ...


class Hydrator(Protocol):
    """Finds out more about candidates; those of which nothing is known are gone afterwards."""

    name: str

    def hydrate(self, query: Query, candidates: Candidates, connection: Connection) -> Candidates:
        """The candidates with what was found out."""
        ...


class Filter(Protocol):
    """Says which candidates may stay."""

    name: str

    def keep(self, query: Query, candidates: Candidates) -> Bools:
        """(K,) true where a candidate stays."""
        ...


class Cut(Protocol):
    """Looks at everything that was brought, and says what is looked at closely."""

    name: str

    def keep(self, query: Query, candidates: Candidates) -> Candidates:
        """The candidates that go on, with integer feature rows (K, F) and first scores (K,)."""
        ...


class Scorer(Protocol):
    """Scores what is left within its list."""

    name: str

    def score(self, query: Query, candidates: Candidates) -> Candidates:
        """The candidates with integer scores (K,)."""
        ...


class Selector(Protocol):
    """Draws the slots of a page."""

    name: str

    def select(
        self, query: Drawing, candidates: Candidates, allowed: Bools, before: Sequence[VideoFacts]
    ) -> list[Slot]:
        """Up to `query.count` slots among the allowed candidates (K,); `before`: shown just before, oldest first."""
        ...
