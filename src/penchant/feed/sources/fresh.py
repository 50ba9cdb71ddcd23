"""New videos: the newest of the catalogue, known to the learner or not yet, and those that few were shown."""

import numpy as np

from penchant.catalog import repository as catalog
from penchant.core.database import Connection
from penchant.feed.model import Int64s, Query
from penchant.taste.service import TasteService


class Fresh:
    """Candidates that need their first viewers."""

    name = "fresh"

    def __init__(self, taste: TasteService, limit: int, newest: int) -> None:
        self._taste = taste
        self._limit = limit
        self._newest = newest

    def retrieve(self, query: Query, connection: Connection) -> Int64s:
        few_shown = self._taste.fresh(query.epoch, query.taste, self._limit, query.hidden)
        # Straight from the catalogue: a video of a second ago is not in any epoch yet.
        newest = catalog.newest_ids(connection, self._newest)
        return np.concatenate([few_shown, np.array(newest, dtype=np.int64)])
