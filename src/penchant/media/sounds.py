"""Whose a sound is: looked for among those that are known, once a video is ready. The job may be killed anywhere.

What is the same as somebody's earlier sound is linked to it, if they let others use it; else the sound is the video's
own, and known from now on. Why is kept with the decision.
"""

from typing import Final

import structlog

from penchant.catalog import repository as catalog_repository
from penchant.catalog.access import SoundNotShared, sound_to_use
from penchant.catalog.model import Video
from penchant.catalog.service import CatalogService
from penchant.core.database import Connection, Engine
from penchant.core.errors import NotFound
from penchant.core.ids import SoundId, VideoId
from penchant.core.jobs import Jobs, TryLater
from penchant.media import sound_rows
from penchant.media.fingerprint import Fingerprint, Match, asked, matches, stored
from penchant.media.model import SoundState
from penchant.media.sandbox import MediaRefused
from penchant.media.senses import Senses

KNOW_SOUND: Final = "media.know_sound"
QUEUE: Final = "sounds"
"""A queue of its own, as that of speech: the next video becomes playable meanwhile."""
MOST_TRIES: Final = 3
_FINAL: Final = frozenset({"sandbox_off", "timed_out"})

_log = structlog.get_logger("media")


class SoundService:
    """Asks for the sound of a video to be known and, in the worker, decides."""

    def __init__(
        self,
        engine: Engine,
        catalog: CatalogService,
        jobs: Jobs,
        senses: Senses,
    ) -> None:
        self._engine = engine
        self._catalog = catalog
        self._jobs = jobs
        self._senses = senses

    def begin(self, connection: Connection, video_id: VideoId) -> None:
        """Have the sound of a video looked for that has become ready, if nobody did before."""
        if not sound_rows.checks(connection, [video_id]):
            sound_rows.set_check(connection, video_id, "waiting", self._catalog.now())
            self._jobs.defer(connection, KNOW_SOUND, lock=f"sound-{video_id}", queue=QUEUE, video=video_id)

    def share(self, connection: Connection, video_id: VideoId, *, shared: bool) -> None:
        """Let others use the sound of a video, or no longer.

        Raises:
            NotFound: it has none of its own.
            SoundNotShared: it is like a sound that somebody else does not share.
        """
        check = sound_rows.checks(connection, [video_id]).get(video_id)
        if shared and check is not None and check.like is not None:
            raise SoundNotShared("somebody had this sound before and does not share it")
        if not catalog_repository.set_sharing(connection, video_id, shared=shared):
            raise NotFound("this video has no sound of its own")

    def know(self, video_id: VideoId, attempt: int = 0) -> None:
        """Listen to a video and decide whose its sound is. `attempt` counts earlier tries of the same job.

        Raises:
            TryLater: try again.
        """
        with self._engine.connect() as connection:
            found = catalog_repository.video(connection, video_id)
            check = sound_rows.checks(connection, [video_id]).get(video_id)
        if found is None or found[0].state != "ready" or check is None or check.state != "waiting":
            return  # removed meanwhile, or decided already: this is the second delivery
        video = found[0]
        if video.sound is not None:
            self._end(video_id, "chosen")
        elif attempt >= MOST_TRIES:
            self._end(video_id, "failed")
        else:
            self._try(video, attempt)

    def _try(self, video: Video, attempt: int) -> None:
        try:
            samples = self._senses.hear(video)
        except MediaRefused as refused:
            _log.warning("sound_failed", code=refused.code, detail=str(refused)[-500:])
            if attempt + 1 < MOST_TRIES and refused.code not in _FINAL:
                raise TryLater(f"{refused.code}: {refused}") from refused
            self._end(video.id, "failed")
            return
        known = stored(samples)
        if known.is_telling:
            self._decide(video, known, asked(samples))
        else:
            self._end(video.id, "silent")

    def _decide(self, video: Video, known: Fingerprint, question: Fingerprint) -> None:
        with self._engine.begin() as connection:
            sound_rows.lock_decision(connection)
            row = catalog_repository.lock_video(connection, video.id)
            check = sound_rows.checks(connection, [video.id]).get(video.id)
            if row is None or row.state != "ready" or row.sound_id is not None or check is None:
                return
            others = self._of_others(connection, video, question)
            usable = [match for match in others if self._may_use(connection, video, match.sound)]
            if usable:
                catalog_repository.update_video(connection, video.id, sound_id=usable[0].sound)
                sound_rows.set_check(connection, video.id, "linked", self._catalog.now(), usable[0])
                return
            # What somebody does not let others use does not become free because another posted it, too.
            sound = self._catalog.add_original_sound(connection, video, shared=not others)
            sound_rows.put_hashes(connection, sound, known)
            why = others[0] if others else None
            sound_rows.set_check(connection, video.id, "own", self._catalog.now(), why)

    def _of_others(self, connection: Connection, video: Video, question: Fingerprint) -> list[Match[SoundId]]:
        """Matches with sounds of other people, the oldest first."""
        found = matches(question, sound_rows.hits(connection, question))
        owners = catalog_repository.sound_owners(connection, [match.sound for match in found])
        return sorted(
            (match for match in found if owners.get(match.sound) not in (None, video.creator.id)),
            key=lambda match: match.sound,
        )

    def _may_use(self, connection: Connection, video: Video, sound: SoundId) -> bool:
        try:
            sound_to_use(connection, sound, video.creator.id)
        except (NotFound, SoundNotShared):
            return False
        return True

    def _end(self, video_id: VideoId, state: SoundState) -> None:
        with self._engine.begin() as connection:
            sound_rows.set_check(connection, video_id, state, self._catalog.now())
