"""Time is injected, so that tests never wait and folds never read the wall clock."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where the time comes from."""

    def now_ms(self) -> int:
        """Unix milliseconds, UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


class ManualClock:
    """A clock that a test moves by hand."""

    def __init__(self, now_ms: int) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        return self._now_ms

    def advance(self, milliseconds: int) -> None:
        self._now_ms += milliseconds


def as_datetime(unix_ms: int) -> datetime:
    """Unix milliseconds as an aware UTC datetime (exact: no float division)."""
    seconds, milliseconds = divmod(unix_ms, 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=milliseconds * 1000)


def as_ms(moment: datetime) -> int:
    """An aware datetime as Unix milliseconds, rounded down."""
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000
