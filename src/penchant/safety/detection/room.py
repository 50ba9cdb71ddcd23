"""What others use of the room's detection: one function that builds it from a cell's parts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import procrastinate

from penchant.core.clock import Clock
from penchant.core.database import Engine
from penchant.core.ids import VideoId
from penchant.core.jobs import Jobs
from penchant.core.objects import ObjectStore
from penchant.core.settings import Settings
from penchant.safety.detection.banks import BankService
from penchant.safety.detection.examine import Examiner
from penchant.safety.detection.hold import Lift, Quarantine
from penchant.safety.detection.links import LinkDetector, read_links
from penchant.safety.detection.spam import SpamDetector
from penchant.safety.detection.tasks import register_tasks
from penchant.safety.detection.words import WordDetector, read_words
from penchant.safety.ports import Detector, Found


@dataclass(frozen=True)
class DetectionRoom:
    """Banks, the quarantine, and who looks at what is posted."""

    banks: BankService
    quarantine: Quarantine
    examiner: Examiner

    def register(self, app: procrastinate.App, original: Callable[[VideoId], Path | None]) -> None:
        """Add the jobs to the worker's job app. original: the file that was uploaded for a video, if it is there."""
        register_tasks(app, self.examiner, self.quarantine, original)


def build_detection(
    settings: Settings,
    engine: Engine,
    clock: Clock,
    objects: ObjectStore,
    jobs: Jobs,
    found: Found,
    lift: Lift,
    of_pictures: Sequence[Detector] = (),
) -> DetectionRoom:
    """The detection of one cell. of_pictures: detectors beside those of hashes, of extras that are installed.

    Raises:
        SettingWrong: a list of the operator's cannot be read.
    """
    banks = BankService(engine, clock, jobs)
    quarantine = Quarantine(engine, clock, objects, jobs, lift, settings.held_days)
    of_words = (
        WordDetector(read_words(settings.safety_words)),
        LinkDetector(read_links(settings.safety_links)),
        SpamDetector(engine, clock),
    )
    return DetectionRoom(banks, quarantine, Examiner(engine, banks, quarantine, found, of_pictures, of_words))
