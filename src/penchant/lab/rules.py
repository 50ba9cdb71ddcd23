"""The rule feed, a yardstick that learns nothing: the For You of Loops, as meant and as shipped.

    score = 0.25 freshness + 0.35 engagement + 0.30 affinity + 0.10 creator trust

Affinity is to the creators and tags of what a viewer liked; how long something was watched is not looked at. As
shipped the decay with age is inert, so every video is equally fresh. Its signals are likes alone here, since the data
does not say who bookmarked what, and the scale of each term is ours: 0 to 1, logarithmic where it counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from penchant.lab.metrics import Floats
from penchant.taste.fixed import Int64s

FRESHNESS, ENGAGEMENT, AFFINITY, TRUST = 0.25, 0.35, 0.30, 0.10
FRESH_HALF_LIFE_MS: Final = 7 * 86_400_000


@dataclass(frozen=True, slots=True)
class RuleFeed:
    """The rules over V videos. Shapes: (V,)."""

    published_ms: Int64s
    creators: Int64s
    """Numbers from 0 on; -1 where unknown."""
    tags: Int64s
    """Numbers of first tags from 0 on; -1 where there is none."""
    decays: bool
    """Whether a video gets older: as meant it does, as shipped it does not."""

    def scores(self, likes: Int64s, liked: list[int], as_of_ms: int) -> Floats:
        """(V,) scores.

        Args:
            likes: (V,) how often each was liked so far.
            liked: places of what this viewer liked.
        """
        ages_ms = np.maximum(as_of_ms - self.published_ms, 0)
        freshness = np.exp2(-ages_ms / FRESH_HALF_LIFE_MS) if self.decays else np.ones(len(likes))
        affinity = (_shares(self.creators, liked) + _shares(self.tags, liked)) / 2
        known = self.creators >= 0
        of_creators = np.bincount(self.creators[known], likes[known], minlength=1)
        trust = np.where(known, of_creators[np.maximum(self.creators, 0)], 0)
        scores: Floats = FRESHNESS * freshness + ENGAGEMENT * _scaled(likes) + AFFINITY * affinity
        return scores + TRUST * _scaled(trust)


def _shares(numbers: Int64s, liked: list[int]) -> Floats:
    """(V,) how many of what was liked share a video's number, as a share of the most frequent one."""
    own = numbers[liked]
    counts = np.bincount(own[own >= 0], minlength=int(numbers.max(initial=0)) + 1)
    shares: Floats = np.where(numbers >= 0, counts[np.maximum(numbers, 0)], 0) / max(int(counts.max(initial=0)), 1)
    return shares


def _scaled(counts: Int64s | Floats) -> Floats:
    """Logarithms from 0 to 1."""
    logs = np.log1p(counts)
    scaled: Floats = logs / max(float(logs.max(initial=0)), 1e-9)
    return scaled
