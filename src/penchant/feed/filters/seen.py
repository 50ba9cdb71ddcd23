"""Never a video twice: not what was shown or watched, not what another tab is about to show."""

import numpy as np

from penchant.feed.model import Bools, Candidates, Query


class Seen:
    """Removes what the viewer has seen or holds in a tab."""

    name = "seen"

    def keep(self, query: Query, candidates: Candidates) -> Bools:
        return ~np.isin(candidates.ids, query.hidden, assume_unique=True)
