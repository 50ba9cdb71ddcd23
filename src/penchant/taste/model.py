"""What the feed hands in and gets back: a viewer's history as an input, candidates, and reasons in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from penchant.taste.context import Last
from penchant.taste.fixed import Q16
from penchant.taste.labels import Outcome

HEARD_AT_MOST: Final = 60
"""Newest entries of each kind that count; older ones would weigh less than 1/32."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One video that a viewer did something with."""

    video: int
    strength_q16: int
    """How much it says, from `strength_q16`; recency is weighed by the order of the entries, not by this."""


@dataclass(frozen=True, slots=True)
class ViewerTaste:
    """A viewer's own history, oldest first: everything of it that ranking depends on.

    A video stands in at most one of `liked` and `skipped`. Refused videos ("not interested") are skips of double
    strength and stand nowhere else; hiding a creator or a hashtag is a filter's work, not the ranker's.
    """

    liked: tuple[Heard, ...] = ()
    """What was played above the skip threshold, liked or shared."""
    skipped: tuple[Heard, ...] = ()
    """What was shown and left below the threshold, or refused."""
    long: tuple[int, ...] = ()
    """What was watched long."""
    looked: tuple[int, ...] = ()
    """What was looked at for two seconds or more (`labels.looked_at`)."""
    hearted: tuple[int, ...] = ()
    """What was liked with the button."""
    last: Last | None = None
    """What was shown last."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a candidate fits: the entry of the history that spoke most for it."""

    by: Literal["rows", "content"]
    """"rows": those who played one played the other; "content": they look and sound alike."""
    video: int
    """Because this one was played."""
    share_q16: int
    """Its part in everything that the history says for the candidate, Q16."""


def strength_q16(outcome: Outcome, *, liked: bool = False, shared: bool = False) -> int:
    """How much a positive says: 1/2 for a play, 1 for a long one, and 1/2 more for each of a like and a share."""
    plays = {Outcome.SKIPPED: 0, Outcome.PLAYED: Q16 // 2, Outcome.LONG: Q16}
    return plays[outcome] + (Q16 // 2) * (int(liked) + int(shared))


SKIP_STRENGTH_Q16: Final = Q16
"""How much a skip says."""
REFUSAL_STRENGTH_Q16: Final = 2 * Q16
"""How much "not interested" in a video says."""
