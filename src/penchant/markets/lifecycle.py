"""The states of a market, as a function of confirmed steps, of orders and of the time: no job makes them begin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple, get_args

from penchant.core.ids import AccountId
from penchant.markets.orders import Order, force_at

State = Literal["open", "no_signups", "winding_down", "read_only", "closed", "handed_over"]
STATES: Final = get_args(State)
RANK: Final[Mapping[State, int]] = dict(zip(STATES, (0, 1, 2, 3, 4, 4), strict=True))
"""How far a market has gone; `closed` and `handed_over` are two ends of one way."""
END: Final = 4


@dataclass(frozen=True)
class Step:
    """One step on the way: planned by one person, and nothing before another has confirmed it."""

    id: int
    to_state: State
    order_id: int | None
    """On which order it stands; None: the operator's own decision."""
    takes_effect_at: datetime
    moved_to: str
    """handed_over: the address of who goes on."""
    reason: str
    planned_by: AccountId | None
    """None, here and below, also where they have been erased."""
    planned_at: datetime
    confirmed_by: AccountId | None = None
    confirmed_at: datetime | None = None
    revoked_by: AccountId | None = None
    revoked_at: datetime | None = None


class Coming(NamedTuple):
    """A step that will count, as things stand."""

    step: Step
    at: datetime


@dataclass(frozen=True)
class Standing:
    """Where a market is at a moment."""

    state: State
    since: datetime | None = None
    step: Step | None = None
    """What made it so; None while it is open."""
    order: Order | None = None
    """On which that step stands."""
    coming: tuple[Coming, ...] = ()
    """Further steps, the next first."""
    keys_destroyed_at: datetime | None = None
    """When nobody could read any more what people had written in confidence; the state is final then."""


OPEN: Final = Standing("open")


def date_of(step: Step, order: Order | None, moment: datetime) -> datetime:
    """When a step would begin to count, whether or not it is confirmed: its own date, moved with its order's.

    What was planned for one date of the order is for the next one later by as much.
    """
    if order is None:
        return step.takes_effect_at
    date, planned_for = (force_at(order.acts, at).date for at in (moment, step.planned_at))
    if date is None:
        return step.takes_effect_at
    return step.takes_effect_at + (date - planned_for) if planned_for is not None else max(step.takes_effect_at, date)


def effective_at(step: Step, order: Order | None, moment: datetime) -> datetime | None:
    """When a step begins to count, by what is known at `moment`; None where it does not count as things stand.

    A step on an order moves with the order's date, rests with it and ends with it.
    """
    if step.confirmed_at is None or step.confirmed_at > moment:
        return None
    if step.revoked_at is not None and step.revoked_at <= moment:
        return None
    if order is None:
        return step.takes_effect_at
    force = force_at(order.acts, moment)
    if force.annulled or force.stayed:
        return None
    at = date_of(step, order, moment)
    return max(at, force.free_from) if force.free_from is not None else at


def standing_at(
    steps: Sequence[Step], orders: Mapping[int, Order], moment: datetime, keys_destroyed_at: datetime | None = None
) -> Standing:
    """Where the market is at a moment: at the furthest step that counts by then.

    keys_destroyed_at: whatever becomes of orders later, what is destroyed does not come back.
    """
    final = keys_destroyed_at is not None and keys_destroyed_at <= moment
    if final and keys_destroyed_at is not None:
        # What is noted in that very moment comes too late as well.
        moment = keys_destroyed_at - timedelta(microseconds=1)
    counting = [
        Coming(step, at)
        for step in steps
        if (at := effective_at(step, orders.get(step.order_id or 0), moment)) is not None
    ]
    reached = [one for one in counting if one.at <= moment]
    if not reached:
        return Standing("open", coming=_in_order(counting, 0), keys_destroyed_at=keys_destroyed_at if final else None)
    # The first to arrive of those that are as far: two ends do not take turns.
    furthest = max(RANK[one.step.to_state] for one in reached)
    now = min((one for one in reached if RANK[one.step.to_state] == furthest), key=lambda one: (one.at, one.step.id))
    return Standing(
        state=now.step.to_state,
        since=now.at,
        step=now.step,
        order=orders.get(now.step.order_id or 0),
        coming=_in_order([one for one in counting if one.at > moment], furthest),
        keys_destroyed_at=keys_destroyed_at if final else None,
    )


def why_not_planned(
    steps: Sequence[Step], standing: Standing, state: State, order: Order | None, at: datetime, now: datetime
) -> str:
    """Why a step cannot be planned; empty where it can. Steps on one order, or on none, go forward in time and state.

    Steps on another order do not stand in the way: if that one is annulled, this one still holds.
    """
    if state == "open":
        return "it goes back to open when the order falls, or by revoking what has not begun"
    if standing.keys_destroyed_at is not None:
        return "the keys are destroyed: this market has ended"
    if at <= now:
        return "the date has to be later than now"
    for step in steps:
        if step.revoked_at is not None or step.order_id != (order.id if order else None):
            continue
        ahead, date = RANK[step.to_state] - RANK[state], date_of(step, order, now)
        if ahead == 0:
            return f"{step.to_state} is planned already: revoke that step first"
        if (ahead > 0) != (date > at) or date == at:
            return f"{step.to_state} is planned for {date:%Y-%m-%dT%H:%M:%SZ}: the states follow each other"
    return ""


def has_begun(step: Step, orders: Mapping[int, Order], now: datetime) -> bool:
    """Whether a step counts by now: it can be revoked no longer."""
    at = effective_at(step, orders.get(step.order_id or 0), now)
    return at is not None and at <= now


def _in_order(coming: Sequence[Coming], furthest: int) -> tuple[Coming, ...]:
    """Those that will change something, the next first."""
    found: list[Coming] = []
    for one in sorted(coming, key=lambda one: (one.at, -RANK[one.step.to_state], one.step.id)):
        if (rank := RANK[one.step.to_state]) > furthest:
            found.append(one)
            furthest = rank
    return tuple(found)
