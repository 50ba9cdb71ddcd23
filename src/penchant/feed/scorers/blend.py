"""The learned blend: a score for each candidate within its list."""

from dataclasses import replace

import numpy as np

from penchant.feed.model import Candidates, Query
from penchant.taste.pressure import SPREAD


class Blend:
    """Scores by the epoch's networks, in integers: the blend's, with what else a video is worth, less what it pays
    for being served often."""

    name = "blend"

    def __init__(self, spread: float = SPREAD, *, learned: bool = True) -> None:
        """`spread`: doublings of odds for each doubling of servings; `learned`: False where the first stage orders."""
        self._spread = spread
        self._learned = learned

    def score(self, query: Query, candidates: Candidates) -> Candidates:
        assert candidates.features is not None
        assert candidates.first is not None
        scored = query.page_taste.score(candidates.ids, candidates.features, candidates.first)
        raw, worth = scored.scores + scored.pressure, scored.worth
        if not self._learned:
            raw, worth = candidates.first, np.zeros_like(scored.worth)
        # The price is in proportion to the spread.
        priced = self._spread != SPREAD
        pressure = np.rint(scored.pressure * (self._spread / SPREAD)).astype(np.int64) if priced else scored.pressure
        return replace(candidates, scores=raw - pressure, worth=worth, pressure=pressure)
