"""Taking files in: create, append, finish, cancel, expire. HTTP (tus) is in `web.routes.uploads`."""

import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from msgspec import structs

from penchant.accounts.model import Account
from penchant.catalog import access
from penchant.catalog import repository as catalog
from penchant.catalog.access import SoundNotShared
from penchant.catalog.model import Video
from penchant.catalog.service import CatalogService, clean_alt_text, clean_hashtags, clean_title
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Connection, Engine
from penchant.core.errors import Conflict, Gone, Invalid, NotFound, RateLimited
from penchant.core.ids import AccountId, SoundId, VideoId, format_id, parse_id
from penchant.core.jobs import Jobs
from penchant.media import repository
from penchant.media.cut import Cut, clean_cut
from penchant.media.model import Upload, UploadId, UploadMetadata
from penchant.media.quotas import Quotas, Room
from penchant.media.upload_files import Piece, UploadFiles

FIRST_PLAYABLE = "media.first_playable"
"""Name of the job that a finished upload starts."""

UNFINISHED_PER_ACCOUNT = 5
_LIFE = timedelta(hours=24)
_RETRY_WITHIN = timedelta(days=7)
_ORPHAN_AFTER_S = 24 * 3600.0
_IMPORTED = -2
"""Whoever uploads waits for nobody's archive."""


class TooLarge(Invalid):
    """More bytes than allowed, or than were announced."""

    code = "too_large"


class OffsetMismatch(Conflict):
    """The piece does not begin where the file ends."""

    code = "offset_mismatch"


@dataclass(frozen=True)
class UploadStatus:
    """Where a file is on its way: still arriving, or a video in some state."""

    upload: Upload
    received_bytes: int
    video: Video | None
    duplicate_of: VideoId | None = None
    """All bytes are here, but the owner has posted the same file before: it waits for `post_anyway` or `cancel`."""


class UploadService:
    """Uploads of one market. An upload belongs to its account; to everybody else it does not exist."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        files: UploadFiles,
        catalog: CatalogService,
        jobs: Jobs,
        *,
        largest_bytes: int,
        longest_ms: int,
        languages: Sequence[str],
        quotas: Quotas,
        originals_days: int = 0,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._files = files
        self._catalog = catalog
        self._jobs = jobs
        self._languages = tuple(languages)
        self._quotas = quotas
        self._originals = timedelta(days=originals_days)
        self._longest_ms = longest_ms
        self.largest_bytes = largest_bytes

    def room(self, account: Account) -> Room:
        """What an account may still bring today."""
        with self._engine.connect() as connection:
            return self._quotas.room(connection, account.id, self._now())

    def create(
        self,
        account: Account,
        size_bytes: int,
        title: str,
        hashtags: Sequence[str],
        language: str,
        tus_metadata: str = "",
        *,
        alt_text: str = "",
        cut: Cut | None = None,
        sound: str = "",
    ) -> Upload:
        """Announce a file.

        sound: id of a sound to be heard instead of its own.

        tus_metadata: what the client calls it, given back to it by `find`.

        Raises:
            TooLarge: beyond the market's limit.
            QuotaSpent: beyond what the account may bring a day.
            Invalid: no bytes at all, or something said about it is not right.
            RateLimited: too many unfinished uploads, or too many today.
            NotFound, SoundNotShared: the sound is not there, or not to be used.
            Unavailable: the disk is full.
        """
        self.check_size(size_bytes)
        about = self.about(title, hashtags, language, alt_text, cut)
        id_ = UploadId(uuid4())
        now = self._now()
        with self._engine.begin() as connection:
            if repository.count_unfinished(connection, account.id, now) >= UNFINISHED_PER_ACCOUNT:
                raise RateLimited(
                    "finish or cancel one of your other uploads first", code="too_many_uploads", retry_after_s=60
                )
            self._quotas.check(connection, account.id, size_bytes, now)
            about = _with_sound(connection, about, sound, account)
            # The file before the row: a row without its file would be an upload that cannot go on.
            self._files.create(id_, size_bytes)
            repository.add_upload(connection, id_, account.id, size_bytes, about, now, now + _LIFE, tus_metadata)
        return Upload(id_, account.id, size_bytes, about, None, now + _LIFE, finished=False)

    def check_size(self, size_bytes: int) -> None:
        """Raises: TooLarge, or Invalid where there is nothing in it."""
        if size_bytes > self.largest_bytes:
            raise TooLarge(f"the file is larger than the {self.largest_bytes // 1_000_000} MB that are allowed here")
        if size_bytes <= 0:
            raise Invalid("the file is empty", code="empty")

    def about(
        self, title: str, hashtags: Sequence[str], language: str, alt_text: str = "", cut: Cut | None = None
    ) -> UploadMetadata:
        """What is said about a file, tidied. Raises: Invalid with fields."""
        known = language if language in self._languages else self._languages[0]
        cut = cut or Cut()
        return UploadMetadata(
            clean_title(title),
            tuple(clean_hashtags(hashtags)),
            known,
            clean_alt_text(alt_text),
            clean_cut(cut.start_ms, cut.end_ms, self._longest_ms, mute=cut.mute),
        )

    def revise(self, account: Account, id_: UploadId, about: UploadMetadata, sound: str = "") -> None:
        """Say something else about a file that is still on its way: what was said first is forgotten.

        Raises:
            NotFound, Gone: see `find`.
            Conflict: it is a video already.
            NotFound, SoundNotShared: see `create`.
        """
        with self._engine.begin() as connection:
            self._find(connection, account, id_)
            about = _with_sound(connection, about, sound, account)
            if not repository.set_metadata(connection, id_, about):
                raise Conflict("the upload is complete: change the video instead")

    def find(self, account: Account, id_: UploadId) -> Upload:
        """One's own upload.

        Raises:
            NotFound: unknown, or somebody else's.
            Gone: it has expired.
        """
        with self._engine.connect() as connection:
            return self._find(connection, account, id_)

    def received_bytes(self, upload: Upload) -> int:
        """How much is there for good."""
        return upload.size_bytes if upload.finished else self._files.received_bytes(upload.id)

    @contextmanager
    def piece(self, upload: Upload, offset: int, checksum: tuple[str, bytes] | None = None) -> Iterator[Piece]:
        """Append from `offset`; leaving the block makes the bytes durable. `settle` has to follow.

        Raises:
            OffsetMismatch: the file ends elsewhere.
            UploadLocked, ChecksumMismatch: see `UploadFiles.writing`.
        """
        if upload.finished:
            raise OffsetMismatch(f"the upload is complete: it ends at {upload.size_bytes}")
        with self._files.writing(upload.id, checksum) as piece:
            if piece.start != offset:
                raise OffsetMismatch(f"the file ends at {piece.start}, not at {offset}")
            yield piece

    def settle(self, upload: Upload, *, anyway: bool = False) -> Upload:
        """After bytes came (or in doubt whether they had): a complete file becomes a video, another lives longer.

        The video, the upload's end and the job are one transaction: all of them exist, or none. Doing it again
        changes nothing. A file that its owner has posted before waits, unless `anyway`.
        """
        received = self.received_bytes(upload)
        whole = received == upload.size_bytes
        sha256 = upload.sha256 or self._files.sha256(upload.id) if whole and not upload.finished else ""
        now = self._now()
        with self._engine.begin() as connection:
            current = repository.upload(connection, upload.id, lock=True)
            if current is None:
                raise NotFound("there is no such upload")
            if current.finished:
                return current
            if not whole:
                repository.postpone_expiry(connection, upload.id, now, now + _LIFE)
                return replace(current, expires_at=now + _LIFE)
            if not anyway and repository.same_file(connection, current.account, sha256, current.id, repository.POSTED):
                if current.sha256 is None:
                    repository.set_sha256(connection, current.id, sha256, now)
                return replace(current, sha256=sha256)
            about = current.metadata
            sound = self._chosen(connection, about, current.account)
            video = self._catalog.add(
                connection,
                current.account,
                about.title,
                about.hashtags,
                about.language,
                alt_text=about.alt_text,
                sound=sound,
            )
            repository.mark_finished(connection, upload.id, video, sha256, now)
            self._start(connection, video)
            return replace(current, video=video, finished=True, sha256=sha256)

    def post_anyway(self, account: Account, id_: UploadId) -> UploadStatus:
        """Make a video of a complete file although the same has been posted before.

        Raises:
            NotFound, Gone: see `find`.
            Conflict: its bytes are not all here.
        """
        upload = self.find(account, id_)
        if not upload.finished and self.received_bytes(upload) < upload.size_bytes:
            raise Conflict("the file is not complete yet")
        self.settle(upload, anyway=True)
        return self.status(account, id_)

    def take_in(
        self, account: Account, source: Path, about: UploadMetadata, created_at: datetime | None = None
    ) -> VideoId:
        """A file of this machine, as if its owner had uploaded it; no quota counts.

        Killed anywhere, it is a video or it is not; bytes that belong to none are swept.

        Raises:
            TooLarge, Invalid: see `create`.
            Unavailable: the disk is full.
            OSError: it cannot be read.
        """
        size_bytes = source.stat().st_size
        self.check_size(size_bytes)
        id_ = UploadId(uuid4())
        try:
            sha256 = self._files.take_copy(id_, source)
        except BaseException:
            self._files.remove(id_)
            raise
        # From here on the copy stays whatever happens: interrupted at the end of this, it may belong to a video.
        now = self._now()
        with self._engine.begin() as connection:
            repository.add_upload(connection, id_, account.id, size_bytes, about, now, now + _LIFE)
            video = self._catalog.add(
                connection,
                account.id,
                about.title,
                about.hashtags,
                about.language,
                alt_text=about.alt_text,
                created_at=created_at,
            )
            repository.mark_finished(connection, id_, video, sha256, now)
            self._start(connection, video, _IMPORTED)
        return video

    def taken_before(self, account: Account, source: Path) -> Video | None:
        """What became of the same bytes when this account brought them before, in whatever state it is now."""
        with self._engine.connect() as connection:
            if not repository.has_size(connection, account.id, source.stat().st_size):
                return None
        with source.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        with self._engine.connect() as connection:
            id_ = repository.video_of_file(connection, account.id, sha256)
            found = None if id_ is None else catalog.video(connection, id_)
        return None if found is None else found[0]

    def cancel(self, account: Account, id_: UploadId) -> None:
        """Forget an upload that is not complete.

        Raises:
            NotFound, Gone: see `find`.
            Conflict: it is complete; the video can be deleted instead.
        """
        with self._engine.begin() as connection:
            self._find(connection, account, id_)
            if not repository.remove_unfinished(connection, id_):
                raise Conflict("the upload is complete: delete the video instead")
        self._files.remove(id_)

    def status(self, account: Account, id_: UploadId) -> UploadStatus:
        """Where a file is on its way.

        Raises:
            NotFound: see `find`.
            Gone: it expired, or its video was removed.
        """
        upload = self.find(account, id_)
        if not upload.finished and self.received_bytes(upload) == upload.size_bytes:
            upload = self.settle(upload)
        with self._engine.connect() as connection:
            video = None if upload.video is None else access.own_video(connection, upload.video, account)
            twin = None
            if video is None and upload.sha256 is not None:
                twin = repository.same_file(connection, account.id, upload.sha256, upload.id, repository.POSTED)
        return UploadStatus(upload, self.received_bytes(upload), video, twin)

    def retry(self, account: Account, id_: VideoId) -> Video:
        """Process a failed video again.

        Raises:
            NotFound, Forbidden, Gone: see `catalog.access.own_video`.
            Conflict: it has not failed, or its file is no longer kept.
        """
        with self._engine.begin() as connection:
            video = access.own_video(connection, id_, account)
            if video.state != "failed":
                raise Conflict("only a failed video can be tried again")
            upload = repository.upload_of_video(connection, id_)
            if upload is None or not self._files.path(upload.id).exists():
                raise Conflict("the uploaded file is no longer kept: upload it again", code="source_gone")
            self._catalog.start_processing(connection, id_)
            repository.set_step(connection, id_, "received", self._now())
            self._start(connection, id_)
            return access.own_video(connection, id_, account)

    def files_of(self, connection: Connection, account: AccountId) -> list[UploadId]:
        """Everything that an account ever brought, or is bringing."""
        return repository.uploads_of(connection, account)

    def remove_files(self, ids: Sequence[UploadId]) -> None:
        """Remove the files of uploads whose rows are gone."""
        for id_ in ids:
            self._files.remove(id_)

    def original_of(self, video: VideoId) -> Path | None:
        """The file that was uploaded for a video; None where it is not kept."""
        with self._engine.connect() as connection:
            upload = repository.upload_of_video(connection, video)
        path = None if upload is None else self._files.path(upload.id)
        return path if path is not None and path.exists() else None

    def sweep(self) -> int:
        """Forget expired uploads and files that nothing needs any more; returns how many files went.

        A complete file whose last request died before the transaction becomes a video here, too.
        """
        now = self._now()
        with self._engine.begin() as connection:
            expired = repository.take_expired(connection, now)
            waiting = repository.unfinished(connection)
        for id_ in expired:
            self._files.remove(id_)
        for upload in waiting:
            with suppress(NotFound):
                if upload.sha256 is None and self.received_bytes(upload) == upload.size_bytes:
                    self.settle(upload)
        # Files carry the disk's time, not the injected clock's.
        old = self._files.ids_older_than(time.time() - _ORPHAN_AFTER_S)
        with self._engine.connect() as connection:
            needed = repository.needed_sources(connection, old, now - _RETRY_WITHIN, now - self._originals)
        orphans = [id_ for id_ in old if id_ not in needed]
        for id_ in orphans:
            self._files.remove(id_)
        return len(expired) + len(orphans)

    def _chosen(self, connection: Connection, about: UploadMetadata, account: AccountId) -> SoundId | None:
        """The sound to credit; None where it went meanwhile, which the processor tells."""
        if not about.sound:
            return None
        with suppress(NotFound, SoundNotShared):
            return access.sound_to_use(connection, SoundId(parse_id(about.sound)), account).id
        return None

    def _start(self, connection: Connection, video: VideoId, priority: int = 0) -> None:
        self._jobs.defer(connection, FIRST_PLAYABLE, lock=f"video-{video}", priority=priority, video=video)

    def _find(self, connection: Connection, account: Account, id_: UploadId) -> Upload:
        upload = repository.upload(connection, id_)
        if upload is None or upload.account != account.id:
            raise NotFound("there is no such upload")
        if not upload.finished and upload.expires_at <= self._now():
            raise Gone("this upload has expired: start it again", code="expired")
        return upload

    def _now(self) -> datetime:
        return as_datetime(self._clock.now_ms())


def _with_sound(connection: Connection, about: UploadMetadata, sound: str, account: Account) -> UploadMetadata:
    """Raises: NotFound, SoundNotShared where it is not to be used."""
    if not sound:
        return about
    return structs.replace(
        about, sound=format_id(access.sound_to_use(connection, SoundId(parse_id(sound)), account.id).id)
    )
