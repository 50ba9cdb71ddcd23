"""The learner: a fold of the event log into counters, into who played what, and into what is live.

The state is a function of the log and of nothing else: batches of any size give the same state, refits are cut by
log position, time is the events' own. So equal logs give equal bytes (`snapshot.digest`).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final
from uuid import UUID

from penchant.events.model import (
    Block,
    Erased,
    Follow,
    InterestedAgain,
    Like,
    NotInterested,
    Published,
    Report,
    Share,
    Shown,
    StoredEvent,
    Unlike,
    Watch,
    Withdrawn,
)
from penchant.taste.context import moment
from penchant.taste.encounters import COUNTED, OPEN_HOURS, Encounter, Mark, Play, Viewer, marks_of, strength_of
from penchant.taste.heads import HEADS
from penchant.taste.live import FEED, AtOnce, Begun, Fitter, newest_of
from penchant.taste.outcomes import MARKED, Outcomes, Pages
from penchant.taste.parts import PROFILE
from penchant.taste.similar import Plays
from penchant.taste.state import State

HOUR_MS: Final = 3_600_000
LATE_AT_MOST_MS: Final = 24 * HOUR_MS
"""A client's clock is believed up to a day back, never forward."""
REFIT_AT_LEAST: Final = 32
REFIT_SHARE: Final = 50
"""Item-item rows are cut again after 32 changed positives, or a 50th of all of them if that is more."""
STANDING_GROWTH_PERCENT: Final = 150
"""Taste vectors are begun anew on each day with news, and when positives have grown to this."""
MINUTE_MS: Final = 60_000
LOOKS_A_MINUTE: Final = 30
"""Of one viewer; there are no more looks of two seconds in a minute."""
EXAMPLES_A_MINUTE: Final = 12
"""Of one viewer, that the blend learns from."""
EXAMPLES_A_MINUTE_OF_ALL: Final = 1_200
"""Of everybody; the blend learns from a sample where more is going on."""
_ANY: Final = Mark.SHOWN | Mark.PLAYED | Mark.LONG
PAGES_KEPT: Final = 256
"""Pages at hand: what is shown comes from the same few again and again."""


class Learner:
    """Folds events into a state."""

    def __init__(self, state: State | None = None, pages: Pages = lambda _: None, fitter: Fitter | None = None) -> None:
        """Goes on from a state, or begins at the log's beginning."""
        self.state = state or State()
        self._pages = lru_cache(PAGES_KEPT)(pages)
        self._outcomes = Outcomes(self.state, self._pages)
        self._fitter = fitter or AtOnce()
        if self.state.live.begun is not None:
            self._fitter.begin(self.state.live.begun.plays)

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
            self._follow_standing()
            self.state.live.follow_base()
        return count

    def _take(self, stored: StoredEvent) -> None:
        event = stored.event
        match event:
            case Watch():
                self.state.videos.add(event.video)
                marks = marks_of(event.watched_ms, self.state.videos.duration_ms(event.video) or event.duration_ms)
                play = Play(stored.session, event.play, stored.sequence, marks)
                viewer, known = self._encounter(stored, event.video)
                self._settle(stored, event.video, viewer, known, known.with_play(play))
                self._outcomes.wait_for(stored, event, viewer, known)
            case Shown():
                self._outcomes.wait_for(stored, event, *self._flag(stored, event.video, Mark.SHOWN, True))
            case Like():
                self._flag(stored, event.video, Mark.LIKED, True)
            case Unlike():
                self._flag(stored, event.video, Mark.LIKED, False)
            case Share():
                self._flag(stored, event.video, Mark.SHARED, True)
            case NotInterested(target="video"):
                self._flag(stored, event.target_id, Mark.REFUSED, True)
            case NotInterested(target="creator") | Report(target="account"):
                self._outcomes.amend_of_creator(stored.subject, event.target_id, "dislike")
            case Block():
                self._outcomes.amend_of_creator(stored.subject, event.creator, "dislike")
            case Follow():
                self._outcomes.amend_of_creator(stored.subject, event.creator, "follow")
            case Report(target="video"):
                self._outcomes.amend(stored.subject, event.target_id, "dislike", True)
            case InterestedAgain(target="video"):
                self._flag(stored, event.target_id, Mark.REFUSED, False)
            case Published():
                self.state.videos.publish(
                    event.video, event.creator, stored.received_at_ms, event.duration_ms, event.encoder, event.vector
                )
            case Withdrawn():
                self.state.videos.withdraw(event.video)
            case Erased():
                self._erase(event.subject)
            case _:
                pass

    def _encounter(self, stored: StoredEvent, video: int) -> tuple[Viewer, Encounter]:
        """The viewer, and the open encounter or a new one at the event's hour.

        Moves the log's time first: closing comes before. Subjects are slow to look up, so the viewer is passed on.
        """
        hour = stored.received_at_ms // HOUR_MS
        if hour > self.state.hour:
            self._advance(hour)
        if (minute := stored.received_at_ms // MINUTE_MS) > self.state.minute:
            self.state.minute, self.state.examples = minute, 0
            self._outcomes.settle()
        viewer = self.state.viewers.get(stored.subject)
        if viewer is None:
            viewer = self.state.viewers[stored.subject] = Viewer()
        known = viewer.open.get(video)
        return viewer, known or Encounter(hour=believed_ms(stored) // HOUR_MS, flags=0, plays=())

    def _flag(self, stored: StoredEvent, video: int, mark: int, on: bool) -> tuple[Viewer, Encounter]:
        """Sets or takes back a mark; returns the viewer, and the encounter as it was before."""
        self.state.videos.add(video)
        viewer, known = self._encounter(stored, video)
        said = viewer.said(video)
        if not on:
            viewer.unbank(video, mark)
        flags = known.flags | mark if on else known.flags & ~mark
        self._settle(stored, video, viewer, known, known._replace(flags=flags), said)
        return viewer, known

    def _settle(
        self,
        stored: StoredEvent,
        video: int,
        viewer: Viewer,
        before: Encounter,
        after: Encounter,
        said_before: int | None = None,
    ) -> None:
        """Puts `after` in the place of `before` and moves the counters by their difference."""
        subject = stored.subject
        if said_before is None:
            said_before = viewer.said(video)
        viewer.put(video, after)
        marks, marks_before, said = after.marks, before.marks, viewer.said(video)
        self._count(video, _counted(marks_before, said_before), _counted(marks, said))
        if marks != marks_before:
            for head, mark in MARKED.items():
                if (marks ^ marks_before) & mark and video not in viewer.awaited:
                    self.state.live.heads.amend((subject, video), HEADS.index(head), bool(marks & mark))
        strength, new_strength = strength_of(said_before), strength_of(said)
        if new_strength != strength:
            self.state.since_cut.setdefault((subject, video), strength)
            self.state.positives += bool(new_strength) - bool(strength)
            self.state.changes += 1
        if gained := marks & ~marks_before:
            self._hear(stored, video, viewer, gained)
        if viewer.forgotten:
            del self.state.viewers[subject]

    def _count(self, video: int, before: int, after: int) -> None:
        """What a viewer and a video have by `_counted` was one thing and is another now."""
        if before == after:
            return
        moved = (
            bool(after & _ANY) - bool(before & _ANY),
            bool(after & Mark.PLAYED) - bool(before & Mark.PLAYED),
            bool(after & Mark.LONG) - bool(before & Mark.LONG),
            bool(after & Mark.LIKED) - bool(before & Mark.LIKED),
        )
        self.state.live.recount(video, self.state.videos.count(video, moved))

    def _hear(self, stored: StoredEvent, video: int, viewer: Viewer, gained: int) -> None:
        """What a viewer began to do with a video, into what is live: each once, when it becomes known."""
        live, at_ms = self.state.live, believed_ms(stored)
        if viewer.minute < self.state.minute:
            viewer.minute, viewer.looks, viewer.examples = self.state.minute, 0, 0
        event = stored.event
        in_feed = isinstance(event, Watch | Shown) and event.context == "feed"
        if gained & (Mark.SHOWN | Mark.LOOKED | Mark.LONG):
            # One viewer is heard only so often a minute.
            heard = viewer.looks < LOOKS_A_MINUTE
            shown, looked, long = (
                bool(gained & Mark.SHOWN),
                heard and bool(gained & Mark.LOOKED),
                heard and bool(gained & Mark.LONG),
            )
            place = live.place(video, self.state.videos.counts(video), at_ms)
            if shown and in_feed:
                live.served.add(place, at_ms)
            viewer.looks += looked
            if (looked or long) and viewer.direction is None:
                viewer.direction = live.direction(viewer.long)
            surface = FEED if in_feed else None
            live.signals.play(
                place,
                surface,
                at_ms,
                shown=shown,
                looked=looked,
                long=long,
                player=viewer.direction,
                moment=moment(len(viewer.long), at_ms),
            )
        if gained & Mark.LONG:
            if isinstance(event, Watch) and event.page is not None and event.slot is not None:
                self._learn(event.page, event.slot, video, viewer)
            viewer.watched_long(video, PROFILE)
        if gained & Mark.REFUSED:
            viewer.refused(video)

    def _learn(self, page: int, slot: int, video: int, viewer: Viewer) -> None:
        """The blend learns from the page, unless this viewer or everybody had their share of the minute."""
        state = self.state
        if viewer.examples >= EXAMPLES_A_MINUTE or state.examples >= EXAMPLES_A_MINUTE_OF_ALL:
            return
        found = self._pages(page)
        if found is None:
            return
        others = {int(found.video_ids[at]) for at in found.slots[:slot] if at >= 0}
        long = {id_ for id_ in others if id_ in viewer.open and viewer.open[id_].marks & Mark.LONG}
        if state.live.learn(found, slot, video, long):
            viewer.examples += 1
            state.examples += 1

    def _follow_standing(self) -> None:
        """Begins taste vectors where they are due, and lets those take effect that were begun long enough ago."""
        state = self.state
        if state.live.begun is not None and state.changes >= state.standing_changes:
            self._adopt()
        grown = 100 * state.positives > STANDING_GROWTH_PERCENT * state.standing_positives + 100 * REFIT_AT_LEAST
        another_day = state.hour // 24 != state.standing_day and (state.since_cut or state.standing_day < 0)
        if not grown and not another_day:
            return
        if state.live.begun is not None:
            self._adopt()
        profiles = [viewer.long for viewer in state.viewers.values() if viewer.long]
        plays = Plays.of(state.position, (viewer.positives() for viewer in state.viewers.values()))
        state.live.begun = Begun(plays, newest_of(profiles))
        self._fitter.begin(plays)
        state.standing_day, state.standing_positives = state.hour // 24, state.positives
        state.standing_changes = state.changes + state.positives // REFIT_SHARE
        if state.changes >= state.standing_changes:
            self._adopt()

    def _adopt(self) -> None:
        self.state.live.adopt(self._fitter)
        for viewer in self.state.viewers.values():
            viewer.direction = None

    def _advance(self, hour: int) -> None:
        """Moves the log's time: closes encounters once a day."""
        day_before = self.state.hour // 24
        self.state.hour = hour
        if hour // 24 > day_before:
            for subject, viewer in list(self.state.viewers.items()):
                viewer.close_before(hour // 24 * 24 - OPEN_HOURS)
                if viewer.forgotten:
                    del self.state.viewers[subject]

    def _erase(self, subject: UUID) -> None:
        viewer = self.state.viewers.get(subject)
        if viewer is None:
            return
        self.state.positives -= len(viewer.positives())
        for video in viewer.open.keys() | viewer.banked.keys():
            encounter = viewer.open.get(video)
            self._count(video, _counted(encounter.marks if encounter else 0, viewer.said(video)), 0)
        del self.state.viewers[subject]
        self.state.live.heads.forget(subject)
        self.state.rebuild_due = True
        # A new cut at once, and new taste vectors: those before still had them.
        self._cut()
        self.state.standing_day = -1

    def _cut(self) -> None:
        self.state.cut_position = self.state.position
        self.state.since_cut = {}


def _counted(marks: int, said: int) -> int:
    """Of an encounter's marks those that counters know. A like stands until it is taken back: it counts once."""
    return (marks & COUNTED & ~Mark.LIKED) | (said & Mark.LIKED)


def believed_ms(stored: StoredEvent) -> int:
    """When it happened, as far as the client is believed."""
    earliest_ms = stored.received_at_ms - LATE_AT_MOST_MS
    return min(max(stored.occurred_at_ms, earliest_ms), stored.received_at_ms)


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
