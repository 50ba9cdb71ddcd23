"""From the learner's state to what an epoch holds: pure functions, sorted by video id."""

from __future__ import annotations

from heapq import nlargest

import numpy as np

from penchant.taste.content import comparable
from penchant.taste.epochs import FRESH_AT_MOST, Catalog
from penchant.taste.fixed import Int64s
from penchant.taste.state import State


def catalog_of(state: State) -> Catalog:
    """The listed videos. Vectors of an encoder other than the newest video's cannot be compared: those have none."""
    listed = sorted((id_, video) for id_, video in state.videos.items() if video.listed)
    newest = max(listed, key=lambda entry: (entry[1].published_at_ms, entry[0]), default=None)
    encoder, size = (newest[1].encoder, len(newest[1].vector)) if newest else ("", 0)
    raw = np.zeros((len(listed), size), dtype=np.int8)
    known = np.zeros(len(listed), dtype=bool)
    for place, (_, video) in enumerate(listed):
        if size and video.encoder == encoder and len(video.vector) == size:
            raw[place] = np.frombuffer(video.vector, dtype=np.int8)
            known[place] = True
    return Catalog(
        video_ids=np.array([id_ for id_, _ in listed], dtype=np.int64),
        creators=np.array([video.creator for _, video in listed], dtype=np.int64),
        published_at_ms=np.array([video.published_at_ms for _, video in listed], dtype=np.int64),
        durations_ms=np.array([video.duration_ms for _, video in listed], dtype=np.int64),
        vectors=comparable(raw, known),
    )


def fresh_of(state: State, fresh: set[int]) -> Int64s:
    """Ids of videos that few were shown, the newest first."""
    newest = nlargest(FRESH_AT_MOST, fresh, key=lambda id_: (state.videos[id_].published_at_ms, id_))
    return np.array(newest, dtype=np.int64)
