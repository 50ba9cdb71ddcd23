"""How much a report says: the word of somebody with standing counts, a crowd of fresh accounts hardly."""

import math
from collections.abc import Sequence
from datetime import timedelta

FULL = 1000
"""Weight of one reporter of full standing, in thousandths."""
TRUSTED = 4000
"""Weight of a trusted flagger."""
_FULL_AGE = timedelta(days=14)
_FRESH = 0.1
_ALONE, _STEP, _MOST = 100, 200, 800
_TRUSTED_AT_LEAST = 900


def standing(age: timedelta, right: int, wrong: int) -> int:
    """What a signed-in reporter's word weighs, in thousandths from 0 to `FULL`.

    It grows with the age of the account over its first two weeks, and falls with reports that led to nothing:
    2 (right + 1) / (right + wrong + 2), at most 1, so that whoever never reported before is believed.
    """
    grown = max(_FRESH, min(1.0, age / _FULL_AGE))
    proven = min(1.0, 2 * (right + 1) / (right + wrong + 2))
    return round(FULL * grown * proven)


def confidence(weights: Sequence[int], *, trusted: bool = False) -> int:
    """How sure reports alone make a case, in thousandths: 100 + 200 · log2(1 + sum of weights), at most 800.

    The logarithm lets the second independent voice say more than the hundredth. Nobody signed in: 100, however many.
    """
    said = _ALONE + _STEP * math.log2(1 + sum(weights) / FULL)
    sure = min(round(said), _MOST)
    return max(sure, _TRUSTED_AT_LEAST) if trusted else sure
