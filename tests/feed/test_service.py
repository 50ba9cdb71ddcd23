from collections import Counter
from threading import Thread
from uuid import uuid4

import numpy as np
import pytest
from tests.feed.conftest import CREATORS, DURATION_MS, PER_THEME, THEMES, Town

from penchant.app import Penchant
from penchant.core.clock import ManualClock
from penchant.core.ids import PageId
from penchant.events.model import InterestedAgain, NotInterested, Shown, Watch
from penchant.feed.effects.record import digest_of, list_of, read_record, rows_of
from penchant.feed.model import Page
from penchant.feed.rescore import scored
from penchant.feed.selectors.slots import SPACING
from penchant.taste.recipe import SERVED
from penchant.taste.service import PageTaste

pytestmark = pytest.mark.service
ALL = THEMES * PER_THEME


def ids(page: Page) -> list[int]:
    return [item.video.id for item in page.items]


def test_no_video_comes_twice_while_anything_unseen_is_left(town: Town):
    viewer, tab = town.viewer(), uuid4()
    seen: list[int] = []
    while len(seen) < ALL:
        page = town.cell.feed.page(viewer, tab)
        assert page.items, f"nothing although {ALL - len(seen)} are unseen"
        assert not {item.why.code for item in page.items} & {"again"}
        seen += ids(page)
        town.tell(viewer, *(Shown(video=video, context="feed") for video in ids(page)))
    assert len(set(seen)) == ALL
    again = town.cell.feed.page(viewer, tab)
    assert {item.why.code for item in again.items} == {"again"}


def test_an_empty_catalogue_and_one_video(cell: Penchant, clock: ManualClock):
    town = Town(cell, clock)
    viewer = town.viewer()
    assert town.cell.feed.page(viewer, uuid4()).items == ()
    town.learn()
    assert town.cell.feed.page(viewer, uuid4()).items == ()
    cell.accounts.make_account("only")
    video = town.publish("only", "the only one")
    for _ in range(2):
        assert ids(town.cell.feed.page(town.viewer(), uuid4())) == [video]
        town.learn()
    town.finish(viewer, video)
    again = town.cell.feed.page(viewer, uuid4())
    assert [item.why.code for item in again.items] == ["again"]


def test_a_viewer_with_a_hundred_thousand_events(town: Town):
    """All of one video: the history is a row for each video, whatever was done with it."""
    viewer, video = town.viewer(), town.of_theme(0)[0]
    for first in range(0, 100_000, 5_000):
        town.tell(
            viewer,
            *(
                Watch(video=video, context="feed", play=play, watched_ms=DURATION_MS, duration_ms=DURATION_MS)
                for play in range(first, first + 5_000)
            ),
        )
    town.learn()
    page = town.cell.feed.page(viewer, uuid4())
    assert len(page.items) == 10
    assert video not in ids(page)


def test_two_tabs_at_the_same_time_show_different_videos(town: Town):
    viewer = town.viewer()
    pages: list[Page] = []
    threads = [Thread(target=lambda: pages.append(town.cell.feed.page(viewer, uuid4()))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shown = [video for page in pages for video in ids(page)]
    assert len(shown) == 40
    assert len(set(shown)) == 40


def test_what_was_served_and_replaced_returns_to_the_pool(town: Town):
    viewer, tab = town.viewer(), uuid4()
    first = town.cell.feed.page(viewer, tab, count=10)
    second = town.cell.feed.page(viewer, tab, count=20, replaces=first.id, from_slot=2)
    rest = [town.cell.feed.page(viewer, tab, count=20) for _ in range(2)]
    later = {video for page in (second, *rest) for video in ids(page)}
    assert not later & set(ids(first)[:2])
    assert later >= set(ids(first)[2:])


def test_a_page_of_somebody_else_cannot_be_given_back(town: Town):
    one, other = town.viewer(), town.viewer()
    page = town.cell.feed.page(one, uuid4())
    town.cell.feed.page(other, uuid4(), replaces=page.id, from_slot=0)
    with town.cell.engine.connect() as connection:
        assert town.cell.records.page(connection, page.id).kept == 10


def test_the_same_query_with_the_same_seed_is_the_same_page(town: Town):
    one, other = town.viewer(), town.viewer()
    assert ids(town.cell.feed.page(one, uuid4(), seed=7)) == ids(town.cell.feed.page(other, uuid4(), seed=7))
    assert ids(town.cell.feed.page(town.viewer(), uuid4(), seed=8)) != ids(town.cell.feed.page(one, uuid4(), seed=7))


def test_no_creator_twice_within_five_across_pages_of_a_tab(town: Town):
    viewer, tab = town.viewer(), uuid4()
    creators = []
    for _ in range(3):
        creators += [item.video.creator.id for item in town.cell.feed.page(viewer, tab, count=10).items]
        town.clock.advance(1_000)
    for start in range(len(creators) - SPACING + 1):
        window = creators[start : start + SPACING]
        assert len(set(window)) == SPACING, f"at {start}"


def test_not_interested_in_a_creator_acts_on_the_next_page_and_can_be_taken_back(town: Town):
    viewer = town.viewer()
    page = town.cell.feed.page(viewer, uuid4(), count=20)
    creator = page.items[0].video.creator.id
    town.tell(viewer, NotInterested(target="creator", target_id=creator))
    for _ in range(2):
        shown = town.cell.feed.page(viewer, uuid4(), count=20).items
        assert creator not in {item.video.creator.id for item in shown}
    town.tell(viewer, InterestedAgain(target="creator", target_id=creator))
    seen: set[int] = set()
    other = town.viewer()
    for _ in range(3):
        seen |= {item.video.creator.id for item in town.cell.feed.page(other, uuid4(), count=20).items}
    assert creator in seen


def test_an_accepted_finish_raises_the_nearest_on_the_very_next_page(town: Town):
    """State freshness: no training lies between the event and the page."""
    viewer, control = town.viewer(), town.viewer()
    finished = town.of_theme(1)[0]
    near = np.array(town.of_theme(1)[1:])
    town.tell(control, Shown(video=finished, context="feed"))
    town.finish(viewer, finished)
    scores = [_scores_of(town.cell, town.cell.feed.page(who, uuid4(), seed=3).id) for who in (viewer, control)]
    common = [video for video in near.tolist() if video in scores[0] and video in scores[1]]
    assert len(common) >= 5
    means = [np.mean([of[video] for video in common]) for of in scores]
    assert means[0] > means[1]


def test_following_somebody_does_not_fill_the_feed(town: Town):
    _, fan = town.cell.accounts.sign_up(None, "fan", "correct horse", 1990)
    assert fan.account is not None
    creator = town.cell.accounts.by_handle("creator_2_1")
    town.cell.social.follow(fan.account, creator.handle)
    for number in range(30):
        town.publish(creator.handle, f"many-{number}")
    town.learn()
    pages = [town.cell.feed.page(fan, uuid4()) for _ in range(4)]
    theirs = [sum(item.video.creator.id == creator.id for item in page.items) for page in pages]
    assert max(theirs) <= 2
    assert sum(theirs) >= 2


def test_a_block_and_a_report_act_on_the_next_page(town: Town):
    _, me = town.cell.accounts.sign_up(None, "mine", "correct horse", 1990)
    assert me.account is not None
    town.cell.social.block(me.account, "creator_0_0")
    reported = town.of_theme(1)[3]
    town.cell.safety.report(me, "video", reported, "spam", "")
    shown = [item.video for _ in range(3) for item in town.cell.feed.page(me, uuid4(), count=20).items]
    assert len(shown) == ALL - 4 - 1
    assert not {video.creator.handle for video in shown} & {"creator_0_0"}
    assert reported not in {video.id for video in shown}


def test_a_removed_video_is_on_no_page(town: Town):
    video = town.of_theme(0)[0]
    with town.cell.engine.begin() as connection:
        from penchant.catalog import repository as catalog

        found = catalog.video(connection, video)  # type: ignore[arg-type]
        assert found is not None
        town.cell.catalog.remove(connection, found[0], "moderation")
    viewer = town.viewer()
    shown = [video for _ in range(3) for video in ids(town.cell.feed.page(viewer, uuid4(), count=20))]
    assert len(shown) == ALL - 1
    assert video not in shown


def test_a_video_of_a_second_ago_can_be_served_before_any_epoch_knows_it(town: Town):
    video = town.publish("creator_0_0", "brand new")
    viewer = town.viewer()
    pages = [town.cell.feed.page(viewer, uuid4(), count=20) for _ in range(4)]
    assert video in {item for page in pages for item in ids(page)}


def test_the_page_record_gives_the_same_scores_and_order(town: Town):
    """From the integer rows alone: scores, and for each slot a propensity that fits the drawn candidate."""
    viewer = town.viewer()
    for video in town.of_theme(2)[:3]:
        town.finish(viewer, video)
    page = town.cell.feed.page(viewer, uuid4())
    record = _record(town.cell, page.id)
    candidates = np.frombuffer(record["candidates"], dtype="<i8")
    rows, order = rows_of(record), np.frombuffer(record["order"], dtype="<u2")
    assert rows.shape == (len(candidates), len(record["columns"]))
    assert tuple(record["columns"]) == SERVED.names
    stages = town.cell.taste.epoch().stages
    first = stages.first(rows)
    assert np.lexsort((candidates, -first)).tolist() == order.tolist()
    scores = np.empty(len(rows), dtype=np.int64)
    scores[order] = stages.second(rows[order], np.array(record["context"]), first[order])
    scores -= np.frombuffer(record["pressure"], dtype="<i8")
    assert record["digests"]["scores"] == digest_of(scores)
    assert [int(candidates[index]) for index, *_ in record["slots"]] == ids(page)
    assert all(0 < propensity <= 1 << 30 for _, _, propensity, _ in record["slots"])
    assert Counter(arm for _, arm, _, _ in record["slots"])["explore"] == 2
    assert record["epoch"] == town.cell.taste.epoch().digest
    heard = [stored for stored in town.cell.events.log.read(0, 10_000) if stored.subject == viewer.subject]
    assert record["history_offset"] == heard[-1].offset


def test_the_feed_turns_towards_what_is_watched(town: Town):
    """At this small scale; the whole system is measured by the scale tier."""
    for number in range(60):
        someone, likes = town.viewer(), number % THEMES
        for video in list(town.theme_of)[number % 5 :: 5]:
            (town.finish if town.theme_of[video] == likes else town.skip)(someone, video)
    town.learn()
    fan, control = town.viewer(), town.viewer()
    for video in town.of_theme(1)[:4]:
        town.finish(fan, video)
    for video in [v for theme in (0, 2, 3) for v in town.of_theme(theme)[:3]]:
        town.skip(fan, video)
    arms = _record(town.cell, (page := town.cell.feed.page(fan, uuid4(), seed=11)).id)["slots"]
    exploited = [video for video, (_, arm, _, _) in zip(ids(page), arms, strict=True) if arm == "exploit"]
    hits = sum(town.theme_of[video] == 1 for video in exploited)
    others = ids(town.cell.feed.page(control, uuid4(), seed=11))
    assert hits >= len(exploited) / 2
    assert sum(town.theme_of[video] == 1 for video in others) < len(others) / 2
    assert sum(town.theme_of[video] != 1 for video in ids(page)) >= 2
    assert CREATORS == 4


def test_a_source_that_fails_is_counted_and_the_page_still_comes(town: Town, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(PageTaste, "alike", broken)
    failed: list[str] = []
    page = town.cell.feed.page(town.viewer(), uuid4(), count_failure=failed.append)
    assert failed == ["content"]
    assert len(page.items) == 10
    assert _record(town.cell, page.id)["failed"] == ["content"]


def test_the_blend_learns_from_what_was_shown_and_left_on_a_page(town: Town):
    """From the page's record to an example, by the learner that follows the log; the next epoch says so."""
    viewer, tab = town.viewer(), uuid4()
    page = town.cell.feed.page(viewer, tab)
    finished = page.items[4].video.id
    for item in page.items[:5]:
        town.watch(viewer, item.video.id, 1.0 if item.video.id == finished else 0.1, page=page.id, slot=item.slot)
    assert town.examples == 0
    town.learn()
    assert town.examples == 1
    town.finish(viewer, page.items[6].video.id)
    town.learn()
    assert town.examples == 1, "without a page there is nothing to compare with"
    with town.cell.engine.connect() as connection:
        found = list_of(town.cell.records.page(connection, page.id).record)
    assert found is not None
    assert [int(found.video_ids[place]) for place in found.slots] == ids(page)


def _record(cell: Penchant, page: PageId) -> dict:  # type: ignore[type-arg]
    with cell.engine.connect() as connection:
        return read_record(cell.records.page(connection, page).record)


def _scores_of(cell: Penchant, page: PageId) -> dict[int, int]:
    record = _record(cell, page)
    found = scored(record, *cell.ledgered.unpacked(record["epoch"])[:2], cell.taste.values)
    return dict(zip(found.ids.tolist(), found.scores.tolist(), strict=True))
