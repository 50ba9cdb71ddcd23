"""Constant frame rate from any timestamps: which rate to use, and which source frame fills each tick."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

MOST = Fraction(30)
"""No rendition has more pictures a second."""
FEWEST = Fraction(5)
_COMMON = tuple(
    Fraction(n, d)
    for n, d in (
        (5, 1),
        (10, 1),
        (12, 1),
        (15, 1),
        (20, 1),
        (24000, 1001),
        (24, 1),
        (25, 1),
        (30000, 1001),
        (30, 1),
    )
)


def output_rate(times_s: Sequence[float], *, most: Fraction = MOST) -> Fraction:
    """The constant rate for frames shown at `times_s`: the usual one of the source, divided down to `most`.

    The usual distance between frames is the median, so a pause in a screen recording does not make all of it
    stutter. 60 becomes 30, 50 becomes 25, 48 becomes 24; what is within 2 % of a common rate is that rate.
    """
    gaps = sorted(b - a for a, b in pairwise(times_s) if b > a)
    if not gaps:
        return most
    usual = 1.0 / gaps[len(gaps) // 2]
    divisor = 1
    while usual / divisor > float(most) * 1.02:
        divisor += 1
    rate = usual / divisor
    for common in _COMMON:
        # Exact neighbours such as 29.97 and 30 are told apart by the nearer one.
        if abs(rate - float(common)) <= 0.02 * float(common):
            nearest = min(_COMMON, key=lambda c: abs(rate - float(c)))
            return min(nearest, most)
    return min(most, max(FEWEST, Fraction(round(rate))))


class Ticks:
    """Fills the ticks of a constant rate: each holds the frame that was on screen at its middle.

    Feed source times in order with `until`; it says how many ticks the *previous* frame fills. A frame that
    fills none was dropped. `finish` gives the last frame its ticks up to the clip's end.
    """

    def __init__(self, rate: Fraction, *, most_ticks: int) -> None:
        self._rate = float(rate)
        self._most = most_ticks
        self.filled = 0

    def until(self, time_s: float) -> int:
        """Ticks that the frame before the one shown from `time_s` (seconds from the clip's start) fills."""
        # Half a tick of tolerance: jittery timestamps of a steady source map one to one.
        return self._fill(int(time_s * self._rate + 0.5))

    def finish(self, end_s: float) -> int:
        """Ticks that the last frame fills, at least one if nothing has been filled yet."""
        return self._fill(max(int(end_s * self._rate + 0.5), 1 if self.filled == 0 else self.filled))

    def _fill(self, reach: int) -> int:
        count = max(0, min(reach, self._most) - self.filled)
        self.filled += count
        return count
