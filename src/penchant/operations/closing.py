"""The end of a closed market: once the legal term is over, every key goes, and a certificate says so."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Table

from penchant.core.clock import Clock, as_datetime
from penchant.core.database import KEY, Engine, metadata
from penchant.markets import repository as markets
from penchant.markets.lifecycle import END, RANK, Standing
from penchant.markets.service import LifeCycle
from penchant.markets.watch import read_rows
from penchant.operations import repository


class Closing:
    """Destroys what opens something: data keys, and with them what was sealed; passwords, sessions, links."""

    def __init__(self, engine: Engine, clock: Clock, life_cycle: LifeCycle, term_days: int) -> None:
        self._engine = engine
        self._clock = clock
        self._life_cycle = life_cycle
        self._term = timedelta(days=term_days)
        self._rewritten = False

    def enforce(self) -> dict[str, int] | None:
        """Do it if it is due; returns how many rows it was of each table. May be called again and by several at once.

        The term begins with the closing, and anew where a stay had suspended that.
        """
        counts = self._destroy() if self._is_due(self._life_cycle.watch.standing()) else None
        if not self._rewritten and self._life_cycle.watch.standing().keys_destroyed_at is not None:
            # Deleted rows lie in the files of the database until they are written anew. Once in each process: whoever
            # destroyed the keys may have died before, or may not have got the room.
            repository.rewrite(self._engine, [table.name for table in _tables()])
            self._rewritten = True
        return counts

    def due_at(self, standing: Standing) -> datetime | None:
        """When the keys go; None where the market has not ended, or they are gone."""
        ended = RANK[standing.state] == END and standing.keys_destroyed_at is None
        return standing.since + self._term if ended and standing.since is not None else None

    def _destroy(self) -> dict[str, int] | None:
        with self._engine.begin() as connection:
            markets.lock(connection)
            standing = read_rows(connection).standing(as_datetime(self._clock.now_ms()))
            if standing.step is None or not self._is_due(standing):
                return None
            counts = {table.name: repository.destroy_keys(connection, table) for table in _tables()}
            self._life_cycle.certify(connection, standing.step, counts)
        self._life_cycle.watch.forget()
        structlog.get_logger("market").warning("keys_destroyed", **counts)
        return counts

    def _is_due(self, standing: Standing) -> bool:
        at = self.due_at(standing)
        return at is not None and at <= as_datetime(self._clock.now_ms())


def _tables() -> Iterator[Table]:
    """Every table with a column of the class `key`: a new one needs no line here."""
    for _, table in sorted(metadata.tables.items()):
        if any(column.info["class"] == KEY for column in table.columns):
            yield table
