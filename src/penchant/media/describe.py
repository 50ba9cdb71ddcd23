"""Content vectors made anew, once there is another encoder: only vectors of one encoder can be compared.

Each video is a step of its own, so that a run that was cut off is gone on with by the next.
"""

from collections.abc import Callable
from typing import NamedTuple

from penchant.catalog import repository as catalog_repository
from penchant.catalog.service import CatalogService
from penchant.core.database import Engine
from penchant.core.errors import NotFound
from penchant.core.ids import VideoId
from penchant.events.service import EventService
from penchant.media.encoder import ContentEncoder
from penchant.media.sandbox import MediaRefused
from penchant.media.senses import Senses

Report = Callable[[int, int], None]
"""How many are done, of how many."""


class Described(NamedTuple):
    """What came of a run."""

    made: int
    refused: dict[VideoId, str]
    """Why a video keeps the vector it had, if any."""


class Describer:
    """Finds videos whose vector another encoder made, and makes them this encoder's."""

    def __init__(
        self,
        engine: Engine,
        catalog: CatalogService,
        events: EventService,
        senses: Senses,
        encoder: ContentEncoder,
    ) -> None:
        self._engine = engine
        self._catalog = catalog
        self._events = events
        self._senses = senses
        self.encoder = encoder

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
        vector = self.encoder.encode(self._senses.see(found[0]))
        with self._engine.begin() as connection:
            kept = self._catalog.set_vector(connection, video_id, self.encoder.name, vector.tobytes())
        self._events.deliver()
        return kept
