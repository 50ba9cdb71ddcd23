"""What the learner knows: a function of the log and of nothing else. `learner` folds it, `snapshot` keeps it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from uuid import UUID

from penchant.taste.encounters import Viewer
from penchant.taste.live import Live
from penchant.taste.videos import Videos


@dataclass(slots=True)
class State:
    """Everything that is learned. Written and read by `snapshot`, published by `publish`."""

    position: int = 0
    """Offset of the last event that is in it."""
    hour: int = 0
    """The latest hour at which the log received something a viewer did."""
    videos: Videos = field(default_factory=Videos)
    viewers: dict[UUID, Viewer] = field(default_factory=dict)
    positives: int = 0
    """Pairs of a viewer and a video that counts for them."""
    cut_position: int = 0
    """Log position of the last cut: item-item rows are learned from the positives as they were there."""
    since_cut: dict[tuple[UUID, int], int] = field(default_factory=dict)
    """What a viewer's video counted at the cut, where that changed since: with it the cut can be made up later."""
    rebuild_due: bool = False
    """Someone was erased: what was banked or cut from them is gone only after folding the log again."""
    live: Live = field(default_factory=Live)
    minute: int = 0
    """The latest minute at which the log received something a viewer did."""
    examples: int = 0
    """Lists of that minute that the blend learned from."""
    awaiting: deque[tuple[int, UUID, int]] = field(default_factory=deque)
    """Minute, subject and video of what was shown and is not settled yet, in the order of the log."""
    changes: int = 0
    """How often what a pair counts has changed."""
    standing_day: int = 0
    """The day on which taste vectors were begun last; -1: they are due."""
    standing_positives: int = 0
    """Positives then."""
    standing_changes: int = 0
    """They take effect when `changes` has reached this."""
