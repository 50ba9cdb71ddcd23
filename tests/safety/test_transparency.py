"""The public report: right counts and medians, and none that few people are behind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient
from tests.safety.casework.conftest import viewer_of
from tests.web.test_api import publish

from penchant.app import Penchant
from penchant.core.clock import ManualClock
from penchant.core.ids import VideoId, parse_id
from penchant.safety.casework.model import Ruling
from penchant.safety.casework.queue import Habits
from penchant.safety.casework.wellbeing import Limits
from penchant.safety.transparency.service import FEW, LEAST, grouped

HOUR_MS = 3_600_000
_COUNTS = st.dictionaries(st.sampled_from("abcdefghij"), st.integers(0, 40))


@given(_COUNTS)
def test_small_counts_cannot_be_found_out(counts: dict[str, int]):
    told = grouped(counts)
    assert all(count >= LEAST for count in told.values())
    # The sum is told or nothing is, so no small count is the difference of told ones.
    total = sum(counts.values())
    assert sum(told.values()) == (total if total >= LEAST else 0)
    assert all(counts[name] == count for name, count in told.items() if name != FEW)


def test_the_next_larger_goes_in_with_what_is_small():
    assert grouped({"a": 30, "b": 12, "c": 3}) == {"a": 30, FEW: 15}
    assert grouped({"a": 30, "b": 9, "c": 3}) == {"a": 30, FEW: 12}
    assert grouped({"a": 9}) == {}
    assert grouped({"a": 10, "b": 0}) == {"a": 10}


@pytest.mark.service
def test_the_report_counts_what_was_done(cell: Penchant, web: Litestar, clock: ManualClock):
    ada, mo = cell.accounts.make_account("ada"), cell.accounts.make_account("mo", role="moderator")
    other = cell.accounts.make_account("max", role="moderator")
    bob = cell.accounts.make_account("bob")
    cell.desk.queue._habits = Habits(Limits(0, 0, 1), double_look_percent=100)
    with TestClient(web) as client:
        empty = client.get("/api/transparency").json()
        assert (empty["actions"], empty["median_hours"], empty["agreement"]) == ({}, None, None)
        for number in range(12):
            video = VideoId(parse_id(publish(cell, ada.handle, f"number {number}")))
            cell.safety.report(viewer_of(bob), "video", video, "spam", "")
            clock.advance(2 * HOUR_MS)
            (entry,) = [one for one in cell.desk.queue.waiting(mo).entries if one.target == video]
            cell.desk.queue.decide(mo, entry.id, Ruling("limit", "spam", rule="spam"))
            # They agree but once.
            cell.desk.queue.decide(other, entry.id, Ruling("dismiss" if number == 0 else "limit", "looks so"))
        told = client.get("/api/transparency").json()
        assert told["actions"] == {"limit": 12}
        assert told["sources"] == {"SOURCE_TYPE_OTHER_NOTIFICATION": 12}
        assert told["automation"] == {"person": 12}
        assert told["reports"] == {"spam": 12}
        assert told["median_hours"] == pytest.approx(2)
        assert (told["judged_twice"], told["moderators"], told["appeals"]) == (12, 2, {})
        assert told["agreement"] == pytest.approx(0, abs=0.05)
        for lang, title in (("en", "How this place is moderated"), ("fr", "Comment ce lieu est modéré")):
            page = client.get("/transparency", params={"lang": lang}).text
            assert title in page
            assert f'<html lang="{lang}">' in page
            assert "{" not in page.split("<main>")[1]
