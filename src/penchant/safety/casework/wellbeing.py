"""Looking at the worst wears people down: so much a day, and a pause after so much in a row."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from penchant.core.database import Connection
from penchant.core.errors import RateLimited
from penchant.core.ids import AccountId
from penchant.safety.casework import repository

HARD = 4
"""Cases of this harm and above count."""


@dataclass(frozen=True)
class Limits:
    """What one moderator is asked to bear; 0 asks without limit."""

    per_day: int
    in_row: int
    pause_minutes: int


@dataclass(frozen=True)
class Rest:
    """How much of the day's hard cases somebody has seen, and until when there are none for them."""

    seen_today: int
    per_day: int
    until: datetime | None
    """None: hard cases may come."""


class NeedsRest(RateLimited):
    """A moderator has seen enough hard cases for now; others may come meanwhile."""

    code = "rest"


def rest(connection: Connection, moderator: AccountId, limits: Limits, now: datetime) -> Rest:
    """Whether it is time to look at something else. Days end at midnight UTC."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    seen = repository.hard_judgements(connection, moderator, HARD, midnight)
    until = midnight + timedelta(days=1) if limits.per_day and seen >= limits.per_day else None
    if until is None and limits.in_row:
        until = _pause(connection, moderator, limits, now)
    return Rest(seen, limits.per_day, until)


def _pause(connection: Connection, moderator: AccountId, limits: Limits, now: datetime) -> datetime | None:
    latest = repository.latest_judgements(connection, moderator, limits.in_row)
    in_row = len(latest) == limits.in_row and all(row.harm >= HARD for row in latest)
    pause = timedelta(minutes=limits.pause_minutes)
    # What lies apart by a pause of one's own choice was not in a row.
    near = all(later.made_at - earlier.made_at < pause for later, earlier in pairwise(latest))
    if not in_row or not near or latest[0].made_at + pause <= now:
        return None
    ends: datetime = latest[0].made_at + pause
    return ends


def allow(connection: Connection, moderator: AccountId, harm: int, limits: Limits, now: datetime) -> None:
    """Raises: NeedsRest where a case is hard and it is time to rest."""
    if harm < HARD:
        return
    until = rest(connection, moderator, limits, now).until
    if until is not None:
        wait_s = (until - now).total_seconds()
        raise NeedsRest("you have seen a lot of this: rest a while, or take other cases", retry_after_s=wait_s)
