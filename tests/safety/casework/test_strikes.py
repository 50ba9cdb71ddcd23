"""Strikes: a fold of removals that stand, forgotten in time, and steps that ask a person."""

import pytest
from tests.safety.casework.conftest import DAY_MS, DISMISS
from tests.web.test_api import publish

from penchant.accounts.model import Account
from penchant.app import Penchant
from penchant.core.clock import ManualClock, as_datetime
from penchant.core.errors import SettingWrong
from penchant.core.ids import VideoId, parse_id
from penchant.safety.casework import strikes
from penchant.safety.casework.model import Ruling
from penchant.safety.policy import parse_policy, read_policy

pytestmark = pytest.mark.service


def standing(cell: Penchant, account: Account) -> strikes.Standing:
    with cell.engine.connect() as connection:
        return strikes.standing(connection, cell.safety.policy, account.id, as_datetime(cell.clock.now_ms()))


def remove(cell: Penchant, by: Account, rule: str) -> int:
    video = VideoId(parse_id(publish(cell, "ada", f"about {rule}")))
    with cell.engine.begin() as connection:
        return cell.safety.decide(connection, by, "video", video, "remove", "no", rule=rule)


def account_cases(cell: Penchant, by: Account) -> list[tuple[str, ...]]:
    return [entry.labels for entry in cell.desk.queue.waiting(by).entries if entry.kind == "account"]


def test_strikes_weigh_by_harm_add_up_and_ask_a_person(cell: Penchant, ada: Account, mo: Account):
    assert standing(cell, ada) == strikes.Standing((), 0, 3)
    remove(cell, mo, "illegal-content")
    assert standing(cell, ada).points == 3
    assert account_cases(cell, mo) == []
    remove(cell, mo, "hate")
    assert (standing(cell, ada).points, standing(cell, ada).next_step) == (5, 3)
    assert account_cases(cell, mo) == [("strikes_first",)]
    # Nothing was suspended: that is for a person.
    assert not cell.accounts.by_handle("ada").suspended
    (entry,) = cell.desk.queue.waiting(mo).entries
    rule = cell.safety.policy.rule("strikes-first")
    assert rule is not None
    cell.desk.queue.decide(mo, entry.id, Ruling("suspend", "again and again", rule=rule.name, hours=rule.hours))
    assert cell.accounts.by_handle("ada").suspended


def test_a_strike_is_forgotten_in_time_and_withdrawn_with_its_decision(
    cell: Penchant, ada: Account, mo: Account, clock: ManualClock
):
    first = remove(cell, mo, "hate")
    clock.advance(10 * DAY_MS)
    remove(cell, mo, "illegal-content")
    assert standing(cell, ada).points == 5
    with cell.engine.begin() as connection:
        cell.safety.reverse(connection, mo, first, "an error")
    assert standing(cell, ada).points == 3
    assert account_cases(cell, mo) == [()]
    (strike,) = standing(cell, ada).strikes
    assert (strike.until - strike.since).days == 90
    clock.advance(91 * DAY_MS)
    assert standing(cell, ada) == strikes.Standing((), 0, 3)


def test_milder_decisions_and_other_peoples_are_no_strikes(cell: Penchant, ada: Account, mo: Account):
    video = VideoId(parse_id(publish(cell, "ada")))
    with cell.engine.begin() as connection:
        for action in ("warn", "age_gate", "limit", "hold", "dismiss"):
            cell.safety.decide(connection, mo, "video", video, action, "mild")  # type: ignore[arg-type]
    assert standing(cell, ada).points == 0
    bob = cell.accounts.make_account("bob")
    comment = cell.comments.write(bob, VideoId(parse_id(publish(cell, "ada", "two"))), "rude")
    with cell.engine.begin() as connection:
        cell.safety.decide(connection, mo, "comment", comment.id, "remove", "rude", rule="hate")
    assert (standing(cell, ada).points, standing(cell, bob).points) == (0, 2)


def test_whoever_infringes_copyright_again_and_again_is_proposed_for_closing(cell: Penchant, ada: Account, mo: Account):
    for _ in range(2):
        remove(cell, mo, "copyright")
    assert account_cases(cell, mo) == []
    remove(cell, mo, "copyright")
    assert account_cases(cell, mo) == [("repeat_infringer",)]
    (entry,) = cell.desk.queue.waiting(mo).entries
    cell.desk.queue.decide(mo, entry.id, DISMISS)
    assert account_cases(cell, mo) == []
    # One more, and a person is asked again.
    remove(cell, mo, "copyright")
    assert [sorted(labels) for labels in account_cases(cell, mo)] == [["cleared", "repeat_infringer"]]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (("points = 5", "points = 0"), "at least 1"),
        (("points = 5", "points = 10"), "steps go up"),
        (('rule = "strikes-first"', 'rule = "spam"'), "names one that suspends"),
        (('name = "strikes_second"', 'name = "strikes_first"'), "two steps are called"),
        (("strike_days = 90", "strike_days = 0"), "`strike_days`"),
        (("second_opinion_from = 5", "second_opinion_from = 7"), "`second_opinion_from`"),
    ],
)
def test_steps_that_cannot_be_right_are_refused(changes: tuple[str, str], words: str):
    with pytest.raises(SettingWrong, match=words):
        parse_policy(read_policy().text.replace(*changes), "test")
