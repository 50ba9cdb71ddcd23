"""Calibration of the blend: of what was said to happen with a chance of 30 %, does it happen in 30 %?

The blend orders a list by odds, so its chance is that within a list. What the heads say of a video by itself is held
against what happened by the learner (`taste.learning`).
"""

from bisect import bisect_right
from typing import Final

import numpy as np

from penchant.feed.follow_up import FollowedPage

EDGES: Final = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8)
"""Between the bins; chances of videos are small more often than large."""
CHOSEN: Final = "chosen"
"""That of the shown videos of a page of which one was watched long it is this one."""


def bin_of(chance: float) -> int:
    """Number of the bin."""
    return bisect_right(EDGES, chance)


def chosen(page: FollowedPage) -> list[tuple[float, bool]]:
    """(chance to be the one that was watched long, whether it was) of each shown video, where it was one of several.

    Scores are doublings of odds within a list; what else a video is worth, and what it pays for being served often, are
    no part of how likely it is watched long.
    """
    shown = page.shown
    if len(shown) < 2 or sum(slot.long for slot in shown) != 1:
        return []
    pressure = np.frombuffer(page.fields["pressure"], "<i8").tolist()
    scores = [
        one.score + pressure[slot.candidate] - one.worth
        for slot, one in zip(page.slots, page.stood, strict=True)
        if slot.shown and one.worth is not None
    ]
    if not scores:
        return []
    doublings = np.array(scores) / 65_536
    odds = np.exp2(doublings - doublings.max())
    return [(float(chance), slot.long) for chance, slot in zip(odds / odds.sum(), shown, strict=True)]
