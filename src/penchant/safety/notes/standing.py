"""From what each run says to what is shown: a status must hold for a while, and in the end it stays."""

from dataclasses import dataclass, replace
from typing import Final

from penchant.safety.notes.model import Rules, Status

_MINUTE_MS: Final = 60_000
_DAY_MS: Final = 86_400_000


@dataclass(frozen=True)
class Standing:
    """Where a note stands; a fold of the runs since it was written."""

    status: Status
    since_ms: int
    """When a run first said so."""
    shown: bool
    locked: bool


def fresh(now_ms: int) -> Standing:
    """Of a note that was just written."""
    return Standing("needs_more", now_ms, shown=False, locked=False)


def advance(before: Standing, found: Status, now_ms: int, created_ms: int, rules: Rules) -> Standing:
    """What a run at `now_ms` makes of it.

    Source: Community Notes guide, "Status stabilization" (two weeks); the 30 minutes are theirs too.
    """
    if before.locked:
        return before
    if found != before.status:
        return replace(before, status=found, since_ms=now_ms)
    if now_ms - before.since_ms < rules.stable_minutes * _MINUTE_MS:
        return before
    is_old = now_ms - created_ms >= rules.lock_days * _DAY_MS
    return replace(before, shown=found == "helpful", locked=is_old)
