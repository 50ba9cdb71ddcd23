"""Where ids stand in a list of ids."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from penchant.taste.fixed import Int64s


def places_of(ascending: Int64s, wanted: Int64s) -> Int64s:
    """Places of (K,) wanted ids among ascending ones, -1 for those that are not there: (K,)."""
    if not len(ascending):
        return np.full(len(wanted), -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(ascending, wanted), len(ascending) - 1)
    return np.where(ascending[at] == wanted, at, -1)


@dataclass(frozen=True, slots=True)
class Lookup:
    """The same for (A,) ids in any order."""

    ascending: Int64s
    order: Int64s
    """(A,) places of the ids in ascending order."""

    @classmethod
    def of(cls, ids: Int64s) -> Lookup:
        order = np.argsort(ids, kind="stable")
        return cls(ids[order], order)

    def places(self, wanted: Int64s) -> Int64s:
        """Places of (K,) wanted ids, -1 for those that are not there: (K,)."""
        at = places_of(self.ascending, wanted)
        return np.where(at >= 0, self.order[at], -1) if len(self.order) else at
