"""How long a minor has been here today, counted by what their browser asks for, and the end of it."""

from datetime import datetime, time, timedelta
from typing import Final

from penchant.accounts.model import Viewer
from penchant.accounts.protection import repository
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Engine
from penchant.core.errors import Forbidden
from penchant.markets.model import Market

LONGEST_MS: Final = 5 * 60_000
"""So much counts between two requests, however long it was: a page of long videos, or a phone put away."""


class DailyLimitReached(Forbidden):
    """The feed ends for today; `retry_after_s` says when the next day begins."""

    code = "daily_limit"


class DailyUse:
    """Counts, and says when it is enough. Adults are not counted, and nobody without an account: what they say of
    their age would be forgotten with the next session.
    """

    def __init__(self, engine: Engine, clock: Clock, market: Market) -> None:
        self._engine = engine
        self._clock = clock
        self._market = market

    def spend(self, viewer: Viewer | None) -> int | None:
        """As `note`, before something that only goes on while there is time left.

        Raises:
            DailyLimitReached: there is none.
        """
        left_s = self.note(viewer)
        if left_s == 0:
            now = as_datetime(self._clock.now_ms())
            raise DailyLimitReached(
                "that is enough for today: the feed goes on tomorrow",
                retry_after_s=(self.day_ends_at(now) - now).total_seconds(),
            )
        return left_s

    def note(self, viewer: Viewer | None) -> int | None:
        """Note that they are here; returns the seconds left of today, None where there is no limit."""
        if viewer is None or viewer.account is None or viewer.is_adult:
            return None
        now = as_datetime(self._clock.now_ms())
        ends_at = self.day_ends_at(now)
        with self._engine.begin() as connection:
            chosen = repository.limit_of(connection, viewer.account.id)
            limit_ms = (self._market.minor_daily_minutes if chosen is None else chosen) * 60_000
            used_ms = repository.spend(connection, viewer.subject, now, ends_at, LONGEST_MS, limit_ms)
        return max(0, -(-(limit_ms - used_ms) // 1000))

    def day_ends_at(self, now: datetime) -> datetime:
        """The next midnight where the market is."""
        zone = self._market.zone
        tomorrow = now.astimezone(zone).date() + timedelta(days=1)
        return datetime.combine(tomorrow, time(), zone).astimezone(now.tzinfo)
