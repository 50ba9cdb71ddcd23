"""Orders and steps: noted, planned by one administrator, confirmed by another; each in the ledger as it is written."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from penchant.core.clock import Clock, as_datetime, as_ms
from penchant.core.database import Connection, Engine
from penchant.core.errors import Conflict, Forbidden, Invalid, NotFound
from penchant.core.ids import AccountId, Ids, format_id
from penchant.markets import repository
from penchant.markets.diff import Diff, diff_of
from penchant.markets.lifecycle import State, Step, effective_at, has_begun, why_not_planned
from penchant.markets.model import Market
from penchant.markets.orders import Act, Order, What, what_is_wrong
from penchant.markets.watch import Rows, Watch, read_rows

Record = Callable[[Connection, str, Mapping[str, int | bytes]], None]
"""Writes into the ledger, in the same transaction. Nothing in it is about a person."""
Count = Callable[[Connection], Mapping[str, int]]
"""How much there is of what a step is about."""
_WORDS: Final = 2_000
_TEXT: Final = 100_000
_REACH: Final = timedelta(days=36_525)
"""Of every date. What is added to a date later stays in years of four digits; another is read by nobody."""


class Planned(NamedTuple):
    """A step with what it changes; no diff where it was revoked or has begun."""

    step: Step
    diff: Diff | None
    rests: bool = False
    """Confirmed, and does not count: its order is stayed or annulled."""


class LifeCycle:
    """The life cycle of one market."""

    def __init__(self, engine: Engine, clock: Clock, market: Market, record: Record, count: Count) -> None:
        self._engine = engine
        self._clock = clock
        self._market = market
        self._ids = Ids(clock)
        self._record = record
        self._count = count
        self.watch = Watch(engine, clock)

    def orders(self) -> list[Order]:
        """Every order, the oldest first."""
        with self._engine.connect() as connection:
            return list(repository.all_orders(connection).values())

    def steps(self) -> list[Planned]:
        """Every step in the order of planning, with what those would change that are still to come."""
        now = self._now()
        with self._engine.connect() as connection:
            rows = read_rows(connection)
            numbers = self._count(connection) if rows.steps else {}
        return [
            Planned(step, None)
            if _is_over(step, rows, now)
            else Planned(step, diff_of(step, rows.steps, rows.orders, now, numbers), _rests(step, rows, now))
            for step in rows.steps
        ]

    def announce(
        self,
        by: AccountId,
        issuer: str,
        legal_basis: str,
        text: str,
        date: datetime | None,
        markets: Sequence[str] = (),
        note: str = "",
    ) -> Order:
        """Note an order. `date`: by when it has to be done; `markets`: whom it names, this one where it says nothing.

        Raises:
            Invalid: something is missing or too long.
        """
        said = {"issuer": issuer.strip(), "legal_basis": legal_basis.strip(), "text": text.strip()}
        long = {"text": _TEXT}
        wrong = {
            name: f"1 to {long.get(name, _WORDS)} characters"
            for name, words in said.items()
            if not 0 < len(words) <= long.get(name, _WORDS)
        }
        named = tuple(name.strip() for name in markets if name.strip()) or (self._market.id,)
        if len(named) > 100 or len(note) > _WORDS:
            wrong["markets" if len(named) > 100 else "note"] = "fewer"
        if wrong:
            raise Invalid("this order is not right yet", fields=wrong)
        self._check_reach("date", date)
        act = Act("announced", self._now(), date, note.strip(), by)
        order = Order(self._ids.new(), said["issuer"], said["legal_basis"], said["text"], named, (act,))
        with self._changing() as connection:
            repository.add_order(connection, order)
            self._add_act(connection, order, act)
        return order

    def act(self, by: AccountId, order_id: int, what: What, note: str = "", new_date: datetime | None = None) -> Order:
        """Note what became of an order; what stands on it moves, rests or falls with it at once.

        Raises:
            NotFound: there is no such order.
            Conflict: this cannot happen to it now.
        """
        if len(note) > _WORDS:
            raise Invalid("this note is too long", fields={"note": f"at most {_WORDS} characters"})
        self._check_reach("new_date", new_date)
        with self._changing() as connection:
            order = repository.all_orders(connection).get(order_id)
            if order is None:
                raise NotFound("there is no such order")
            if wrong := what_is_wrong(order.acts, what, new_date, self._now()):
                raise Conflict(wrong, code="order_act_refused")
            act = Act(what, self._now(), new_date, note.strip(), by)
            self._add_act(connection, order, act)
        return replace(order, acts=(*order.acts, act))

    def plan(
        self,
        by: AccountId,
        to_state: State,
        takes_effect_at: datetime,
        *,
        order_id: int | None = None,
        reason: str = "",
        moved_to: str = "",
    ) -> Planned:
        """Plan a step: nothing happens before another administrator has confirmed it.

        Raises:
            NotFound: there is no such order.
            Invalid: an address is missing, or is none.
            Conflict: it does not fit what is planned, or the order.
        """
        with self._changing() as connection:
            return self._plan(connection, by, to_state, takes_effect_at, order_id, reason, moved_to)

    def plan_all(
        self,
        by: AccountId,
        chain: Sequence[tuple[State, datetime]],
        *,
        order_id: int | None = None,
        reason: str = "",
    ) -> list[Planned]:
        """Plan several steps at their dates: all of them or none.

        Raises:
            NotFound, Invalid, Conflict: as `plan`.
        """
        with self._changing() as connection:
            return [self._plan(connection, by, state, at, order_id, reason, "") for state, at in chain]

    def confirm(self, by: AccountId, *step_ids: int) -> list[Step]:
        """Say yes to steps as the second person, all or none; from then on each counts at its date.

        Raises:
            NotFound: there is no such step.
            Forbidden: whoever planned it cannot confirm it.
            Conflict: it was revoked or confirmed, its order fell, or its date has passed.
        """
        with self._changing() as connection:
            return [self._confirm(connection, by, step_id) for step_id in step_ids]

    def revoke(self, by: AccountId, *step_ids: int) -> list[Step]:
        """Take steps back that have not begun, all or none; one administrator is enough.

        Raises:
            NotFound: there is no such step.
            Conflict: it was revoked, or has begun.
        """
        with self._changing() as connection:
            return [self._revoke(connection, by, step_id) for step_id in step_ids]

    def begin_anew(self) -> None:
        """The market is in other hands: what its former ones planned has no effect from now on. Orders stay.

        Raises:
            Conflict: its keys were destroyed.
        """
        with self._changing() as connection:
            rows, now = read_rows(connection), self._now()
            if rows.keys_destroyed_at is not None:
                raise Conflict("the keys of this market were destroyed: nobody can go on with it", code="step_refused")
            for step in rows.steps:
                if step.revoked_at is None:
                    self._record_step(connection, step, b"revoked", now)
            repository.revoke_all(connection, now)

    def certify(self, connection: Connection, step: Step, counts: Mapping[str, int]) -> None:
        """Write down that keys were destroyed, in the transaction that destroys them."""
        now = self._now()
        repository.add_certificate(connection, step.id, now, counts)
        said = {f"destroyed_{name}": count for name, count in counts.items()}
        self._record(connection, "certificate", {"step": step.id, "at_ms": as_ms(now), **said})

    def _plan(
        self,
        connection: Connection,
        by: AccountId,
        to_state: State,
        takes_effect_at: datetime,
        order_id: int | None,
        reason: str,
        moved_to: str,
    ) -> Planned:
        _check_words(to_state, reason, moved_to)
        self._check_reach("takes_effect_at", takes_effect_at)
        rows, now = read_rows(connection), self._now()
        orders = repository.all_orders(connection)
        order = orders.get(order_id or 0)
        if order_id is not None:
            self._check_order(order, now)
        wrong = why_not_planned(rows.steps, rows.standing(now), to_state, order, takes_effect_at, now)
        if wrong:
            raise Conflict(wrong, code="step_refused")
        step = Step(self._ids.new(), to_state, order_id, takes_effect_at, moved_to.strip(), reason.strip(), by, now)
        repository.add_step(connection, step)
        self._record_step(connection, step, b"planned", now)
        return Planned(step, diff_of(step, rows.steps, orders, now, self._count(connection)))

    def _confirm(self, connection: Connection, by: AccountId, step_id: int) -> Step:
        rows, now = read_rows(connection), self._now()
        step = _find(rows, step_id)
        if step.revoked_at is not None or step.confirmed_at is not None:
            raise _refused(step, "it was revoked or confirmed already")
        if step.planned_by is None:
            raise _refused(step, "who planned it is gone: plan it again")
        if step.planned_by == by:
            raise Forbidden("another administrator has to confirm what you planned", code="second_person_needed")
        order = rows.orders.get(step.order_id or 0)
        confirmed = replace(step, confirmed_by=by, confirmed_at=now)
        at = effective_at(confirmed, order, now)
        if rows.keys_destroyed_at is not None or (at is not None and at <= now):
            raise _refused(step, "its date has passed: plan it again")
        if order is not None:
            self._check_order(order, now)
        repository.confirm_step(connection, step.id, by, now)
        self._record_step(connection, step, b"confirmed", now)
        return confirmed

    def _revoke(self, connection: Connection, by: AccountId, step_id: int) -> Step:
        rows, now = read_rows(connection), self._now()
        step = _find(rows, step_id)
        if step.revoked_at is not None:
            raise _refused(step, "it was revoked already")
        if rows.keys_destroyed_at is not None or has_begun(step, rows.orders, now):
            raise _refused(step, "it has begun, and could be revoked until its date")
        repository.revoke_step(connection, step.id, by, now)
        self._record_step(connection, step, b"revoked", now)
        return replace(step, revoked_by=by, revoked_at=now)

    def _add_act(self, connection: Connection, order: Order, act: Act) -> None:
        repository.add_act(connection, self._ids.new(), order.id, act)
        said: dict[str, int | bytes] = {"order": order.id, "act": act.what.encode(), "at_ms": as_ms(act.at)}
        if act.new_date is not None:
            said["new_date_ms"] = as_ms(act.new_date)
        if act.what == "announced":
            said |= {"issuer": order.issuer.encode(), "legal_basis": order.legal_basis.encode()}
            said |= {"text": order.text.encode(), "markets": ",".join(order.markets).encode()}
        self._record(connection, "order", said)

    def _record_step(self, connection: Connection, step: Step, act: bytes, now: datetime) -> None:
        said: dict[str, int | bytes] = {"step": step.id, "act": act, "at_ms": as_ms(now)}
        said |= {"to_state": step.to_state.encode(), "takes_effect_ms": as_ms(step.takes_effect_at)}
        if step.order_id is not None:
            said["order"] = step.order_id
        self._record(connection, "step", said)

    def _check_order(self, order: Order | None, now: datetime) -> None:
        if order is None:
            raise NotFound("there is no such order")
        if self._market.id not in order.markets:
            raise Conflict("this order does not name this market", code="step_refused")
        if any(act.what == "annulled" and act.at <= now for act in order.acts):
            raise Conflict("this order is annulled", code="step_refused")

    def _check_reach(self, field: str, date: datetime | None) -> None:
        if date is not None and abs(date - self._now()) > _REACH:
            raise Invalid("this date is more than a hundred years away", fields={field: "at most a hundred years away"})

    @contextmanager
    def _changing(self) -> Iterator[Connection]:
        """A transaction that alone changes the life cycle; after it, this process asks anew where it stands."""
        with self._engine.begin() as connection:
            repository.lock(connection)
            yield connection
        self.watch.forget()

    def _now(self) -> datetime:
        return as_datetime(self._clock.now_ms())


def _check_words(to_state: State, reason: str, moved_to: str) -> None:
    wrong = {}
    address = urlsplit(moved_to.strip())
    is_address = address.scheme in ("http", "https") and bool(address.netloc) and moved_to.strip().isascii()
    if to_state == "handed_over" and not (is_address and len(moved_to) <= _WORDS):
        wrong["moved_to"] = "the address of who goes on, as https://video.example.org"
    elif to_state != "handed_over" and moved_to:
        wrong["moved_to"] = "only where the market is handed over"
    if len(reason) > _WORDS:
        wrong["reason"] = f"at most {_WORDS} characters"
    if wrong:
        raise Invalid("this step is not right yet", fields=wrong)


def _refused(step: Step, why: str) -> Conflict:
    """Which one, too: several are confirmed or revoked at once."""
    return Conflict(f"step {format_id(step.id)} to {step.to_state}: {why}", code="step_refused")


def _find(rows: Rows, step_id: int) -> Step:
    for step in rows.steps:
        if step.id == step_id:
            return step
    raise NotFound(f"there is no step {format_id(step_id)}")


def _is_over(step: Step, rows: Rows, now: datetime) -> bool:
    return step.revoked_at is not None or has_begun(step, rows.orders, now) or rows.keys_destroyed_at is not None


def _rests(step: Step, rows: Rows, now: datetime) -> bool:
    return step.confirmed_at is not None and effective_at(step, rows.orders.get(step.order_id or 0), now) is None
