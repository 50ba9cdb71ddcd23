"""Not interested: in a video, a creator, a sound or a hashtag, until the viewer takes it back."""

import numpy as np

from penchant.catalog.model import VideoFacts
from penchant.feed.model import Bools, Candidates, Query


class Disliked:
    """Removes what the viewer does not want to see."""

    name = "disliked"

    def keep(self, query: Query, candidates: Candidates) -> Bools:
        dislikes = query.history.dislikes

        def wanted(facts: VideoFacts) -> bool:
            return not (
                ("video", str(facts.id)) in dislikes
                or ("creator", str(facts.creator)) in dislikes
                or (facts.sound is not None and ("sound", str(facts.sound)) in dislikes)
                or any(("hashtag", tag) in dislikes for tag in facts.hashtags)
            )

        if not dislikes:
            return np.ones(len(candidates), dtype=bool)
        return np.array([wanted(facts) for facts in candidates.facts], dtype=bool)
