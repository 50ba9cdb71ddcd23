"""The room's background jobs, registered with a cell's job app; the worker runs them."""

import time
from datetime import UTC, datetime
from pathlib import Path

import procrastinate
import structlog

from penchant.core.ids import VideoId
from penchant.media import on_screen as on_screen_jobs
from penchant.media import sounds as sound_jobs
from penchant.media.on_screen import READ_PICTURES, OnScreenService
from penchant.media.process import DELETE_OBJECTS, FURTHER_RUNGS, MOST_ATTEMPTS, MediaProcessor
from penchant.media.sounds import KNOW_SOUND, SoundService
from penchant.media.speech import QUEUE, WRITE_CAPTIONS, SpeechService
from penchant.media.uploads import FIRST_PLAYABLE, UploadService
from penchant.media.workshop import sweep_workshops

HEARTBEAT_S = 2.0
"""How often a worker has to say that it lives: pass it to `run_worker_async(update_heartbeat_interval=…)`."""
STALLED_AFTER_S = 10.0
"""After how much silence a worker's jobs are taken to be orphaned (`stalled_worker_timeout=…`)."""

_AGAIN = procrastinate.RetryStrategy(max_attempts=MOST_ATTEMPTS + 2, wait=2, linear_wait=4)
_WORK_LEFT_BEHIND_S = 3 * 3600.0

_log = structlog.get_logger("media")


def register_tasks(
    app: procrastinate.App,
    processor: MediaProcessor,
    speech: SpeechService,
    sounds: SoundService,
    on_screen: OnScreenService,
    uploads: UploadService,
    work_root: Path,
) -> None:
    """Add the media jobs and their sweeps to `app`."""

    @app.task(name=FIRST_PLAYABLE, pass_context=True, retry=_AGAIN)
    def first_playable(context: procrastinate.JobContext, video: int) -> None:
        processor.first_playable(VideoId(video), context.job.attempts)

    @app.task(name=FURTHER_RUNGS, pass_context=True, retry=_AGAIN)
    def further_rungs(context: procrastinate.JobContext, video: int) -> None:
        processor.further_rungs(VideoId(video), context.job.attempts)

    @app.task(name=WRITE_CAPTIONS, queue=QUEUE, pass_context=True, retry=_AGAIN)
    def write_captions(context: procrastinate.JobContext, video: int) -> None:
        speech.write(VideoId(video), context.job.attempts)

    @app.task(name=KNOW_SOUND, queue=sound_jobs.QUEUE, pass_context=True, retry=_AGAIN)
    def know_sound(context: procrastinate.JobContext, video: int) -> None:
        sounds.know(VideoId(video), context.job.attempts)

    @app.task(name=READ_PICTURES, queue=on_screen_jobs.QUEUE, pass_context=True, retry=_AGAIN)
    def read_pictures(context: procrastinate.JobContext, video: int) -> None:
        on_screen.read(VideoId(video), context.job.attempts)

    @app.task(name=DELETE_OBJECTS, retry=_AGAIN)
    def delete_objects(keys: list[str]) -> None:
        processor.delete_objects(keys)

    @app.periodic(cron="7 * * * *")
    @app.task(name="media.sweep", queueing_lock="media.sweep")
    def sweep(timestamp: int) -> None:
        uploads.sweep()
        sweep_workshops(work_root, _WORK_LEFT_BEHIND_S, time.time())


async def requeue_stalled(app: procrastinate.App, silent_for_s: float = STALLED_AFTER_S) -> int:
    """Put jobs of workers that died back into the queue; returns how many. Each counts as an attempt."""
    jobs = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=silent_for_s))
    for job in jobs:
        _log.warning("job_requeued", task=job.task_name, attempts=job.attempts)
        await app.job_manager.retry_job(job, retry_at=datetime.now(UTC))
    return len(jobs)
