"""The learned blend: a score for each candidate within its list."""

from dataclasses import replace

from penchant.feed.model import Candidates, Query


class Blend:
    """Scores by the epoch's network, in integers, less what a video pays for being served often."""

    name = "blend"

    def score(self, query: Query, candidates: Candidates) -> Candidates:
        assert candidates.features is not None
        assert candidates.first is not None
        scored = query.page_taste.score(candidates.ids, candidates.features, candidates.first)
        return replace(
            candidates,
            scores=scored.scores,
            pressure=scored.pressure,
            anyone=query.page_taste.for_anyone(candidates.ids, candidates.features, candidates.first),
            beliefs=query.page_taste.beliefs(candidates.ids),
        )
