"""What the owner of uploads is told about them, and how it comes to be known while a worker is at it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import structlog
from sqlalchemy.exc import DBAPIError

from penchant.accounts.model import Account
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Connection, Engine
from penchant.core.errors import NotFound
from penchant.core.ids import VideoId
from penchant.media import repository
from penchant.media.model import Step, UploadId, UploadOnItsWay
from penchant.media.reasons import Reason, reason_for
from penchant.media.upload_files import UploadFiles

MOST = 20
"""Uploads that are told of at a time: the newest."""
_TOLD_FOR = timedelta(hours=24)
_SHARE_EVERY_S = 0.5

NewsStep = Step | Literal["duplicate", "failed"]
"""`duplicate`: all bytes are here, and the owner has posted the same before; it waits for a yes."""

_log = structlog.get_logger("media")


@dataclass(frozen=True)
class News:
    """Where one upload is on its way."""

    upload: UploadId
    video: VideoId | None
    title: str
    step: NewsStep
    share: float
    """Of what leads to the next step, 0 to 1; while receiving, of the bytes."""
    received_bytes: int
    size_bytes: int
    duplicate_of: VideoId | None
    reason: Reason | None
    """Why it failed."""

    @property
    def moving(self) -> bool:
        """Whether it will change without its owner."""
        return self.step not in ("duplicate", "failed", "complete")


class NewsService:
    """What an account's uploads are doing, in one statement: whoever asks twice a second does no harm."""

    def __init__(self, engine: Engine, clock: Clock, files: UploadFiles) -> None:
        # Without a transaction around it: one round trip.
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._clock = clock
        self._files = files

    def of(self, account: Account) -> list[News]:
        """The newest uploads of the last 24 hours, newest first, at most `MOST`."""
        since = as_datetime(self._clock.now_ms()) - _TOLD_FOR
        with self._engine.connect() as connection:
            found = repository.recent(connection, account.id, since, MOST)
            return [self._news(connection, account, upload) for upload in found]

    def _news(self, connection: Connection, account: Account, upload: UploadOnItsWay) -> News:
        step: NewsStep = upload.step
        share, received, reason, twin = upload.share, upload.size_bytes, None, None
        if upload.state == "failed":
            known = reason_for(upload.failure_code or "crashed")
            step, reason = "failed", Reason(known.code, upload.failure_text or known.text, known.retry)
        elif upload.video is None:
            received = self._received(upload)
            share = received / upload.size_bytes
            if upload.sha256 is not None:
                twin = repository.same_file(connection, account.id, upload.sha256, upload.id, repository.POSTED)
                step = "duplicate" if twin is not None else step
        return News(upload.id, upload.video, upload.title, step, share, received, upload.size_bytes, twin, reason)

    def _received(self, upload: UploadOnItsWay) -> int:
        try:
            return self._files.received_bytes(upload.id)
        except NotFound:  # cancelled between the two looks
            return 0


class StepBook:
    """Where the worker writes down how far it is. A courtesy: what it cannot write, it says in the log and goes on."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def step(self, video: VideoId) -> Callable[[Step], None]:
        """For one video: told each step once it is reached."""
        return lambda step: self._write(lambda connection, now: repository.set_step(connection, video, step, now))

    def share(self, video: VideoId, part: float = 1.0, before: float = 0.0) -> Callable[[float], None]:
        """For one video: told the share of the current step that is done, as often as one likes.

        part, before: where the step has several parts, how much this one is of it and how much lies before it.
        """
        written_at = 0.0

        def report(done: float) -> None:
            nonlocal written_at
            if time.monotonic() < written_at + _SHARE_EVERY_S:
                return
            written_at = time.monotonic()
            share = before + part * min(max(done, 0.0), 1.0)
            self._write(lambda connection, now: repository.set_share(connection, video, share, now))

        return report

    def _write(self, change: Callable[[Connection, datetime], None]) -> None:
        try:
            with self._engine.begin() as connection:
                change(connection, self._now())
        except DBAPIError as error:
            _log.warning("step_not_written", error=type(error.orig).__name__)
