"""Copyright: a claim in good faith, its answer, and a video that comes back by itself."""

import pytest
from tests.safety.casework.conftest import DAY_MS, only_case, state, viewer_of

from penchant.accounts.model import Account
from penchant.app import Penchant
from penchant.core.clock import ManualClock
from penchant.core.errors import Conflict, Forbidden, Invalid, NotFound
from penchant.core.ids import VideoId
from penchant.safety.casework import repository
from penchant.safety.casework.copyright import Claim
from penchant.safety.casework.model import Ruling

pytestmark = pytest.mark.service
CLAIM = Claim("Bea Composer", "bea@example.org", "The song “Waves”", good_faith=True)


@pytest.fixture
def removal(cell: Penchant, video: VideoId, mo: Account) -> int:
    bea = cell.accounts.make_account("bea")
    cell.safety.report(viewer_of(bea), "video", video, "copyright", "", CLAIM)
    outcome = cell.desk.queue.decide(mo, only_case(cell, mo), Ruling("remove", "her song", rule="copyright"))
    return outcome.decision or 0


def test_a_claim_says_who_and_what_in_good_faith(cell: Penchant, video: VideoId, mo: Account):
    bea = viewer_of(cell.accounts.make_account("bea"))
    for claim, fields in (
        (None, {"name", "contact", "work", "good_faith"}),
        (Claim("Bea", " ", "x" * 301, good_faith=False), {"contact", "work", "good_faith"}),
    ):
        with pytest.raises(Invalid) as refused:
            cell.safety.report(bea, "video", video, "copyright", "", claim)
        assert refused.value.fields.keys() == fields
    cell.safety.report(bea, "video", video, "copyright", "", CLAIM)
    seen = cell.desk.queue.look(mo, only_case(cell, mo))
    assert seen.claims == ({"name": CLAIM.name, "contact": CLAIM.contact, "work": CLAIM.work},)
    with cell.engine.connect() as connection:
        (row,) = connection.execute(repository.copyright_claims.select())
        assert b"Bea" not in row.claim_sealed


def test_whoever_is_to_answer_learns_who_claims_what_but_not_how_to_reach_them(
    cell: Penchant, ada: Account, removal: int
):
    (notice,), _ = cell.desk.notices.about(ada)
    assert (notice.claims, notice.may_counter) == (((CLAIM.name, CLAIM.work),), True)
    assert CLAIM.contact not in str(notice)
    cell.erasure.erase(cell.accounts.by_handle("bea"))
    (notice,), _ = cell.desk.notices.about(ada)
    assert notice.claims == ()


def test_a_contradicted_video_comes_back_after_the_waiting_time(
    cell: Penchant, video: VideoId, ada: Account, mo: Account, removal: int, clock: ManualClock
):
    with pytest.raises(NotFound):
        cell.desk.counter_notices.send(mo, removal, "not mine")
    with pytest.raises(Invalid):
        cell.desk.counter_notices.send(ada, removal, " ")
    restore_at = cell.desk.counter_notices.send(ada, removal, "I wrote it myself")
    with pytest.raises(Conflict):
        cell.desk.counter_notices.send(ada, removal, "again")
    (waiting,) = cell.desk.counter_notices.waiting(mo)
    assert (waiting.words, waiting.restore_at, waiting.video) == ("I wrote it myself", restore_at, video)
    clock.advance(10 * DAY_MS - 1000)
    assert cell.desk.counter_notices.sweep() == 0
    clock.advance(2000)
    assert cell.desk.counter_notices.sweep() == 1
    assert cell.desk.counter_notices.sweep() == 0
    assert state(cell, video) == "ready"
    (notice,), standing = cell.desk.notices.about(ada)
    assert (notice.reversed, standing.points) == (True, 0)


def test_a_moderator_may_say_otherwise(
    cell: Penchant, video: VideoId, ada: Account, mo: Account, removal: int, clock: ManualClock
):
    cell.desk.counter_notices.send(ada, removal, "I wrote it myself")
    with pytest.raises(Forbidden):
        cell.desk.counter_notices.keep_removed(ada, removal, "no")
    cell.desk.counter_notices.keep_removed(mo, removal, "she went to court")
    with pytest.raises(NotFound):
        cell.desk.counter_notices.keep_removed(mo, removal, "twice")
    clock.advance(20 * DAY_MS)
    assert cell.desk.counter_notices.sweep() == 0
    assert state(cell, video) == "removed"
    (notice,), _ = cell.desk.notices.about(ada)
    assert notice.counter is not None
    assert (notice.counter.settled, notice.counter.kept_reason) == (True, "she went to court")


def test_only_a_removal_for_copyright_can_be_contradicted(cell: Penchant, video: VideoId, ada: Account, mo: Account):
    with cell.engine.begin() as connection:
        decision = cell.safety.decide(connection, mo, "video", video, "remove", "rude", rule="hate")
    with pytest.raises(Conflict):
        cell.desk.counter_notices.send(ada, decision, "no")
