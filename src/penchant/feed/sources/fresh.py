"""New videos on trial: those that few were shown, and those that the learner has not heard of yet."""

from typing import Final

import numpy as np

from penchant.core.database import Connection
from penchant.feed.model import Int64s, Query
from penchant.taste.fixed import fork

_STREAM: Final = 1_001
"""Counter of this source's random stream below the page's seed."""


class Fresh:
    """Candidates that need their first viewers, by what they may be worth."""

    name = "fresh"

    def __init__(self, limit: int, creator_percent: int) -> None:
        """`creator_percent`: of what was shown lately of those on trial one creator may have so much."""
        self._limit = limit
        self._creator_percent = creator_percent

    def retrieve(self, query: Query, connection: Connection) -> Int64s:
        taste, newest = query.page_taste, np.array(query.newest, dtype=np.int64)
        on_trial = taste.fresh(self._limit, self._creator_percent, fork(query.seed, _STREAM))
        return np.concatenate([on_trial, taste.unheard(newest)])
