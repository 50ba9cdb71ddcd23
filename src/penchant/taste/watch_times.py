"""How long videos of each length are watched of late: watch time as its quantile among videos about as long.

Otherwise long videos would win by being long. Source: D2Q, Zhan et al. 2022, arXiv 2206.06003, section 4.1.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from penchant.taste.fixed import Int64s

LENGTHS: Final = 12
"""Buckets of durations, each half a doubling wide, from 4 s on."""
TIMES: Final = 48
"""Bins of watch times, each a quarter of a doubling wide, from 250 ms on."""
ENOUGH: Final = 50
"""Watches of a bucket from which a quantile says something."""
HALVED_AT: Final = 20_000
"""Watches of a bucket; then all of its counts are halved, so that it follows what goes on."""

# Whole milliseconds: no logarithm is rounded differently on another machine.
_LENGTH_EDGES: Final = np.rint(4_000 * 2 ** (np.arange(LENGTHS - 1) / 2)).astype(np.int64)
_TIME_EDGES: Final = np.rint(250 * 2 ** (np.arange(TIMES - 1) / 4)).astype(np.int64)


class WatchTimes:
    """How long videos of each length are watched of late."""

    def __init__(self, counts: Int64s | None = None) -> None:
        self.counts: Int64s = np.zeros((LENGTHS, TIMES), dtype=np.int64) if counts is None else counts

    def add(self, watched_ms: int, duration_ms: int) -> float | None:
        """The share of watches of such videos that were shorter, half of those as long; then counts this one.

        None where there were too few of them.
        """
        row = self.counts[int(np.searchsorted(_LENGTH_EDGES, duration_ms, side="right"))]
        time = int(np.searchsorted(_TIME_EDGES, watched_ms, side="right"))
        total = int(row.sum())
        share = (int(row[:time].sum()) + int(row[time]) / 2) / total if total >= ENOUGH else None
        row[time] += 1
        if total + 1 >= HALVED_AT:
            row //= 2
        return share
