"""The event log as the rest of Penchant sees it: PostgreSQL today, Kafka where a market outgrows it."""

from collections.abc import Sequence
from typing import Protocol

from penchant.core.ids import SubjectId
from penchant.events.model import NewEvent, StoredEvent


class EventLog(Protocol):
    """An append-only, totally ordered log. It promises append, then projection: never a joint transaction."""

    def append(self, events: Sequence[NewEvent]) -> list[StoredEvent]:
        """Write events durably and return them at their places, in the order given.

        Idempotent: of an event whose (session, sequence) is known already, the stored one is returned.
        A reader that has seen offset n has seen every event before n: offsets become visible in order.

        Raises:
            Unavailable: the log cannot be reached; nothing is acknowledged.
        """
        ...

    def read(self, after_offset: int, limit: int) -> list[StoredEvent]:
        """Up to `limit` events whose offset is above `after_offset`, oldest first."""
        ...

    def read_subject(self, subject: SubjectId, after_offset: int, limit: int) -> list[StoredEvent]:
        """The same for one subject."""
        ...

    def last_offset(self) -> int:
        """The offset of the newest event, 0 for an empty log."""
        ...

    def erase_subject(self, subject: SubjectId) -> int:
        """Delete every event of a subject; returns how many there were. Offsets of others stay."""
        ...

    def erase_publications(self, videos: Sequence[int]) -> int:
        """Delete every `published` of these videos, which say whose and what like they were; returns how many."""
        ...
