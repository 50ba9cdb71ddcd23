"""From the learner's state to what an epoch holds: pure functions, sorted by video id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from heapq import nlargest
from typing import Final

import numpy as np

from penchant.taste.content import comparable
from penchant.taste.epochs import Catalog
from penchant.taste.state import State
from penchant.taste.trials import Trials

TRIALS_AT_MOST: Final = 5_000
TRIALS_OF_A_CREATOR: Final = 50
"""So many of the newest; whoever uploads more than that at once does not push others out."""


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


def trials_of(state: State, on_trial: Collection[int]) -> Trials:
    """The videos that few were shown, the newest first."""
    of_creators: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for id_ in on_trial:
        video = state.videos[id_]
        of_creators[video.creator].append((video.published_at_ms, id_))
    newest = [entry for own in of_creators.values() for entry in nlargest(TRIALS_OF_A_CREATOR, own)]
    videos = [(id_, state.videos[id_]) for _, id_ in nlargest(TRIALS_AT_MOST, newest)]
    table = np.array([(id_, video.creator, video.shown, video.long) for id_, video in videos], dtype=np.int64).reshape(
        -1, 4
    )
    return Trials(*table.T.copy())
