"""Lets go what has been kept as long as it may be: one job, by what the tables say of themselves."""

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import BigInteger, Table

from penchant.core.clock import Clock, as_datetime, as_ms
from penchant.core.database import Connection, Engine
from penchant.core.holdings import After, Until
from penchant.core.ids import first_id_at
from penchant.core.settings import Settings
from penchant.operations.privacy import repository
from penchant.operations.privacy.inventory import tables
from penchant.operations.privacy.repository import BATCH

_DAY_S: Final = 86_400


class Retention:
    """Deletes rows whose time has come, forgets viewers whom nobody can be any more, begins logs anew."""

    def __init__(self, engine: Engine, clock: Clock, settings: Settings) -> None:
        self._engine = engine
        self._clock = clock
        self._settings = settings

    def enforce(self) -> dict[str, int]:
        """Do all of it; returns how many rows went of each table, and how many logs were begun anew.

        May be killed at any moment and called again, by several processes at once too.
        """
        now = as_datetime(self._clock.now_ms())
        gone = {
            table.name: self._emptied(table, said.kept, now)
            for table, said in tables()
            if isinstance(said.kept, Until | After)
        }
        # After the sessions: who had their last one there is nobody from now on.
        gone["subjects"] = self._repeat(repository.forget_viewers)
        gone["logs"] = turn_logs(self._settings.data / "logs", self._settings.log_days, now.timestamp())
        gone = {name: count for name, count in gone.items() if count}
        if gone:
            structlog.get_logger("retention").info("let_go", **gone)
        return gone

    def _emptied(self, table: Table, kept: Until | After, now: datetime) -> int:
        last = self._last_that_goes(table, kept, now)
        return self._repeat(lambda connection, most: repository.delete_due(connection, table, kept.column, last, most))

    def _last_that_goes(self, table: Table, kept: Until | After, now: datetime) -> datetime | int:
        """The last moment, or id, of rows that go.

        Days are whole days in UTC, so that the figures of a day never stand on a part of its pages.
        """
        if isinstance(kept, Until):
            return now
        days: int = getattr(self._settings, kept.setting)
        first_kept = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)
        if isinstance(table.c[kept.column].type, BigInteger):
            return first_id_at(as_ms(first_kept)) - 1
        return first_kept - timedelta(microseconds=1)

    def _repeat(self, act: Callable[[Connection, int], int]) -> int:
        total = 0
        while True:
            with self._engine.begin() as connection:
                count = act(connection, BATCH)
            total += count
            if count < BATCH:
                return total


def turn_logs(folder: Path, days: int, now_s: float) -> int:
    """Begin logs anew that are `days` old; what they held is kept beside them as long again. Returns how many.

    A log is emptied and not renamed: whoever writes it holds it open, and appends.
    """
    count = 0
    for log in folder.glob("*.log") if folder.is_dir() else ():
        before = log.with_name(f"{log.name}.1")
        if not before.exists():
            # Counts from now on.
            before.touch(mode=0o600)
        elif before.stat().st_mtime < now_s - days * _DAY_S:
            shutil.copyfile(log, before)
            with log.open("r+b") as file:
                file.truncate()
            count += 1
    return count
