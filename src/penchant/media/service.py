"""The room as the composition root sees it: one function that builds it from a cell's parts."""

from dataclasses import dataclass
from pathlib import Path

import procrastinate

from penchant.catalog.service import CatalogService
from penchant.core.clock import Clock
from penchant.core.database import Engine
from penchant.core.jobs import Jobs
from penchant.core.objects import ObjectStore
from penchant.core.settings import Settings
from penchant.events.service import EventService
from penchant.media.describe import Describer
from penchant.media.encoder import ClipEncoder
from penchant.media.limits import ChildLimits, MediaLimits
from penchant.media.news import NewsService
from penchant.media.on_screen import OnScreenService, ReadLines
from penchant.media.process import MediaProcessor
from penchant.media.quotas import Quotas
from penchant.media.senses import Senses
from penchant.media.signing import credentials_from
from penchant.media.sounds import SoundService
from penchant.media.speech import SpeechService
from penchant.media.tasks import register_tasks
from penchant.media.transcriber import Transcriber
from penchant.media.upload_files import UploadFiles
from penchant.media.uploads import UploadService
from penchant.safety.detection.examine import Examiner


@dataclass(frozen=True)
class MediaRoom:
    """What others use of `media`."""

    uploads: UploadService
    news: NewsService
    processor: MediaProcessor
    speech: SpeechService
    sounds: SoundService
    on_screen: OnScreenService
    describer: Describer
    senses: Senses
    work_root: Path

    def register(self, app: procrastinate.App) -> None:
        """Add the room's jobs to the worker's job app."""
        register_tasks(app, self.processor, self.speech, self.sounds, self.on_screen, self.uploads, self.work_root)


def build_media(
    settings: Settings,
    engine: Engine,
    clock: Clock,
    catalog: CatalogService,
    events: EventService,
    jobs: Jobs,
    objects: ObjectStore,
    transcriber: Transcriber | None = None,
    examiner: Examiner | None = None,
    read_lines: ReadLines | None = None,
) -> MediaRoom:
    """The room of one cell; makes its folders (`uploads`, `work`) inside the data folder."""
    files = UploadFiles(settings.data / "uploads")
    work_root = settings.data / "work"
    limits = MediaLimits(seconds=float(settings.upload_seconds))
    child_limits = ChildLimits(strict=settings.media_sandbox == "strict")
    senses = Senses(objects, work_root, child_limits)
    speech = SpeechService(engine, catalog, jobs, senses, transcriber, examiner)
    encoder = ClipEncoder()
    sounds = SoundService(engine, catalog, jobs, senses)
    on_screen = OnScreenService(engine, jobs, senses, read_lines, examiner)
    languages = [language.strip() for language in settings.languages.split(",")]
    return MediaRoom(
        uploads=UploadService(
            engine,
            clock,
            files,
            catalog,
            jobs,
            largest_bytes=settings.upload_bytes,
            longest_ms=limits.longest_ms,
            languages=languages,
            quotas=Quotas(settings.uploads_per_day, settings.upload_bytes_per_day),
            originals_days=settings.originals_days,
        ),
        news=NewsService(engine, clock, files),
        processor=MediaProcessor(
            engine,
            files,
            catalog,
            events,
            jobs,
            objects,
            work_root,
            limits,
            child_limits,
            encoder=encoder,
            keep_originals=settings.originals_days > 0,
            speech=speech,
            credentials=credentials_from(settings),
            sounds=sounds,
            on_screen=on_screen,
            examiner=examiner,
        ),
        speech=speech,
        sounds=sounds,
        on_screen=on_screen,
        describer=Describer(engine, catalog, events, senses, encoder),
        senses=senses,
        work_root=work_root,
    )
