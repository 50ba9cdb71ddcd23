"""What became of a shown video: labels for the heads, joined from its page and what followed within ten minutes.

An outcome waits in the log's own time, so that its labels are a function of the log. So a like that comes later
amends what was learned, as long as the example is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias
from uuid import UUID

import numpy as np

from penchant.events.model import Shown, StoredEvent, Watch
from penchant.taste.blend import Float32s
from penchant.taste.encounters import Awaited, Encounter, Mark, Viewer
from penchant.taste.heads import HEADS
from penchant.taste.live import PageList
from penchant.taste.state import State
from penchant.taste.watch_times import WatchTimes

WAIT_MINUTES: Final = 10
"""What a viewer does later amends the label."""
AWAITED_AT_MOST: Final = 64
"""Of one viewer; there are no more in ten minutes that are really looked at."""
OUTCOMES_A_MINUTE_OF_ALL: Final = 2_400
"""Of everybody, that the heads learn from."""
Pages: TypeAlias = Callable[[int], PageList | None]
"""From the id of a page to what it was drawn from; None where its record is gone."""

MARKED: Final = {"long": Mark.LONG, "like": Mark.LIKED, "share": Mark.SHARED, "dislike": Mark.REFUSED}
"""Heads whose label is a mark of the encounter."""


def labels_of(awaited: Awaited, marks: int, times: WatchTimes) -> Float32s:
    """(N,) labels of the heads for an outcome, by the marks of its encounter."""
    labels = np.zeros(len(HEADS), dtype=np.float32)
    for place, head in enumerate(HEADS):
        if head in MARKED:
            labels[place] = bool(marks & MARKED[head])
        elif head == "skip":
            labels[place] = not marks & Mark.PLAYED
        elif head == "watch":
            share = times.add(awaited.watched_ms, awaited.duration_ms)
            labels[place] = np.nan if share is None else share
        if awaited.flags >> place & 1:
            labels[place] = 1
    return labels


class Outcomes:
    """Waits for what became of what was shown, and lets the heads learn from it."""

    def __init__(self, state: State, pages: Pages) -> None:
        self._state = state
        self._pages = pages

    def wait_for(self, stored: StoredEvent, event: Watch | Shown, viewer: Viewer, before: Encounter) -> None:
        """The outcome of a video that is shown for the first time is waited for; a watch that goes on is noted."""
        if viewer.forgotten:
            return
        awaited = viewer.awaited.get(event.video)
        if awaited is None:
            first = not before.flags and not before.plays
            if not first or event.page is None or event.slot is None or len(viewer.awaited) >= AWAITED_AT_MOST:
                return
            awaited = Awaited(self._state.minute, event.page, event.slot)
            self._state.awaiting.append((self._state.minute, stored.subject, event.video))
        if isinstance(event, Watch):
            duration_ms = self._state.videos.duration_ms(event.video) or event.duration_ms
            awaited = awaited._replace(watched_ms=max(awaited.watched_ms, event.watched_ms), duration_ms=duration_ms)
        viewer.awaited[event.video] = awaited

    def settle(self) -> None:
        """The heads learn from what was shown long enough ago: the first ones, where there are too many."""
        live, taken = self._state.live, 0
        while self._state.awaiting and self._state.awaiting[0][0] + WAIT_MINUTES <= self._state.minute:
            minute, subject, video = self._state.awaiting.popleft()
            viewer = self._state.viewers.get(subject)
            awaited = viewer.awaited.get(video) if viewer is not None else None
            if viewer is None or awaited is None or awaited.minute != minute:
                continue
            del viewer.awaited[video]
            known = viewer.open.get(video)
            if known is None or taken >= OUTCOMES_A_MINUTE_OF_ALL or (page := self._pages(awaited.page)) is None:
                continue
            labels = labels_of(awaited, known.marks, live.watch_times)
            taken += live.learn_outcome(page, awaited.slot, video, (subject, video), labels)

    def amend(self, subject: UUID, video: int, head: str, on: bool) -> None:
        """Something that no mark says of a video became known."""
        place = HEADS.index(head)
        viewer = self._state.viewers.get(subject)
        if viewer is not None and (awaited := viewer.awaited.get(video)) is not None:
            flags = awaited.flags | 1 << place if on else awaited.flags & ~(1 << place)
            viewer.awaited[video] = awaited._replace(flags=flags)
        else:
            self._state.live.heads.amend((subject, video), place, on)

    def amend_of_creator(self, subject: UUID, creator: int, head: str) -> None:
        """Something became known of a creator: it is said of the last of their videos that this viewer was shown."""
        viewer = self._state.viewers.get(subject)
        if viewer is None:
            return
        for video in (*reversed(viewer.awaited), *reversed(viewer.long)):
            if (record := self._state.videos.get(video)) is not None and record.creator == creator:
                self.amend(subject, video, head, True)
                return
