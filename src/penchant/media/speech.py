"""Captions that nobody had to write: a ready video is listened to, apart from all other jobs, and never twice at once.

What a person wrote is never replaced. A video is complete without this; a failure is told to its owner, who may ask
again.
"""

from collections.abc import Sequence
from typing import Final, Literal

import structlog

from penchant.catalog import repository as catalog_repository
from penchant.catalog.model import Video, primary_language
from penchant.catalog.service import CatalogService
from penchant.core.database import Connection, Engine
from penchant.core.errors import Conflict, Invalid, NotFound
from penchant.core.ids import VideoId
from penchant.core.jobs import Jobs, TryLater
from penchant.media import repository
from penchant.media.cues import cues_of
from penchant.media.model import SpeechState
from penchant.media.sandbox import MediaRefused
from penchant.media.senses import Senses
from penchant.media.transcriber import SpokenWord, Transcriber, TranscriberFailed
from penchant.safety.detection.examine import Examiner

WRITE_CAPTIONS: Final = "media.write_captions"
QUEUE: Final = "speech"
"""A queue of its own: the next video is made playable while this one is listened to."""
MOST_TRIES: Final = 3
_FINAL: Final = frozenset({"sandbox_off", "timed_out"})
"""What another try straight away would not change."""

_log = structlog.get_logger("media")


class SpeechService:
    """Asks for automatic captions and, in the worker, writes them; `transcriber` None: this place has none."""

    def __init__(
        self,
        engine: Engine,
        catalog: CatalogService,
        jobs: Jobs,
        senses: Senses,
        transcriber: Transcriber | None,
        examiner: Examiner | None = None,
    ) -> None:
        self._engine = engine
        self._catalog = catalog
        self._jobs = jobs
        self._senses = senses
        self._transcriber = transcriber
        self._examiner = examiner

    def understands(self, video: Video) -> bool:
        """Whether the words of this video could be written down here, by the language that its creator named."""
        return self._transcriber is not None and primary_language(video.language) in self._transcriber.languages

    def begin(self, connection: Connection, video_id: VideoId) -> None:
        """Have a video listened to that has become ready, if its language is known here and nobody asked before."""
        found = catalog_repository.video(connection, video_id)
        if found is not None and self.understands(found[0]) and not repository.speech_of(connection, [video_id]):
            self._defer(connection, video_id)

    def again(self, connection: Connection, video: Video) -> None:
        """Have it listened to once more, as its creator wishes.

        Raises:
            NotFound: this place does not write captions in the language of the video.
            Conflict: the video is not ready, is waiting for it already, or has captions of a person.
        """
        if not self.understands(video):
            raise NotFound("captions in the language of this video are not written here")
        if video.state != "ready":
            raise Conflict("this video is not ready yet")
        # Locked, so that two at once do not ask twice.
        catalog_repository.lock_video(connection, video.id)
        if repository.speech_of(connection, [video.id]).get(video.id) == "waiting":
            raise Conflict("this video is waiting for it already")
        if video.has_words_of_a_person(video.language):
            raise Conflict("there are captions that a person wrote")
        self._defer(connection, video.id)

    def states(self, connection: Connection, videos: Sequence[Video]) -> dict[VideoId, SpeechState | Literal["none"]]:
        """What became of listening to those videos that can be listened to; `none`: nobody asked."""
        can = [video.id for video in videos if video.state == "ready" and self.understands(video)]
        found = repository.speech_of(connection, can)
        return {id_: found.get(id_, "none") for id_ in can}

    def write(self, video_id: VideoId, attempt: int = 0) -> None:
        """Listen to a video and add its captions. `attempt` counts earlier tries of the same job.

        Raises:
            TryLater: try again.
        """
        with self._engine.connect() as connection:
            found = catalog_repository.video(connection, video_id)
        if found is None or found[0].state != "ready":
            return
        video = found[0]
        if video.has_words_of_a_person(video.language):
            self._end(video_id, "kept")
        elif self._transcriber is None or not self.understands(video) or attempt >= MOST_TRIES:
            # It was on when the video came and is off now, or workers die over it.
            self._end(video_id, "failed")
        else:
            self._try(video, self._transcriber, attempt)

    def _try(self, video: Video, transcriber: Transcriber, attempt: int) -> None:
        try:
            words = self._listen(video, transcriber)
        except (MediaRefused, TranscriberFailed) as error:
            _log.warning("speech_failed", code=error.code, detail=str(error)[-500:])
            if attempt + 1 < MOST_TRIES and error.code not in _FINAL:
                raise TryLater(f"{error.code}: {error}") from error
            self._end(video.id, "failed")
        else:
            self._put(video, words)

    def _listen(self, video: Video, transcriber: Transcriber) -> list[SpokenWord]:
        samples = self._senses.hear(video)
        return transcriber.transcribe(samples) if len(samples) else []

    def _put(self, video: Video, words: list[SpokenWord]) -> None:
        state: SpeechState = "silent"
        with self._engine.begin() as connection:
            if words:
                try:
                    put = self._catalog.put_automatic_captions(connection, video.id, video.language, cues_of(words))
                    state = "written" if put else "kept"
                except Invalid:
                    state = "silent"  # signs, but no words
                if self._examiner is not None:
                    said = {"speech": " ".join(word.text for word in words)}
                    self._examiner.read(connection, "video", video.id, said, video.language, video.creator.id)
            repository.set_speech(connection, video.id, state, self._catalog.now())

    def _end(self, video_id: VideoId, state: SpeechState) -> None:
        with self._engine.begin() as connection:
            repository.set_speech(connection, video_id, state, self._catalog.now())

    def _defer(self, connection: Connection, video_id: VideoId) -> None:
        repository.set_speech(connection, video_id, "waiting", self._catalog.now())
        self._jobs.defer(connection, WRITE_CAPTIONS, lock=f"speech-{video_id}", queue=QUEUE, video=video_id)
