"""So many hard cases a day, and a pause after so many in a row; easy ones may always come."""

import pytest
from tests.safety.casework.conftest import DAY_MS, DISMISS, Report
from tests.web.test_api import publish

from penchant.accounts.model import Account
from penchant.app import Penchant
from penchant.core.clock import ManualClock
from penchant.core.ids import VideoId, parse_id
from penchant.safety.casework.queue import Habits
from penchant.safety.casework.wellbeing import Limits, NeedsRest

pytestmark = pytest.mark.service
MINUTE_MS = 60_000


def cases(cell: Penchant, report: Report, count: int, reason: str) -> list[VideoId]:
    cell.accounts.make_account("ada")
    found = [VideoId(parse_id(publish(cell, "ada", f"{reason} {number}"))) for number in range(count)]
    for one in found:
        report("bob", one, reason)
    return found


def decide_next(cell: Penchant, mo: Account) -> None:
    cell.desk.queue.decide(mo, cell.desk.queue.waiting(mo).entries[0].id, DISMISS)


def test_a_pause_after_some_in_a_row(cell: Penchant, mo: Account, report: Report, clock: ManualClock):
    cell.desk.queue._habits = Habits(Limits(per_day=0, in_row=2, pause_minutes=15), 0)
    cases(cell, report, 4, "self_harm")
    (easy,) = cases(cell, report, 1, "spam")
    hard = cell.desk.queue.waiting(mo).entries[3].id
    decide_next(cell, mo)
    decide_next(cell, mo)
    waiting = cell.desk.queue.waiting(mo)
    assert [entry.target for entry in waiting.entries] == [easy]
    assert waiting.rest.until is not None
    with pytest.raises(NeedsRest) as refused:
        cell.desk.queue.decide(mo, hard, DISMISS)
    assert refused.value.retry_after_s == 15 * 60
    with pytest.raises(NeedsRest):
        cell.desk.queue.claim(mo, hard)
    clock.advance(15 * MINUTE_MS)
    assert cell.desk.queue.waiting(mo).rest.until is None
    decide_next(cell, mo)
    decide_next(cell, mo)
    assert cell.desk.queue.waiting(mo).rest.until is not None
    # Something else in between is a rest as well.
    decide_next(cell, mo)
    assert cell.desk.queue.waiting(mo).rest.until is None


def test_a_limit_a_day_and_another_moderator_goes_on(
    cell: Penchant, mo: Account, max_: Account, report: Report, clock: ManualClock
):
    cell.desk.queue._habits = Habits(Limits(per_day=2, in_row=0, pause_minutes=15), 0)
    cases(cell, report, 4, "self_harm")
    decide_next(cell, mo)
    decide_next(cell, mo)
    rest = cell.desk.queue.waiting(mo).rest
    assert (rest.seen_today, rest.per_day) == (2, 2)
    assert rest.until is not None
    assert cell.desk.queue.waiting(mo).entries == ()
    decide_next(cell, max_)
    clock.advance(DAY_MS)
    assert cell.desk.queue.waiting(mo).rest.seen_today == 0
    decide_next(cell, mo)
