"""What the worker does beside its jobs."""

import asyncio

import pytest

from penchant.app import Penchant
from penchant.cli import worker
from penchant.core.clock import ManualClock
from penchant.safety.notes.model import Run

pytestmark = pytest.mark.service


def test_it_judges_notes_by_itself(cell: Penchant, clock: ManualClock):
    writer = cell.accounts.make_account("writer")
    clock.advance(8 * 86_400_000)
    with cell.engine.begin() as connection:
        video = cell.catalog.add(connection, writer.id, "waves", [], "en")
        cell.catalog.start_processing(connection, video)
        cell.catalog.publish(
            connection, video, duration_ms=6_000, width=480, height=854, files=[], encoder="t-1", vector=bytes(64)
        )
    cell.notes.write(writer, video, "satire", "A joke of 2019.")

    async def until_judged() -> list[Run]:
        judging = asyncio.create_task(worker._judge_notes(cell))
        try:
            async with asyncio.timeout(30):
                while not (runs := await asyncio.to_thread(cell.note_runs.last, 1)):
                    await asyncio.sleep(0.05)
            return runs
        finally:
            judging.cancel()
            await asyncio.gather(judging, return_exceptions=True)

    assert [(run.notes, run.ratings) for run in asyncio.run(until_judged())] == [(1, 0)]
