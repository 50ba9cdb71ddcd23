"""A viewer's history: a projection of the log, merged in before an event is acknowledged.

The merge is commutative and idempotent (see `repository`), so an event that is delivered twice, late or out of
order leaves the same history, and folding the whole log again gives the same rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from penchant.core.database import Connection, Engine
from penchant.core.ids import SubjectId
from penchant.events import repository
from penchant.events.model import (
    Comment,
    DislikeTarget,
    InterestedAgain,
    Like,
    NotInterested,
    Share,
    Shown,
    StoredEvent,
    Unlike,
    Watch,
)
from penchant.events.ports import EventLog

RECENT = 300
"""How many of the last videos are read as an input of taste."""


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
    """Every video that was shown or watched, ever."""
    dislikes: frozenset[tuple[DislikeTarget, str]]
    """(target, id as digits or hashtag)."""
    offset: int
    """Of the newest event in it, 0 where there is none: up to here the log gives the same history again."""


class HistoryService:
    """Projects events and reads histories."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def project(self, events: Iterable[StoredEvent]) -> None:
        """Merge events into the histories of their subjects."""
        videos, dislikes = fold(events)
        if videos or dislikes:
            with self._engine.begin() as connection:
                repository.merge_videos(connection, videos)
                repository.merge_dislikes(connection, dislikes)

    def rebuild(self, log: EventLog, batch: int = 5_000) -> int:
        """Empty the projection and fold the whole log again; returns the offset it stands at."""
        with self._engine.begin() as connection:
            repository.clear(connection)
        offset = 0
        while events := log.read(offset, batch):
            self.project(events)
            offset = events[-1].offset
        return offset


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
    )


def dislikes_of(row: Any) -> frozenset[tuple[DislikeTarget, str]]:
    """What is in the column `DISLIKES` of a row."""
    return frozenset((target, name) for target, name in row.dislikes or ())


def fold(events: Iterable[StoredEvent]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows to merge: one per (subject, video) and one per (subject, target, name), in key order.

    Key order keeps two writers from locking each other's rows crosswise.
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
            case _:
                pass
    return [videos[key] for key in sorted(videos)], [dislikes[key] for key in sorted(dislikes)]


def history_from(events: Iterable[StoredEvent]) -> History:
    """One subject's history straight from their events: what the projection says after the last of them."""
    videos, dislikes = fold(events)
    newest = sorted(videos, key=lambda row: (-row["last_at_ms"], row["video_id"]))[:RECENT]
    names = ("watched_ms", "duration_ms", "liked", "shared", "commented")
    return History(
        recent=tuple(
            HistoryVideo(
                row["video_id"], row["last_at_ms"], row["shown_at_ms"] is not None, *(row[name] for name in names)
            )
            for row in newest
        ),
        seen=frozenset(row["video_id"] for row in videos if row["shown_at_ms"] is not None or row["watched_ms"] > 0),
        dislikes=frozenset((row["target"], row["name"]) for row in dislikes if row["active"]),
        offset=max(
            (row[name] for rows, name in ((videos, "last_offset"), (dislikes, "offset")) for row in rows), default=0
        ),
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
    }


def _merge(row: dict[str, Any], stored: StoredEvent) -> None:
    event = stored.event
    at = stored.occurred_at_ms
    row["last_at_ms"] = max(row["last_at_ms"], at)
    row["last_offset"] = max(row["last_offset"], stored.offset)
    match event:
        case Shown():
            row["shown_at_ms"] = at if row["shown_at_ms"] is None else min(row["shown_at_ms"], at)
        case Watch():
            row["watched_ms"] = max(row["watched_ms"], event.watched_ms)
            row["duration_ms"] = max(row["duration_ms"], event.duration_ms)
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
