"""What followed a page: which of its slots were shown, and for how long they were watched.

Joined from the page record and the viewer's events that name the page and the slot (the page's signed tokens vouch for
them). Of a play that is told again and again the last word counts.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from penchant.core.clock import as_ms
from penchant.core.ids import SubjectId
from penchant.events.model import Shown, StoredEvent, Watch
from penchant.events.ports import EventLog
from penchant.feed.effects.record import Stood, read_record, stood_of
from penchant.feed.records import PageRow
from penchant.taste.labels import Outcome, outcome

BATCH = 2_000


@dataclass(frozen=True, slots=True)
class FollowedSlot:
    """A slot of a page, and what became of it."""

    video: int
    candidate: int
    """Its place among the candidates of the record."""
    arm: str
    """The rule that drew it."""
    team: int
    """Which team of an interleaving drafted it; -1: neither."""
    shown: bool
    watched_ms: int
    long: bool


@dataclass(frozen=True, slots=True)
class FollowedPage:
    """A page, and what became of it."""

    subject: SubjectId
    served_at_ms: int
    experiments: tuple[str, ...]
    """The viewer's arms, each as `experiment:arm`."""
    fields: dict[str, Any]
    """Of the page record."""
    slots: tuple[FollowedSlot, ...]

    @property
    def stood(self) -> list[Stood]:
        """Where each slot's candidate stood among the others."""
        return stood_of(self.fields)

    @property
    def shown(self) -> list[FollowedSlot]:
        """The slots that were shown."""
        return [slot for slot in self.slots if slot.shown]


def followed_up(log: EventLog, rows: Iterable[PageRow], within_ms: int | None = None) -> Iterator[FollowedPage]:
    """Pages with what followed them.

    Args:
        rows: of the table of page records, those of one subject together.
        within_ms: what reached the log later than so long after the viewer's first of these pages does not count.
    """
    for subject, group in groupby(rows, key=lambda row: row.subject_id):
        own = [(row, read_record(row.record)) for row in group]
        after = min(fields["history_offset"] for _, fields in own)
        until_ms = None if within_ms is None else min(as_ms(row.served_at) for row, _ in own) + within_ms
        events = [
            event for event in _events(log, subject, after) if until_ms is None or event.received_at_ms < until_ms
        ]
        shown, plays = _of_slots(events)
        for row, fields in own:
            yield _page(row, fields, shown, plays)


def _events(log: EventLog, subject: SubjectId, after: int) -> Iterator[StoredEvent]:
    while events := log.read_subject(subject, after, BATCH):
        yield from events
        after = events[-1].offset


_Place = tuple[int, int]
"""Page and slot."""


def _of_slots(events: Iterable[StoredEvent]) -> tuple[set[_Place], dict[_Place, list[Watch]]]:
    """Slots that were shown, and the last word of each of their plays."""
    shown: set[_Place] = set()
    last: dict[tuple[UUID, int], tuple[int, Watch]] = {}
    for stored in events:
        event = stored.event
        if not isinstance(event, Shown | Watch) or event.page is None or event.slot is None:
            continue
        shown.add((event.page, event.slot))
        if isinstance(event, Watch):
            play = (stored.session, event.play)
            if play not in last or last[play][0] < stored.sequence:
                last[play] = stored.sequence, event
    plays: dict[_Place, list[Watch]] = {}
    for _, watch in last.values():
        if watch.page is not None and watch.slot is not None:
            plays.setdefault((watch.page, watch.slot), []).append(watch)
    return shown, plays


def _page(row: Any, fields: dict[str, Any], shown: set[_Place], plays: dict[_Place, list[Watch]]) -> FollowedPage:
    teams: Sequence[int] = fields.get("teams", {}).get("slots") or [-1] * len(fields["slots"])
    slots = []
    for number, (candidate, arm, *_) in enumerate(fields["slots"]):
        place = (row.id, number)
        watches = plays.get(place, [])
        best = max((outcome(watch.watched_ms, watch.duration_ms) for watch in watches), default=Outcome.SKIPPED)
        slots.append(
            FollowedSlot(
                video=row.video_ids[number],
                candidate=candidate,
                arm=arm,
                team=teams[number],
                shown=place in shown,
                watched_ms=sum(watch.watched_ms for watch in watches),
                long=best is Outcome.LONG,
            )
        )
    served_at_ms = as_ms(row.served_at)
    return FollowedPage(SubjectId(row.subject_id), served_at_ms, tuple(row.experiments), fields, tuple(slots))
