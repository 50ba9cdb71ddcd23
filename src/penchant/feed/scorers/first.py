"""The first stage: a linear score over everything that was brought, and which of it is looked at closely."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from penchant.feed.model import Candidates, Query


class FirstStage:
    """Fills in feature rows and keeps the best; what explores or is followed stays whatever its score."""

    name = "first"

    def __init__(self, kept: int, staying: Sequence[str]) -> None:
        """`staying`: sources of which everything is kept; the others share what is left of `kept`."""
        self._kept = kept
        self._staying = frozenset(staying)

    def keep(self, query: Query, candidates: Candidates) -> Candidates:
        """The candidates that go on, with rows (K, F) and first scores (K,)."""
        rows = query.page_taste.rows(candidates.ids)
        first = query.page_taste.first(rows)
        scored = replace(candidates, features=rows, first=first)
        kept = np.array([not self._staying.isdisjoint(names) for names in candidates.sources], dtype=bool)
        others = np.flatnonzero(~kept)
        best = others[np.lexsort((candidates.ids[others], -first[others]))]
        kept[best[: max(self._kept - int(kept.sum()), 0)]] = True
        return scored.keep(kept)
