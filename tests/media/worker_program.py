"""A worker of one cell in a process of its own: `python worker_program.py DATA_FOLDER DATABASE_URL`; killed at will."""

import asyncio
import sys
from pathlib import Path

from penchant.app import build
from penchant.core.settings import Settings
from penchant.media.tasks import HEARTBEAT_S, STALLED_AFTER_S


async def main(data: str, database_url: str) -> None:
    cell = build(Settings(data=Path(data)), database_url=database_url)
    async with cell.job_app.open_async():
        await cell.job_app.run_worker_async(
            concurrency=2,
            fetch_job_polling_interval=0.5,
            update_heartbeat_interval=HEARTBEAT_S,
            stalled_worker_timeout=STALLED_AFTER_S,
        )


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
