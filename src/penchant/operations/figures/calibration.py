"""Calibration: of what was said to happen with a chance of 30 %, does it happen in 30 %?

`predictions` is the one place that says which chances are held against what happened. A page record that has `chances`
(outcome → for each slot its chance in Q16, as drawn up when the page was made) is held to them for every outcome that
is known of a slot; and any page is held to its scores.
"""

from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

import numpy as np

from penchant.feed.follow_up import FollowedPage, FollowedSlot

EDGES: Final = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8)
"""Between the bins; chances of videos are small more often than large."""
CHOSEN: Final = "chosen"
"""That of the shown videos of a page of which one was watched long it is this one."""


def bin_of(chance: float) -> int:
    """Number of the bin."""
    return bisect_right(EDGES, chance)


def predictions(page: FollowedPage) -> Iterator[tuple[str, float, bool]]:
    """(what, predicted chance, whether it came true) for what was shown of a page."""
    for outcome, chances in page.fields.get("chances", {}).items():
        for slot, chance in zip(page.slots, chances, strict=True):
            if slot.shown and (came_true := _known(outcome, slot)) is not None:
                yield outcome, chance / 65_536, came_true
    for slot, chance in zip(page.shown, _chosen(page), strict=False):
        yield CHOSEN, chance, slot.long


def _known(outcome: str, slot: FollowedSlot) -> bool | None:
    """Whether an outcome came true; None for those that events with a page do not tell."""
    return {"long": slot.long, "skip": slot.skipped}.get(outcome)


def _chosen(page: FollowedPage) -> list[float]:
    """The chance of each shown video to be the one that was watched long, where it was one of several.

    The blend's scores are doublings of odds within a list; what a video pays for being served often is no part of how
    much it is liked.
    """
    shown = page.shown
    if len(shown) < 2 or sum(slot.long for slot in shown) != 1 or not page.fields["pressure"]:
        return []
    scores = np.frombuffer(page.fields["scores"], "<i8") + np.frombuffer(page.fields["pressure"], "<i8")
    doublings = scores[[slot.candidate for slot in shown]] / 65_536
    odds = np.exp2(doublings - doublings.max())
    chances: list[float] = (odds / odds.sum()).tolist()
    return chances
