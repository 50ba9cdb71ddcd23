"""Two administrators of a cell, and a ledger that remembers."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from penchant.accounts.model import Account
from penchant.app import Penchant
from penchant.core.clock import ManualClock, as_datetime
from penchant.core.database import Connection
from penchant.markets.service import LifeCycle

DAY_MS = 86_400_000


class Two:
    """Ada plans, Eve confirms, days go by."""

    def __init__(self, cell: Penchant, clock: ManualClock) -> None:
        self.cell = cell
        self.clock = clock
        self.written: list[tuple[str, Mapping[str, int | bytes]]] = []
        self.life = LifeCycle(cell.engine, clock, cell.market, self._record, lambda _: {"accounts": 2})
        self.ada: Account = cell.accounts.make_account("ada", "Ada", "admin")
        self.eve: Account = cell.accounts.make_account("eve", "Eve", "admin")

    def day(self, number: float) -> datetime:
        """So many days from now."""
        return as_datetime(self.clock.now_ms()) + timedelta(days=number)

    def wait(self, days: float) -> None:
        self.clock.advance(int(days * DAY_MS))

    def step(self, state: Any, days: float, order: int | None = None, **words: str) -> int:
        """Planned by the one, confirmed by the other."""
        planned = self.life.plan(self.ada.id, state, self.day(days), order_id=order, **words)
        self.life.confirm(self.eve.id, planned.step.id)
        return planned.step.id

    def _record(self, connection: Connection, kind: str, said: Mapping[str, int | bytes]) -> None:
        assert connection.in_transaction()
        self.written.append((kind, said))


@pytest.fixture
def two(cell: Penchant, clock: ManualClock) -> Two:
    return Two(cell, clock)
