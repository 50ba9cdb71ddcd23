"""The newest videos of the catalogue: candidates of every slot from the first second on."""

import numpy as np

from penchant.core.database import Connection
from penchant.feed.model import Int64s, Query


class Latest:
    """Straight from the catalogue, whether the learner has heard of them or not."""

    name = "latest"

    def retrieve(self, query: Query, connection: Connection) -> Int64s:
        return np.array(query.newest, dtype=np.int64)
