"""Bringing a folder of videos in: through the same checks and jobs as uploads, and nothing twice.

There is no list of what is done: a file is done when its creator has a video of the same bytes. So an import may be
killed anywhere, and is gone on with by starting it again.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from threading import Event
from typing import Literal

import msgspec
from sqlalchemy.exc import DBAPIError

from penchant.accounts.model import Account
from penchant.accounts.service import HANDLE, AccountService
from penchant.catalog import repository as catalog
from penchant.catalog.model import Video
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Engine
from penchant.core.errors import Invalid, NotFound, PenchantError, Unavailable
from penchant.core.ids import VideoId, format_id
from penchant.media.reasons import REASONS
from penchant.media.sniff import HEAD_BYTES, demuxer_of
from penchant.media.uploads import UploadService
from penchant.operations.import_table import Entry

MOST_WAITING = 20
"""Files that wait for the worker at a time: the disk holds no second copy of the whole folder."""
_LOOK_EVERY_S = 0.5

State = Literal["new", "waiting", "ready", "there", "refused"]


class Outcome(msgspec.Struct):
    """What became of one file: `new` in a dry run, `waiting` for the worker, `ready`, `there` before, `refused`."""

    file: str
    creator: str
    state: State
    video: str | None = None
    code: str | None = None
    reason: str | None = None


Report = Callable[[str, int, int], None]


class FolderImport:
    """Imports entries of one folder; `outcomes` holds what is known so far, also after an interrupt."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        accounts: AccountService,
        uploads: UploadService,
        *,
        creator: str | None = None,
        creators: Mapping[str, str] | None = None,
        dry_run: bool = False,
    ) -> None:
        """creator: handle for files that name none. creators: their handle → handle here."""
        self._engine = engine
        self._clock = clock
        self._accounts = accounts
        self._uploads = uploads
        self._creator = creator
        self._creators = dict(creators or {})
        self._dry_run = dry_run
        self._waiting: dict[VideoId, Outcome] = {}
        self.outcomes: list[Outcome] = []

    def run(
        self, folder: Path, entries: list[Entry], report: Report, *, wait: bool = True, stop: Event | None = None
    ) -> bool:
        """Bring them in, and wait until the worker is done with them; False where `stop` ended it before.

        Raises:
            Unavailable: the disk is full, or the database is gone; starting again goes on.
        """
        stop = stop or Event()
        try:
            for number, entry in enumerate(entries, start=1):
                if stop.is_set():
                    return False
                self.outcomes.append(self._take(folder, entry))
                report("brought in", number, len(entries))
                if wait:
                    self._wait(MOST_WAITING - 1, report, stop)
            if wait:
                self._wait(0, report, stop)
        except DBAPIError as error:
            raise Unavailable("the database does not answer; start the same import again to go on") from error
        return not (wait and self._waiting)

    def _take(self, folder: Path, entry: Entry) -> Outcome:
        handle = self._handle(entry)
        outcome = Outcome(entry.file, handle, "refused")
        try:
            self._take_checked(_inside(folder, entry.file), entry, outcome)
        except Unavailable:
            raise
        except PenchantError as error:
            outcome.code = error.code
            outcome.reason = "; ".join([error.message, *(f"{name}: {text}" for name, text in error.fields.items())])
        except OSError as error:
            outcome.code, outcome.reason = "unreadable", f"it cannot be read: {error.strerror}"
        return outcome

    def _take_checked(self, path: Path, entry: Entry, outcome: Outcome) -> None:
        about = self._uploads.about(entry.title, entry.hashtags, entry.language, entry.alt_text)
        published_at = entry.published_at()
        if published_at is not None and published_at > as_datetime(self._clock.now_ms()):
            raise Invalid(f"{entry.published} has not come yet")
        self._uploads.check_size(path.stat().st_size)
        with path.open("rb") as file:
            if demuxer_of(file.read(HEAD_BYTES)) is None:
                raise Invalid(REASONS["not_a_video"].text, code="not_a_video")
        account = self._account(outcome.creator, entry.name)
        before = None if account is None else self._uploads.taken_before(account, path)
        if before is not None:
            self._settle(outcome, before, again=True)
        elif self._dry_run or account is None:
            outcome.state = "new"
        else:
            video = self._uploads.take_in(account, path, about, published_at)
            outcome.state, outcome.video = "waiting", format_id(video)
            self._waiting[video] = outcome

    def _handle(self, entry: Entry) -> str:
        theirs = entry.creator.strip().removeprefix("@").lower()
        return self._creators.get(theirs, theirs) or self._creator or ""

    def _account(self, handle: str, name: str) -> Account | None:
        """The creator here; made where missing, None instead in a dry run."""
        if not HANDLE.fullmatch(handle):
            words = f"'{handle[:24]}' cannot be a handle (3 to 24 of a–z, 0–9 and _); map it with --map"
            raise Invalid(words if handle else "it names no creator; give one with --as", code="no_creator")
        if self._dry_run:
            try:
                return self._accounts.by_handle(handle)
            except NotFound:
                return None
        return self._accounts.make_account(handle, name)

    def _settle(self, outcome: Outcome, video: Video, *, again: bool = False) -> bool:
        """Write down what a video has become; False where that is still open."""
        outcome.video = format_id(video.id)
        match video.state:
            case "ready":
                outcome.state = "there" if again else "ready"
            case "failed":
                outcome.state, outcome.code, outcome.reason = "refused", video.failure_code, video.failure_text
            case "removed":
                outcome.state, outcome.code, outcome.reason = "refused", "removed", "it was here and has been removed"
            case _:
                outcome.state = "waiting"
                self._waiting[video.id] = outcome
                return False
        return True

    def _wait(self, most: int, report: Report, stop: Event) -> None:
        while len(self._waiting) > most and not stop.is_set():
            for video in self._look():
                if self._settle(self._waiting[video.id], video):
                    del self._waiting[video.id]
            done = sum(outcome.state in ("ready", "there", "refused") for outcome in self.outcomes)
            report("done", done, len(self.outcomes))
            if len(self._waiting) > most:
                stop.wait(_LOOK_EVERY_S)

    def _look(self) -> Iterator[Video]:
        with self._engine.connect() as connection:
            for id_ in list(self._waiting):
                found = catalog.video(connection, id_)
                if found is not None:
                    yield found[0]


def _inside(folder: Path, file: str) -> Path:
    path = (folder / file).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise Invalid("it lies outside the folder", code="outside")
    if not path.is_file():
        raise NotFound("there is no such file in the folder", code="missing")
    return path
