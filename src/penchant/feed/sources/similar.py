"""Near what this viewer played: item–item rows and content vectors, with their last actions as the input."""

from penchant.core.database import Connection
from penchant.feed.model import Int64s, Query
from penchant.taste.service import TasteService


class Similar:
    """Candidates near the viewer's own plays."""

    name = "similar"

    def __init__(self, taste: TasteService, limit: int) -> None:
        self._taste = taste
        self._limit = limit

    def retrieve(self, query: Query, connection: Connection) -> Int64s:
        return self._taste.similar(query.epoch, query.taste, self._limit, query.hidden)
