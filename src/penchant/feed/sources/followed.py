"""What people whom the viewer follows have published: a small source, capped again by the selector."""

import numpy as np

from penchant.catalog import repository as catalog
from penchant.core.database import Connection
from penchant.feed.model import Int64s, Query


class Followed:
    """The newest videos of followed creators."""

    name = "followed"

    def __init__(self, limit: int) -> None:
        self._limit = limit

    def retrieve(self, query: Query, connection: Connection) -> Int64s:
        if not query.followed:
            return np.zeros(0, dtype=np.int64)
        found = catalog.newest_ids_of(connection, sorted(query.followed), self._limit + len(query.hidden) // 4)
        ids = np.array(found, dtype=np.int64)
        return ids[~np.isin(ids, query.hidden)][: self._limit]
