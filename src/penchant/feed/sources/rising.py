"""What is played more these days than it used to be, by everyone here."""

from penchant.core.database import Connection
from penchant.feed.model import Int64s, Query
from penchant.taste.service import TasteService


class Rising:
    """Candidates by live lift and long-view rate."""

    name = "rising"

    def __init__(self, taste: TasteService, limit: int) -> None:
        self._taste = taste
        self._limit = limit

    def retrieve(self, query: Query, connection: Connection) -> Int64s:
        return self._taste.rising(query.epoch, query.as_of_ms, self._limit, query.hidden)
