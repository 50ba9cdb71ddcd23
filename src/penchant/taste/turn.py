"""Whether a viewer turns: which of their last long views are unlike everything that they watched long before.

Taste vectors and rows follow a whole profile, and a profile moves slowly: three of sixty entries say little beside the
others. So the last few are looked at by themselves. Each is held against what came before them: how near it is to the
middle of that, against how near those were to the middle of the rest. What is further away than most of them is
*foreign*. Two foreign ones of the last five are a turn; then some slots follow them alone, as if the viewer had watched
nothing else. A turn that goes on becomes the profile, and is foreign no longer.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from penchant.taste.decay import Floats
from penchant.taste.fixed import Int64s

RECENT: Final = 5
"""Last long views that may be a turn."""
BEFORE: Final = 30
"""Long views before them that they are held against."""
BEFORE_AT_LEAST: Final = 8
"""With fewer there is no profile to turn from."""
FURTHEST: Final = 0.25
"""Foreign is what is further away than all but this share of what came before."""
TURNED: Final = 2
"""So many foreign ones of the recent are a turn; one is an excursion."""


def turns_to(long: Int64s, vectors: Floats) -> Int64s:
    """The foreign ones of (P,) long views, the newest first, with their (P, D) vectors; none where that is no turn."""
    found = long[foreign(vectors)]
    return found if len(found) >= TURNED else found[:0]


def foreign(vectors: Floats) -> npt.NDArray[np.bool_]:
    """(P,) which of the last long views are foreign.

    Args:
        vectors: (P, D) of the long views, the newest first; zeros where nothing is known of one, which then is not.
    """
    found = np.zeros(len(vectors), dtype=bool)
    lengths = np.sqrt((vectors * vectors).sum(axis=1))
    unit = vectors / np.maximum(lengths, 1e-9)[:, None]
    before = unit[RECENT : RECENT + BEFORE][lengths[RECENT : RECENT + BEFORE] > 0]
    if len(before) < BEFORE_AT_LEAST:
        return found
    total = before.sum(axis=0)
    others = total - before
    own = (before * others).sum(axis=1) / np.maximum(np.sqrt((others * others).sum(axis=1)), 1e-9)
    near = unit[:RECENT] @ total / max(float(np.sqrt(total @ total)), 1e-9)
    found[:RECENT] = (near < np.quantile(own, FURTHEST)) & (lengths[:RECENT] > 0)
    return found
