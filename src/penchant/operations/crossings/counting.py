"""Counts, once a day, how many people watched what other markets may show: the only way from histories to them."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, insert, literal, select

from penchant.accounts.repository import accounts
from penchant.catalog.repository import videos
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Engine
from penchant.events.repository import history_videos
from penchant.markets.gateway_rows import counted
from penchant.markets.messages import LEAST_VIEWERS
from penchant.operations.crossings.public import CROSSES

_LOCK = 0x70656E636E74
"""Of whoever counts: one at a time."""


class Counting:
    """Keeps the counts of one cell."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._counted_on: date | None = None
        """A day on which nothing was many leaves no row that says so."""

    def bring_up_to_date(self) -> bool:
        """Count where it was not done today; whether it was done now.

        People, not sessions: who has no account is not counted, since nobody could say who is the same. Once a day and
        in steps of `LEAST_VIEWERS`, so that what one person does is not seen by asking before and after.
        """
        today = as_datetime(self._clock.now_ms()).date()
        if self._counted_on == today:
            return False
        with self._engine.begin() as connection:
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            due = connection.execute(select(func.max(counted.c.day))).scalar() != today
            if due:
                connection.execute(delete(counted))
                connection.execute(insert(counted).from_select([column.name for column in counted.c], _counts(today)))
        self._counted_on = today
        return due


def _counts(today: date) -> Select[Any]:
    h = history_videos.c
    finished = (h.duration_ms > 0) & (h.watched_ms >= h.duration_ms)
    viewer = accounts.alias("viewer")
    public = select(videos.c.id).join(accounts, accounts.c.id == videos.c.creator_id).where(*CROSSES)
    return (
        select(
            h.video_id,
            literal(today),
            _many(func.count()),
            _many(func.count().filter(finished)),
            _many(func.count().filter(h.liked)),
        )
        .join(viewer, viewer.c.subject_id == h.subject_id)
        .where(h.met, h.video_id.in_(public))
        .group_by(h.video_id)
        .having(func.count() >= LEAST_VIEWERS)
    )


def _many(count: ColumnElement[int]) -> ColumnElement[int]:
    return count // LEAST_VIEWERS * LEAST_VIEWERS
