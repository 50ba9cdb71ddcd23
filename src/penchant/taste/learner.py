"""The learner: a fold of the event log into counters and into who played what.

The state is a function of the log and of nothing else: batches of any size give the same state, refits are cut by
log position, time is the events' own. It is integers throughout, so equal logs give equal bytes (`state.digest`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from penchant.events.model import (
    Erased,
    InterestedAgain,
    Like,
    NotInterested,
    Published,
    Share,
    Shown,
    StoredEvent,
    Unlike,
    Watch,
    Withdrawn,
)
from penchant.taste.encounters import COUNTED, OPEN_HOURS, OUTCOME_MARKS, Encounter, Mark, Play, Viewer
from penchant.taste.labels import outcome
from penchant.taste.popularity import HALF_LIFE_HOURS, forward_weight, landmark
from penchant.taste.similar import Plays

HOUR_MS: Final = 3_600_000
LATE_AT_MOST_MS: Final = 24 * HOUR_MS
"""A client's clock is believed up to a day back, never forward."""
REFIT_AT_LEAST: Final = 32
REFIT_SHARE: Final = 50
"""Item-item rows are cut again after 32 changed positives, or a 50th of all of them if that is more."""


@dataclass(slots=True)
class Video:
    """What the log says of one video."""

    creator: int = 0
    published_at_ms: int = 0
    duration_ms: int = 0
    encoder: str = ""
    vector: bytes = b""
    listed: bool = False
    shown: int = 0
    played: int = 0
    long: int = 0
    recent: int = 0
    """Plays as a sum of forward weights."""


@dataclass(slots=True)
class State:
    """Everything that is learned. Written and read by `snapshot`, published by `publish`."""

    position: int = 0
    """Offset of the last event that is in it."""
    hour: int = 0
    """The latest hour at which the log received something a viewer did."""
    videos: dict[int, Video] = field(default_factory=dict)
    viewers: dict[UUID, Viewer] = field(default_factory=dict)
    positives: int = 0
    """Pairs of a viewer and a video that counts for them."""
    cut_position: int = 0
    """Log position of the last cut: item-item rows are learned from the positives as they were there."""
    since_cut: dict[tuple[UUID, int], int] = field(default_factory=dict)
    """What a viewer's video counted at the cut, where that changed since: with it the cut can be made up later."""
    rebuild_due: bool = False
    """Someone was erased: what was banked or cut from them is gone only after folding the log again."""

    @property
    def landmark_day(self) -> int:
        return landmark(self.hour // HALF_LIFE_HOURS)


class Learner:
    """Folds events into a state."""

    def __init__(self, state: State | None = None) -> None:
        self.state = state or State()
        self.catalog_version = 0
        """Counts changes of the catalogue since the start of this object, so that publishing can skip it."""

    def fold(self, events: Iterable[StoredEvent]) -> int:
        """Takes in events in the order of the log; those at or before its position are known and ignored.

        Returns how many were new.
        """
        count = 0
        for stored in events:
            if stored.offset <= self.state.position:
                continue
            count += 1
            self.state.position = stored.offset
            self._take(stored)
            if len(self.state.since_cut) >= max(REFIT_AT_LEAST, self.state.positives // REFIT_SHARE):
                self._cut()
        return count

    def _take(self, stored: StoredEvent) -> None:
        event = stored.event
        match event:
            case Watch():
                video = self._video(event.video)
                duration_ms = video.duration_ms or event.duration_ms
                marks = OUTCOME_MARKS[outcome(event.watched_ms, duration_ms)]
                play = Play(stored.session, event.play, stored.sequence, marks)
                known = self._encounter(stored, event.video)
                self._settle(stored.subject, event.video, known, known.with_play(play))
            case Shown():
                self._flag(stored, event.video, Mark.SHOWN, True)
            case Like():
                self._flag(stored, event.video, Mark.LIKED, True)
            case Unlike():
                self._flag(stored, event.video, Mark.LIKED, False)
            case Share():
                self._flag(stored, event.video, Mark.SHARED, True)
            case NotInterested(target="video"):
                self._flag(stored, event.target_id, Mark.REFUSED, True)
            case InterestedAgain(target="video"):
                self._flag(stored, event.target_id, Mark.REFUSED, False)
            case Published():
                video = self._video(event.video)
                video.creator = event.creator
                video.duration_ms = event.duration_ms
                video.encoder = event.encoder
                video.vector = event.vector
                video.published_at_ms = video.published_at_ms or stored.received_at_ms
                video.listed = True
                self.catalog_version += 1
            case Withdrawn():
                if event.video in self.state.videos:
                    self.state.videos[event.video].listed = False
                    self.catalog_version += 1
            case Erased():
                self._erase(event.subject)
            case _:
                pass

    def _video(self, video: int) -> Video:
        return self.state.videos.setdefault(video, Video())

    def _encounter(self, stored: StoredEvent, video: int) -> Encounter:
        """The open encounter, or a new one at the event's hour. Moves the log's time first: closing comes before."""
        hour = stored.received_at_ms // HOUR_MS
        if hour > self.state.hour:
            self._advance(hour)
        viewer = self.state.viewers.get(stored.subject)
        known = viewer.open.get(video) if viewer else None
        if known is not None:
            return known
        earliest_ms = stored.received_at_ms - LATE_AT_MOST_MS
        occurred_ms = min(max(stored.occurred_at_ms, earliest_ms), stored.received_at_ms)
        return Encounter(hour=occurred_ms // HOUR_MS, flags=0, plays=())

    def _flag(self, stored: StoredEvent, video: int, mark: int, on: bool) -> None:
        self._video(video)
        known = self._encounter(stored, video)
        viewer = self.state.viewers.get(stored.subject)
        strength = viewer.strength(video) if viewer is not None else 0
        if viewer is not None and not on:
            viewer.unbank(video, mark)
        flags = known.flags | mark if on else known.flags & ~mark
        self._settle(stored.subject, video, known, known._replace(flags=flags), strength)

    def _settle(
        self, subject: UUID, video: int, before: Encounter, after: Encounter, strength: int | None = None
    ) -> None:
        """Puts `after` in the place of `before` and moves the counters by their difference."""
        viewer = self.state.viewers.get(subject)
        if viewer is None:
            viewer = self.state.viewers[subject] = Viewer()
        if strength is None:
            strength = viewer.strength(video)
        viewer.put(video, after)
        self._count(video, before.hour, before.marks, -1)
        self._count(video, after.hour, after.marks, 1)
        if (new_strength := viewer.strength(video)) != strength:
            self.state.since_cut.setdefault((subject, video), strength)
            self.state.positives += bool(new_strength) - bool(strength)
        if not viewer.open and not viewer.banked:
            del self.state.viewers[subject]

    def _count(self, video: int, hour: int, marks: int, sign: int) -> None:
        if not marks & COUNTED:
            return
        record = self.state.videos[video]
        record.shown += sign
        if marks & Mark.PLAYED:
            record.played += sign
            record.recent += sign * forward_weight(hour, self.state.landmark_day)
        if marks & Mark.LONG:
            record.long += sign

    def _advance(self, hour: int) -> None:
        """Moves the log's time: rescales decayed counters at a new landmark, closes encounters once a day."""
        day_before, landmark_before = self.state.hour // 24, self.state.landmark_day
        self.state.hour = hour
        if (shift := self.state.landmark_day - landmark_before) > 0 and landmark_before > 0:
            for video in self.state.videos.values():
                video.recent >>= shift
        if hour // 24 > day_before:
            for subject, viewer in list(self.state.viewers.items()):
                viewer.close_before(hour // 24 * 24 - OPEN_HOURS)
                if not viewer.open and not viewer.banked:
                    del self.state.viewers[subject]

    def _erase(self, subject: UUID) -> None:
        viewer = self.state.viewers.get(subject)
        if viewer is None:
            return
        self.state.positives -= len(viewer.positives())
        for video, encounter in viewer.open.items():
            self._count(video, encounter.hour, encounter.marks, -1)
        del self.state.viewers[subject]
        self.state.rebuild_due = True
        # A new cut at once: the one before still had them.
        self._cut()

    def _cut(self) -> None:
        self.state.cut_position = self.state.position
        self.state.since_cut = {}


def plays_at_cut(state: State) -> Plays:
    """Who had played what at the last cut: the positives of now, with every change since then taken back."""
    rows = {subject: viewer.positives() for subject, viewer in state.viewers.items()}
    for (subject, video), strength in state.since_cut.items():
        row = rows.setdefault(subject, {})
        if strength:
            row[video] = strength
        else:
            row.pop(video, None)
    return Plays.of(state.cut_position, rows.values())
