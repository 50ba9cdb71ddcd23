"""Anything at all: a uniform draw from everything that is listed and unseen."""

from typing import Final

import numpy as np

from penchant.core.database import Connection
from penchant.feed.model import Int64s, Query
from penchant.taste.fixed import fork, random_bits

_STREAM = 1_000
"""Counter of this source's random stream below the page's seed; slots count from 0."""
_FEW: Final = 100
"""With so many times as many videos as may be in the way, a handful of draws is enough."""


class Uniform:
    """Every unseen video has the same chance: what exploration and the audit slot draw from."""

    name = "uniform"

    def __init__(self, limit: int) -> None:
        self._limit = limit

    def retrieve(self, query: Query, connection: Connection) -> Int64s:
        catalog = query.epoch.catalog
        seed = fork(query.seed, _STREAM)
        if len(catalog) > _FEW * (self._limit + len(query.hidden)):
            # Of very many videos so many are drawn that enough of them are unseen and distinct.
            draws = random_bits(seed, np.arange(2 * (self._limit + len(query.hidden))))
            drawn = catalog.nth((draws % np.uint64(len(catalog))).astype(np.int64))
            _, first = np.unique(drawn, return_index=True)
            drawn = drawn[np.sort(first)]
            return np.asarray(drawn[~np.isin(drawn, query.hidden)][: self._limit], dtype=np.int64)
        unseen = catalog.video_ids[~np.isin(catalog.video_ids, query.hidden, assume_unique=True)]
        if len(unseen) > self._limit:
            unseen = unseen[np.argpartition(random_bits(seed, unseen), self._limit)[: self._limit]]
        return np.asarray(unseen, dtype=np.int64)
