"""The learned blend: scores for each candidate within its list."""

from dataclasses import replace

from penchant.feed.model import Candidates, Query


class Blend:
    """Scores by the epoch's networks, in integers: the blend's, with what else a video is worth, less what it pays
    for being served often.

    Where the viewer turns, once more by the same networks, as if they had watched nothing but what they turn to. And
    what is believed of each video's rate of long views, which slots that find out draw by.
    """

    name = "blend"

    def score(self, query: Query, candidates: Candidates) -> Candidates:
        ids, rows, first = candidates.ids, candidates.features, candidates.first
        assert rows is not None
        assert first is not None
        taste = query.page_taste
        scored = taste.score(ids, rows, first)
        turned, turned_features = taste.turned(ids)
        return replace(
            candidates,
            scores=scored.scores,
            worth=scored.worth,
            pressure=scored.pressure,
            turned=turned,
            turned_features=turned_features,
            beliefs=taste.beliefs(ids),
        )
