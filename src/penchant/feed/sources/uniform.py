"""Anything at all: a uniform draw from everything that is listed and unseen."""

import numpy as np

from penchant.core.database import Connection
from penchant.feed.model import Int64s, Query
from penchant.taste.fixed import fork, random_bits

_STREAM = 1_000
"""Counter of this source's random stream below the page's seed; slots count from 0."""


class Uniform:
    """Every unseen video has the same chance: what exploration and the audit slot draw from."""

    name = "uniform"

    def __init__(self, limit: int) -> None:
        self._limit = limit

    def retrieve(self, query: Query, connection: Connection) -> Int64s:
        ids = query.epoch.catalog.video_ids
        unseen = ids[~np.isin(ids, query.hidden, assume_unique=True)]
        keys = random_bits(fork(query.seed, _STREAM), unseen)
        if len(unseen) > self._limit:
            unseen = unseen[np.argpartition(keys, self._limit)[: self._limit]]
        return np.asarray(unseen, dtype=np.int64)
