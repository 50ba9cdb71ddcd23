"""Background jobs in PostgreSQL, by procrastinate: deferred inside the transaction that makes them needed."""

import json
from typing import Any

import procrastinate
from sqlalchemy import make_url

from penchant.core.database import Connection, driver_connection
from penchant.core.errors import PenchantError


def make_job_app(database_url: str) -> procrastinate.App:
    """The procrastinate app of one cell; rooms add their tasks as blueprints in `app`."""
    connector = procrastinate.PsycopgConnector(conninfo=_libpq_url(database_url), min_size=1, max_size=4)
    return procrastinate.App(connector=connector)


FAILED_JOB_DAYS = 30


async def forget_failed_jobs(app: procrastinate.App, days: int = FAILED_JOB_DAYS) -> None:
    """Delete jobs that were given up so long ago: they name videos and files. The worker deletes the others at once."""
    await app.job_manager.delete_old_jobs(days * 24, include_failed=True, include_cancelled=True, include_aborted=True)


class TryLater(PenchantError):
    """This attempt failed, the next may not; the job queue repeats it."""

    code = "try_later"


class Jobs:
    """Defers jobs; running them is the worker's affair."""

    def __init__(self, app: procrastinate.App) -> None:
        self._app = app

    def defer(
        self,
        connection: Connection,
        task: str,
        *,
        lock: str | None = None,
        priority: int = 0,
        queue: str | None = None,
        **arguments: Any,
    ) -> int:
        """Add a job to the running transaction: it exists if, and only if, the transaction commits.

        `lock` keeps jobs of the same lock from running side by side; higher `priority` goes first. A `queue` other
        than the common one is worked off beside it.
        Returns the job's number.
        """
        json.dumps(arguments)  # fails here, not in a worker, when an argument is not JSON
        deferrer = self._app.configure_task(
            task,
            lock=lock,
            priority=priority,
            queue=queue,
            allow_unknown=True,
            connection=driver_connection(connection),
        )
        return deferrer.defer(**arguments)


def _libpq_url(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
