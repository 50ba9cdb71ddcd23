"""Quarantine and legal hold: the files of a match are moved where no page, no file route and no owner reaches them.

They are kept for a term, because the law may ask for them, and deleted after it. Deleting the account does not
delete them sooner. An admin can let a video go that was held wrongly.
"""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from penchant.accounts.model import Account
from penchant.catalog import repository as catalog_repository
from penchant.catalog.model import Video
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Connection, Engine
from penchant.core.errors import Conflict, NotFound
from penchant.core.ids import VideoId, format_id
from penchant.core.jobs import Jobs
from penchant.core.objects import ObjectStore
from penchant.safety.detection import hold_rows
from penchant.safety.model import TargetKind

HOLD: Final = "safety.hold"
FOLDER: Final = "held"
_DELETE_OBJECTS: Final = "media.delete_objects"

Lift = Callable[[Connection, TargetKind, int, str, Account | None], object]
Why = Mapping[str, str | int | list[str | int]]


class HeldVideo(msgspec.Struct, frozen=True):
    """What admins see of a held video: never its pictures."""

    video: VideoId
    handle: str
    """Of who posted it, as it was then."""
    why: dict[str, Any]
    files: int
    held_at: datetime
    until: datetime
    """When it is deleted."""


class Quarantine:
    """Holds videos, lets them go, and deletes what was held long enough."""

    def __init__(self, engine: Engine, clock: Clock, objects: ObjectStore, jobs: Jobs, lift: Lift, days: int) -> None:
        """lift: takes back the restrictions that stand on a target."""
        self._engine = engine
        self._clock = clock
        self._lift = lift
        self._objects = objects
        self._jobs = jobs
        self._days = days

    def begin(self, connection: Connection, video: Video, why: Why) -> None:
        """Have the files of a removed video moved, by a job of the same transaction."""
        self._jobs.defer(connection, HOLD, lock=f"video-{video.id}", priority=5, video=video.id, why=dict(why))

    def hold(self, video_id: VideoId, why: Why, original: Path | None = None) -> None:
        """Move a removed video's files, and the file that was uploaded if it is there. May be killed and run again."""
        with self._engine.connect() as connection:
            found = catalog_repository.video(connection, video_id)
            if found is None or hold_rows.held(connection, video_id) is not None:
                return
            files = catalog_repository.renditions_of(connection, video_id)
        video, moved = found[0], []
        for file in files:
            moved.append(replace(file, object_key=f"{FOLDER}/{format_id(video_id)}/{Path(file.object_key).name}"))
            self._copy(file.object_key, moved[-1].object_key)
        if original is not None and original.exists():
            self._objects.put_file(_original_key(video_id), original)
        now = as_datetime(self._clock.now_ms())
        with self._engine.begin() as connection:
            hold_rows.hold(
                connection,
                video_id,
                moved,
                account_id=video.creator.id,
                handle=video.creator.handle,
                why=dict(why),
                held_at=now,
                until=now + timedelta(days=self._days),
            )
            if files:
                keys = sorted({file.object_key for file in files})
                self._jobs.defer(connection, _DELETE_OBJECTS, keys=keys)

    def held(self) -> list[HeldVideo]:
        """Everything that is held, the newest first."""
        with self._engine.connect() as connection:
            return [
                HeldVideo(VideoId(row.video_id), row.handle, row.why, len(row.files), row.held_at, row.until)
                for row in hold_rows.all_held(connection)
            ]

    def release(self, video_id: VideoId, by: Account | None = None) -> None:
        """List a video again that was held wrongly, and take back what was decided; `events.deliver` is to follow.

        Raises:
            NotFound: it is not held.
            Conflict: its account is gone.
            Invalid: somebody else took it away meanwhile.
        """
        with self._engine.connect() as connection:
            row = hold_rows.held(connection, video_id)
            found = catalog_repository.video(connection, video_id)
        if row is None:
            raise NotFound("this video is not held")
        if found is None:
            raise Conflict("the account of this video is gone")
        back = []
        for file in hold_rows.files_of(row):
            back.append(replace(file, object_key=f"videos/{format_id(video_id)}/{Path(file.object_key).name}"))
            self._copy(file.object_key, back[-1].object_key)
        with self._engine.begin() as connection:
            if hold_rows.held(connection, video_id, lock=True) is None:
                raise NotFound("this video is not held")
            for file in back:
                catalog_repository.put_rendition(connection, video_id, file)
            self._lift(connection, "video", video_id, "it was held wrongly", by)
            hold_rows.forget(connection, video_id)
            self._jobs.defer(connection, _DELETE_OBJECTS, keys=self._keys(row))

    def sweep(self) -> int:
        """Delete what was held long enough; returns how many videos."""
        with self._engine.begin() as connection:
            rows = hold_rows.over(connection, as_datetime(self._clock.now_ms()))
            for row in rows:
                hold_rows.forget(connection, VideoId(row.video_id))
                self._jobs.defer(connection, _DELETE_OBJECTS, keys=self._keys(row))
        return len(rows)

    def _keys(self, row: Any) -> list[str]:
        keys = {file.object_key for file in hold_rows.files_of(row)}
        return sorted(keys | {_original_key(VideoId(row.video_id))})

    def _copy(self, source: str, target: str) -> None:
        if self._objects.size_bytes(source) is None:
            return  # an earlier try has moved it
        with tempfile.NamedTemporaryFile(prefix="penchant-held-") as file:
            for piece in self._objects.read(source):
                file.write(piece)
            file.flush()
            self._objects.put_file(target, Path(file.name))


def _original_key(video: VideoId) -> str:
    return f"{FOLDER}/{format_id(video)}/original"
