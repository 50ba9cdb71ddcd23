"""What a video pays for having been served often: so that the feed is not the same few videos for everybody.

A price in doublings of odds on how often a video was served lately, beyond an even share of everything served.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from penchant.taste.decay import Decayed
from penchant.taste.fixed import Int64s

SPREAD: Final = 0.15
"""On KuaiRand 0.2 costs 0.002 of HR@10, half a standard error; the 1 % most served go from 0.58 to 0.46 of slots."""
HALF_LIFE_H: Final = 24
SHARE: Final = 1 / 1_300
"""Up to this share of the slots lately served a video hardly pays for being served."""
AT_LEAST: Final = 4
"""Servings that are free however few there were in all."""


class Price:
    """How often each of V videos was served lately, and what it pays for that."""

    def __init__(self, spread: float) -> None:
        """`spread`: doublings of odds for each doubling of servings beyond a video's share."""
        self.spread = spread
        self.videos = Decayed((HALF_LIFE_H,), precise=True)
        self.all = Decayed((HALF_LIFE_H,), precise=True)
        self.all.grow(1)

    def grow(self, videos: int) -> None:
        """Makes room for so many."""
        self.videos.grow(videos)

    def keep(self, places: Int64s) -> None:
        """Only these rows stay, in this order."""
        self.videos.keep(places)

    def serve(self, places: Int64s, at_ms: int) -> None:
        """The videos at these places were served."""
        self.grow(int(places.max(initial=-1)) + 1)
        for place in places.tolist():
            self.add(place, at_ms)

    def add(self, place: int, at_ms: int) -> None:
        """The video at `place` was served."""
        self.videos.add(place, 1.0, at_ms)
        self.all.add(0, 1.0, at_ms)

    def pressure(self, places: Int64s, as_of_ms: int) -> Int64s:
        """(K,) Q16 in whole 256ths: what each of (K,) places pays; one never heard of (or negative) nothing."""
        served = np.zeros(len(places))
        known = (places >= 0) & (places < len(self.videos.sums))
        served[known] = self.videos.at(places[known], as_of_ms)[:, 0]
        share = max(SHARE * float(self.all.at(slice(0, 1), as_of_ms)[0, 0]), AT_LEAST)
        return np.rint(self.spread * 256 * np.log2(1 + served / share)).astype(np.int64) << 8
