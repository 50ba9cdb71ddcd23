"""The daily figures: what is counted, what is told in public, and that erasing reaches them."""

from datetime import date
from uuid import uuid4

import numpy as np
import pytest
from sqlalchemy import text
from tests.conftest import NOW_MS
from tests.feed.conftest import DURATION_MS, Town
from tests.feed.conftest import town as town

from penchant.accounts.model import Viewer
from penchant.core.clock import as_datetime
from penchant.events.model import Shown, Watch
from penchant.operations.figures.calibration import CHOSEN, EDGES, bin_of
from penchant.operations.figures.model import Day, Share
from penchant.operations.figures.service import LEAST_VIEWERS, in_public
from penchant.operations.figures.tally import families

pytestmark = pytest.mark.service
TODAY = as_datetime(NOW_MS).date()
DAY_MS = 86_400_000


def swipe(town: Town, viewer: Viewer, shown: int, long: int) -> None:
    """A page of which the first `shown` slots are shown and of those the first `long` watched long."""
    page = town.cell.feed.page(viewer, uuid4())
    events: list[Shown | Watch] = []
    for item in page.items[:shown]:
        place = {"context": "feed", "page": page.id, "slot": item.slot}
        events.append(Shown(video=item.video.id, **place))
        watched = DURATION_MS if item.slot < long else 1_000
        for play, told in ((item.slot, watched // 2), (item.slot, watched)):
            events.append(Watch(video=item.video.id, play=play, watched_ms=told, duration_ms=DURATION_MS, **place))
    town.tell(viewer, *events)


def test_a_day_is_counted_from_pages_and_what_followed(town: Town):
    figures = town.cell.figures
    for _ in range(3):
        swipe(town, town.viewer(), shown=6, long=1)
    assert figures.bring_up_to_date() == [TODAY]
    (day,) = figures.days(7)
    assert (day.pages, day.viewers, day.listed) == (3, 3, 60)
    assert 6 <= day.videos <= 18
    for kind in ("arm", "source"):
        own = [share for (of, _), share in day.shares.items() if of == kind]
        assert sum(share.shown for share in own) == pytest.approx(18)
        assert sum(share.long for share in own) == pytest.approx(3)
        assert sum(share.watched_ms for share in own) == pytest.approx(3 * DURATION_MS + 15 * 1_000)
    assert day.share("arm", "explore").shown > 0
    chosen = [entry for (name, _), entry in day.bins.items() if name == CHOSEN]
    assert sum(entry.count for entry in chosen) == 18
    assert sum(entry.observed for entry in chosen) == 3
    assert sum(entry.predicted for entry in chosen) == pytest.approx(3)
    assert day.means["long_in_first"].count == 3


def test_a_day_goes_on_being_counted_until_it_has_settled(town: Town):
    figures, clock = town.cell.figures, town.clock
    viewer = town.viewer()
    swipe(town, viewer, shown=2, long=0)
    figures.bring_up_to_date()
    swipe(town, viewer, shown=2, long=0)
    figures.bring_up_to_date()
    assert figures.days(1)[0].pages == 2
    clock.advance(DAY_MS - NOW_MS % DAY_MS + 3 * 3_600_000)
    tomorrow = as_datetime(clock.now_ms()).date()
    assert figures.bring_up_to_date() == [TODAY, tomorrow]
    assert figures.bring_up_to_date() == [tomorrow]
    assert [day.pages for day in figures.days(2)] == [2, 0]


def test_erasing_someone_takes_them_out_of_the_figures_of_settled_days(town: Town):
    figures = town.cell.figures
    account = town.cell.accounts.make_account("leaver")
    leaver = Viewer(account.subject, account, "adult")
    swipe(town, leaver, shown=8, long=2)
    swipe(town, town.viewer(), shown=3, long=1)
    town.clock.advance(2 * DAY_MS)
    figures.bring_up_to_date()
    assert figures.days(3)[0].viewers == 2
    town.cell.erasure.erase(account)
    assert TODAY in figures.bring_up_to_date()
    day = figures.days(3)[0]
    assert (day.pages, day.viewers) == (1, 1)
    assert sum(share.shown for (kind, _), share in day.shares.items() if kind == "arm") == pytest.approx(3)


def test_the_tables_hold_nobody(town: Town):
    viewer = town.viewer()
    swipe(town, viewer, shown=8, long=1)
    town.cell.figures.bring_up_to_date()
    with town.cell.engine.connect() as connection:
        for table in ("feed_days", "feed_shares", "feed_measures", "feed_calibration"):
            rows = connection.execute(text(f"SELECT * FROM {table}")).mappings().all()
            assert rows
            written = repr([dict(row) for row in rows])
            assert str(viewer.subject) not in written
            assert not any(str(video) in written for video in town.theme_of)


def test_in_public_nothing_is_told_that_few_did():
    few, many = LEAST_VIEWERS - 1, LEAST_VIEWERS
    assert in_public(Day(date(2026, 9, 1), viewers=few)) is None
    day = Day(date(2026, 9, 1), pages=50, viewers=40)
    day.shares = {("arm", "exploit"): Share(many, 400.0), ("arm", "audit"): Share(few, 9.0)}
    told = in_public(day)
    assert told is not None
    assert set(told.shares) == {("arm", "exploit")}
    assert told.pages == told.videos == 0
    assert not told.means
    assert not told.bins


def test_families_and_bins():
    assert families(["rows", "rows_short", "crowd", "fresh"]) == ["crowd", "fresh", "similar"]
    assert families(["played_8h", "surface_2d"]) == ["popular"]
    assert families(["something_new"]) == ["something_new"]
    edges = np.array([0.0, *EDGES])
    assert [bin_of(float(edge)) for edge in edges] == list(range(len(edges)))
