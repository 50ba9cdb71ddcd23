"""The learned blend: scores for each candidate within its list."""

from dataclasses import replace

from penchant.feed.model import Candidates, Query


class Blend:
    """Scores by the epoch's network, in integers, less what a video pays for being served often.

    Where the viewer turns, once more by the same network, as if they had watched nothing but what they turn to. And
    what is believed of each video's rate of long views, which slots that find out draw by.
    """

    name = "blend"

    def score(self, query: Query, candidates: Candidates) -> Candidates:
        ids, rows, first = candidates.ids, candidates.features, candidates.first
        assert rows is not None
        assert first is not None
        taste = query.page_taste
        scored = taste.score(ids, rows, first)
        candidates = replace(
            candidates,
            scores=scored.scores,
            pressure=scored.pressure,
            beliefs=taste.beliefs(ids),
        )
        if taste.turn is None:
            return candidates
        turned = taste.turn.rows(ids)
        scores = taste.turn.score(ids, turned, taste.turn.first(turned)).scores
        return replace(candidates, turned=scores, turned_features=turned)
