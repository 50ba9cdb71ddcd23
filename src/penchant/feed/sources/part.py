"""One part of the taste engine: the videos that it says most of."""

from penchant.core.database import Connection
from penchant.feed.model import Int64s, Query
from penchant.taste.parts import Column


class Part:
    """Candidates by one column of the taste engine, up to its quota."""

    def __init__(self, column: Column) -> None:
        self.name = column.name
        self._column = column

    def retrieve(self, query: Query, connection: Connection) -> Int64s:
        return query.page_taste.bring(self._column)
