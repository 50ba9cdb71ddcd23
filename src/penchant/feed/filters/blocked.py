"""Blocks work both ways: neither sees the other."""

import numpy as np

from penchant.feed.model import Bools, Candidates, Query


class Blocked:
    """Removes videos of creators whom the viewer blocked or who blocked the viewer, and the viewer's own."""

    name = "blocked"

    def keep(self, query: Query, candidates: Candidates) -> Bools:
        out = query.blocked | ({query.viewer.account.id} if query.viewer.account else set())
        return np.array([facts.creator not in out for facts in candidates.facts], dtype=bool)
