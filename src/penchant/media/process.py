"""From an uploaded file to a listed video: the media jobs. Each may be killed anywhere and started again.

States: uploaded → processing → ready | failed. What is listed has been played back by a check. A file is tried a
bounded number of times; then its video has failed for good, with words, and the queue has moved on.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import cast, get_args

import structlog

from penchant.catalog import access
from penchant.catalog import repository as catalog_repository
from penchant.catalog.access import SoundNotShared
from penchant.catalog.model import Rendition, RenditionName, Video
from penchant.catalog.service import CatalogService
from penchant.core.database import Connection, Engine
from penchant.core.errors import NotFound
from penchant.core.ids import SoundId, VideoId, format_id, parse_id
from penchant.core.jobs import Jobs, TryLater
from penchant.core.objects import ObjectStore
from penchant.events.service import EventService
from penchant.media import repository
from penchant.media.encoder import ClipEncoder, ContentEncoder
from penchant.media.geometry import Size, rungs_for
from penchant.media.limits import ChildLimits, MediaLimits
from penchant.media.model import Upload
from penchant.media.news import StepBook
from penchant.media.on_screen import OnScreenService
from penchant.media.reasons import reason_for
from penchant.media.sandbox import MediaRefused
from penchant.media.senses import told
from penchant.media.signing import Credentials
from penchant.media.sounds import SoundService
from penchant.media.speech import SpeechService
from penchant.media.upload_files import UploadFiles
from penchant.media.workshop import FirstPlayable, MadeFile, Workshop, open_workshop
from penchant.safety.detection.examine import Examined, Examiner

FURTHER_RUNGS = "media.further_rungs"
DELETE_OBJECTS = "media.delete_objects"
_AFTER_FIRST_RUNGS = -1
"""Somebody else's first playable goes before anybody's second size."""

MOST_CRASHES = 3
"""Tries of a file over which a child crashes."""
MOST_ATTEMPTS = 8
"""Tries of a file over which workers die, or during which the database or the disk fails."""
_OURS = frozenset({"crashed", "check_failed", "no_space", "out_of_memory"})
"""Refusals that may be our fault or the moment's: worth another try without asking anybody."""

_log = structlog.get_logger("media")


class MediaProcessor:
    """Runs in the worker. `attempt` counts earlier tries of the same job, 0 for the first."""

    def __init__(
        self,
        engine: Engine,
        files: UploadFiles,
        catalog: CatalogService,
        events: EventService,
        jobs: Jobs,
        objects: ObjectStore,
        work_root: Path,
        limits: MediaLimits,
        child_limits: ChildLimits | None = None,
        *,
        encoder: ContentEncoder | None = None,
        keep_originals: bool = False,
        speech: SpeechService | None = None,
        credentials: Callable[[], Credentials] = Credentials,
        sounds: SoundService | None = None,
        on_screen: OnScreenService | None = None,
        examiner: Examiner | None = None,
    ) -> None:
        self._engine = engine
        self._files = files
        self._catalog = catalog
        self._events = events
        self._jobs = jobs
        self._objects = objects
        self._work_root = work_root
        self._limits = limits
        self._encoder = encoder or ClipEncoder()
        self._speech = speech
        self._sounds = sounds
        self._on_screen = on_screen
        self._examiner = examiner
        self._child_limits = child_limits or ChildLimits()
        self._book = StepBook(engine, catalog.now)
        self._keep_originals = keep_originals
        self._credentials = credentials

    def first_playable(self, video_id: VideoId, attempt: int = 0) -> None:
        """Make what a video needs to be listed, and list it.

        Raises:
            TryLater: try again.
        """
        with self._engine.begin() as connection:
            found = catalog_repository.video(connection, video_id)
            upload = repository.upload_of_video(connection, video_id)
            going_on = found is not None and self._catalog.start_processing(connection, video_id)
        if not going_on or found is None:
            return  # removed meanwhile, or ready already: this is the second delivery
        if upload is None or not self._files.path(upload.id).exists():
            self._fail(video_id, "gave_up", "the source is missing")
            return
        if attempt >= MOST_ATTEMPTS:
            self._fail(video_id, "gave_up", f"{attempt} attempts")
            return
        try:
            with self._workshop(upload) as workshop:
                self._use_chosen_sound(workshop, upload)
                made = workshop.first_playable(self._book.share(video_id), self._book.step(video_id))
                self._publish(found[0], upload, made)
        except MediaRefused as refused:
            if refused.code in _OURS and attempt + 1 < MOST_CRASHES:
                raise TryLater(f"{refused.code}: {refused.detail}") from refused
            self._fail(video_id, refused.code, refused.detail)
            return
        self._events.deliver()

    def further_rungs(self, video_id: VideoId, attempt: int = 0) -> None:
        """Add larger sizes, strip and preview to a video that is ready; without them it stays playable.

        Raises:
            TryLater: try again.
        """
        with self._engine.connect() as connection:
            found = catalog_repository.video(connection, video_id)
            upload = repository.upload_of_video(connection, video_id)
        if found is None or upload is None or found[0].state != "ready" or not self._files.path(upload.id).exists():
            return
        if attempt < MOST_ATTEMPTS:
            try:
                with self._workshop(upload) as workshop:
                    if upload.metadata.sound:
                        # From the video itself: the sound may be anything but shared by now.
                        workshop.use_sound(self._objects.read(found[0].renditions[0].object_key))
                    self._add_rungs(found[0], workshop)
            except MediaRefused as refused:
                if refused.code in _OURS and attempt + 1 < MOST_CRASHES:
                    raise TryLater(f"{refused.code}: {refused.detail}") from refused
                _log.warning("rung_failed", code=refused.code, detail=refused.detail[-500:])
        self._book.step(video_id)("complete")
        self._drop(upload)

    def delete_objects(self, keys: Sequence[str]) -> None:
        """Remove files that no row names any more."""
        for key in keys:
            self._objects.delete(key)

    def _use_chosen_sound(self, workshop: Workshop, upload: Upload) -> None:
        """Raises: MediaRefused `sound_gone`, where it may not be used any more."""
        if not upload.metadata.sound:
            return
        with self._engine.connect() as connection:
            try:
                used = access.sound_to_use(connection, SoundId(parse_id(upload.metadata.sound)), upload.account)
            except (NotFound, SoundNotShared) as error:
                raise MediaRefused("sound_gone", str(error)) from error
            found = catalog_repository.video(connection, used.video)
        if found is None or not found[0].renditions:
            raise MediaRefused("sound_gone", "the original has no files")
        workshop.use_sound(self._objects.read(found[0].renditions[0].object_key))

    def _workshop(self, upload: Upload) -> AbstractContextManager[Workshop]:
        return open_workshop(
            self._files.path(upload.id),
            self._work_root,
            self._limits,
            self._child_limits,
            cut=upload.metadata.cut,
            credentials=self._credentials(),
        )

    def _publish(self, video: Video, upload: Upload, made: FirstPlayable) -> None:
        video_id = video.id
        vector = self._encoder.encode(told(made.clip, video))
        examined = self._examiner.look(video, *made.pictures, made.provenance) if self._examiner is not None else None
        covers = [self._store(video_id, cover) for cover in made.covers]
        poster = replace(covers[made.best_cover], name="poster")
        stored = [self._store(video_id, made.rendition), *covers, poster]
        with self._engine.begin() as connection:
            listed = self._catalog.publish(
                connection,
                video_id,
                duration_ms=made.duration_ms,
                width=made.rendition.width,
                height=made.rendition.height,
                files=stored,
                encoder=self._encoder.name,
                vector=vector.tobytes(),
                provenance=made.provenance,
            )
            repository.set_step(connection, video_id, "playable", self._catalog.now())
            stopped = listed and examined is not None and self._note(connection, video, examined)
            if listed and not stopped:
                self._jobs.defer(
                    connection, FURTHER_RUNGS, lock=f"video-{video_id}", priority=_AFTER_FIRST_RUNGS, video=video_id
                )
                if self._speech is not None:
                    self._speech.begin(connection, video_id)
                if self._sounds is not None:
                    self._sounds.begin(connection, video_id)
                if self._on_screen is not None:
                    self._on_screen.begin(connection, video_id)
        if not listed:
            self.delete_objects([file.object_key for file in stored])
            self._files.remove(upload.id)

    def _note(self, connection: Connection, video: Video, examined: Examined) -> bool:
        """Whether the video ends with this transaction, before anybody saw it."""
        assert self._examiner is not None
        stopped = self._examiner.note(connection, replace(video, state="ready"), examined)
        if not stopped:
            texts = {"title": " ".join([video.title, *video.hashtags]), "alt_text": video.alt_text}
            self._examiner.read(connection, "video", video.id, texts, video.language, video.creator.id)
        return stopped

    def _drop(self, upload: Upload) -> None:
        """Every size is made: the original goes, unless the installation keeps originals."""
        if not self._keep_originals:
            self._files.remove(upload.id)

    def _add_rungs(self, video: Video, workshop: Workshop) -> None:
        facts = workshop.probe()
        have = {rendition.name for rendition in video.renditions}
        missing = tuple(side for side in rungs_for(Size(facts.width, facts.height))[1:] if f"{side}p" not in have)
        made_now = workshop.rungs(facts, missing, self._book.share(video.id), video.provenance) if missing else ()
        for made in made_now:
            stored = self._store(video.id, made)
            with self._engine.begin() as connection:
                added = self._catalog.add_rendition(connection, video.id, stored)
            if not added:
                self._objects.delete(stored.object_key)
                return
        self._add_glimpses(video, workshop)

    def _add_glimpses(self, video: Video, workshop: Workshop) -> None:
        if video.strip is not None and video.preview is not None:
            return
        smallest = self._objects.read(video.renditions[0].object_key)
        stored = [self._store(video.id, made) for made in workshop.glimpses(smallest, video.duration_ms)]
        with self._engine.begin() as connection:
            added = [self._catalog.add_rendition(connection, video.id, file) for file in stored]
        if not all(added):
            self.delete_objects([file.object_key for file in stored])

    def _store(self, video_id: VideoId, made: MadeFile) -> Rendition:
        # The hash in the key: a second try never overwrites what somebody is watching.
        key = f"videos/{format_id(video_id)}/{made.name}-{made.sha256[:16]}{made.path.suffix}"
        try:
            self._objects.put_file(key, made.path)
        except OSError as error:
            raise TryLater(f"storing failed: {error}") from error
        return Rendition(
            name=_rendition_name(made.name),
            object_key=key,
            content_type=made.content_type,
            size_bytes=made.size_bytes,
            sha256=made.sha256,
            width=made.width,
            height=made.height,
        )

    def _fail(self, video_id: VideoId, code: str, detail: str) -> None:
        reason = reason_for(code)
        _log.info("upload_failed", code=code, detail=detail[-500:])
        with self._engine.begin() as connection:
            self._catalog.fail(connection, video_id, reason.code, reason.text)
            repository.set_step(connection, video_id, "received", self._catalog.now())


def _rendition_name(name: str) -> RenditionName:
    if name not in get_args(RenditionName):
        raise ValueError(f"no rendition is called {name}")
    return cast(RenditionName, name)
