"""The value of a video for this viewer now: integer feature rows times a versioned file of weights."""

from dataclasses import replace

from penchant.feed.model import Candidates, Query
from penchant.taste.ranker import Recipe, score
from penchant.taste.service import TasteService


class Value:
    """Rows by the taste engine, scores by the integer ranker."""

    name = "value"

    def __init__(self, taste: TasteService, weights: Recipe) -> None:
        self._taste = taste
        self.weights = weights

    def score(self, query: Query, candidates: Candidates) -> Candidates:
        features = self._taste.rows(query.epoch, query.taste, candidates.ids, query.as_of_ms)
        return replace(candidates, features=features, scores=score(features, self.weights))
