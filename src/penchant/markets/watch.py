"""Where the market is now, asked at every request: the rows are read once a second, the time is looked at each time."""

from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Final

import structlog
from sqlalchemy.exc import DBAPIError

from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Connection, Engine
from penchant.markets import repository
from penchant.markets.lifecycle import OPEN, Standing, Step, standing_at
from penchant.markets.orders import Order

FRESH_MS: Final = 1_000


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
        self._asking = Lock()
        self._rows: Rows | None = None
        self._read_ms = -FRESH_MS

    def known(self) -> Standing | None:
        """The state, where it can be told without asking the database."""
        now_ms = self._clock.now_ms()
        if self._rows is None or now_ms - self._read_ms >= FRESH_MS:
            return None
        return self._rows.standing(as_datetime(now_ms))

    def last_known(self) -> Standing:
        """The state by what was read last, however long ago: for what is only shown."""
        return self._rows.standing(as_datetime(self._clock.now_ms())) if self._rows is not None else OPEN

    def standing(self) -> Standing:
        """The state; the database is asked where what is known is older than a second.

        Raises:
            DBAPIError: it does not answer, and nothing was read before.
        """
        if (known := self.known()) is not None:
            return known
        # Whoever comes while another is asking takes what was known, unless that is nothing.
        if self._asking.acquire(blocking=self._rows is None):
            try:
                self._ask()
            finally:
                self._asking.release()
        return self.last_known()

    def forget(self) -> None:
        """Something was changed here: ask again."""
        self._read_ms = -FRESH_MS

    def _ask(self) -> None:
        now_ms = self._clock.now_ms()
        try:
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                self._rows, self._read_ms = read_rows(connection), now_ms
        except DBAPIError:
            if self._rows is None:
                raise
            # What was planned goes on to hold, and its times come, while the database is away.
            structlog.get_logger("market").warning("state_not_read")
