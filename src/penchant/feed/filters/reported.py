"""What a viewer reported leaves their feed at once, whatever moderators will say."""

import numpy as np

from penchant.feed.model import Bools, Candidates, Query


class Reported:
    """Removes videos and accounts that this viewer reported."""

    name = "reported"

    def keep(self, query: Query, candidates: Candidates) -> Bools:
        reported = query.reported
        return np.array(
            [
                ("video", facts.id) not in reported and ("account", facts.creator) not in reported
                for facts in candidates.facts
            ],
            dtype=bool,
        )
