"""Strikes: a fold of the removals that stand, and what a person is asked when they add up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from penchant.core.database import Connection
from penchant.core.ids import Ids
from penchant.safety import repository
from penchant.safety.casework import repository as casework
from penchant.safety.policy import Policy, Step

SEVERITY: Mapping[int, int] = {1: 1, 2: 1, 3: 2, 4: 3, 5: 4}
"""How many points a removal counts, by its harm."""
_SOURCE = "strikes"


@dataclass(frozen=True)
class Strike:
    """One removal that counts against an account."""

    decision: int
    points: int
    category: str | None
    since: datetime
    until: datetime
    """When it is forgotten."""


@dataclass(frozen=True)
class Standing:
    """How an account stands."""

    strikes: tuple[Strike, ...]
    """Oldest first."""
    points: int
    next_step: int | None
    """How many points more until a person is asked what follows; None where no step is left."""


def strikes_of(connection: Connection, policy: Policy, account: int, now: datetime) -> tuple[Strike, ...]:
    """What counts against an account now. A removal that is taken back has never counted."""
    kept = timedelta(days=policy.strike_days)
    return tuple(
        Strike(row.id, SEVERITY[row.harm or 1], row.category, row.decided_at, row.decided_at + kept)
        for row in casework.removals_since(connection, account, now - kept)
    )


def standing(connection: Connection, policy: Policy, account: int, now: datetime) -> Standing:
    """An account's strikes, and the distance to the next step."""
    found = strikes_of(connection, policy, account, now)
    ahead = [step.points - counted(found, step) for step in policy.steps if counted(found, step) < step.points]
    return Standing(found, sum(strike.points for strike in found), min(ahead, default=None))


def counted(strikes: Sequence[Strike], step: Step) -> int:
    """How far strikes go towards a step: points, or where it is about one category, removals of that."""
    if step.category is None:
        return sum(strike.points for strike in strikes)
    return sum(strike.category == step.category for strike in strikes)


def reached(policy: Policy, strikes: Sequence[Strike]) -> list[Step]:
    """The steps that strikes reach, in the order of the policy; of those without a category only the last."""
    there = [step for step in policy.steps if counted(strikes, step) >= step.points]
    general = [step for step in there if step.category is None][-1:]
    return [step for step in there if step.category is not None or step in general]


def ask(connection: Connection, policy: Policy, account: int, ids: Ids, now: datetime, *, more: bool) -> None:
    """Label an account with the steps that it has reached; where a strike was added, let a person decide.

    Nothing is suspended here: a step only opens a case.
    """
    found = strikes_of(connection, policy, account, now)
    steps = reached(policy, found)
    repository.drop_labels(connection, "account", account, _SOURCE, [step.name for step in steps])
    for step in steps:
        rule = policy.rule(step.rule)
        evidence: dict[str, Any] = {
            "points": counted(found, step),
            "needed": step.points,
            "days": policy.strike_days,
            "removals": len(found),
        }
        repository.put_label(
            connection,
            id=ids.new(),
            kind="account",
            target_id=account,
            label=step.name,
            source=_SOURCE,
            confidence=1000,
            evidence=evidence,
            made_at=now,
        )
        if more and rule is not None:
            repository.open_case(connection, ids.new(), "account", account, rule.harm, 1000, now)
