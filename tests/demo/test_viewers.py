"""The simulated viewers: tastes that show, and events that are the same whenever they are told."""

from collections import defaultdict

from penchant.core.ids import VideoId
from penchant.demo.plan import plan
from penchant.demo.publish import video_id_of
from penchant.demo.themes import THEMES
from penchant.demo.viewers import CROWD, Watchable, crowd, reactions, subjects, witness
from penchant.events.model import Shown, Watch

NOW_MS = 1_790_000_000_000
VIEWERS = crowd(list(THEMES))


def test_a_hundred_viewers_like_one_or_two_themes_each_and_every_theme_is_liked() -> None:
    assert len(VIEWERS) == CROWD >= 100
    assert [viewer.subject for viewer in VIEWERS] == subjects()
    fans: dict[str, int] = defaultdict(int)
    for viewer in VIEWERS[1:]:
        assert 1 <= len(viewer.themes) <= 2
        for theme in viewer.themes:
            fans[theme] += 1
    assert min(fans[theme] for theme in THEMES) >= 10


def test_events_are_named_alike_whenever_they_are_told() -> None:
    watchable = Watchable(VideoId(77), "mazes", 6000)
    now, later = reactions(VIEWERS, watchable, NOW_MS), reactions(VIEWERS, watchable, NOW_MS + 5000)
    assert {(e.session, e.sequence) for e in now} == {(e.session, e.sequence) for e in later}
    assert [e.event for e in now] == [e.event for e in later]
    assert len({(e.session, e.sequence) for e in now}) == len(now)
    assert reactions(crowd(list(THEMES)), watchable, NOW_MS) == now


def test_what_a_viewer_does_with_a_video_does_not_depend_on_other_videos() -> None:
    other = Watchable(VideoId(78), "mazes", 6000)
    one = {(e.session, e.sequence) for e in reactions(VIEWERS, Watchable(VideoId(77), "mazes", 6000), NOW_MS)}
    assert not one & {(e.session, e.sequence) for e in reactions(VIEWERS, other, NOW_MS)}


def test_events_lie_in_the_last_days_and_watching_follows_being_shown() -> None:
    shown: dict[object, int] = {}
    for event in sorted(reactions(VIEWERS, Watchable(VideoId(5), "waves", 7000), NOW_MS), key=lambda e: e.sequence):
        assert NOW_MS - 5 * 86_400_000 < event.occurred_at_ms <= NOW_MS
        match event.event:
            case Shown():
                shown[event.session] = event.occurred_at_ms
            case Watch(watched_ms=watched_ms):
                assert event.occurred_at_ms == shown[event.session] + watched_ms
            case _:
                raise AssertionError(event)


def test_the_witness_meets_every_video() -> None:
    for clip in plan()[:24]:
        events = reactions(VIEWERS, Watchable(video_id_of(clip), clip.theme, clip.duration_ms), NOW_MS)
        assert any(event.subject == witness() and isinstance(event.event, Watch) for event in events)


def test_viewers_finish_mostly_what_they_like_and_skip_mostly_the_rest() -> None:
    likes = {viewer.subject: viewer.themes for viewer in VIEWERS[1:]}
    finished = {True: [0, 0], False: [0, 0]}
    for clip in plan()[:48]:
        for event in reactions(VIEWERS, Watchable(video_id_of(clip), clip.theme, clip.duration_ms), NOW_MS):
            if isinstance(event.event, Watch) and event.subject in likes:
                kept = finished[clip.theme in likes[event.subject]]
                kept[0] += event.event.watched_ms >= event.event.duration_ms
                kept[1] += 1
    assert finished[True][0] / finished[True][1] > 0.7
    assert finished[False][0] / finished[False][1] < 0.2


def test_ids_of_clips_are_distinct_and_older_than_any_upload() -> None:
    ids = [video_id_of(clip) for clip in plan()]
    assert len(set(ids)) == len(ids)
    assert ids == sorted(ids)
    assert max(ids) < 1000 * 3600 << 22
