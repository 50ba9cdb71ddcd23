"""An event log in memory, written by hand: for folds that need a log and no database."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from penchant.core.ids import SubjectId
from penchant.events.model import (
    SYSTEM,
    Event,
    NewEvent,
    Published,
    StoredEvent,
    Watch,
)

START_MS = 1_790_000_000_000
CLIP_MS = 6_000


@dataclass
class MemoryLog:
    """An EventLog in memory."""

    events: list[StoredEvent] = field(default_factory=list)
    now_ms: int = START_MS

    def add(self, subject: int, event: Event, session: int = 0, sequence: int | None = None) -> StoredEvent:
        """One event now; subject 0 is the system."""
        offset = self.events[-1].offset + 1 if self.events else 1
        stored = StoredEvent(
            offset=offset,
            subject=SubjectId(UUID(int=subject)) if subject else SYSTEM,
            session=UUID(int=session or subject),
            sequence=sequence or offset,
            occurred_at_ms=self.now_ms,
            received_at_ms=self.now_ms,
            event=event,
        )
        self.events.append(stored)
        return stored

    def watch(self, subject: int, video: int, play: int, watched_ms: int) -> None:
        """A watch of a clip of six seconds."""
        self.add(
            subject,
            Watch(video=video, context="feed", play=play, watched_ms=watched_ms, duration_ms=CLIP_MS),
        )

    def append(self, events: Sequence[NewEvent]) -> list[StoredEvent]:
        """Idempotent by (session, sequence)."""
        known = {(stored.session, stored.sequence): stored for stored in self.events}
        found = []
        for new in events:
            if (stored := known.get((new.session, new.sequence))) is None:
                stored = StoredEvent(
                    self.last_offset() + 1,
                    new.subject,
                    new.session,
                    new.sequence,
                    new.occurred_at_ms,
                    self.now_ms,
                    new.event,
                )
                self.events.append(stored)
                known[new.session, new.sequence] = stored
            found.append(stored)
        return found

    def read(self, after_offset: int, limit: int) -> list[StoredEvent]:
        first = bisect_right(self.events, after_offset, key=lambda event: event.offset)
        return self.events[first : first + limit]

    def read_subject(self, subject: SubjectId, after_offset: int, limit: int) -> list[StoredEvent]:
        return [event for event in self.read(after_offset, 1 << 40) if event.subject == subject][:limit]

    def last_offset(self) -> int:
        return self.events[-1].offset if self.events else 0

    def erase_subject(self, subject: SubjectId) -> int:
        return self._keep([event for event in self.events if event.subject != subject])

    def erase_publications(self, videos: Sequence[int]) -> int:
        gone = set(videos)
        return self._keep(
            [one for one in self.events if not (isinstance(one.event, Published) and one.event.video in gone)]
        )

    def _keep(self, kept: list[StoredEvent]) -> int:
        gone = len(self.events) - len(kept)
        self.events = kept
        return gone


def published(video: int, creator: int = 1, vector: bytes = b"", encoder: str = "basic-1") -> Published:
    """A clip of six seconds."""
    return Published(
        video=video,
        creator=creator,
        sound=None,
        duration_ms=CLIP_MS,
        language="en",
        encoder=encoder,
        vector=vector,
    )
