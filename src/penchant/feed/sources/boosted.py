"""What the operator lends something to: candidates of every slot, for everybody."""

import numpy as np

from penchant.core.database import Connection
from penchant.feed.model import Int64s, Query


class Boosted:
    """Videos with a boost; what somebody saw already stays away from them all the same."""

    name = "boosted"

    def retrieve(self, query: Query, connection: Connection) -> Int64s:
        return np.array(sorted(query.boosts), dtype=np.int64)
