"""What is published for followers only, within the feed."""

import numpy as np

from penchant.feed.model import Bools, Candidates, Query


class Private:
    """Removes what private accounts publish, but for those whom they let follow."""

    name = "private"

    def keep(self, query: Query, candidates: Candidates) -> Bools:
        return np.array(
            [not facts.private or facts.creator in query.followed for facts in candidates.facts], dtype=np.bool_
        )
