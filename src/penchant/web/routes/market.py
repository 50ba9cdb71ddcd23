"""The life cycle of the market: its state for everybody; orders and steps for administrators."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED

from penchant.accounts import repository as accounts
from penchant.app import Penchant
from penchant.core.errors import Conflict, Forbidden, NotFound, SignInNeeded
from penchant.core.ids import AccountId, format_id, parse_id
from penchant.markets.lifecycle import State, Step
from penchant.markets.orders import Order, What
from penchant.markets.service import Planned
from penchant.web.auth import admin
from penchant.web.dependencies import Asking, Cell
from penchant.web.documentation import refusals
from penchant.web.threads import in_thread

_ADMIN = (SignInNeeded, Forbidden)
_CHANGING = (*_ADMIN, NotFound, Conflict)
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Handles = Mapping[AccountId | None, str]


class ActOut(msgspec.Struct, frozen=True):
    what: str
    at: datetime
    new_date: datetime | None
    note: str
    by: str | None
    """Handle, for administrators; None where they are gone."""


class OrderOut(msgspec.Struct, frozen=True):
    id: str
    issuer: str
    legal_basis: str
    text: str
    markets: list[str]
    acts: list[ActOut]


class ComingOut(msgspec.Struct, frozen=True):
    state: str
    at: datetime


class MarketStateOut(msgspec.Struct, frozen=True):
    id: str
    name: str
    state: str
    since: datetime | None
    until: datetime | None
    """When the next state begins, as things stand."""
    coming: list[ComingOut]
    legal_basis: str | None
    order: OrderOut | None
    """On which the state stands."""
    reason: str
    """Where it stands on no order."""
    moved_to: str
    banner: str | None
    """Which words a page shows above everything: the state, or None while it is open."""
    keys_destroyed_at: datetime | None
    keys_go_at: datetime | None
    """From when on nobody can take their data along any more."""


class RuleOut(msgspec.Struct, frozen=True):
    kind: str
    before: bool
    after: bool


class DiffOut(msgspec.Struct, frozen=True):
    before: str
    after: str
    at: datetime
    rules: list[RuleOut]
    numbers: dict[str, int]


class StepOut(msgspec.Struct, frozen=True):
    id: str
    to_state: str
    order: str | None
    takes_effect_at: datetime
    moved_to: str
    reason: str
    planned_by: str | None
    planned_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None
    revoked_by: str | None
    revoked_at: datetime | None
    mine: bool
    """Whether whoever asks planned it, and so cannot confirm it."""
    rests: bool
    """Confirmed, and does not count: its order is stayed or annulled."""
    diff: DiffOut | None
    """What it changes; None once it was revoked or has begun."""


class OrdersOut(msgspec.Struct, frozen=True):
    orders: list[OrderOut]


class StepsOut(msgspec.Struct, frozen=True):
    steps: list[StepOut]


class NewOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    issuer: str
    legal_basis: str
    text: str
    date: Moment | None = None
    """By when it has to be done."""
    markets: list[str] = []
    """Ids of the markets that it names; none: this one."""
    note: str = ""


class NewAct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    what: What
    new_date: Moment | None = None
    note: str = ""


class NewStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    to_state: State
    takes_effect_at: Moment
    order: str | None = None
    reason: str = ""
    moved_to: str = ""


@get("/api/market", tags=["market"], responses=refusals())
@in_thread
def show_market(penchant: Cell) -> MarketStateOut:
    """Where this place is in its life: open, or coming to its end; until when, and by whose order. Answers always."""
    standing, market = penchant.life_cycle.watch.standing(), penchant.market
    coming = [ComingOut(one.step.to_state, one.at) for one in standing.coming]
    return MarketStateOut(
        id=market.id,
        name=market.name,
        state=standing.state,
        since=standing.since,
        until=coming[0].at if coming else None,
        coming=coming,
        legal_basis=standing.order.legal_basis if standing.order else None,
        order=_order_out(standing.order, {}) if standing.order else None,
        reason=standing.step.reason if standing.step else "",
        moved_to=standing.step.moved_to if standing.step else "",
        banner=None if standing.state == "open" else standing.state,
        keys_destroyed_at=standing.keys_destroyed_at,
        keys_go_at=penchant.closing.due_at(standing),
    )


@get("/api/admin/market/orders", tags=["market"], responses=refusals(*_ADMIN))
@in_thread
def show_orders(penchant: Cell, viewer: Asking) -> OrdersOut:
    """Every order about this market, with what became of it."""
    admin(viewer)
    orders = penchant.life_cycle.orders()
    handles = _handles(penchant, [act.acted_by for order in orders for act in order.acts])
    return OrdersOut([_order_out(order, handles) for order in orders])


@post("/api/admin/market/orders", status_code=HTTP_201_CREATED, tags=["market"], responses=refusals(*_ADMIN))
@in_thread
def announce_order(penchant: Cell, viewer: Asking, data: JSONBody[NewOrder]) -> OrderOut:
    """Note an order of an authority or a court. It changes nothing by itself: steps stand on it."""
    me = admin(viewer)
    order = penchant.life_cycle.announce(
        me.id, data.issuer, data.legal_basis, data.text, data.date, data.markets, data.note
    )
    return _order_out(order, {me.id: me.handle})


@post(
    "/api/admin/market/orders/{order:str}/acts",
    status_code=HTTP_201_CREATED,
    tags=["market"],
    responses=refusals(*_CHANGING),
)
@in_thread
def add_order_act(penchant: Cell, viewer: Asking, order: FromPath[str], data: JSONBody[NewAct]) -> OrderOut:
    """Note what became of an order: extended, stayed, resumed, annulled, executed. Steps on it move, rest or fall with
    it at once. 409 `order_act_refused`.
    """
    me = admin(viewer)
    changed = penchant.life_cycle.act(me.id, parse_id(order), data.what, data.note, data.new_date)
    return _order_out(changed, _handles(penchant, [act.acted_by for act in changed.acts]))


@get("/api/admin/market/steps", tags=["market"], responses=refusals(*_ADMIN))
@in_thread
def show_steps(penchant: Cell, viewer: Asking) -> StepsOut:
    """Every step of the life cycle, those to come with what they change."""
    me = admin(viewer)
    return StepsOut(_steps_out(penchant, me.id, penchant.life_cycle.steps()))


@post("/api/admin/market/steps", status_code=HTTP_201_CREATED, tags=["market"], responses=refusals(*_CHANGING))
@in_thread
def plan_step(penchant: Cell, viewer: Asking, data: JSONBody[NewStep]) -> StepOut:
    """Plan a step and see what it would change; it counts once another administrator has confirmed it.
    409 `step_refused`.
    """
    me = admin(viewer)
    order = parse_id(data.order) if data.order else None
    planned = penchant.life_cycle.plan(
        me.id, data.to_state, data.takes_effect_at, order_id=order, reason=data.reason, moved_to=data.moved_to
    )
    return _steps_out(penchant, me.id, [planned])[0]


@post(
    "/api/admin/market/steps/{step:str}/confirm",
    status_code=HTTP_200_OK,
    tags=["market"],
    responses=refusals(*_CHANGING),
)
@in_thread
def confirm_step(penchant: Cell, viewer: Asking, step: FromPath[str]) -> StepOut:
    """Confirm what another administrator planned. 403 `second_person_needed`, 409 `step_refused`."""
    me = admin(viewer)
    (confirmed,) = penchant.life_cycle.confirm(me.id, parse_id(step))
    return _steps_out(penchant, me.id, [Planned(confirmed, None)])[0]


@post(
    "/api/admin/market/steps/{step:str}/revoke",
    status_code=HTTP_200_OK,
    tags=["market"],
    responses=refusals(*_CHANGING),
)
@in_thread
def revoke_step(penchant: Cell, viewer: Asking, step: FromPath[str]) -> StepOut:
    """Take back a step that has not begun; one administrator is enough. 409 `step_refused`."""
    me = admin(viewer)
    (revoked,) = penchant.life_cycle.revoke(me.id, parse_id(step))
    return _steps_out(penchant, me.id, [Planned(revoked, None)])[0]


def _handles(penchant: Penchant, ids: Sequence[AccountId | None]) -> Handles:
    with penchant.engine.connect() as connection:
        found = accounts.handles(connection, [one for one in ids if one is not None])
    return {one: handle for one in ids if one is not None and (handle := found.get(one))}


def _order_out(order: Order, handles: Handles) -> OrderOut:
    acts = [ActOut(act.what, act.at, act.new_date, act.note, handles.get(act.acted_by)) for act in order.acts]
    return OrderOut(format_id(order.id), order.issuer, order.legal_basis, order.text, list(order.markets), acts)


def _steps_out(penchant: Penchant, me: AccountId, planned: Sequence[Planned]) -> list[StepOut]:
    people = [by for step, *_ in planned for by in (step.planned_by, step.confirmed_by, step.revoked_by)]
    handles = _handles(penchant, people)
    return [_step_out(one, handles, me) for one in planned]


def _step_out(planned: Planned, handles: Handles, me: AccountId) -> StepOut:
    step: Step = planned.step
    diff = planned.diff
    rules = [RuleOut(rule.kind, rule.before, rule.after) for rule in diff.rules] if diff else []
    return StepOut(
        id=format_id(step.id),
        to_state=step.to_state,
        order=format_id(step.order_id) if step.order_id is not None else None,
        takes_effect_at=step.takes_effect_at,
        moved_to=step.moved_to,
        reason=step.reason,
        planned_by=handles.get(step.planned_by),
        planned_at=step.planned_at,
        confirmed_by=handles.get(step.confirmed_by),
        confirmed_at=step.confirmed_at,
        revoked_by=handles.get(step.revoked_by),
        revoked_at=step.revoked_at,
        mine=step.planned_by == me,
        rests=planned.rests,
        diff=DiffOut(diff.before, diff.after, diff.at, rules, dict(diff.numbers)) if diff else None,
    )


ROUTES = [
    show_market,
    show_orders,
    announce_order,
    add_order_act,
    show_steps,
    plan_step,
    confirm_step,
    revoke_step,
]
