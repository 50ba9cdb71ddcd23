"""What a watch says: skipped, played or watched long, by how long the video is. The only place with thresholds.

A play counts (for item–item models and popularity) from 30 % of the video, but never below 2 s (a glance while
the thumb decides) nor above 10 s (ten seconds are a choice, in a video of any length). Videos too short for that
count from 90 %. Watched long is 90 % of the video, or 18 s of a longer one. `watched_ms` adds up loops.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

PLAY_SHARE_PERCENT: Final = 30
PLAY_AT_LEAST_MS: Final = 2_000
PLAY_AT_MOST_MS: Final = 10_000
LONG_SHARE_PERCENT: Final = 90
LONG_AT_MOST_MS: Final = 18_000
GLANCE_MS: Final = 2_000
"""So long a thumb takes to decide; what stays longer was looked at."""


class Outcome(IntEnum):
    """What became of one play, from nothing to all; larger is better."""

    SKIPPED = 0
    PLAYED = 1
    LONG = 2


def play_threshold_ms(duration_ms: int) -> int:
    """From this watch time on a play counts, e.g. 2,000 ms of 6 s, 4,500 ms of 15 s, 10,000 ms of a minute."""
    if duration_ms <= 0:
        return PLAY_AT_LEAST_MS
    share = duration_ms * PLAY_SHARE_PERCENT // 100
    wanted = min(max(share, PLAY_AT_LEAST_MS), PLAY_AT_MOST_MS)
    return min(wanted, duration_ms * LONG_SHARE_PERCENT // 100)


def long_threshold_ms(duration_ms: int) -> int:
    """From this watch time on a video was watched long, e.g. 5,400 ms of 6 s, 18,000 ms of a minute."""
    if duration_ms <= 0:
        return LONG_AT_MOST_MS
    return min(duration_ms * LONG_SHARE_PERCENT // 100, LONG_AT_MOST_MS)


def looked_at(watched_ms: int, duration_ms: int) -> bool:
    """Whether a viewer stayed: what live popularity and crowds count from, 2 s or 90 % of a shorter video.

    A play by `play_threshold_ms` says more of one viewer. Of a video lately played by few, every look counts: on
    KuaiRand this threshold is worth 0.005 of HR@10.
    """
    threshold = GLANCE_MS if duration_ms <= 0 else min(GLANCE_MS, duration_ms * LONG_SHARE_PERCENT // 100)
    return watched_ms >= threshold


def outcome(watched_ms: int, duration_ms: int) -> Outcome:
    """The outcome of a play of a video of that duration (0: unknown)."""
    if watched_ms >= long_threshold_ms(duration_ms):
        return Outcome.LONG
    if watched_ms >= play_threshold_ms(duration_ms):
        return Outcome.PLAYED
    return Outcome.SKIPPED
