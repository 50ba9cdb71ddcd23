"""A reset taste is that of a newcomer who has seen the same; what is taken out of a history is no input any more."""

from uuid import uuid4

import pytest
from tests.feed.conftest import Town
from tests.feed.test_rescore import checked, record_of

from penchant.accounts.model import Viewer
from penchant.events import repository as history
from penchant.events.history import read_history
from penchant.events.model import Like, NotInterested
from penchant.feed.model import Page
from penchant.feed.queries.viewer import taste_of
from penchant.feed.rescore import scored
from penchant.lab.rows_again import rows_again
from penchant.taste.model import ViewerTaste

pytestmark = pytest.mark.service
HALF_AN_HOUR_MS = 31 * 60_000


def newcomer_who_saw_the_same(town: Town, viewer: Viewer) -> Viewer:
    other = town.viewer()
    with town.cell.engine.begin() as connection:
        seen = read_history(connection, viewer.subject).seen
        row = {"last_at_ms": town.clock.now_ms(), "last_offset": 1, "met": True, "counts": False, "folded_offset": 1}
        history.put_videos(connection, [row | {"subject_id": other.subject, "video_id": video} for video in seen])
    return other


def page_at(town: Town, viewer: Viewer, seed: int) -> Page:
    town.clock.advance(HALF_AN_HOUR_MS)
    return town.cell.feed.page(viewer, uuid4(), seed=seed)


def ids(page: Page) -> list[int]:
    return [int(item.video.id) for item in page.items]


def scores(town: Town, page: Page) -> dict[int, int]:
    fields = record_of(town.cell, page.id)
    found = scored(fields, *town.cell.ledgered.unpacked(fields["epoch"])[:2], town.cell.taste.values)
    return dict(zip(found.ids.tolist(), found.scores.tolist(), strict=True))


def live(town: Town) -> Viewer:
    """Somebody with a taste, and something that they said no to."""
    viewer = town.viewer()
    for video in town.of_theme(1)[:6]:
        town.finish(viewer, video)
    for video in town.of_theme(2)[:4]:
        town.skip(viewer, video)
    town.tell(viewer, Like(video=town.of_theme(1)[0]))
    refused = town.cell.accounts.by_handle("creator_3_0").id
    town.tell(viewer, NotInterested(target="creator", target_id=refused))
    town.learn()
    return viewer


def test_after_a_reset_the_very_next_page_is_a_newcomers_who_has_seen_the_same(town: Town):
    viewer = live(town)
    before = page_at(town, viewer, 5)
    town.cell.events.reset_taste(viewer.subject)
    other = newcomer_who_saw_the_same(town, viewer)
    refused = town.cell.accounts.by_handle("creator_3_0").id
    town.tell(other, NotInterested(target="creator", target_id=refused))
    town.clock.advance(HALF_AN_HOUR_MS)
    mine, theirs = (town.cell.feed.page(who, uuid4(), seed=5) for who in (viewer, other))
    assert ids(mine) == ids(theirs)
    assert scores(town, mine) == scores(town, theirs)
    assert scores(town, mine) != scores(town, before)
    assert not set(ids(mine)) & {*town.of_theme(1)[:6], *town.of_theme(2)[:4]}
    assert refused not in {item.video.creator.id for item in mine.items}
    fields = record_of(town.cell, mine.id)
    assert checked(town.cell, fields) == []
    positions = (fields["epoch_position"], town.cell.taste.epoch().rows.position)
    again = rows_again(town.cell.events.log, viewer.subject, fields, positions, 20)
    assert again.faults == ()


def test_a_rebuild_and_what_comes_after_agree_with_the_reset(town: Town):
    viewer = live(town)
    town.cell.events.reset_taste(viewer.subject)
    town.cell.events.reset_taste(viewer.subject)
    watched = town.of_theme(0)[0]
    town.finish(viewer, watched)

    def now() -> tuple[ViewerTaste, frozenset[int]]:
        with town.cell.engine.connect() as connection:
            found = read_history(connection, viewer.subject)
        return taste_of(found), found.seen

    straight = now()
    assert [heard.video for heard in straight[0].liked] == [watched]
    assert straight[0].hearted == ()
    assert straight[0].last is not None and straight[0].last.in_session == 1
    assert len(straight[1]) == 11
    town.cell.events.history.rebuild()
    assert now() == straight


def test_a_video_that_is_taken_out_is_no_input_at_once_and_does_not_come_again(town: Town):
    viewer, control = town.viewer(), town.viewer()
    taken, left = town.of_theme(1)[0], town.of_theme(2)[0]
    town.finish(viewer, left)
    town.finish(viewer, taken)
    town.finish(control, left)
    town.cell.events.take_out(viewer.subject, taken)
    with town.cell.engine.connect() as connection:
        mine, theirs = (read_history(connection, who.subject) for who in (viewer, control))
    assert taste_of(mine).long == taste_of(theirs).long == (left,)
    assert taken in mine.seen
    shown = [video for _ in range(3) for video in ids(town.cell.feed.page(viewer, uuid4(), count=20))]
    assert taken not in shown
    town.cell.events.history.rebuild()
    with town.cell.engine.connect() as connection:
        assert read_history(connection, viewer.subject) == mine


def test_who_has_seen_everything_and_begins_anew_is_shown_what_was_seen_before(town: Town):
    viewer = town.viewer()
    for video in town.theme_of:
        town.finish(viewer, video)
    town.cell.events.reset_taste(viewer.subject)
    page = town.cell.feed.page(viewer, uuid4())
    assert len(page.items) == 10
    assert {item.why.code for item in page.items} == {"again"}
