"""New videos that did well on trial: candidates of every slot before other parts know them."""

from penchant.core.database import Connection
from penchant.feed.model import Int64s, Query


class Promoted:
    """Candidates that are clearly better than most on trial."""

    name = "promoted"

    def __init__(self, limit: int) -> None:
        self._limit = limit

    def retrieve(self, query: Query, connection: Connection) -> Int64s:
        return query.page_taste.promoted(self._limit)
