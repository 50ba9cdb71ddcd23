"""What spreads very fast on a listed topic reaches fewer people until somebody has looked, or for six hours."""

from pathlib import Path
from uuid import uuid4

import pytest
from tests.conftest import CHEAP_HASHER
from tests.safety.test_decisions import HOUR_MS, decide, open_cases, state
from tests.web.test_api import publish

from penchant.app import Penchant, build
from penchant.catalog.model import Restrictions
from penchant.core.clock import ManualClock
from penchant.core.ids import SubjectId, VideoId, parse_id
from penchant.core.settings import Settings
from penchant.events.model import NewEvent, Shown
from penchant.safety.policy import Breaker, read_policy
from penchant.safety.spread import repository as spread_repository
from penchant.safety.spread.circuit_breaker import trips
from penchant.safety.spread.topics import topic_of

pytestmark = pytest.mark.service


@pytest.fixture
def cell(database_url: str, tmp_path: Path, clock: ManualClock):
    policy = tmp_path / "policy.toml"
    policy.write_text(
        read_policy().text.replace("topics = []", 'topics = ["election"]').replace("shown = 500", "shown = 50")
    )
    settings = Settings(data=tmp_path / "data", policy=policy)
    cell = build(settings, clock=clock, database_url=database_url, hasher=CHEAP_HASHER)
    cell.accounts.make_account("ada")
    yield cell
    cell.close()


def show(cell: Penchant, video: VideoId, times: int) -> None:
    now, session = cell.clock.now_ms(), uuid4()
    cell.events.log.append(
        [
            NewEvent(SubjectId(uuid4()), session, number, now, Shown(video=video, context="feed"))
            for number in range(times)
        ]
    )


def look(cell: Penchant) -> list[VideoId]:
    cell.spread.bring_up_to_date()
    return cell.circuit_breaker.look()


def test_a_fast_rise_is_slowed_and_let_go_after_six_hours(cell: Penchant, clock: ManualClock):
    video = VideoId(parse_id(publish(cell, "ada", "Election: all votes counted twice", ())))
    show(cell, video, 49)
    assert look(cell) == []
    show(cell, video, 1)
    assert look(cell) == [video]
    assert look(cell) == []
    assert state(cell, video) == ("ready", Restrictions(reach=20))
    assert open_cases(cell) == [(video, 3, 1000)]
    with cell.engine.connect() as connection:
        (decision,) = cell.safety.history(connection, "video", video)
    assert decision.evidence[0]["evidence"] == {"topic": "election", "shown": 50, "before": 0, "minutes": 60}
    assert "until a person has looked" in decision.reason
    clock.advance(6 * HOUR_MS + 1)
    cell.safety.sweep()
    assert state(cell, video) == ("ready", Restrictions())
    show(cell, video, 500)
    assert look(cell) == []


def test_a_person_who_finds_nothing_wrong_lifts_it_at_once_and_for_good(cell: Penchant):
    video = VideoId(parse_id(publish(cell, "ada", "the count", ("election",))))
    show(cell, video, 60)
    assert look(cell) == [video]
    decide(cell, cell.accounts.make_account("mo", role="moderator"), video, "dismiss")
    assert state(cell, video) == ("ready", Restrictions())
    show(cell, video, 600)
    assert look(cell) == []


def test_other_topics_and_steady_videos_are_left_alone(cell: Penchant, clock: ManualClock):
    cat = VideoId(parse_id(publish(cell, "ada", "a cat", ("cats",))))
    steady = VideoId(parse_id(publish(cell, "ada", "election news", ())))
    show(cell, cat, 500)
    show(cell, steady, 40)
    clock.advance(HOUR_MS)
    show(cell, steady, 60)
    assert look(cell) == []


def test_every_showing_counts_once_however_often_the_count_is_taken_up(cell: Penchant, clock: ManualClock):
    video = VideoId(parse_id(publish(cell, "ada")))
    for times in (3, 0, 4):
        show(cell, video, times)
        cell.spread.bring_up_to_date()
        cell.spread.bring_up_to_date()
    clock.advance(3 * 24 * HOUR_MS)
    show(cell, video, 2)
    cell.spread.bring_up_to_date()
    with cell.engine.connect() as connection:
        assert spread_repository.reach(connection, [video]) == {video: 9}
        windows = connection.execute(spread_repository.spread_windows.select()).all()
    assert [row.shown for row in windows] == [2]


@pytest.mark.parametrize(
    ("lately", "before", "expected"), [(50, 0, True), (49, 0, False), (50, 17, False), (51, 17, True)]
)
def test_when_it_trips(lately: int, before: int, expected: bool):
    assert trips(Breaker(topics=("x",), shown=50, times=3), lately, before) is expected


@pytest.mark.parametrize(
    ("title", "hashtags", "topic"),
    [
        ("Élection !", (), "election"),
        ("my selection of cats", (), None),
        ("look", ("election",), "election"),
        ("look", ("election2026",), None),
        ("a flu shot a day", (), "flu shot"),
        ("flu and a shot", (), None),
        ("x", ("flushot",), "flu shot"),
        ("x", ("flu_shot",), "flu shot"),
        ("", (), None),
    ],
)
def test_what_a_video_is_about(title: str, hashtags: tuple[str, ...], topic: str | None):
    assert topic_of(("election", "flu shot"), title, hashtags) == topic
