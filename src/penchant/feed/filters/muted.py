"""Muted: words, creators, sounds, hashtags and languages that a viewer never wants to see."""

import numpy as np

from penchant.feed.model import Bools, Candidates, Query


class Muted:
    """Removes what the viewer muted: by whom, with what sound, in what language, with which words."""

    name = "muted"

    def keep(self, query: Query, candidates: Candidates) -> Bools:
        mutes = query.mutes
        if not mutes:
            return np.ones(len(candidates), dtype=bool)
        return np.array(
            [
                not mutes.silence(
                    creator=facts.creator,
                    sound=facts.sound,
                    language=facts.language,
                    hashtags=facts.hashtags,
                    texts=facts.texts,
                )
                for facts in candidates.facts
            ],
            dtype=bool,
        )
