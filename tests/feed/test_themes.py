"""Themes of the policy in a minor's feed: few on a page, and none of it in what the page is drawn by."""

from uuid import uuid4

import pytest
from tests.feed.conftest import DURATION_MS, Town

from penchant.accounts.model import Viewer
from penchant.app import Penchant
from penchant.core.clock import ManualClock
from penchant.events.model import NotInterested, Shown, Watch
from penchant.feed.effects.record import read_record

pytestmark = pytest.mark.service
SAD, PLAIN = ("sadness",), ("sea",)
"""A hashtag of the theme `despair`, of which a minor is shown one a page; and one of none."""


@pytest.fixture
def town(cell: Penchant, clock: ManualClock) -> Town:
    """Forty sad videos by people who make nothing else, and forty others."""
    town = Town(cell, clock)
    for number in range(80):
        handle = f"creator_{number % 2}_{number % 20}"
        cell.accounts.make_account(handle)
        look = bytes([64 if number % 2 else 192]) * 64
        town.publish(handle, f"{number}", look, hashtags=SAD if number % 2 else PLAIN)
    town.learn()
    return town


def person(cell: Penchant, birth_year: int) -> Viewer:
    return cell.accounts.sign_up(None, f"of_{birth_year}", "correct horse", birth_year)[1]


def watch(town: Town, viewer: Viewer, video: int) -> None:
    town.tell(
        viewer,
        Shown(video=video, context="feed"),
        Watch(video=video, context="feed", play=1, watched_ms=DURATION_MS, duration_ms=DURATION_MS),
    )


def test_a_minor_who_watches_every_sad_video_to_its_end_is_shown_one_a_page(town: Town):
    """And an adult who does the same is shown what they like: the cap is what makes the difference."""
    shown: dict[str, list[bool]] = {}
    for who, birth_year in (("minor", 2012), ("adult", 1990)):
        viewer, tab = person(town.cell, birth_year), uuid4()
        shown[who] = []
        for _ in range(3):
            page = town.cell.feed.page(viewer, tab)
            assert len(page.items) == 10
            for item in page.items:
                shown[who].append(item.video.hashtags == SAD)
                if shown[who][-1]:
                    watch(town, viewer, item.video.id)
                else:
                    town.tell(viewer, Shown(video=item.video.id, context="feed"))
    for first in (0, 10, 20):
        assert sum(shown["minor"][max(0, first - 8) : first + 10]) <= 1, "of a page and the eight before it"
    assert sum(shown["adult"]) >= 5, shown


@pytest.mark.parametrize("profile", [True, False])
def test_guests_are_shown_as_few(town: Town, profile: bool):
    _, guest = town.cell.accounts.welcome()
    for _ in range(5):
        page = town.cell.feed.page(guest, uuid4()) if profile else town.cell.feed.page_without_profile(guest, ())
        assert page.items
        assert sum(item.video.hashtags == SAD for item in page.items) <= 1


def test_what_a_minor_watched_of_a_theme_is_no_part_of_what_decides(town: Town):
    """The rows are those of somebody who never watched it, to the last bit; the record says what is left out."""
    records = {}
    for handle, sees in (("watched", True), ("never", False)):
        viewer = town.cell.accounts.sign_up(None, handle, "correct horse", 2012)[1]
        watch(town, viewer, town.published[0])
        for video in town.published[1:20:2]:
            if sees:
                watch(town, viewer, video)
        page = town.cell.feed.page(viewer, uuid4(), seed=11)
        with town.cell.engine.connect() as connection:
            records[handle] = read_record(town.cell.records.page(connection, page.id).record)
    assert records["watched"]["left_out"] == sorted(town.published[1:20:2])
    assert records["never"]["left_out"] == []
    rows = {}
    for handle, record in records.items():
        ids = [record["candidates"][at : at + 8] for at in range(0, len(record["candidates"]), 8)]
        size = len(record["rows"]) // len(ids)
        rows[handle] = {id_: record["rows"][at * size : (at + 1) * size] for at, id_ in enumerate(ids)}
    both = rows["watched"].keys() & rows["never"].keys()
    assert len(both) > 20
    assert {id_: rows["watched"][id_] for id_ in both} == {id_: rows["never"][id_] for id_ in both}


def test_what_comes_a_second_time_is_as_little(town: Town):
    """Once nothing unseen is left the same filters hold, but for that of what was seen."""
    viewer = person(town.cell, 2012)
    for video in town.published:
        town.tell(viewer, Shown(video=video, context="feed"))
    page = town.cell.feed.page(viewer, uuid4())
    assert {item.why.code for item in page.items} == {"again"}
    assert len(page.items) == 10
    assert sum(item.video.hashtags == SAD for item in page.items) <= 1
    tag = PLAIN[0]
    town.tell(viewer, NotInterested(target="hashtag", name=tag))
    assert not [item for item in town.cell.feed.page(viewer, uuid4()).items if tag in item.video.hashtags]
