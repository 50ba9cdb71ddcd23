"""What a step would change, before anybody says yes to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from penchant.markets.lifecycle import RANK, Standing, State, Step, date_of, effective_at, standing_at
from penchant.markets.orders import Order
from penchant.markets.rules import KINDS, Kind, allows


@dataclass(frozen=True)
class Rule:
    """Whether a kind of request is let through."""

    kind: Kind
    before: bool
    after: bool


@dataclass(frozen=True)
class Diff:
    """Today beside the moment when a step takes effect."""

    before: State
    after: State
    at: datetime
    rules: tuple[Rule, ...]
    """Every kind, changed or not."""
    numbers: Mapping[str, int]
    """How much there is today that this is about."""


def diff_of(
    step: Step, steps: Sequence[Step], orders: Mapping[int, Order], now: datetime, numbers: Mapping[str, int]
) -> Diff:
    """As if the step were confirmed now, and nothing else happened until its date.

    Where its order is stayed: what it would change once the stay is over.
    """
    confirmed = step if step.confirmed_at is not None else replace(step, confirmed_at=now)
    order = orders.get(step.order_id or 0)
    at = effective_at(confirmed, order, now) or date_of(step, order, now)
    today = then = standing_at(steps, orders, now)
    for coming in today.coming:
        if coming.at <= at:
            then = Standing(coming.step.to_state)
    if RANK[step.to_state] > RANK[then.state]:
        then = Standing(step.to_state)
    rules = tuple(Rule(kind, allows(today, kind), allows(then, kind)) for kind in KINDS)
    return Diff(today.state, then.state, at, rules, numbers)
