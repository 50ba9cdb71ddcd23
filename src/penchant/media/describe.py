"""Content vectors made anew, once there is another encoder: only vectors of one encoder can be compared.

Each video is a step of its own, so that a run that was cut off is gone on with by the next.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from penchant.catalog import repository as catalog_repository
from penchant.catalog.model import Video
from penchant.catalog.service import CatalogService
from penchant.core.database import Engine
from penchant.core.errors import NotFound
from penchant.core.ids import VideoId
from penchant.core.objects import ObjectStore
from penchant.events.service import EventService
from penchant.media.encoder import Clip, ClipEncoder, ContentEncoder
from penchant.media.limits import ChildLimits
from penchant.media.sandbox import MediaRefused
from penchant.media.workshop import open_workshop

Report = Callable[[int, int], None]
"""How many are done, of how many."""


class Described(NamedTuple):
    """What came of a run."""

    made: int
    refused: dict[VideoId, str]
    """Why a video keeps the vector it had, if any."""


def told(clip: Clip, video: Video) -> Clip:
    """What is seen and heard, with what its creator says of it."""
    return clip._replace(title=video.title, hashtags=video.hashtags, language=video.language)


class Describer:
    """Finds videos whose vector another encoder made, and makes them this encoder's."""

    def __init__(
        self,
        engine: Engine,
        catalog: CatalogService,
        events: EventService,
        objects: ObjectStore,
        work_root: Path,
        child_limits: ChildLimits,
        encoder: ContentEncoder | None = None,
    ) -> None:
        self._engine = engine
        self._catalog = catalog
        self._events = events
        self._objects = objects
        self._work_root = work_root
        self._child_limits = child_limits
        self.encoder = encoder or ClipEncoder()

    def outstanding(self) -> list[VideoId]:
        """Listed videos whose vector is of another encoder, the newest first: those are what it is for."""
        with self._engine.connect() as connection:
            return catalog_repository.videos_not_encoded_by(connection, self.encoder.name)

    def describe(self, report: Report) -> Described:
        """Make all that are outstanding; the learner hears of each as if it were published again."""
        wanted = self.outstanding()
        made, refused = 0, {}
        for number, video_id in enumerate(wanted):
            report(number, len(wanted))
            try:
                made += self._describe(video_id)
            except (MediaRefused, NotFound) as error:
                refused[video_id] = str(error)
        report(len(wanted), len(wanted))
        return Described(made, refused)

    def _describe(self, video_id: VideoId) -> bool:
        with self._engine.connect() as connection:
            found = catalog_repository.video(connection, video_id)
        if found is None or found[0].state != "ready":
            return False  # removed meanwhile
        video = found[0]
        rendition = self._objects.read(video.renditions[0].object_key)
        with open_workshop(None, self._work_root, child_limits=self._child_limits) as workshop:
            clip = workshop.look(rendition, video.duration_ms or 0)
        vector = self.encoder.encode(told(clip, video))
        with self._engine.begin() as connection:
            kept = self._catalog.set_vector(connection, video_id, self.encoder.name, vector.tobytes())
        self._events.deliver()
        return kept
