"""What is kept of one viewer: an encounter per video, with everything needed to amend or take it back.

An encounter is open for a week: its plays can still change, so its marks stand apart from what was counted.
Then only what item-item rows learn from stays ("banked"). A video counts once per viewer while its encounter
is open, whatever number of times it was played: a flood from one viewer is one viewer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntFlag
from typing import Final, NamedTuple
from uuid import UUID

from penchant.taste.labels import Outcome

OPEN_HOURS: Final = 7 * 24
"""How long an encounter can be amended, in hours of the log's time."""


class Mark(IntFlag):
    """What an encounter holds; the values are written into snapshots."""

    SHOWN = 1
    PLAYED = 2
    LONG = 4
    LIKED = 8
    SHARED = 16
    REFUSED = 32


OUTCOME_MARKS: Final = {
    Outcome.SKIPPED: Mark.SHOWN,
    Outcome.PLAYED: Mark.SHOWN | Mark.PLAYED,
    Outcome.LONG: Mark.SHOWN | Mark.PLAYED | Mark.LONG,
}
COUNTED: Final = int(Mark.SHOWN | Mark.PLAYED | Mark.LONG)
_STRONG: Final = int(Mark.LONG | Mark.LIKED | Mark.SHARED)
STRONG: Final = 3
"""What a long play, a like or a share counts in item-item rows, where a mere play counts 1."""


class Play(NamedTuple):
    """The last known state of one play: of several watches, the one with the highest sequence number."""

    session: UUID
    number: int
    sequence: int
    marks: int


class Encounter(NamedTuple):
    """One viewer and one video. `hour` (of the Unix era) is that of its first event and never moves."""

    hour: int
    flags: int
    """Marks that no play makes: shown, liked, shared, refused."""
    plays: tuple[Play, ...]

    @property
    def marks(self) -> int:
        """Everything that stands now."""
        marks = self.flags
        for play in self.plays:
            marks |= play.marks
        return marks

    def with_play(self, new: Play) -> Encounter:
        """With a play added or amended; an older value than the known one changes nothing."""
        for known in self.plays:
            if known.session == new.session and known.number == new.number:
                if new.sequence <= known.sequence:
                    return self
                return self._replace(plays=(*(play for play in self.plays if play is not known), new))
        return self._replace(plays=(*self.plays, new))


class Banked(NamedTuple):
    """What stays of a closed encounter."""

    hour: int
    marks: int


@dataclass(slots=True)
class Viewer:
    """All encounters of one subject, by video."""

    open: dict[int, Encounter] = field(default_factory=dict)
    banked: dict[int, Banked] = field(default_factory=dict)

    def strength(self, video: int) -> int:
        """What the video counts for this viewer: 0 if it was skipped or refused, 1 if played, `STRONG` if more."""
        marks = 0
        if (encounter := self.open.get(video)) is not None:
            marks |= encounter.marks
        if (banked := self.banked.get(video)) is not None:
            marks |= banked.marks
        if marks & Mark.REFUSED:
            return 0
        if marks & _STRONG:
            return STRONG
        return 1 if marks & Mark.PLAYED else 0

    def positives(self, at_most: int) -> list[tuple[int, int]]:
        """The newest videos that count, as (video id, strength), ascending."""
        hours = {video: banked.hour for video, banked in self.banked.items()}
        hours.update((video, encounter.hour) for video, encounter in self.open.items())
        counted = [(video, strength) for video in hours if (strength := self.strength(video))]
        if len(counted) > at_most:
            counted = sorted(counted, key=lambda pair: (hours[pair[0]], pair))[-at_most:]
        return sorted(counted)

    def close_before(self, hour: int) -> None:
        """Banks encounters that began before that hour; what no row can learn from is dropped."""
        for video in [video for video, encounter in self.open.items() if encounter.hour < hour]:
            encounter = self.open.pop(video)
            known = self.banked.get(video)
            marks = (encounter.marks | (known.marks if known else 0)) & ~int(Mark.SHOWN)
            if marks:
                self.banked[video] = Banked(encounter.hour, marks)
