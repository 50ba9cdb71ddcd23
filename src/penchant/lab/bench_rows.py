"""Item-item rows by neighbourhoods beside the exact ones: how good, how long, on a folder of data."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from penchant.lab.bench_world import Progress
from penchant.lab.dataset import DataRefused, Dataset, read_dataset
from penchant.lab.metrics import hit, mid_rank, paired_gain, rounded
from penchant.lab.replay import places_of
from penchant.taste.fixed import Int64s
from penchant.taste.local_rows import local_rows
from penchant.taste.similar import NEIGHBOURS, ItemRows, Plays, fit_rows, matrix_of, recency_q16

NEARS = (50, 100, 200)


class Rows(msgspec.Struct, frozen=True):
    """One way to make them."""

    near: int | None
    """Videos that each is regressed on; None: all, the exact rows."""
    cpu_s: float
    hr_at_10: float
    behind: float
    """How far HR@10 lies behind that of the exact rows."""
    behind_low: float
    behind_high: float
    """95 % by bootstrap over viewers."""


class RowsFound(msgspec.Struct, frozen=True):
    """All of them, over the same targets."""

    videos: int
    plays: int
    targets: int
    rows: list[Rows]


def compare_rows(folder: Path, progress: Progress) -> RowsFound:
    """Fitted on the history's long views; targets are the events' long views of videos new to their viewer.

    Profiles stay as they are in the history: this compares rows, it is not the replay.

    Raises:
        DataRefused: there is no history of long views, or no target.
    """
    data = read_dataset(folder, {})
    profiles = _profiles(data)
    plays = Plays.of(1, ({place: 1 for place in own} for own in profiles.values()))
    viewers, targets = _targets(data, profiles)
    if not len(targets):
        raise DataRefused(f"{folder}: there is no long view in events by a viewer with long views in history")
    matrix, ridge = matrix_of(plays)
    found: list[Rows] = []
    exact: npt.NDArray[np.float64] | None = None
    for number, near in enumerate((None, *NEARS)):
        progress("rows", number, len(NEARS) + 1)
        began = time.process_time()
        if near is None:
            rows = fit_rows(plays)
        else:
            rows = ItemRows(1, np.unique(plays.videos), *local_rows(matrix, ridge, NEIGHBOURS, near))
        cpu_s = time.process_time() - began
        hits = hit(_ranks(rows, profiles, viewers, targets, len(data.videos.ids)), 10)
        exact = hits if exact is None else exact
        behind = paired_gain(exact, hits, viewers)
        found.append(Rows(near, round(cpu_s, 1), rounded(hits.mean()), *(rounded(value) for value in behind)))
    progress("rows", len(found), len(found))
    return RowsFound(len(np.unique(plays.videos)), len(plays.videos), len(targets), found)


def _profiles(data: Dataset) -> dict[int, list[int]]:
    pairs = data.history["long_view"]
    profiles: dict[int, list[int]] = {}
    for viewer, place in zip(pairs.viewers.tolist(), places_of(data, pairs.videos).tolist(), strict=True):
        profiles.setdefault(viewer, []).append(place)
    return profiles


def _targets(data: Dataset, profiles: dict[int, list[int]]) -> tuple[Int64s, Int64s]:
    events, places = data.events, places_of(data, data.events.videos)
    known = {(viewer, place) for viewer, own in profiles.items() for place in own}
    pairs: list[tuple[int, int]] = []
    for viewer, place, long in zip(events.viewers.tolist(), places.tolist(), events.long_views.tolist(), strict=True):
        if long and viewer in profiles and (viewer, place) not in known:
            known.add((viewer, place))
            pairs.append((viewer, place))
    found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _ranks(
    rows: ItemRows, profiles: dict[int, list[int]], viewers: Int64s, targets: Int64s, videos: int
) -> npt.NDArray[np.float64]:
    from scipy import sparse

    kept = rows.neighbours.shape[1]
    entries = (rows.weights_q24.ravel().astype(np.float64), rows.video_ids[rows.neighbours.ravel()])
    played = np.repeat(rows.video_ids, kept)
    weights = sparse.csr_array((entries[0], (played, entries[1])), shape=(videos, videos))
    ranks = np.empty(len(targets))
    scores: dict[int, npt.NDArray[np.float64]] = {}
    for at, (viewer, target) in enumerate(zip(viewers.tolist(), targets.tolist(), strict=True)):
        if viewer not in scores:
            own = profiles[viewer][::-1]
            scores = {viewer: weights[own].T @ recency_q16(len(own)).astype(np.float64)}
            scores[viewer][own] = -1
        ranks[at] = mid_rank(scores[viewer], target)
    return ranks
