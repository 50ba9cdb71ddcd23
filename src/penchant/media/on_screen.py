"""Words that are written in the picture: a listed video's stills are read, apart from all other jobs.

Reading takes seconds, and a video is complete without it. Of the lines nothing is kept but a listed phrase or domain.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import structlog
from numpy.typing import NDArray

from penchant.catalog import repository as catalog_repository
from penchant.catalog.model import Video
from penchant.core.database import Connection, Engine
from penchant.core.errors import NotFound, PenchantError
from penchant.core.ids import VideoId, format_id
from penchant.core.jobs import Jobs, TryLater
from penchant.media.sandbox import MediaRefused
from penchant.media.senses import Senses
from penchant.safety.detection.examine import Examiner

READ_PICTURES: Final = "media.read_pictures"
QUEUE: Final = "on_screen"
"""A queue of its own, as that of speech: the next video becomes playable meanwhile."""
MOST_TRIES: Final = 3
MOST_STILLS: Final = 6
SHORT_SIDE: Final = 480
"""Pixels: of the smallest size that every video has."""
_FINAL: Final = frozenset({"sandbox_off", "timed_out"})
"""What another try straight away would not change."""

ReadLines = Callable[[NDArray[np.uint8]], list[list[str]]]
"""The lines of each of (N, H, W, 3) RGB, from top to bottom. Raises `ReaderFailed`."""

_log = structlog.get_logger("media")


class ReaderFailed(PenchantError):
    """There is no answer: the model cannot be loaded, broke down or took too long."""

    code = "reader_failed"


class OnScreenService:
    """Asks for pictures to be read and, in the worker, has the lines looked at; `read` None: this place has none."""

    def __init__(
        self, engine: Engine, jobs: Jobs, senses: Senses, read: ReadLines | None, examiner: Examiner | None
    ) -> None:
        self._engine = engine
        self._jobs = jobs
        self._senses = senses
        self._read = read
        self._examiner = examiner

    def begin(self, connection: Connection, video_id: VideoId) -> None:
        """Have the pictures of a video read that has become ready."""
        if self._read is not None:
            self._jobs.defer(connection, READ_PICTURES, lock=f"on-screen-{video_id}", queue=QUEUE, video=video_id)

    def read(self, video_id: VideoId, attempt: int = 0) -> None:
        """Read a video's pictures and look at the lines. `attempt` counts earlier tries of the same job.

        Raises:
            TryLater: try again.
        """
        with self._engine.connect() as connection:
            found = catalog_repository.video(connection, video_id)
        if found is None or found[0].state != "ready" or self._read is None:
            return
        if attempt >= MOST_TRIES:
            _log.warning("on_screen_given_up", video=format_id(video_id))  # workers die over it
            return
        try:
            pictures = self._senses.stills(found[0], SHORT_SIDE, MOST_STILLS)
            lines = self._read(pictures.frames)
        except NotFound:
            return  # deleted meanwhile
        except (MediaRefused, ReaderFailed) as error:
            _log.warning("on_screen_failed", code=error.code, detail=str(error)[-500:])
            if attempt + 1 < MOST_TRIES and error.code not in _FINAL:
                raise TryLater(f"{error.code}: {error}") from error
        else:
            self._look(found[0], lines)

    def _look(self, video: Video, lines: list[list[str]]) -> None:
        if self._examiner is None:
            return
        # What stands in several pictures is said once.
        text = "\n".join(dict.fromkeys(line for picture in lines for line in picture))
        with self._engine.begin() as connection:
            row = catalog_repository.lock_video(connection, video.id)
            if row is not None and row.state == "ready":
                texts = {"on_screen": text}
                self._examiner.read(connection, "video", video.id, texts, video.language, video.creator.id)
