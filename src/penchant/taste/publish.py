"""From the learner's state to what an epoch holds: pure functions, sorted by video id."""

from __future__ import annotations

import numpy as np

from penchant.taste.content import comparable
from penchant.taste.epochs import Catalog
from penchant.taste.learner import State
from penchant.taste.popularity import Counters, backward_q16


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
        vectors=comparable(raw, known),
    )


def counters_of(state: State, catalog: Catalog) -> Counters:
    """The counters of the catalogue's videos, decayed to the log's own hour."""
    videos = [state.videos[id_] for id_ in catalog.video_ids.tolist()]
    recent = [backward_q16(video.recent, state.hour, state.landmark_day) for video in videos]
    return Counters(
        shown=np.array([video.shown for video in videos], dtype=np.int64),
        played=np.array([video.played for video in videos], dtype=np.int64),
        long=np.array([video.long for video in videos], dtype=np.int64),
        recent_q16=np.array(recent, dtype=np.int64),
        hour=state.hour,
    )
