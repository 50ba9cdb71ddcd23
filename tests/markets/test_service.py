"""Orders and steps on a real database: two people, one plan, and everything in the ledger."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from tests.markets.conftest import Two

from penchant.core.errors import Conflict, Forbidden, Invalid, NotFound
from penchant.core.ids import format_id
from penchant.markets import repository
from penchant.markets.service import LifeCycle

pytestmark = pytest.mark.service
HOUR = timedelta(hours=1)


def test_a_step_takes_two_people(two: Two):
    planned = two.life.plan(two.ada.id, "no_signups", two.day(10), reason="we are tired")
    assert planned.diff is not None
    assert (planned.diff.before, planned.diff.after) == ("open", "no_signups")
    assert [rule.kind for rule in planned.diff.rules if rule.before != rule.after] == ["sign_up"]
    assert planned.diff.numbers == {"accounts": 2}
    with pytest.raises(Forbidden, match="another") as refused:
        two.life.confirm(two.ada.id, planned.step.id)
    assert refused.value.code == "second_person_needed"
    two.wait(5)
    two.life.confirm(two.eve.id, planned.step.id)
    with pytest.raises(Conflict, match="already"):
        two.life.confirm(two.eve.id, planned.step.id)
    assert two.life.watch.standing().state == "open"
    two.wait(5)
    assert two.life.watch.standing().state == "no_signups"
    assert [known.diff for known in two.life.steps()] == [None]


def test_the_database_itself_knows_that_it_takes_two(two: Two):
    step = {"id": 1, "to_state": "closed", "takes_effect_at": two.day(1), "moved_to": "", "reason": ""}
    step |= {"planned_by": two.ada.id, "planned_at": two.day(0)}
    with pytest.raises(IntegrityError, match="two_people"), two.cell.engine.begin() as connection:
        connection.execute(insert(repository.market_steps).values(**step, confirmed_by=two.ada.id))


def test_nothing_is_confirmed_too_late_and_nothing_revoked_that_has_begun(two: Two):
    late = two.life.plan(two.ada.id, "no_signups", two.day(1)).step.id
    two.wait(1)
    with pytest.raises(Conflict, match="passed"):
        two.life.confirm(two.eve.id, late)
    two.life.revoke(two.ada.id, late)
    with pytest.raises(Conflict, match="revoked already"):
        two.life.revoke(two.ada.id, late)
    begun = two.step("no_signups", 1)
    two.wait(1)
    with pytest.raises(Conflict, match="begun"):
        two.life.revoke(two.ada.id, begun)
    assert two.life.watch.standing().state == "no_signups"
    two.life.revoke(two.eve.id, two.step("closed", 1))
    two.wait(2)
    assert two.life.watch.standing().state == "no_signups"
    with pytest.raises(NotFound):
        two.life.revoke(two.ada.id, 5)


def test_a_stay_gives_the_service_back_and_lets_it_be_revoked(two: Two):
    order = two.life.announce(two.ada.id, "a court", "§ 1", "close it", two.day(10))
    closing = two.step("closed", 10, order.id)
    two.wait(11)
    assert two.life.watch.standing().state == "closed"
    assert two.life.watch.standing().order == order
    two.life.act(two.ada.id, order.id, "stayed", "until the hearing")
    assert two.life.watch.standing().state == "open"
    assert [known.rests for known in two.life.steps()] == [True]
    two.wait(100)
    two.life.act(two.ada.id, order.id, "resumed")
    assert two.life.watch.standing().state == "closed"
    two.life.act(two.ada.id, order.id, "extended", new_date=two.day(75))
    assert two.life.watch.standing().state == "open"
    two.life.revoke(two.eve.id, closing)
    two.wait(76)
    assert two.life.watch.standing().state == "open"


def test_an_annulled_order_carries_nothing_any_more(two: Two):
    order = two.life.announce(two.ada.id, "a court", "§ 1", "close it", two.day(10))
    two.step("closed", 10, order.id)
    unconfirmed = two.life.plan(two.ada.id, "no_signups", two.day(5), order_id=order.id).step.id
    two.life.act(two.ada.id, order.id, "annulled")
    two.wait(11)
    assert two.life.watch.standing().state == "open"
    with pytest.raises(Conflict, match="annulled"):
        two.life.plan(two.ada.id, "read_only", two.day(1), order_id=order.id)
    with pytest.raises(Conflict, match="annulled"):
        two.life.confirm(two.eve.id, unconfirmed)
    with pytest.raises(Conflict, match="annulled") as refused:
        two.life.act(two.ada.id, order.id, "stayed")
    assert refused.value.code == "order_act_refused"


def test_what_is_not_right_is_refused(two: Two):
    with pytest.raises(Invalid) as wrong:
        two.life.announce(two.ada.id, "", "§" * 3000, "text", None)
    assert set(wrong.value.fields) == {"issuer", "legal_basis"}
    elsewhere = two.life.announce(two.ada.id, "a court", "§ 1", "close it", None, ["elsewhere"])
    with pytest.raises(Conflict, match="name this market"):
        two.life.plan(two.ada.id, "closed", two.day(1), order_id=elsewhere.id)
    for address in ("", "not an address", "javascript:alert(1)"):
        with pytest.raises(Invalid) as wrong:
            two.life.plan(two.ada.id, "handed_over", two.day(1), moved_to=address)
        assert set(wrong.value.fields) == {"moved_to"}
    with pytest.raises(Invalid):
        two.life.plan(two.ada.id, "closed", two.day(1), moved_to="https://elsewhere.example")
    with pytest.raises(NotFound):
        two.life.plan(two.ada.id, "closed", two.day(1), order_id=5)
    with pytest.raises(NotFound):
        two.life.act(two.ada.id, 5, "stayed")


def test_several_are_confirmed_or_none_and_it_is_said_which_fails(two: Two):
    chain = [("no_signups", two.day(1)), ("read_only", two.day(3))]
    first, second = (planned.step.id for planned in two.life.plan_all(two.ada.id, chain))
    two.wait(2)
    with pytest.raises(Conflict, match=f"step {format_id(first)} to no_signups: its date has passed"):
        two.life.confirm(two.eve.id, second, first)
    assert [known.step.confirmed_at for known in two.life.steps()] == [None, None]
    two.life.confirm(two.eve.id, second)
    with pytest.raises(NotFound, match=f"no step {format_id(5)}"):
        two.life.revoke(two.eve.id, second, 5)
    assert [step.id for step in two.life.revoke(two.eve.id, first, second)] == [first, second]


@pytest.mark.parametrize("date", [datetime.max.replace(tzinfo=UTC), datetime.max.replace(tzinfo=timezone(-HOUR))])
def test_no_date_is_so_far_that_nobody_reads_it_any_more(two: Two, date: datetime):
    """One administrator's slip, and the state could not be told any more."""
    order = two.life.announce(two.ada.id, "a court", "§ 1", "close it", two.day(10))
    with pytest.raises(Invalid, match="a hundred years"):
        two.life.announce(two.ada.id, "a court", "§ 1", "close it", date)
    with pytest.raises(Invalid, match="a hundred years"):
        two.life.act(two.ada.id, order.id, "extended", new_date=date)
    with pytest.raises(Invalid, match="a hundred years"):
        two.life.plan(two.ada.id, "closed", date, order_id=order.id)
    two.step("closed", 36_000, order.id)
    then = two.day(36_000 + 35_990)
    two.wait(1)
    two.life.act(two.ada.id, order.id, "extended", new_date=two.day(35_999))
    assert two.life.watch.standing().coming[0].at == then


def test_who_is_erased_leaves_the_step_and_nobody_confirms_for_them(two: Two):
    planned = two.life.plan(two.ada.id, "no_signups", two.day(10)).step.id
    confirmed = two.step("read_only", 20)
    two.cell.erasure.erase(two.ada)
    found = {known.step.id: known.step for known in two.life.steps()}
    assert (found[confirmed].planned_by, found[confirmed].confirmed_by) == (None, two.eve.id)
    with pytest.raises(Conflict, match="gone"):
        two.life.confirm(two.eve.id, planned)
    two.wait(20)
    assert two.life.watch.standing().state == "read_only"


def test_the_ledger_hears_everything_and_of_nobody(two: Two):
    order = two.life.announce(two.ada.id, "a court", "§ 1", "close it", two.day(10))
    step = two.life.plan(two.ada.id, "closed", two.day(10), order_id=order.id).step
    two.life.confirm(two.eve.id, step.id)
    two.life.act(two.ada.id, order.id, "stayed")
    two.life.revoke(two.eve.id, step.id)
    acts = [b"%s %s" % (kind.encode(), said["act"]) for kind, said in two.written]
    assert acts == [b"order announced", b"step planned", b"step confirmed", b"order stayed", b"step revoked"]
    assert two.written[0][1]["text"] == b"close it"
    said = {value for _, known in two.written for value in known.values()}
    assert said & {two.ada.id, two.eve.id} == set()
    assert all(isinstance(value, int | bytes) for value in said)


def test_what_the_ledger_does_not_take_does_not_happen(two: Two):
    def full(*_: object) -> None:
        raise OSError("the ledger is full")

    life = LifeCycle(two.cell.engine, two.clock, two.cell.market, full, lambda _: {})
    with pytest.raises(OSError, match="full"):
        life.plan(two.ada.id, "closed", two.day(10))
    assert two.life.steps() == []


def test_another_process_sees_a_step_within_a_second(two: Two):
    other = two.cell.life_cycle.watch
    assert other.standing().state == "open"
    two.step("no_signups", 0.001)
    two.wait(1)
    assert other.known() is None
    assert other.standing().state == "no_signups"


def test_a_clock_that_is_set_back_hides_no_step(two: Two):
    other = two.cell.life_cycle.watch
    assert other.standing().state == "open"
    two.wait(-1)
    two.step("no_signups", 0.001)
    two.wait(0.001)
    assert other.standing().state == "no_signups"


def test_in_other_hands_it_is_open_and_what_was_is_still_written(two: Two):
    step = two.step("read_only", 1)
    later = two.step("closed", 40)
    two.wait(2)
    assert two.life.watch.standing().state == "read_only"
    two.life.begin_anew()
    assert two.life.watch.standing().state == "open"
    assert two.life.watch.standing().coming == ()
    assert [(kind, said["step"], said["act"]) for kind, said in two.written[-2:]] == [
        ("step", step, b"revoked"),
        ("step", later, b"revoked"),
    ]
    two.life.begin_anew()
    assert len(two.written) == 6
    two.step("no_signups", 1)
