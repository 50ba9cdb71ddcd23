"""Whether a viewer turns: whether their last long views, one after the other, are unlike everything before.

Taste vectors and rows follow a whole profile, and a profile moves slowly: three of sixty entries say little beside the
others. So the last few are looked at by themselves. Each is held against what came before them: how near it is to the
middle of that, against how near those were to the middle of the others. What is further away than most of them is
*foreign*. Two foreign ones in a row, the newest, are a turn; then some slots follow them alone, as if the viewer had
watched nothing else. A turn that goes on becomes the profile, and is foreign no longer.
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
IN_A_ROW: Final = 2
"""So many of the newest are a turn; one is an excursion."""
LEAN: Final = 2
"""How much more the likeness in content counts where a viewer turns than the blend has learned: it has hardly met any
who do, and of three videos nothing else is as telling."""


def turns_to(long: Int64s, vectors: Floats) -> Int64s:
    """What a viewer turns to: the newest of (P,) long views, as far as they are foreign; none where that is no turn.

    Args:
        long: the newest first.
        vectors: (P, D) of each; zeros where nothing is known of one, which then is not foreign.
    """
    ordinary = np.flatnonzero(~foreign(vectors))
    run = long[: ordinary[0] if len(ordinary) else len(long)]
    return run if len(run) >= IN_A_ROW else run[:0]


def foreign(vectors: Floats) -> npt.NDArray[np.bool_]:
    """(P,) which of the last `RECENT` long views are foreign, from (P, D) vectors, the newest first."""
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
