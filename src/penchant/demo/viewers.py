"""Simulated viewers, so that taste has something to start from.

Each likes one or two themes, finishes most of what is of them and skips most of the rest; one, the witness, looks
into everything. What they do is a function of the seed, the viewer and the video alone, and so are the names of
their events: told twice, the log has them once. Only events tell of themes; nothing else does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

import numpy as np

from penchant.core.ids import SubjectId, VideoId
from penchant.events.model import NewEvent, Shown, Watch

CROWD = 120
_DAYS = 4
_DAY_MS = 86_400_000
_NAMES = UUID("5f4dd2f5-9d0b-5c3e-8f0a-3f1b6c1f2d10")
_SEED = 2026


@dataclass(frozen=True)
class Viewer:
    """One simulated viewer."""

    number: int
    subject: SubjectId
    themes: frozenset[str]
    """What they like; empty for the witness."""
    patience: float
    """How likely they finish what they like."""
    curiosity: float
    """How likely they finish something else."""


@dataclass(frozen=True)
class Watchable:
    """A video as the simulation knows it."""

    video: VideoId
    theme: str
    duration_ms: int


def crowd(themes: Sequence[str], size: int = CROWD, seed: int = _SEED) -> list[Viewer]:
    """The viewers; the first is the witness. Every theme is liked by about as many."""
    viewers = [Viewer(0, _subject(0), frozenset(), 0.0, 0.2)]
    for number in range(1, size):
        rng = np.random.default_rng([seed, 3, number])
        liked = {themes[number % len(themes)]}
        if rng.random() < 0.5:
            liked.add(themes[int(rng.integers(len(themes)))])
        patience, curiosity = float(rng.uniform(0.75, 0.95)), float(rng.uniform(0.03, 0.16))
        viewers.append(Viewer(number, _subject(number), frozenset(liked), patience, curiosity))
    return viewers


def witness() -> SubjectId:
    """The viewer whose history says which videos the crowd has been told about."""
    return _subject(0)


def subjects(size: int = CROWD) -> list[SubjectId]:
    """All that the simulation ever speaks for."""
    return [_subject(number) for number in range(size)]


def reactions(viewers: Sequence[Viewer], watchable: Watchable, now_ms: int, seed: int = _SEED) -> list[NewEvent]:
    """What the crowd did with one video over the days before `now_ms`, oldest first."""
    events: list[NewEvent] = []
    for viewer in viewers:
        events += _reaction(viewer, watchable, now_ms, seed)
    return sorted(events, key=lambda event: (event.occurred_at_ms, event.session, event.sequence))


def _reaction(viewer: Viewer, watchable: Watchable, now_ms: int, seed: int) -> list[NewEvent]:
    rng = np.random.default_rng([seed, 4, viewer.number, watchable.video & 0xFFFFFFFF, watchable.video >> 32])
    likes = watchable.theme in viewer.themes
    if viewer.themes and rng.random() > (0.75 if likes else 0.28):
        return []
    duration_ms = watchable.duration_ms
    if rng.random() < (viewer.patience if likes else viewer.curiosity):
        loops = int(rng.random() < 0.3) + int(rng.random() < 0.1)
        watched_ms = int(duration_ms * (loops + rng.uniform(1.0, 1.3)))
    elif likes:
        watched_ms = int(duration_ms * rng.uniform(0.25, 0.9))
    else:
        watched_ms = int(rng.uniform(300, 1800))
    shown_at_ms = now_ms - watched_ms - 1000 - int(rng.uniform(0, _DAYS * _DAY_MS))
    watch = Watch(
        video=watchable.video,
        context="feed",
        play=1,
        watched_ms=watched_ms,
        duration_ms=duration_ms,
        loops=watched_ms // max(duration_ms, 1),
        foreground_ms=watched_ms,
    )
    session = uuid5(_NAMES, f"{viewer.number} {watchable.video}")
    return [
        NewEvent(viewer.subject, session, 1, shown_at_ms, Shown(video=watchable.video, context="feed")),
        NewEvent(viewer.subject, session, 2, shown_at_ms + watched_ms, watch),
    ]


def _subject(number: int) -> SubjectId:
    return SubjectId(uuid5(_NAMES, f"viewer {number}"))
