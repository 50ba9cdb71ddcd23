"""Appeals by both sides, decided by somebody else; and what both sides are told."""

import pytest
from tests.safety.casework.conftest import DAY_MS, DISMISS, Report, only_case, state, viewer_of

from penchant.accounts.model import Account
from penchant.app import Penchant
from penchant.core.clock import ManualClock
from penchant.core.errors import Conflict, Forbidden, Gone, Invalid, NotFound
from penchant.core.ids import VideoId
from penchant.safety.casework.model import Ruling

pytestmark = pytest.mark.service


@pytest.fixture
def removal(cell: Penchant, video: VideoId, mo: Account, report: Report) -> int:
    """Bob reported Ada's video, and Mo removed it."""
    report("bob", video, "hate")
    outcome = cell.desk.queue.decide(mo, only_case(cell, mo), Ruling("remove", "they attack people", rule="hate"))
    assert outcome.decision is not None
    return outcome.decision


def test_an_appeal_is_decided_by_somebody_else_and_takes_the_strike_back(
    cell: Penchant, video: VideoId, ada: Account, mo: Account, max_: Account, removal: int
):
    (notice,), standing = cell.desk.notices.about(ada)
    assert (notice.action, notice.words["fr"], notice.automated) == (
        "remove",
        "Ces mots s'en prennent à des personnes.",
        False,
    )
    assert (notice.reported_for, notice.strike, standing.points) == (("hate",), 2, 2)
    assert notice.appeal_until is not None
    appeal = cell.desk.appeals.make(ada, removal, "it is a song")
    assert [(one.words, one.mine) for one in cell.desk.appeals.waiting(mo)] == [("it is a song", True)]
    with pytest.raises(Forbidden) as refused:
        cell.desk.appeals.decide(mo, appeal, "upheld", "I was right")
    assert refused.value.code == "had_a_part"
    with pytest.raises(Invalid):
        cell.desk.appeals.decide(max_, appeal, "reversed", " ")
    cell.desk.appeals.decide(max_, appeal, "reversed", "it is a song indeed")
    assert state(cell, video) == "ready"
    (notice,), standing = cell.desk.notices.about(ada)
    assert notice.appeal is not None
    assert (notice.reversed, notice.appeal.outcome, notice.appeal.answer) == (True, "reversed", "it is a song indeed")
    assert (notice.strike, standing.points, notice.appeal_until) == (0, 0, None)
    with pytest.raises(NotFound):
        cell.desk.appeals.decide(max_, appeal, "upheld", "twice")


def test_an_appeal_that_is_upheld_changes_nothing_and_there_is_one_each(
    cell: Penchant, video: VideoId, ada: Account, max_: Account, removal: int
):
    appeal = cell.desk.appeals.make(ada, removal, "it is a song")
    with pytest.raises(Conflict, match="before"):
        cell.desk.appeals.make(ada, removal, "once more")
    cell.desk.appeals.decide(max_, appeal, "upheld", "it is not")
    assert state(cell, video) == "removed"
    (notice,), _ = cell.desk.notices.about(ada)
    assert (notice.reversed, notice.appeal and notice.appeal.outcome) == (False, "upheld")


def test_a_reporter_hears_what_became_of_it_and_may_appeal(
    cell: Penchant, video: VideoId, mo: Account, max_: Account, report: Report
):
    bob = report("bob", video, "hate")
    (answer,) = cell.desk.notices.answers(bob)
    assert (answer.decision, answer.action) == (None, None)
    cell.desk.queue.decide(mo, only_case(cell, mo), DISMISS)
    (answer,) = cell.desk.notices.answers(bob)
    assert (answer.action, answer.reversed) == ("dismiss", False)
    assert answer.decision is not None
    appeal = cell.desk.appeals.make(bob, answer.decision, "listen again")
    with pytest.raises(Invalid, match="instead"):
        cell.desk.appeals.decide(max_, appeal, "reversed", "bob is right")
    cell.desk.appeals.decide(max_, appeal, "reversed", "bob is right", action="remove", rule="hate")
    assert state(cell, video) == "removed"
    (answer,) = cell.desk.notices.answers(bob)
    assert answer.appeal is not None
    assert answer.appeal.outcome == "reversed"


def test_what_cannot_be_appealed_against(cell: Penchant, ada: Account, mo: Account, removal: int, clock: ManualClock):
    cleo = cell.accounts.make_account("cleo")
    for who, decision, error in ((cleo, removal, NotFound), (ada, 99, NotFound)):
        with pytest.raises(error):
            cell.desk.appeals.make(who, decision, "no")
    with pytest.raises(Invalid):
        cell.desk.appeals.make(ada, removal, "")
    with pytest.raises(Forbidden):
        cell.desk.appeals.waiting(ada)
    bob = cell.accounts.by_handle("bob")
    with pytest.raises(Conflict, match="gone already"):
        cell.desk.appeals.make(bob, removal, "more")
    assert cell.desk.notices.answers(bob)[0].appeal_until is None
    clock.advance(184 * DAY_MS)
    with pytest.raises(Gone) as refused:
        cell.desk.appeals.make(ada, removal, "late")
    assert refused.value.code == "too_late"
    (notice,), _ = cell.desk.notices.about(ada)
    assert notice.appeal_until is None
    with cell.engine.begin() as connection:
        cell.safety.reverse(connection, mo, removal, "by itself")
    with pytest.raises((Conflict, Gone)):
        cell.desk.appeals.make(ada, removal, "too late")


def test_whoever_proposed_or_confirmed_had_a_part_and_nobody_judges_their_own(
    cell: Penchant, video: VideoId, ada: Account, mo: Account, max_: Account, report: Report
):
    cell.safety.report(viewer_of(cell.accounts.make_account("bob")), "video", video, "minor_safety", "")
    case = only_case(cell, mo)
    ruling = Ruling("remove", "in danger", rule="child-safety")
    cell.desk.queue.decide(mo, case, Ruling("remove", "in danger", rule="child-safety", propose=True))
    outcome = cell.desk.queue.decide(max_, case, ruling)
    appeal = cell.desk.appeals.make(ada, outcome.decision or 0, "my own child, at the sea")
    for who in (mo, max_):
        with pytest.raises(Forbidden):
            cell.desk.appeals.decide(who, appeal, "upheld", "no")
    with cell.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE accounts SET role = 'moderator' WHERE handle = 'ada'")
    with pytest.raises(Forbidden):
        cell.desk.appeals.decide(cell.accounts.by_handle("ada"), appeal, "reversed", "for me")
    third = cell.accounts.make_account("zoe", role="moderator")
    cell.desk.appeals.decide(third, appeal, "reversed", "all is well")
    assert state(cell, video) == "ready"
