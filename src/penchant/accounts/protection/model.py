"""The profile: everything that holds for somebody because of their age, in one place."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, NamedTuple

from penchant.accounts.model import AgeBand

QUIET_FROM, QUIET_UNTIL = 21, 7
"""Local hours: a minor's night."""
LEAST_LIMIT_MINUTES, MOST_LIMIT_MINUTES = 15, 120
"""What a guardian may choose as a daily limit."""


@dataclass(frozen=True, slots=True)
class Protections:
    """What holds for one person."""

    private: bool
    """Only followers whom they accepted see what they publish."""
    messages_from: Literal["anyone", "mutual"]
    """Who may write to them, and to whom they may write; `mutual`: who follow each other."""
    quiet: tuple[int, int] | None
    """From which local hour until which nothing is pushed to them."""
    daily_limit_minutes: int | None
    """So long the feed goes on for them in a day."""
    theme_cap: bool
    """Of themes that harm where they pile up they are shown few, as the policy says."""
    profiled_on_themes: bool
    """What they watched of the policy's themes decides what they are shown next."""


OF_ADULTS: Final = Protections(
    private=False,
    messages_from="anyone",
    quiet=None,
    daily_limit_minutes=None,
    theme_cap=False,
    profiled_on_themes=True,
)


def protections_of(
    band: AgeBand, *, wants_private: bool, market_limit_minutes: int, guardian_limit_minutes: int | None = None
) -> Protections:
    """The profile of somebody: a minor's own wishes and their guardian's change nothing in it but the daily limit.

    guardian_limit_minutes: what a guardian chose; None where there is none.
    """
    if band == "adult":
        return replace(OF_ADULTS, private=wants_private)
    return Protections(
        private=True,
        messages_from="mutual",
        quiet=(QUIET_FROM, QUIET_UNTIL),
        daily_limit_minutes=market_limit_minutes if guardian_limit_minutes is None else guardian_limit_minutes,
        theme_cap=True,
        profiled_on_themes=False,
    )


def may_message(sender: Protections, receiver: Protections, *, mutual: bool) -> bool:
    """Whether one may write to the other. `mutual`: they follow each other. It binds both ways."""
    return mutual or (sender.messages_from == "anyone" and receiver.messages_from == "anyone")


def may_push(protections: Protections, local: datetime) -> bool:
    """Whether something may make their phone ring at this local time."""
    if protections.quiet is None:
        return True
    begins, ends = protections.quiet
    return ends <= local.hour < begins


class Ward(NamedTuple):
    """Somebody under age, as their guardian sees them: how long, never what."""

    handle: str
    name: str
    daily_limit_minutes: int
    used_minutes: int
    """Today."""
    since: datetime


class Standing(NamedTuple):
    """Somebody's protections with what they stand on."""

    protections: Protections
    age_band: AgeBand
    wants_private: bool
    used_minutes: int
    """Today; 0 where nobody counts."""
    guardian: str | None
    """Handle."""
    proved_adult: bool | None
    """What a proof of age said; None where there is none."""
