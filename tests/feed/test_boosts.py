"""A boost acts on everybody's next page, in the open; what is lent in secret is found."""

from uuid import uuid4

import pytest
from sqlalchemy import text
from tests.feed.conftest import Town
from tests.feed.test_rescore import checked, record_of

from penchant.core.clock import ManualClock
from penchant.core.errors import Conflict, Invalid
from penchant.core.ids import VideoId
from penchant.feed.boosts import MOST_AT_ONCE
from penchant.ledger.leaves import Boost, decode

pytestmark = pytest.mark.service
HOUR_MS = 3_600_000


def share_of(town: Town, video: int, viewers: int = 30) -> float:
    """Of how many first pages it is a part."""
    pages = [town.cell.feed.page(town.viewer(), uuid4(), seed=seed) for seed in range(viewers)]
    return sum(video in [item.video.id for item in page.items] for page in pages) / viewers


def test_a_boost_acts_says_so_and_ends(town: Town, clock: ManualClock):
    video = VideoId(town.of_theme(2)[3])
    before = share_of(town, video)
    lent = town.cell.boosts.lend(video, 2.0, 2, "a festival of the city")
    assert share_of(town, video) > before + 0.3
    page = town.cell.feed.page(town.viewer(), uuid4(), seed=4)
    fields = record_of(town.cell, page.id)
    ids = [item.video.id for item in page.items]
    (item,) = [item for item in page.items if item.video.id == video]
    assert item.why.code == "chosen"
    assert item.why.numbers["lent"] == 2.0
    assert [amount for _, amount in fields["lent"]] == [131_072]
    assert checked(town.cell, fields) == [], "what is lent is in the record, so the page follows from it"
    clock.advance(2 * HOUR_MS)
    assert "chosen" not in {item.why.code for item in town.cell.feed.page(town.viewer(), uuid4(), seed=4).items}
    assert [one.reason for one in town.cell.boosts.all()] == ["a festival of the city"]
    assert lent.ends_ms - lent.begins_ms == 2 * HOUR_MS
    assert len(ids) == 10


def test_who_saw_it_or_may_not_see_it_does_not(town: Town):
    video = VideoId(town.of_theme(2)[3])
    town.cell.boosts.lend(video, 2.0, 2, "everybody has to see this")
    viewer = town.viewer()
    town.finish(viewer, video)
    for _ in range(3):
        assert video not in [item.video.id for item in town.cell.feed.page(viewer, uuid4(), count=20).items]


def test_it_is_in_the_ledger_and_taken_back_there(town: Town, clock: ManualClock):
    video = VideoId(town.of_theme(2)[3])
    town.cell.boosts.lend(video, 0.5, 48, "news")
    clock.advance(HOUR_MS)
    town.cell.boosts.take_back(video)
    town.cell.ledger.sequencer.run_empty()
    with town.cell.engine.connect() as connection:
        from penchant.ledger import repository

        leaves = [decode(entry.leaf) for entry in repository.of_kinds(connection, [Boost.kind])]
    assert [(one.video, one.amount, one.reason) for one in leaves if isinstance(one, Boost)] == [
        (video, 32_768, b"news"),
        (video, 0, b""),
    ]
    assert town.cell.boosts.at(clock.now_ms()) == {}
    with pytest.raises(Invalid, match="not boosted"):
        town.cell.boosts.take_back(video)


def test_a_page_with_a_hidden_boost_is_named(town: Town):
    """Somebody with the database lends a video something that stands in no ledger."""
    cell, video = town.cell, town.of_theme(2)[3]
    cell.ledgered.begin()
    honest = cell.feed.page(town.viewer(), uuid4(), seed=4)
    with cell.engine.begin() as connection:
        statement = (
            "INSERT INTO boosts (entry, video_id, amount, begins_at, ends_at, reason) "
            "VALUES (999999, :video, 65536, now() - interval '1 year', now() + interval '1 year', 'none')"
        )
        connection.execute(text(statement), {"video": video})
    town.clock.advance(2_000)
    page = cell.feed.page(town.viewer(), uuid4(), seed=4)
    cell.ledger.sequencer.run_empty()
    assert {fault.name for fault in cell.replays.replay(page.id).faults} == {"hidden_boost"}
    assert cell.replays.replay(honest.id).faults == ()
    assert {fault.name for fault in cell.ledger_checks.faults()} == {"hidden_boost"}


def test_what_cannot_be_lent(town: Town):
    boosts, video = town.cell.boosts, VideoId(town.of_theme(0)[0])
    for doublings, hours, reason in (
        (0, 1, "x"),
        (2.5, 1, "x"),
        (-1, 1, "x"),
        (1, 0, "x"),
        (1, 1_000, "x"),
        (1, 1, " "),
    ):
        with pytest.raises(Invalid):
            boosts.lend(video, doublings, hours, reason)
    with pytest.raises(Invalid, match="no such listed video"):
        boosts.lend(VideoId(5), 1, 1, "x")
    boosts.lend(video, 1, 1, "x")
    with pytest.raises(Conflict):
        boosts.lend(video, 1, 1, "x")
    for other in list(town.theme_of)[1:MOST_AT_ONCE]:
        boosts.lend(VideoId(other), 1, 1, "x")
    with pytest.raises(Conflict, match="too many"):
        boosts.lend(VideoId(list(town.theme_of)[-1]), 1, 1, "x")
