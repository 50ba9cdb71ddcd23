"""A viewer's history: a projection of the log, merged in before an event is acknowledged.

The merge is commutative and idempotent (see `repository`), so an event that is delivered twice, late or out of
order leaves the same history, and folding the whole log again gives the same rows.

What a viewer takes out of their history cannot be merged: it depends on what came before. So their whole history is
then folded from the log again, which has everything by now, and says up to where it was: what comes late and lies
before that is in it already.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from penchant.core.database import Connection, Engine
from penchant.core.ids import SubjectId
from penchant.events import repository
from penchant.events.model import (
    Comment,
    DislikeTarget,
    HistoryRemoved,
    InterestedAgain,
    Like,
    NotInterested,
    Share,
    Shown,
    StoredEvent,
    TasteReset,
    Unlike,
    Watch,
)
from penchant.events.ports import EventLog

RECENT = 300
"""How many of the last videos are read as an input of taste."""
_BATCH = 2_000


@dataclass(frozen=True)
class HistoryVideo:
    """What a viewer did with one video."""

    video: int
    last_at_ms: int
    shown: bool
    watched_ms: int
    """The most that was watched in one play, loops included."""
    duration_ms: int
    liked: bool
    shared: bool
    commented: bool


@dataclass(frozen=True)
class History:
    """What a page needs to know of its viewer's past."""

    recent: tuple[HistoryVideo, ...]
    """Newest first, at most `RECENT`."""
    seen: frozenset[int]
    """Every video that was shown or watched, ever; those too that were taken out of the history."""
    dislikes: frozenset[tuple[DislikeTarget, str]]
    """(target, id as digits or hashtag)."""
    offset: int
    """Of the newest event in it, 0 where there is none: up to here the log gives the same history again."""
    taken_out: int = 0
    """How many of `seen` are no input any more."""


class HistoryService:
    """Projects events and reads histories."""

    def __init__(self, engine: Engine, log: EventLog) -> None:
        self._engine = engine
        self._log = log

    def project(self, events: Sequence[StoredEvent]) -> None:
        """Merge events, which the log has, into the histories of their subjects."""
        self._merge(events)
        for subject in _who_took_out(events):
            self._fold_again(subject)

    def rebuild(self, batch: int = 5_000) -> int:
        """Empty the projection and fold the whole log again; returns the offset it stands at."""
        with self._engine.begin() as connection:
            repository.clear(connection)
        offset = 0
        again: set[SubjectId] = set()
        while events := self._log.read(offset, batch):
            self._merge(events)
            again |= _who_took_out(events)
            offset = events[-1].offset
        for subject in again:
            self._fold_again(subject)
        return offset

    def _merge(self, events: Sequence[StoredEvent]) -> None:
        videos, dislikes = fold(events)
        if videos or dislikes:
            with self._engine.begin() as connection:
                repository.merge_videos(connection, videos)
                repository.merge_dislikes(connection, dislikes)

    def _fold_again(self, subject: SubjectId) -> None:
        """Put a subject's history in the place of what was merged."""
        with self._engine.begin() as connection:
            # First the rows, then the log: what is merged meanwhile waits, and is merged into what is put here.
            repository.lock_videos(connection, subject)
            events: list[StoredEvent] = []
            while more := self._log.read_subject(subject, events[-1].offset if events else 0, _BATCH):
                events += more
            videos, _ = fold(events)
            repository.put_videos(connection, [row | {"folded_offset": events[-1].offset} for row in videos])


def _who_took_out(events: Iterable[StoredEvent]) -> set[SubjectId]:
    return {stored.subject for stored in events if isinstance(stored.event, HistoryRemoved | TasteReset)}


COLUMNS = repository.history_columns(RECENT)
"""Columns that hold one subject's history, for a statement that asks for more besides; parameter `subject`."""

DISLIKES = repository.dislikes_column()
"""The column of those that says what a subject does not want to see."""

_HISTORY = select(*COLUMNS)


def read_history(connection: Connection, subject: SubjectId) -> History:
    """A viewer's history as of every event acknowledged so far."""
    return history_of(connection.execute(_HISTORY, {"subject": subject}).one())


def history_of(row: Any) -> History:
    """The history in a row that has `COLUMNS`."""
    return History(
        recent=tuple(HistoryVideo(*entry) for entry in row.recent or ()),
        seen=frozenset(row.seen or ()),
        dislikes=dislikes_of(row),
        offset=row.heard or 0,
        taken_out=row.taken_out,
    )


def dislikes_of(row: Any) -> frozenset[tuple[DislikeTarget, str]]:
    """What is in the column `DISLIKES` of a row."""
    return frozenset((target, name) for target, name in row.dislikes or ())


def fold(events: Iterable[StoredEvent]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows to merge: one per (subject, video) and one per (subject, target, name), in key order.

    Key order keeps two writers from locking each other's rows crosswise. What somebody took out is right only where
    all of their events are given, in the order of the log.
    """
    videos: dict[tuple[SubjectId, int], dict[str, Any]] = {}
    dislikes: dict[tuple[SubjectId, str, str], dict[str, Any]] = {}
    for stored in events:
        event = stored.event
        match event:
            case NotInterested() | InterestedAgain():
                name = event.name if event.target == "hashtag" else str(event.target_id)
                key = (stored.subject, event.target, name)
                if key not in dislikes or dislikes[key]["offset"] < stored.offset:
                    dislikes[key] = {
                        "subject_id": stored.subject,
                        "target": event.target,
                        "name": name,
                        "active": isinstance(event, NotInterested),
                        "offset": stored.offset,
                    }
            case Shown() | Watch() | Share() | Like() | Unlike() | Comment():
                place = (stored.subject, event.video)
                row = videos.setdefault(place, _new_row(stored, event.video))
                _merge(row, stored)
            case HistoryRemoved():
                if (place := (stored.subject, event.video)) in videos:
                    _take_out(videos[place], stored.offset)
            case TasteReset():
                for (subject, _), row in videos.items():
                    if subject == stored.subject:
                        _take_out(row, stored.offset)
            case _:
                pass
    return [videos[key] for key in sorted(videos)], [dislikes[key] for key in sorted(dislikes)]


def history_from(events: Iterable[StoredEvent]) -> History:
    """One subject's history straight from their events: what the projection says after the last of them."""
    videos, dislikes = fold(events)
    counting = [row for row in videos if row["counts"]]
    newest = sorted(counting, key=lambda row: (-row["last_at_ms"], row["video_id"]))[:RECENT]
    names = ("watched_ms", "duration_ms", "liked", "shared", "commented")
    return History(
        recent=tuple(
            HistoryVideo(
                row["video_id"], row["last_at_ms"], row["shown_at_ms"] is not None, *(row[name] for name in names)
            )
            for row in newest
        ),
        seen=frozenset(row["video_id"] for row in videos if row["met"]),
        dislikes=frozenset((row["target"], row["name"]) for row in dislikes if row["active"]),
        offset=max(
            (row[name] for rows, name in ((videos, "last_offset"), (dislikes, "offset")) for row in rows), default=0
        ),
        taken_out=sum(row["met"] and not row["counts"] for row in videos),
    )


def _new_row(stored: StoredEvent, video: int) -> dict[str, Any]:
    return {
        "subject_id": stored.subject,
        "video_id": video,
        "shown_at_ms": None,
        "last_at_ms": stored.occurred_at_ms,
        "watched_ms": 0,
        "duration_ms": 0,
        "liked": False,
        "liked_offset": 0,
        "shared": False,
        "commented": False,
        "last_offset": stored.offset,
        "met": False,
        "counts": False,
        "folded_offset": 0,
    }


def _merge(row: dict[str, Any], stored: StoredEvent) -> None:
    event = stored.event
    at = stored.occurred_at_ms
    row["last_at_ms"] = max(row["last_at_ms"], at) if row["counts"] else at
    row["counts"] = True
    row["last_offset"] = max(row["last_offset"], stored.offset)
    match event:
        case Shown():
            row["shown_at_ms"] = at if row["shown_at_ms"] is None else min(row["shown_at_ms"], at)
            row["met"] = True
        case Watch():
            row["watched_ms"] = max(row["watched_ms"], event.watched_ms)
            row["duration_ms"] = max(row["duration_ms"], event.duration_ms)
            row["met"] |= event.watched_ms > 0
        case Like() | Unlike():
            if stored.offset > row["liked_offset"]:
                row["liked"] = isinstance(event, Like)
                row["liked_offset"] = stored.offset
        case Share():
            row["shared"] = True
        case Comment():
            row["commented"] = True
        case _:
            pass


def _take_out(row: dict[str, Any], offset: int) -> None:
    """Nothing of it is left but that the video was seen, and when it last was."""
    row |= {"shown_at_ms": None, "watched_ms": 0, "duration_ms": 0, "shared": False, "commented": False}
    row |= {"liked": False, "liked_offset": offset, "last_offset": offset, "counts": False}
