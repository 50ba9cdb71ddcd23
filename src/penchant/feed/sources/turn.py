"""What fits the last long views of a viewer who turns, whatever they watched before."""

from collections.abc import Sequence

import numpy as np

from penchant.core.database import Connection
from penchant.feed.model import Int64s, Query
from penchant.taste.parts import Column


class Turn:
    """The parts once more, for who had watched long nothing but what the viewer turns to."""

    name = "turn"

    def __init__(self, parts: Sequence[Column], alike: int) -> None:
        """`alike`: how many to bring by content."""
        self._parts = parts
        self._alike = alike

    def retrieve(self, query: Query, connection: Connection) -> Int64s:
        turn = query.page_taste.turn
        if turn is None:
            return np.zeros(0, dtype=np.int64)
        return np.concatenate([*(turn.bring(part) for part in self._parts), turn.alike(self._alike)])
