"""Where the market is now, asked at every request: the rows are read once a second, the time is looked at each time."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoneFree

from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Connection, Engine
from penchant.core.glance import Glance
from penchant.markets import repository
from penchant.markets.lifecycle import OPEN, Standing, Step, standing_at
from penchant.markets.orders import Order


@dataclass(frozen=True)
class Rows:
    """What a standing is computed from."""

    steps: list[Step]
    orders: dict[int, Order]
    keys_destroyed_at: datetime | None

    def standing(self, now: datetime) -> Standing:
        return standing_at(self.steps, self.orders, now, self.keys_destroyed_at) if self.steps else OPEN


def read_rows(connection: Connection) -> Rows:
    """One statement as long as nothing was ever planned. Steps come first: an order is older than what stands on it."""
    steps = repository.all_steps(connection)
    if not steps:
        return Rows(steps, {}, None)
    certificate = repository.certificate(connection)
    return Rows(steps, repository.all_orders(connection), certificate.destroyed_at if certificate else None)


class Watch:
    """Knows the state in one process."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._rows = Glance(self._look, clock)

    def known(self) -> Standing | None:
        """The state, where it can be told without asking the database."""
        rows = self._rows.fresh()
        return rows.standing(self._now()) if rows is not None else None

    def last_known(self) -> Standing:
        """The state by what was read last, however long ago: for what is only shown."""
        rows = self._rows.last()
        return rows.standing(self._now()) if rows is not None else OPEN

    def standing(self) -> Standing:
        """The state; the database is asked where what is known is older than a second.

        Raises:
            DBAPIError: it does not answer, and nothing was read before.
        """
        return self._rows.value().standing(self._now())

    def forget(self) -> None:
        """Something was changed here: ask again."""
        self._rows.forget()

    def _look(self) -> Rows:
        try:
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                return read_rows(connection)
        except (DBAPIError, NoneFree):
            if (last := self._rows.last()) is None:
                raise
            # What was planned goes on to hold, and its times come, while the database is away.
            structlog.get_logger("market").warning("state_not_read")
            return last

    def _now(self) -> datetime:
        return as_datetime(self._clock.now_ms())
