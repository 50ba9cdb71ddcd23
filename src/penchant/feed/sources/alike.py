"""What looks and sounds like what this viewer played: the only part that knows a video which nobody has watched."""

from penchant.core.database import Connection
from penchant.feed.model import Int64s, Query


class Alike:
    """Candidates among the newest videos, by content vectors."""

    name = "content"

    def __init__(self, limit: int) -> None:
        self._limit = limit

    def retrieve(self, query: Query, connection: Connection) -> Int64s:
        return query.page_taste.alike(self._limit)
