"""The queue: its order, claims, second opinions, bulk, double looks; and that a crowd removes nothing."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.safety.casework.conftest import DAY_MS, DISMISS, REMOVE, Report, only_case, state, viewer_of
from tests.web.test_api import publish

from penchant.accounts.model import Account
from penchant.app import Penchant
from penchant.core.clock import ManualClock
from penchant.core.errors import Conflict, Forbidden, Invalid, NotFound
from penchant.core.ids import VideoId, parse_id
from penchant.safety.casework.model import Ruling
from penchant.safety.casework.queue import CLAIM, Claimed, Habits, SecondOpinionNeeded, priority
from penchant.safety.casework.wellbeing import Limits
from penchant.safety.ports import Finding

pytestmark = pytest.mark.service


@given(st.integers(1, 5), st.integers(0, 10**7), st.integers(0, 1000))
def test_more_harm_reach_or_confidence_is_never_less_urgent(harm: int, reach: int, sure: int):
    now = priority(harm, reach, sure)
    assert priority(harm + 1, reach, sure) >= now
    assert priority(harm, reach + 1, sure) >= now
    assert priority(harm, reach, sure + 1) >= now


def test_the_most_urgent_stands_first_and_a_trusted_flagger_before_all(
    cell: Penchant, video: VideoId, mo: Account, report: Report
):
    spread, grave, quiet = (VideoId(parse_id(publish(cell, "ada", title))) for title in ("spread", "grave", "quiet"))
    shown = {("video", spread): 900}
    cell.desk.queue._reach_of = lambda connection, targets: {key: shown[key] for key in targets if key in shown}
    report("bob", quiet, "other")
    report("bob", spread, "other")
    report("bob", grave, "minor_safety")
    order = [entry.target for entry in cell.desk.queue.waiting(mo).entries]
    assert order == [grave, spread, quiet]
    admin = cell.accounts.make_account("boss", role="admin")
    with pytest.raises(Forbidden):
        cell.desk.flaggers.name(mo, "bob", "spam")
    cell.desk.flaggers.name(admin, "bob", "spam")
    report("bob", video, "spam")
    first = cell.desk.queue.waiting(mo).entries[0]
    assert (first.target, first.trusted, first.confidence) == (video, True, 900)
    cell.desk.flaggers.forget(admin, "bob")
    with pytest.raises(NotFound):
        cell.desk.flaggers.forget(admin, "bob")


def test_five_hundred_brigading_accounts_raise_a_case_and_remove_nothing(cell: Penchant, video: VideoId, mo: Account):
    """Fresh accounts all at once, whatever they say: the case is seen sooner, and a person decides."""
    crowd = cell.accounts.make_accounts((f"crowd{number}", "") for number in range(500))
    for account in crowd:
        cell.safety.report(viewer_of(account), "video", video, "illegal", "")
    (entry,) = cell.desk.queue.waiting(mo).entries
    assert state(cell, video) == "ready"
    assert (entry.confidence, dict(entry.reasons)) == (800, {"illegal": 500})
    with cell.engine.connect() as connection:
        assert cell.safety.history(connection, "video", video) == []
    # Being wrong costs them what little their word weighed.
    cell.desk.queue.decide(mo, entry.id, DISMISS)
    for account in crowd[:50]:
        cell.safety.report(viewer_of(account), "video", video, "illegal", "")
    (again,) = cell.desk.queue.waiting(mo).entries
    assert again.confidence < 600
    assert state(cell, video) == "ready"


def test_anonymous_reports_open_a_case_and_weigh_nothing_however_many(cell: Penchant, video: VideoId, mo: Account):
    for _ in range(20):
        _, viewer = cell.accounts.welcome()
        cell.safety.report(viewer, "video", video, "spam", "")
    (entry,) = cell.desk.queue.waiting(mo).entries
    assert entry.confidence == 100


def test_whoever_reports_again_and_again_counts_once(cell: Penchant, video: VideoId, mo: Account, report: Report):
    for _ in range(5):
        report("bob", video)
    assert cell.desk.queue.waiting(mo).entries[0].confidence == 300
    report("cleo", video)
    assert cell.desk.queue.waiting(mo).entries[0].confidence > 400


def test_a_case_is_claimed_for_a_quarter_of_an_hour(
    cell: Penchant, video: VideoId, mo: Account, max_: Account, report: Report, clock: ManualClock
):
    cell.desk.queue._habits = Habits(Limits(0, 0, 1), double_look_percent=0)
    report("bob", video)
    case = only_case(cell, mo)
    cell.desk.queue.claim(mo, case)
    assert cell.desk.queue.waiting(max_).entries[0].claimed_by == "mo"
    assert cell.desk.queue.waiting(mo).entries[0].claimed_by is None
    with pytest.raises(Claimed) as refused:
        cell.desk.queue.decide(max_, case, REMOVE)
    assert refused.value.retry_after_s == CLAIM.total_seconds()
    cell.desk.queue.release(max_, case)
    with pytest.raises(Claimed):
        cell.desk.queue.claim(max_, case)
    cell.desk.queue.release(mo, case)
    cell.desk.queue.claim(max_, case)
    clock.advance(int(CLAIM.total_seconds() * 1000) + 1)
    cell.desk.queue.decide(mo, case, REMOVE)
    assert state(cell, video) == "removed"
    with pytest.raises(NotFound):
        cell.desk.queue.decide(max_, case, REMOVE)


def test_context_has_what_helps_to_decide(
    cell: Penchant, video: VideoId, ada: Account, mo: Account, report: Report, clock: ManualClock
):
    with cell.engine.begin() as connection:
        cell.safety.found(connection, "video", video, [Finding("hate", "words", 700, {"words": 2})])
        cell.safety.decide(connection, mo, "video", video, "warn", "rough")
    report("bob", video, "hate", note="look at 0:03")
    cell.safety.report(cell.accounts.welcome()[1], "account", ada.id, "spam", "")
    found = cell.desk.queue.look(mo, next(e.id for e in cell.desk.queue.waiting(mo).entries if e.kind == "video"))
    assert [(label.label, label.evidence) for label in found.labels] == [("hate", {"words": 2})]
    assert [(note.words, note.signed_in) for note in found.notes] == [("look at 0:03", True)]
    assert [one.action for one in found.history] == ["warn"]
    assert (found.other_cases, found.standing.points, found.entry.about and found.entry.about.handle) == (1, 0, "ada")
    cell.erasure.erase(cell.accounts.by_handle("bob"))
    assert cell.desk.queue.look(mo, found.entry.id).notes == ()


def test_nobody_decides_about_themselves_and_members_about_nobody(cell: Penchant, mo: Account, report: Report):
    own = VideoId(parse_id(publish(cell, "mo", "mine")))
    bob = report("bob", own)
    with pytest.raises(Forbidden):
        cell.desk.queue.waiting(bob)
    case = only_case(cell, mo)
    for act in (lambda: cell.desk.queue.claim(mo, case), lambda: cell.desk.queue.decide(mo, case, DISMISS)):
        with pytest.raises(Forbidden):
            act()
    with pytest.raises(Forbidden):
        cell.desk.queue.release(bob, case)


def test_the_worst_is_removed_by_two_people_and_held_meanwhile(
    cell: Penchant, video: VideoId, mo: Account, max_: Account, report: Report
):
    report("bob", video, "minor_safety")
    case = only_case(cell, mo)
    ruling = Ruling("remove", "a child in danger", rule="child-safety")
    assert cell.desk.queue.look(mo, case).needs_second
    with pytest.raises(SecondOpinionNeeded):
        cell.desk.queue.decide(mo, case, ruling)
    assert cell.desk.queue.decide(mo, case, replace(ruling, propose=True)).stage == "proposed"
    assert state(cell, video) == "held"
    assert cell.desk.queue.waiting(max_).entries[0].proposed
    with pytest.raises(Conflict, match="somebody else"):
        cell.desk.queue.decide(mo, case, ruling)
    (opinion,) = cell.desk.queue.look(max_, case).opinions
    assert (opinion.by, opinion.action, opinion.rule) == ("mo", "remove", "child-safety")
    assert cell.desk.queue.decide(max_, case, ruling).stage == "confirmed"
    assert state(cell, video) == "removed"
    with cell.engine.connect() as connection:
        standing = cell.safety.decisions.standing(connection, "video", video)
    assert [(one.action, one.decided_by) for one in standing] == [("remove", "max")]


def test_a_second_person_may_overturn(cell: Penchant, video: VideoId, mo: Account, max_: Account, report: Report):
    report("bob", video, "minor_safety")
    case = only_case(cell, mo)
    cell.desk.queue.decide(mo, case, Ruling("remove", "looks bad", propose=True))
    assert cell.desk.queue.decide(max_, case, DISMISS).stage == "overturned"
    assert state(cell, video) == "ready"
    assert cell.desk.queue.waiting(mo).entries == ()


def test_whoever_is_alone_decides_alone(cell: Penchant, video: VideoId, mo: Account, report: Report):
    report("bob", video, "minor_safety")
    case = only_case(cell, mo)
    assert not cell.desk.queue.look(mo, case).needs_second
    cell.desk.queue.decide(mo, case, REMOVE)
    assert state(cell, video) == "removed"


def test_many_cases_at_once_are_decisions_of_their_own(cell: Penchant, video: VideoId, mo: Account, report: Report):
    other = VideoId(parse_id(publish(cell, "ada", "two")))
    report("bob", video)
    report("bob", other)
    cases = [entry.id for entry in cell.desk.queue.waiting(mo).entries]
    with pytest.raises(Invalid):
        cell.desk.queue.decide(mo, cases[0], Ruling("suspend", "no"))
    outcomes = cell.desk.queue.decide_many(mo, [*cases, 12345], Ruling("remove", "advertising", rule="spam"))
    assert [type(one).__name__ for one in outcomes] == ["Outcome", "Outcome", "NotFound"]
    decisions = {one.decision for one in outcomes[:2]}  # type: ignore[union-attr]
    assert len(decisions) == 2
    assert (state(cell, video), state(cell, other)) == ("removed", "removed")


def test_a_share_of_cases_is_judged_twice_and_the_second_person_does_not_know(
    cell: Penchant, video: VideoId, mo: Account, max_: Account, report: Report
):
    cell.desk.queue._habits = Habits(Limits(0, 0, 1), double_look_percent=100)
    report("bob", video)
    case = only_case(cell, mo)
    cell.desk.queue.decide(mo, case, DISMISS)
    assert cell.desk.queue.waiting(mo).entries == ()
    (entry,) = cell.desk.queue.waiting(max_).entries
    assert (entry.blind, entry.labels, dict(entry.reasons)) == (True, (), {"spam": 1})
    seen = cell.desk.queue.claim(max_, case)
    assert (seen.opinions, seen.history, seen.labels) == ((), (), ())
    outcome = cell.desk.queue.decide(max_, case, REMOVE)
    assert (outcome.stage, outcome.decision) == ("blind", None)
    assert state(cell, video) == "ready"
    assert cell.desk.queue.waiting(max_).entries == ()


def test_without_double_looks_there_are_none(
    cell: Penchant, video: VideoId, mo: Account, max_: Account, report: Report
):
    cell.desk.queue._habits = Habits(Limits(0, 0, 1), double_look_percent=0)
    report("bob", video)
    cell.desk.queue.decide(mo, only_case(cell, mo), DISMISS)
    assert cell.desk.queue.waiting(max_).entries == ()


def test_reported_is_gone_for_the_reporter_and_removed_for_everyone_from_the_next_page_on(
    cell: Penchant, video: VideoId, mo: Account, report: Report, clock: ManualClock
):
    from uuid import uuid4

    def served(account: Account) -> list[int]:
        return [item.video.id for item in cell.feed.page(viewer_of(account), uuid4()).items]

    other = cell.accounts.make_account("cleo")
    bob = cell.accounts.make_account("bob")
    assert served(bob) == [video]
    report("bob", video)
    assert served(bob) == []
    assert served(other) == [video]
    cell.desk.queue.decide(mo, only_case(cell, mo), REMOVE)
    assert served(cell.accounts.make_account("dan")) == []
    clock.advance(DAY_MS)
    assert served(cell.accounts.make_account("eve")) == []
