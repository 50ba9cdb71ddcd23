"""A seeded world to measure on: listed videos without files, their creators, viewers with histories.

Rows come through the rooms' tables, everything that was done through the event log, so the taste process learns
from it as from any other. Only ids of people and the moment are not a function of the seed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import numpy as np
import numpy.typing as npt

from penchant.accounts.model import Viewer
from penchant.accounts.service import AccountService
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Engine
from penchant.core.ids import EPOCH_MS, AccountId, SubjectId
from penchant.events.model import SYSTEM, NewEvent, Published, Shown, Watch
from penchant.events.service import EventService
from penchant.feed.records import PageRecords
from penchant.feed.service import FeedService
from penchant.lab import repository
from penchant.taste.run import TasteProcess
from penchant.taste.service import TasteService

Progress = Callable[[str, int, int], None]
"""Told what is going on, how far it is, and of how much."""

DIMENSIONS = 64
PER_CREATOR = 20
PER_SOUND = 10
THEMES = 40
_DAY_MS = 86_400_000
_BATCH = 2_000
_CHUNK = 10_000
"""Videos that are written in one transaction."""
_ACCOUNTS = 2_000
"""Accounts that are made in one transaction."""
_RANDOM_BITS = 22


class Cell(Protocol):
    """What the bench needs of a cell; the composition root's bundle of services fits."""

    @property
    def clock(self) -> Clock: ...
    @property
    def engine(self) -> Engine: ...
    @property
    def events(self) -> EventService: ...
    @property
    def accounts(self) -> AccountService: ...
    @property
    def taste(self) -> TasteService: ...
    @property
    def feed(self) -> FeedService: ...
    @property
    def records(self) -> PageRecords: ...
    def learner(self) -> TasteProcess: ...


@dataclass(frozen=True)
class Size:
    """How large the world is."""

    videos: int
    crowd: int
    """People whose plays the item-item rows are learned from."""
    crowd_plays: int
    """Videos that each of them was shown."""
    viewers: int
    """People with a session, who ask for pages."""
    viewer_plays: int
    days: int = 30

    @classmethod
    def of(cls, videos: int) -> "Size":
        """People in proportion to the videos: 600 to learn from and 200 to ask, 100 plays each, at 10,000 videos."""
        crowd = min(max(videos * 6 // 100, 20), 600)
        return cls(videos, crowd, crowd_plays=60, viewers=200, viewer_plays=min(100, videos // 5))


@dataclass(frozen=True)
class Asker:
    """Someone who asks for pages."""

    subject: SubjectId
    cookie: str


@dataclass(frozen=True)
class _Videos:
    """V videos, oldest first."""

    ids: npt.NDArray[np.int64]
    themes: npt.NDArray[np.int64]
    durations_ms: npt.NDArray[np.int64]
    vectors: npt.NDArray[np.int8]
    """(V, 64)"""
    appeal: npt.NDArray[np.float64]
    """(V,) chance of being shown, sums to 1: few are shown often, as everywhere."""


def make_world(cell: Cell, size: Size, seed: int, progress: Progress) -> list[Asker]:
    """Fill an empty installation; returns those who ask for pages."""
    rng = np.random.default_rng(seed)
    now_ms = cell.clock.now_ms()
    videos = _videos(size, now_ms, rng)
    _add_videos(cell, videos, now_ms, progress)
    askers = []
    for number in range(size.viewers):
        token, viewer = cell.accounts.welcome()
        askers.append(_asker(token, viewer))
        if number % 50 == 0:
            progress("viewers", number, size.viewers)
    subjects = [SubjectId(_uuid(rng)) for _ in range(size.crowd)]
    plays = [(subject, size.crowd_plays) for subject in subjects]
    plays += [(asker.subject, size.viewer_plays) for asker in askers]
    total = 2 * (size.crowd * size.crowd_plays + size.viewers * size.viewer_plays)
    _tell(cell, _histories(videos, plays, now_ms, size.days, rng), "events", total, progress)
    with cell.engine.begin() as connection:
        repository.settle_statistics(connection)
    return askers


def _asker(token: str, viewer: Viewer) -> Asker:
    return Asker(viewer.subject, f"penchant={token}")


def _videos(size: Size, now_ms: int, rng: np.random.Generator) -> _Videos:
    count = size.videos
    made_ms = np.sort(rng.integers(now_ms - size.days * _DAY_MS, now_ms, count))
    ids = (made_ms - EPOCH_MS << _RANDOM_BITS) + rng.integers(0, 1 << _RANDOM_BITS, count)
    themes = rng.integers(0, THEMES, count)
    centres = rng.normal(size=(THEMES, DIMENSIONS))
    vectors = np.clip(np.rint(30 * (centres[themes] + 0.7 * rng.normal(size=(count, DIMENSIONS)))), -127, 127)
    appeal = 1 / (1 + rng.permutation(count)) ** 0.7
    return _Videos(ids, themes, rng.integers(5_000, 60_000, count), vectors.astype(np.int8), appeal / appeal.sum())


def _add_videos(cell: Cell, videos: _Videos, now_ms: int, progress: Progress) -> None:
    count = len(videos.ids)
    creators: list[AccountId] = []
    while (made := len(creators)) < -(-count // PER_CREATOR):
        progress("creators", made, count // PER_CREATOR)
        numbers = range(made, min(made + _ACCOUNTS, -(-count // PER_CREATOR)))
        people = cell.accounts.make_accounts((f"creator_{number}", f"Creator {number}") for number in numbers)
        creators += [account.id for account in people]
    sound_ids = [int(videos.ids[first]) for first in range(0, count, PER_SOUND)]
    sounds = [
        {"id": id_, "title": f"sound {number}", "creator_id": creators[number * PER_SOUND // PER_CREATOR]}
        for number, id_ in enumerate(sound_ids)
    ]
    with cell.engine.begin() as connection:
        repository.add_sounds(connection, sounds)
    for first in range(0, count, _CHUNK):
        progress("videos", first, count)
        _add_some(cell, videos, range(first, min(first + _CHUNK, count)), creators, sound_ids)
    told = (
        NewEvent(SYSTEM, UUID(int=1), place + 1, now_ms, _published(videos, place, creators, sound_ids))
        for place in range(count)
    )
    _tell(cell, told, "videos told", count, progress)


def _published(videos: _Videos, place: int, creators: list[AccountId], sound_ids: list[int]) -> Published:
    return Published(
        video=int(videos.ids[place]),
        creator=creators[place // PER_CREATOR],
        sound=sound_ids[place // PER_SOUND],
        duration_ms=int(videos.durations_ms[place]),
        language="en",
        encoder="bench-1",
        vector=videos.vectors[place].tobytes(),
    )


def _add_some(cell: Cell, videos: _Videos, places: range, creators: list[AccountId], sound_ids: list[int]) -> None:
    rows, files = [], []
    for place in places:
        event, theme = _published(videos, place, creators, sound_ids), int(videos.themes[place])
        moment = as_datetime((event.video >> _RANDOM_BITS) + EPOCH_MS)
        rows.append(
            {
                "id": event.video,
                "creator_id": event.creator,
                "title": f"Video {place} about theme {theme}",
                "language": event.language,
                "hashtags": [f"theme{theme}", "bench"],
                "state": "ready",
                "duration_ms": event.duration_ms,
                "width": 720,
                "height": 1280,
                "sound_id": event.sound,
                "is_demo": False,
                "created_at": moment,
                "published_at": moment,
                "encoder": event.encoder,
                "vector": event.vector,
            }
        )
        for name, type_ in (("480p", "video/mp4"), ("720p", "video/mp4"), ("poster", "image/jpeg")):
            files.append(
                {
                    "video_id": event.video,
                    "name": name,
                    "object_key": f"videos/{event.video}/{name}",
                    "content_type": type_,
                    "size_bytes": 1_000_000,
                    "sha256": f"{event.video:064x}",
                    "width": 480,
                    "height": 854,
                }
            )
    with cell.engine.begin() as connection:
        repository.add_videos(connection, rows, files)


def _histories(
    videos: _Videos, plays: list[tuple[SubjectId, int]], now_ms: int, days: int, rng: np.random.Generator
) -> Iterator[NewEvent]:
    """What people did: each likes three themes, is shown more of those, and watches most of them long."""
    count = len(videos.ids)
    for subject, shown in plays:
        liked = np.isin(videos.themes, rng.choice(THEMES, 3, replace=False))
        own = rng.choice(count, min(shown, count), replace=False, p=_lifted(videos.appeal, liked))
        moments = np.sort(rng.integers(now_ms - days * _DAY_MS, now_ms, len(own)))
        session = _uuid(rng)
        for play, (place, moment) in enumerate(zip(own.tolist(), moments.tolist(), strict=True)):
            duration_ms = int(videos.durations_ms[place])
            share = rng.uniform(0.5, 1.3) if liked[place] else rng.uniform(0.0, 0.5)
            id_ = int(videos.ids[place])
            yield NewEvent(subject, session, 2 * play + 1, moment, Shown(video=id_, context="feed"))
            watch = Watch(
                video=id_,
                context="feed",
                play=play + 1,
                watched_ms=int(share * duration_ms),
                duration_ms=duration_ms,
            )
            yield NewEvent(subject, session, 2 * play + 2, moment, watch)


def _lifted(appeal: npt.NDArray[np.float64], liked: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    chance: npt.NDArray[np.float64] = appeal * np.where(liked, 6.0, 1.0)
    return np.asarray(chance / chance.sum())


def _tell(cell: Cell, events: Iterator[NewEvent], what: str, total: int, progress: Progress) -> None:
    done = 0
    batch: list[NewEvent] = []
    for event in events:
        batch.append(event)
        if len(batch) == _BATCH:
            cell.events.record(batch)
            done += len(batch)
            batch = []
            progress(what, done, total)
    cell.events.record(batch)
    progress(what, total, total)


def _uuid(rng: np.random.Generator) -> UUID:
    return UUID(bytes=rng.bytes(16), version=4)
