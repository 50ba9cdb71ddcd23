"""The state of a market is a function of steps, orders and the time: what always holds, whatever was planned."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from penchant.core.ids import AccountId
from penchant.markets.diff import diff_of
from penchant.markets.lifecycle import (
    RANK,
    STATES,
    State,
    Step,
    effective_at,
    has_begun,
    standing_at,
    why_not_planned,
)
from penchant.markets.orders import Act, Order, What, force_at, what_is_wrong

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
ADA, EVE = AccountId(1), AccountId(2)
CHAIN: tuple[State, ...] = ("no_signups", "winding_down", "read_only", "closed")


def day(number: float) -> datetime:
    return NOW + timedelta(days=number)


def step(id_: int, state: State, at: float, order: int | None = None, *, confirmed: float | None = 0) -> Step:
    made = Step(id_, state, order, day(at), "", "", ADA, day(0))
    return made if confirmed is None else replace(made, confirmed_by=EVE, confirmed_at=day(confirmed))


def act(what: What, at: float, new_date: float | None = None) -> Act:
    return Act(what, day(at), None if new_date is None else day(new_date), "", ADA)


def order(*acts: Act, id_: int = 7) -> Order:
    return Order(id_, "a court", "§ 1", "close", ("local",), acts)


def chain(order_id: int | None = None) -> list[Step]:
    return [step(at, state, at * 10, order_id) for at, state in enumerate(CHAIN, 1)]


def state(steps: list[Step], at: float, *orders: Order) -> State:
    return standing_at(steps, {one.id: one for one in orders}, day(at)).state


def test_a_chain_is_gone_through_by_the_time_alone():
    steps = chain()
    assert [state(steps, at) for at in (9.99, 10, 20, 30, 39.99, 40, 4000)] == [
        "open", "no_signups", "winding_down", "read_only", "read_only", "closed", "closed",
    ]  # fmt: skip
    standing = standing_at(steps, {}, day(15))
    assert [(coming.step.to_state, coming.at) for coming in standing.coming] == [
        ("winding_down", day(20)), ("read_only", day(30)), ("closed", day(40)),
    ]  # fmt: skip
    assert standing.since == day(10)


def test_a_step_counts_only_when_it_is_confirmed_and_not_revoked():
    planned = step(1, "closed", 10, confirmed=None)
    assert state([planned], 11) == "open"
    confirmed = step(1, "closed", 10)
    assert state([confirmed], 11) == "closed"
    assert state([replace(confirmed, revoked_at=day(9), revoked_by=ADA)], 11) == "open"


def test_a_stay_restores_at_once_and_what_it_held_back_counts_again_after_it():
    steps = chain(7)
    stayed = order(act("announced", 0, 40), act("stayed", 41))
    assert state(steps, 40.5, stayed) == "closed"
    assert state(steps, 41, stayed) == "open"
    assert state(steps, 4000, stayed) == "open"
    resumed = order(*stayed.acts, act("resumed", 60))
    assert state(steps, 59, resumed) == "open"
    standing = standing_at(steps, {7: resumed}, day(61))
    assert (standing.state, standing.since) == ("closed", day(60))
    dated = order(act("announced", 0, 40), act("stayed", 41, 50))
    assert [state(steps, at, dated) for at in (49.9, 50)] == ["open", "closed"]


def test_an_extension_moves_what_stands_on_the_order_by_as_much():
    steps = chain(7)
    extended = order(act("announced", 0, 40), act("extended", 41, 115))
    assert state(steps, 40.5, extended) == "closed"
    assert [state(steps, at, extended) for at in (41, 84, 85, 95, 105, 115)] == ["open", "open", *CHAIN]
    # What is planned after it is planned for the new date.
    late = replace(step(9, "read_only", 100, 7), planned_at=day(50))
    assert effective_at(late, extended, day(60)) == day(100)
    undated = order(act("announced", 0), act("extended", 5, 35))
    assert [state(steps, at, undated) for at in (34, 35, 40)] == ["open", "read_only", "closed"]


def test_an_annulled_order_takes_its_steps_with_it_and_no_others():
    annulled = order(act("announced", 0, 40), act("annulled", 35))
    assert state(chain(7), 36, annulled) == "open"
    assert state([*chain(7), step(9, "no_signups", 5)], 36, annulled) == "no_signups"


def test_what_is_destroyed_does_not_come_back():
    annulled = order(act("announced", 0, 40), act("annulled", 80))
    standing = standing_at(chain(7), {7: annulled}, day(90), keys_destroyed_at=day(75))
    assert (standing.state, standing.keys_destroyed_at) == ("closed", day(75))


def test_plans_on_one_order_go_forward_and_another_order_is_another_plan():
    steps = chain(7)
    known = {7: order(act("announced", 0, 40)), 8: order(act("announced", 0, 40), id_=8)}
    now = standing_at(steps, known, day(1))

    def refused(state: State, at: float, order_id: int | None) -> str:
        return why_not_planned(steps, now, state, known.get(order_id or 0), day(at), day(1))

    assert "already" in refused("closed", 50, 7)
    assert "already" in refused("handed_over", 50, 7)
    assert "later" in refused("closed", 1, None)
    assert "open" in refused("open", 50, None)
    assert not refused("closed", 50, None)
    assert not refused("closed", 50, 8)
    steps = steps[1:2]
    assert "follow" in refused("no_signups", 20, 7)
    assert "follow" in refused("read_only", 19, 7)
    assert not refused("no_signups", 19, 7)
    assert not refused("read_only", 21, 7)
    # Beside what has moved with the order counts where it has moved to.
    known[7] = order(act("announced", 0, 40), act("extended", 0.5, 140))
    assert not refused("no_signups", 119, 7)
    assert "2027-03-30" in refused("read_only", 119, 7)


def test_what_can_happen_to_an_order():
    announced = (act("announced", 0, 40),)

    def refused(what: What, date: float | None = None, *before: Act) -> str:
        return what_is_wrong((*announced, *before), what, None if date is None else day(date), day(10))

    assert not refused("stayed")
    assert not refused("stayed", 20)
    assert not refused("extended", 50)
    assert not refused("annulled")
    assert not refused("executed")
    assert refused("announced", 50)
    assert refused("extended")
    assert refused("extended", 40)
    assert refused("stayed", 9)
    assert refused("resumed")
    assert refused("annulled", 50)
    assert refused("stayed", None, act("stayed", 5))
    assert not refused("resumed", None, act("stayed", 5))
    assert not refused("stayed", None, act("stayed", 5, 9))
    for what in ("extended", "stayed", "resumed", "annulled", "executed"):
        assert refused(what, None, act("annulled", 5))  # type: ignore[arg-type]


def test_the_diff_says_who_can_do_what_then():
    steps = chain()
    found = diff_of(steps[3], steps[:3], {}, day(1), {"accounts": 3})
    assert (found.before, found.after, found.numbers) == ("open", "closed", {"accounts": 3})
    assert {rule.kind for rule in found.rules if rule.before and rule.after} == {"sign_in", "export", "market"}
    assert all(rule.before for rule in found.rules)
    # Unconfirmed, or on an order that rests, it says the same.
    resting = {7: order(act("announced", 0, 40), act("stayed", 0.5))}
    again = diff_of(step(4, "closed", 40, 7, confirmed=None), [], resting, day(1), {})
    assert (again.before, again.after) == ("open", "closed")


days = st.integers(0, 60)
acts = st.builds(
    lambda what, at, date: act(what, at, date if what in ("extended", "stayed") else None),
    st.sampled_from(("extended", "stayed", "resumed", "annulled", "executed")),
    days,
    st.integers(61, 90),
)


@st.composite
def plans(draw: st.DrawFn) -> tuple[list[Step], dict[int, Order]]:
    """Steps as the service lets them be: confirmed by somebody else before their date, revoked before they begin."""
    orders = {}
    for id_ in (7, 8):
        later = sorted(draw(st.lists(acts, max_size=5)), key=lambda one: one.at)
        orders[id_] = order(act("announced", 0, draw(st.none() | days)), *later, id_=id_)
    steps: list[Step] = []
    for id_ in range(1, 1 + draw(st.integers(0, 8))):
        at = draw(st.integers(1, 60))
        made = step(id_, draw(st.sampled_from(STATES[1:])), at, draw(st.sampled_from((None, 7, 8))), confirmed=None)
        if draw(st.booleans()):
            made = replace(made, confirmed_by=EVE, confirmed_at=day(draw(st.floats(0, at - 0.5))))
        if draw(st.booleans()):
            revoked = replace(made, revoked_by=ADA, revoked_at=day(draw(st.floats(0, 60))))
            if not has_begun(made, orders, revoked.revoked_at or NOW):
                made = revoked
        steps.append(made)
    return steps, orders


@given(plans(), st.permutations(range(8)), days)
def test_there_is_one_state_whatever_the_order_of_the_rows(
    plan: tuple[list[Step], dict[int, Order]], shuffled: list[int], at: int
):
    steps, orders = plan
    found = standing_at(steps, orders, day(at))
    assert found.state in STATES
    assert found == standing_at([steps[n] for n in shuffled if n < len(steps)], orders, day(at))
    assert (found.step is None) == (found.state == "open")
    assert found.step is None or found.step.to_state == found.state


@given(plans(), days)
def test_what_is_not_confirmed_or_was_revoked_never_counts(plan: tuple[list[Step], dict[int, Order]], at: int):
    steps, orders = plan
    counting = [
        one
        for one in steps
        if one.confirmed_at is not None
        and one.confirmed_at <= day(at)
        and not (one.revoked_at is not None and one.revoked_at <= day(at))
        and not (one.order_id and force_at(orders[one.order_id].acts, day(at))[:2] != (False, False))
    ]
    assert standing_at(steps, orders, day(at)) == standing_at(counting, orders, day(at))


@given(plans(), st.floats(0, 100), st.floats(0, 100))
def test_nothing_goes_back_unless_something_happens_to_an_order(
    plan: tuple[list[Step], dict[int, Order]], one: float, other: float
):
    steps, orders = plan
    first, last = sorted((one, other))
    before, after = (standing_at(steps, orders, day(at)) for at in (first, last))
    if RANK[after.state] < RANK[before.state]:
        assert any(day(first) < found.at <= day(last) for known in orders.values() for found in known.acts)


@given(plans(), days)
def test_what_comes_is_what_will_be_if_nothing_happens(plan: tuple[list[Step], dict[int, Order]], at: int):
    steps, orders = plan
    # Nothing that is written after that moment.
    known = {id_: replace(one, acts=tuple(a for a in one.acts if a.at <= day(at))) for id_, one in orders.items()}
    written = [replace(one, revoked_at=None) if (one.revoked_at or day(0)) > day(at) else one for one in steps]
    written = [one for one in written if (one.confirmed_at or day(0)) <= day(at)]
    standing = standing_at(written, known, day(at))
    for coming in standing.coming:
        assert coming.at > day(at)
        assert RANK[standing_at(written, known, coming.at).state] == RANK[coming.step.to_state]


@given(plans(), days, days)
def test_what_has_begun_without_an_order_cannot_be_revoked_any_more(
    plan: tuple[list[Step], dict[int, Order]], at: int, later: int
):
    steps, orders = plan
    for one in steps:
        if one.order_id is None and has_begun(one, orders, day(at)):
            assert has_begun(one, orders, day(at + later))
