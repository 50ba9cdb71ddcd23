"""The learned blend: a score for each candidate within its list."""

from dataclasses import replace

from penchant.feed.model import Candidates, Query


class Blend:
    """Scores by the epoch's networks, in integers: the blend's, with what else a video is worth, less what it pays
    for being served often."""

    name = "blend"

    def score(self, query: Query, candidates: Candidates) -> Candidates:
        assert candidates.features is not None
        assert candidates.first is not None
        scored = query.page_taste.score(candidates.ids, candidates.features, candidates.first)
        return replace(candidates, scores=scored.scores, worth=scored.worth, pressure=scored.pressure)
