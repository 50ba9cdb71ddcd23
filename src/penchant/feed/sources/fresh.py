"""New videos: the newest of the catalogue, known to the learner or not yet, and those that few were shown."""

import numpy as np

from penchant.core.database import Connection
from penchant.feed.model import Int64s, Query


class Fresh:
    """Candidates that need their first viewers."""

    name = "fresh"

    def __init__(self, limit: int) -> None:
        self._limit = limit

    def retrieve(self, query: Query, connection: Connection) -> Int64s:
        few_shown = query.page_taste.fresh(self._limit)
        return np.concatenate([few_shown, np.array(query.newest, dtype=np.int64)])
