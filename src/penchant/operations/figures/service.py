"""Brings the daily figures up to date, and reads them.

A day is counted as a whole, again and again while it lasts and for two hours afterwards; then its figures stay. When a
person is erased, the days on which they were served pages are counted again without them.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Final

from penchant.catalog import repository as catalog
from penchant.core.clock import Clock, as_datetime, as_ms
from penchant.core.database import Connection, Engine
from penchant.core.ids import PageId, SubjectId, created_ms, first_id_at
from penchant.events.ports import EventLog
from penchant.feed import repository as pages
from penchant.feed.follow_up import followed_up
from penchant.feed.records import PageRecords
from penchant.operations.figures import repository
from penchant.operations.figures.model import Day
from penchant.operations.figures.tally import tally

SETTLED_AFTER: Final = timedelta(hours=2)
"""After its end a day's figures change no more: what was held in a tab was shown, what was playing has ended."""
LEAST_VIEWERS: Final = 10
"""What fewer people did on a day is not told in public."""
_DAY: Final = timedelta(days=1)


class Figures:
    """The daily figures of one cell."""

    def __init__(self, engine: Engine, log: EventLog, clock: Clock, records: PageRecords) -> None:
        self._engine = engine
        self._log = log
        self._clock = clock
        self._records = records

    def bring_up_to_date(self) -> list[date]:
        """Counts every day that is not settled; returns which. Days that another process is at are left to it."""
        with self._engine.connect() as connection:
            days = self._unsettled(connection)
        counted = []
        for day in days:
            with self._engine.begin() as connection:
                if repository.alone(connection):
                    made_at = self._now()
                    repository.put_day(connection, self._count(connection, day), made_at)
                    counted.append(day)
        return counted

    def days(self, count: int) -> list[Day]:
        """The last days that were counted, up to today, the oldest first."""
        with self._engine.connect() as connection:
            return repository.days_since(connection, self._now().date() - (count - 1) * _DAY)

    def _now(self) -> datetime:
        return as_datetime(self._clock.now_ms())

    def _unsettled(self, connection: Connection) -> list[date]:
        first = repository.first_page(connection)
        if first is None:
            return []
        made = repository.made(connection)
        day, today = as_datetime(created_ms(first)).date(), self._now().date()
        found = []
        while day <= today:
            if day not in made or made[day] < _begin(day) + _DAY + SETTLED_AFTER:
                found.append(day)
            day += _DAY
        return found

    def _count(self, connection: Connection, day: date) -> Day:
        first, last = (PageId(first_id_at(as_ms(moment))) for moment in (_begin(day), _begin(day) + _DAY))
        listed = catalog.count_by_state(connection).get("ready", 0)
        return tally(day, followed_up(self._log, self._records.between(connection, first, last)), listed)


def reopen(connection: Connection, subject: SubjectId) -> None:
    """Before someone's pages are deleted: the days on which there were any are counted again without them."""
    repository.wait_until_alone(connection)
    days = {moment.date() for moment in pages.served_to(connection, subject)}
    repository.drop_days(connection, days)


def in_public(day: Day) -> Day | None:
    """What may be told of a day: nothing that fewer than `LEAST_VIEWERS` people did, and no sum that would tell it."""
    if day.viewers < LEAST_VIEWERS:
        return None
    told = {key: share for key, share in day.shares.items() if share.viewers >= LEAST_VIEWERS}
    return Day(day.day, viewers=day.viewers, shares=told)


def _begin(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
