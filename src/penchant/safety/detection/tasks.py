"""The room's background jobs, registered with a cell's job app; the worker runs them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import procrastinate

from penchant.core.ids import VideoId
from penchant.safety.detection.banks import LOOK_AGAIN, QUEUE
from penchant.safety.detection.examine import Examiner
from penchant.safety.detection.hold import HOLD, Quarantine

_AGAIN = procrastinate.RetryStrategy(max_attempts=10, wait=2, linear_wait=10)


def register_tasks(
    app: procrastinate.App,
    examiner: Examiner,
    quarantine: Quarantine,
    original: Callable[[VideoId], Path | None],
) -> None:
    """Add the jobs to `app`. original: the file that was uploaded for a video, if it is still there."""

    @app.task(name=LOOK_AGAIN, queue=QUEUE, retry=_AGAIN)
    def look_again(bank: str) -> None:
        examiner.look_again(bank)

    @app.task(name=HOLD, retry=_AGAIN)
    def hold(video: int, why: dict[str, Any]) -> None:
        quarantine.hold(VideoId(video), why, original(VideoId(video)))

    @app.periodic(cron="23 * * * *")
    @app.task(name="safety.sweep_held", queueing_lock="safety.sweep_held")
    def sweep_held(timestamp: int) -> None:
        quarantine.sweep()
