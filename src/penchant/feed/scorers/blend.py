"""The learned blend: scores for each candidate within its list."""

from dataclasses import replace

import numpy as np

from penchant.feed.model import Candidates, Query
from penchant.taste.pressure import SPREAD


class Blend:
    """Scores by the epoch's networks, in integers: the blend's, with what else a video is worth, less what it pays
    for being served often.

    Where the viewer turns, once more by the same networks, as if they had watched nothing but what they turn to. And
    what is believed of each video's rate of long views, which slots that find out draw by.
    """

    name = "blend"

    def __init__(self, spread: float = SPREAD, *, learned: bool = True) -> None:
        """`spread`: doublings of odds for each doubling of servings; `learned`: False where the first stage orders."""
        self._spread = spread
        self._learned = learned

    def score(self, query: Query, candidates: Candidates) -> Candidates:
        ids, rows, first = candidates.ids, candidates.features, candidates.first
        assert rows is not None
        assert first is not None
        taste = query.page_taste
        scored = taste.score(ids, rows, first)
        raw, worth = scored.scores + scored.pressure, scored.worth
        if not self._learned:
            raw, worth = first, np.zeros_like(scored.worth)
        # The price is in proportion to the spread.
        priced = self._spread != SPREAD
        pressure = np.rint(scored.pressure * (self._spread / SPREAD)).astype(np.int64) if priced else scored.pressure
        turned, turned_features = taste.turned(ids)
        return replace(
            candidates,
            scores=raw - pressure,
            worth=worth,
            pressure=pressure,
            # By the same price.
            turned=turned + scored.pressure - pressure if len(turned) else turned,
            turned_features=turned_features,
            beliefs=taste.beliefs(ids),
        )
