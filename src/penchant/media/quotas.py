"""How much one account may bring in a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from penchant.core.database import Connection
from penchant.core.errors import Invalid, RateLimited
from penchant.core.ids import AccountId
from penchant.media import repository

_WINDOW = timedelta(hours=24)


class QuotaSpent(Invalid):
    """The file is larger than what this account may still bring today."""

    code = "quota"


@dataclass(frozen=True)
class Room:
    """What an account may still bring within the 24 hours that are running."""

    uploads: int
    size_bytes: int
    more_at: datetime | None
    """When the oldest of what counts stops to count; None where nothing does."""


@dataclass(frozen=True)
class Quotas:
    """Files and bytes that one account may announce within 24 hours. What was cancelled or expired does not count."""

    uploads_per_day: int
    bytes_per_day: int

    def room(self, connection: Connection, account: AccountId, now: datetime) -> Room:
        """What is left at `now`."""
        count, size_bytes, oldest = repository.spent_since(connection, account, now - _WINDOW)
        return Room(
            max(self.uploads_per_day - count, 0),
            max(self.bytes_per_day - size_bytes, 0),
            None if oldest is None else oldest + _WINDOW,
        )

    def check(self, connection: Connection, account: AccountId, size_bytes: int, now: datetime) -> None:
        """Whether one more file of that size may come.

        Raises:
            RateLimited: too many files.
            QuotaSpent: too many bytes.
        """
        room = self.room(connection, account, now)
        wait_s = (room.more_at - now).total_seconds() if room.more_at else None
        if not room.uploads:
            raise RateLimited(
                f"{self.uploads_per_day} videos a day are allowed here, and yours have come",
                code="uploads_per_day",
                retry_after_s=wait_s,
            )
        if size_bytes > room.size_bytes:
            raise QuotaSpent(
                f"of {_megabytes(self.bytes_per_day)} MB a day, {_megabytes(room.size_bytes)} MB are left today",
                retry_after_s=wait_s,
            )


def _megabytes(size_bytes: int) -> int:
    return size_bytes // 1_000_000
