"""`penchant worker`: one process that does what is deferred: media jobs and sweeps."""

import asyncio
import os
import time

import structlog
from procrastinate.jobs import DEFAULT_QUEUE

from penchant.adapters import whisper
from penchant.app import Penchant, build
from penchant.cli.configuration import plain_errors, read_settings
from penchant.core.ids import format_id
from penchant.core.jobs import forget_failed_jobs
from penchant.core.logs import configure_logs
from penchant.media.on_screen import QUEUE as ON_SCREEN_QUEUE
from penchant.media.readiness import note_readiness
from penchant.media.sounds import QUEUE as SOUND_QUEUE
from penchant.media.speech import QUEUE as SPEECH_QUEUE
from penchant.media.tasks import HEARTBEAT_S, STALLED_AFTER_S, requeue_stalled
from penchant.operations.processes import watch_lifeline
from penchant.operations.storage import sweep_objects
from penchant.safety.detection.banks import QUEUE as SAFETY_QUEUE

_ROUND_S = 2.0
_LET_GO_EVERY_S = 3600.0
_SWEEP_OBJECTS_EVERY_S = 24 * 3600.0
_COUNT_EVERY_S = 20.0
_SPREAD_EVERY_S = 5.0
_LEDGER_EVERY_S = 0.4
_COSIGN_EVERY_S = 3.0
_MIRROR_EVERY_S = 20.0
_COUNT_SHARE = 20
"""Counting the day's figures takes at most a twentieth of the time."""
_JUDGE_EVERY_S = 120.0


def worker() -> None:
    """Process uploads and sweep; any number of workers may run side by side."""
    with plain_errors():
        settings = read_settings()
        configure_logs(settings.log_level, "worker")
        watch_lifeline(os.environ)
        cell = build(settings, application="penchant-worker")
        try:
            cell.ledgered.begin()
            note_readiness(settings.data, strict=settings.media_sandbox == "strict")
            if settings.automatic_captions and not whisper.is_installed():
                structlog.get_logger("worker").warning("captions_off", reason="the extra speech is not installed")
            asyncio.run(_work(cell))
        finally:
            cell.close()


async def _work(cell: Penchant) -> None:
    async with cell.job_app.open_async():
        beside = [
            asyncio.create_task(_sweep(cell)),
            asyncio.create_task(_keep_ledger(cell)),
            asyncio.create_task(_ask_witnesses(cell)),
            asyncio.create_task(_mirror(cell)),
            asyncio.create_task(_count(cell)),
            asyncio.create_task(_slow_down(cell)),
            asyncio.create_task(_judge_notes(cell)),
            # Listening and reading take long and nobody waits; in one queue with the other jobs, the next video would.
            asyncio.create_task(_jobs(cell, SPEECH_QUEUE, is_main=False)),
            asyncio.create_task(_jobs(cell, SOUND_QUEUE, is_main=False)),
            asyncio.create_task(_jobs(cell, ON_SCREEN_QUEUE, is_main=False)),
            asyncio.create_task(_jobs(cell, SAFETY_QUEUE, is_main=False)),
        ]
        try:
            await _jobs(cell, DEFAULT_QUEUE)
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)


async def _jobs(cell: Penchant, queue: str, *, is_main: bool = True) -> None:
    """Work a queue off, one job at a time, until told to stop: the main one by signals."""
    await cell.job_app.run_worker_async(
        queues=[queue],
        name=queue,
        concurrency=1,
        update_heartbeat_interval=HEARTBEAT_S,
        stalled_worker_timeout=STALLED_AFTER_S,
        delete_jobs="successful",
        shutdown_graceful_timeout=3,
        install_signal_handlers=is_main,
    )


async def _sweep(cell: Penchant) -> None:
    """Mend what crashed processes left: jobs of dead workers, events told but not delivered; let go what is too old.

    Beside the jobs and not one of them: a long transcode must not hold it up.
    """
    log = structlog.get_logger("worker")
    loop = asyncio.get_running_loop()
    let_go_at, objects_at = loop.time() - _LET_GO_EVERY_S, loop.time()
    while True:
        try:
            await requeue_stalled(cell.job_app)
            await asyncio.to_thread(cell.events.deliver)
            await asyncio.to_thread(cell.safety.sweep)
            await asyncio.to_thread(cell.desk.counter_notices.sweep)
            if loop.time() - let_go_at > _LET_GO_EVERY_S:
                let_go_at = loop.time()
                await asyncio.to_thread(cell.partners.lift_ended)
                await asyncio.to_thread(cell.retention.enforce)
                await asyncio.to_thread(cell.ledgered.let_go, cell.settings.replay_days)
                await asyncio.to_thread(cell.closing.enforce)
                if cell.counting is not None:
                    await asyncio.to_thread(cell.counting.bring_up_to_date)
                await forget_failed_jobs(cell.job_app)
            if loop.time() - objects_at > _SWEEP_OBJECTS_EVERY_S:
                objects_at = loop.time()
                await asyncio.to_thread(sweep_objects, cell.engine, cell.objects, time.time())
        except Exception:
            # The database may be away for a moment; the next round does it.
            log.exception("sweep failed")
        await asyncio.sleep(_ROUND_S)


async def _keep_ledger(cell: Penchant) -> None:
    """Order and sign what was appended to the ledger."""
    log = structlog.get_logger("worker")
    while True:
        try:
            await asyncio.to_thread(cell.ledger.sequencer.run_empty)
        except Exception:
            # The database may be away for a moment; where it was set back, an operator has to see this.
            log.exception("the ledger does not grow")
        await asyncio.sleep(_LEDGER_EVERY_S)


async def _ask_witnesses(cell: Penchant) -> None:
    """Have the log's witnesses cosign, so often that what they signed last always counts as lately."""
    log = structlog.get_logger("worker")
    while cell.cosigning.witnesses:
        try:
            await asyncio.to_thread(cell.cosigning.round)
        except Exception:
            # The database may be away for a moment; where a witness knows of another log, an operator has to see this.
            log.exception("nobody cosigns")
        await asyncio.sleep(_COSIGN_EVERY_S)


async def _mirror(cell: Penchant) -> None:
    """Bring the public videos of other markets here, where some are named, and let go of those that are not."""
    log = structlog.get_logger("worker")
    while True:
        try:
            await asyncio.to_thread(cell.mirroring.round)
        except Exception:
            # The database may be away for a moment, or the disk full; the next round goes on where this one was.
            log.exception("mirroring failed")
        await asyncio.sleep(_MIRROR_EVERY_S)


async def _slow_down(cell: Penchant) -> None:
    """See how fast videos spread, and slow what the policy says."""
    log = structlog.get_logger("worker")
    while True:
        try:
            await asyncio.to_thread(cell.spread.bring_up_to_date)
            for video in await asyncio.to_thread(cell.circuit_breaker.look):
                log.info("slowed", video=format_id(video))
        except Exception:
            # The database may be away for a moment; the next round goes on where this one was.
            log.exception("watching the spread failed")
        await asyncio.sleep(_SPREAD_EVERY_S)


async def _count(cell: Penchant) -> None:
    """Bring the daily figures up to date, again and again."""
    log = structlog.get_logger("worker")
    loop = asyncio.get_running_loop()
    while True:
        began = loop.time()
        try:
            await asyncio.to_thread(cell.figures.bring_up_to_date)
        except Exception:
            # The database may be away for a moment; the next round counts everything that is missing.
            log.exception("counting failed")
        await asyncio.sleep(max(_COUNT_EVERY_S, _COUNT_SHARE * (loop.time() - began)))


async def _judge_notes(cell: Penchant) -> None:
    """Score community notes where something was rated, and show what has held; at most a twentieth of the time."""
    log = structlog.get_logger("worker")
    loop = asyncio.get_running_loop()
    while True:
        began = loop.time()
        try:
            run = await asyncio.to_thread(cell.note_runs.bring_up_to_date)
            if run is not None:
                log.info("notes_judged", notes=run.notes, ratings=run.ratings, result=run.result_digest)
        except Exception:
            # The database may be away for a moment; the next round judges what is there then.
            log.exception("judging notes failed")
        await asyncio.sleep(max(_JUDGE_EVERY_S, _COUNT_SHARE * (loop.time() - began)))
