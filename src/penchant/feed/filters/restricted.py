"""Decisions of moderation within the feed: what is held, what may reach only some, what is for adults."""

import numpy as np

from penchant.feed.model import Bools, Candidates, Query
from penchant.taste.fixed import fork, random_bits

_REACH = 3_000
"""Counter of the random stream of reach below a viewer's key."""


class Restricted:
    """Removes what is held, what is limited to a part of the viewers that this one is not in, and from minors what is
    for adults.

    A limit is a share of viewers, drawn once for each video and viewer: a factor on scores would be undone by any
    score that is high enough, and one drawn per page by asking for pages again.
    """

    name = "restricted"

    def keep(self, query: Query, candidates: Candidates) -> Bools:
        reach = np.array([facts.reach for facts in candidates.facts], dtype=np.int64)
        if not query.viewer.is_adult:
            reach[[facts.adults_only for facts in candidates.facts]] = 0
        return draws(query.reach_key, candidates.ids) < reach


def draws(key: int, ids: np.ndarray) -> np.ndarray:
    """(K,) in 0…99 for each id: a video of `reach` r reaches the viewers whose draw is below r."""
    return (random_bits(fork(key, _REACH), ids) % np.uint64(100)).astype(np.int64)


def may_reach(key: int, video: int, reach: int) -> bool:
    """Whether a video that may reach so many per cent of viewers may reach this one."""
    return bool(draws(key, np.array([video], dtype=np.int64))[0] < reach)
