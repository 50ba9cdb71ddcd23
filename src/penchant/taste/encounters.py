"""What is kept of one viewer: an encounter per video, with everything needed to amend or take it back.

An encounter is open for a week: its plays can still change, so its marks stand apart from what was counted.
Then only what item-item rows learn from stays ("banked"). A video counts once per viewer while its encounter
is open, whatever number of times it was played: a flood from one viewer is one viewer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple
from uuid import UUID

from penchant.taste.factors import Float32s
from penchant.taste.labels import Outcome, looked_at, outcome

OPEN_HOURS: Final = 7 * 24
"""How long an encounter can be amended, in hours of the log's time."""


PLAYS_AT_MOST: Final = 16
"""Plays of one video by one viewer that can still be amended."""


class Mark:
    """Bits of what an encounter holds; written into snapshots. Plain integers: a flag enum is ten times slower."""

    SHOWN: Final = 1
    PLAYED: Final = 2
    LONG: Final = 4
    LIKED: Final = 8
    SHARED: Final = 16
    REFUSED: Final = 32
    LOOKED: Final = 64


_OUTCOME_MARKS: Final = {
    Outcome.SKIPPED: Mark.SHOWN,
    Outcome.PLAYED: Mark.SHOWN | Mark.PLAYED,
    Outcome.LONG: Mark.SHOWN | Mark.PLAYED | Mark.LONG,
}
COUNTED: Final = Mark.SHOWN | Mark.PLAYED | Mark.LONG | Mark.LIKED
_STRONG: Final = Mark.LONG | Mark.LIKED | Mark.SHARED
STRONG: Final = 3
"""What a long play, a like or a share counts in item-item rows, where a mere play counts 1."""


def marks_of(watched_ms: int, duration_ms: int) -> int:
    """What a watch says."""
    looked = Mark.LOOKED if looked_at(watched_ms, duration_ms) else 0
    return _OUTCOME_MARKS[outcome(watched_ms, duration_ms)] | looked


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
    """Marks that no open play makes: shown, liked, shared, refused; and those of plays that are settled."""
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
        if len(self.plays) < PLAYS_AT_MOST:
            return self._replace(plays=(*self.plays, new))
        # The one that was amended longest ago is settled: what it said stays for good.
        settled, *others = self.plays
        return self._replace(flags=self.flags | settled.marks, plays=(*others, new))


class Banked(NamedTuple):
    """What stays of a closed encounter."""

    hour: int
    marks: int


class Awaited(NamedTuple):
    """A shown video whose outcome is not known yet."""

    minute: int
    """Of the log's time, when it was first shown."""
    page: int
    slot: int
    watched_ms: int = 0
    """The longest of its plays so far."""
    duration_ms: int = 0
    flags: int = 0
    """Bits of heads that no mark says: 1 << place in `heads.HEADS`."""


def strength_of(marks: int) -> int:
    """What a video with these marks counts: 0 if it was skipped or refused, 1 if played, `STRONG` if more."""
    if marks & Mark.REFUSED:
        return 0
    if marks & _STRONG:
        return STRONG
    return 1 if marks & Mark.PLAYED else 0


@dataclass(slots=True)
class Viewer:
    """All encounters of one subject, by video."""

    open: dict[int, Encounter] = field(default_factory=dict)
    banked: dict[int, Banked] = field(default_factory=dict)
    long: list[int] = field(default_factory=list)
    """The last distinct videos that were watched long, the oldest first."""
    minute: int = 0
    """The minute of the log's time that the next two are of."""
    looks: int = 0
    """Videos that began to count as looked at."""
    examples: int = 0
    """Lists that the blend learned from."""
    awaited: dict[int, Awaited] = field(default_factory=dict)
    """Videos shown in the last minutes, whose outcome is not known yet."""
    direction: Float32s | None = None
    """Of `long` by the present taste vectors, where it was made already."""

    @property
    def forgotten(self) -> bool:
        """Nothing is left of them."""
        return not self.open and not self.banked

    def watched_long(self, video: int, most: int) -> None:
        """The newest of `long`, of which at most so many stay."""
        if video in self.long:
            return
        self.long.append(video)
        del self.long[:-most]
        self.direction = None

    def refused(self, video: int) -> None:
        """It says nothing of their taste any more."""
        if video in self.long:
            self.long.remove(video)
            self.direction = None

    def put(self, video: int, encounter: Encounter) -> None:
        """Sets the open encounter with a video; one without anything in it is taken away."""
        if encounter.flags or encounter.plays:
            self.open[video] = encounter
        else:
            self.open.pop(video, None)

    def unbank(self, video: int, mark: int) -> None:
        """Takes a mark back from what is banked."""
        if (banked := self.banked.get(video)) is None:
            return
        if marks := banked.marks & ~mark:
            self.banked[video] = banked._replace(marks=marks)
        else:
            del self.banked[video]

    def said(self, video: int) -> int:
        """All marks of the video that stand: those of the open encounter and what is banked."""
        encounter, banked = self.open.get(video), self.banked.get(video)
        return (encounter.marks if encounter is not None else 0) | (banked.marks if banked is not None else 0)

    def strength(self, video: int) -> int:
        """What the video counts for this viewer, as `strength_of`."""
        return strength_of(self.said(video))

    def positives(self) -> dict[int, int]:
        """Every video that counts, with what it counts, in no order."""
        videos = self.open.keys() | self.banked.keys()
        return {video: strength for video in videos if (strength := self.strength(video))}

    def close_before(self, hour: int) -> None:
        """Banks encounters that began before that hour; what no row can learn from is dropped."""
        for video in [video for video, encounter in self.open.items() if encounter.hour < hour]:
            encounter = self.open.pop(video)
            known = self.banked.get(video)
            marks = (encounter.marks | (known.marks if known else 0)) & ~(Mark.SHOWN | Mark.LOOKED)
            if marks:
                self.banked[video] = Banked(encounter.hour, marks)
