"""Scores with what the operator lends on top."""

from dataclasses import replace

import numpy as np

from penchant.feed.model import Candidates, Query
from penchant.feed.ports import Scorer


class WithBoosts:
    """The scores of another scorer, each team's and those of a turn too, with boosts added; the record says which."""

    def __init__(self, own: Scorer) -> None:
        self.own = own
        self.name = own.name

    def score(self, query: Query, candidates: Candidates) -> Candidates:
        scored = self.own.score(query, candidates)
        if not query.boosts:
            return scored
        lent = np.array([query.boosts.get(video, 0) for video in candidates.ids.tolist()], dtype=np.int64)
        return add(replace(scored, lent=lent))


def add(candidates: Candidates) -> Candidates:
    """Candidates with what is lent (K,) in every score that slots are drawn by."""
    lent = candidates.lent
    if not len(lent):
        return candidates
    return replace(
        candidates,
        scores=candidates.scores + lent,
        turned=candidates.turned + lent if len(candidates.turned) else candidates.turned,
        team_scores=candidates.team_scores + lent if candidates.team_scores.size else candidates.team_scores,
    )
