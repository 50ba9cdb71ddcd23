"""The engine as a whole: what it never does, and bad days."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from penchant.taste import Engine, Impression, Recipe
from penchant.taste import trainer as trainer_module
from penchant.taste.fixed import Int64s
from penchant.taste.parts import NAMES, TABLE
from penchant.taste.pressure import Price
from penchant.taste.recipe import KEPT

NOON_MS = 1_790_000_000_000
THEMES = 5


def engine_with_history(videos: int = 120, viewers: int = 60, **facts) -> tuple[Engine, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    theme_of, likes = rng.integers(0, THEMES, videos), rng.integers(0, THEMES, viewers)
    engine = Engine(videos, **facts)
    own = [rng.choice(np.flatnonzero(theme_of == theme), 5, replace=False) for theme in likes]
    engine.begin("long_view", np.repeat(np.arange(viewers), 5), np.concatenate(own))
    return engine, theme_of, likes


def watch(engine: Engine, viewer: int, place: int, at_ms: int = NOON_MS, watched_ms: int = 14_900, **more) -> None:
    engine.take(Impression(viewer, place, at_ms, watched_ms, 15_000, **more))


def test_the_next_page_hears_what_was_just_watched():
    engine, theme_of, likes = engine_with_history()
    viewer = int(np.flatnonzero(likes == 0)[0])
    other = np.flatnonzero(theme_of == 1)
    before = (theme_of[engine.page(viewer, 0, NOON_MS).best(10)] == 1).mean()
    for place in other[:4].tolist():
        watch(engine, viewer, place)
    after = (theme_of[engine.page(viewer, 0, NOON_MS + 1).best(10)] == 1).mean()
    assert before < 0.3
    assert after > 0.5


def test_nothing_that_was_shown_comes_again():
    engine, *_ = engine_with_history()
    engine.begin("shown", np.array([3, 3]), np.array([10, 11]))
    watch(engine, 3, 12, watched_ms=0)
    profile = set(engine.profile(3).long)
    assert not {10, 11, 12, *profile} & set(engine.page(3, 0, NOON_MS).places.tolist())


def test_being_shown_and_skipped_is_no_play():
    engine, *_ = engine_with_history()
    watch(engine, 3, 50, watched_ms=1_900)
    assert engine.signals.played[50] == 0
    watch(engine, 4, 50, watched_ms=2_000)
    assert engine.signals.played[50] == 1
    assert 50 not in engine.profile(4).long


def test_counting_moves_the_video_and_not_the_viewer():
    """What the impression ranking lives on: the viewer's side stays frozen."""
    engine, *_ = engine_with_history()
    place = next(place for place in range(120) if place not in engine.profile(3).known)
    before, long = engine.page(3, 0, NOON_MS), int(engine.signals.long[place])
    engine.count(Impression(3, place, NOON_MS, 14_900, 15_000))
    assert engine.signals.long[place] == long + 1
    assert place not in engine.profile(3).known | engine.profile(3).seen
    after = engine.page(3, 0, NOON_MS)
    static = [at for at, column in enumerate(Recipe().columns) if not column.live]
    assert_array_equal(
        before.union_rows[np.isin(before.union, after.union)][:, static],
        after.union_rows[np.isin(after.union, before.union)][:, static],
    )


@pytest.mark.slow
def test_equal_events_give_equal_pages(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trainer_module, "READY", 300)

    def pages() -> list[np.ndarray]:
        engine, theme_of, likes = engine_with_history()
        rng = np.random.default_rng(2)
        found = []
        for number in range(400):
            viewer, at_ms = int(rng.integers(0, 60)), NOON_MS + number * 240_000
            page = engine.page(viewer, number % 2, at_ms)
            found.append(page.rows)
            place = int(rng.choice(np.flatnonzero(theme_of == likes[viewer])))
            engine.learn(page, place)
            watch(engine, viewer % 60 + 100 * (number // 300), place, at_ms, surface=number % 2)
        return found

    for left, right in zip(pages(), pages(), strict=True):
        assert_array_equal(left, right)


def test_who_is_served_often_pays_for_it():
    engine, *_ = engine_with_history()
    first = int(engine.page(7, 0, NOON_MS).best(1)[0])
    for _ in range(200):
        engine.serve(np.array([first]), NOON_MS)
    page = engine.page(7, 0, NOON_MS)
    at = int(np.flatnonzero(page.places == first)[0])
    assert page.pressure[at] > 0
    assert (np.delete(page.pressure, at) == 0).all()
    free, *_ = engine_with_history()
    free.ranker.price = Price(0)
    free.serve(np.array([first] * 200), NOON_MS)
    assert not free.page(7, 0, NOON_MS).pressure.any()


def test_what_other_sources_bring_is_on_the_page_whatever_the_parts_say():
    engine, *_ = engine_with_history(videos=900)
    reading, context = engine.read(3, 0, NOON_MS, engine.ranker.wanted)
    allowed = engine.allowed(3)
    alone = engine.ranker.page(reading, allowed, context)
    brought = np.setdiff1d(np.flatnonzero(allowed), alone.union)[:40]
    page = engine.ranker.page(reading, allowed, context, brought)
    assert len(brought) == 40
    assert_array_equal(np.sort(page.places), np.union1d(alone.places, brought))


def test_an_empty_catalogue_one_video_and_everything_seen():
    assert not len(Engine(0).page(1, 0, NOON_MS).places)
    alone = Engine(1)
    assert not len(alone.page(1, 0, NOON_MS).places)
    watch(alone, 2, 0)
    assert alone.page(1, 0, NOON_MS + 1).places.tolist() == [0]
    assert not len(alone.page(2, 0, NOON_MS + 1).places)
    engine, *_ = engine_with_history()
    engine.begin("shown", np.zeros(120, dtype=np.int64), np.arange(120))
    assert not len(engine.page(0, 0, NOON_MS).places)


def test_a_stranger_gets_what_is_played_lately():
    engine, *_ = engine_with_history()
    for viewer in range(20):
        watch(engine, viewer, 42, NOON_MS + viewer)
    page = engine.page(999, 0, NOON_MS + 60_000)
    assert 42 in page.places.tolist()
    assert len(page.places) <= KEPT


def test_a_viewer_with_a_hundred_thousand_events_costs_no_more_than_others():
    engine, *_ = engine_with_history()
    for number in range(100_000):
        place = number % 120
        engine.profile(5).seen.add(place)
        if number < 3_000:
            watch(engine, 5, place, NOON_MS + number, liked=True)
    profile = engine.profile(5)
    assert len(profile.played) <= 60
    assert len(profile.long) <= 120
    assert not len(engine.page(5, 0, NOON_MS + 200_000).places)


def test_clocks_in_the_future_and_the_past_do_no_lasting_harm():
    engine, *_ = engine_with_history()
    watch(engine, 1, 60, NOON_MS)
    watch(engine, 2, 61, NOON_MS + 40 * 365 * 86_400_000)
    watch(engine, 3, 62, 0)
    watch(engine, 4, 63, NOON_MS + 60_000)
    page = engine.page(9, 0, NOON_MS + 3_600_000)
    assert {60, 61, 63} <= set(page.places.tolist())
    assert np.isfinite(engine.signals.plays.sums).all()
    assert np.isfinite(page.scores.astype(float)).all()


def test_a_gap_in_the_data_is_believed_when_it_goes_on():
    engine, *_ = engine_with_history()
    later_ms = NOON_MS + 90 * 86_400_000
    for viewer, at_ms in enumerate((NOON_MS, later_ms, later_ms + 60_000, later_ms + 120_000)):
        watch(engine, viewer, 60 + viewer, at_ms)
    recent = engine.signals.plays.at(np.arange(60, 64), later_ms + 120_000)[:, 1]
    assert recent[:2].max() < 0.01
    assert recent[2:].min() > 0.9


def test_a_new_video_is_in_nobodys_way():
    """Videos nobody met have no rows, no vector, no plays: their columns are floors, not errors."""
    engine, *_ = engine_with_history(tags=np.full(120, -1), creators=np.arange(120) % 7)
    watch(engine, 1, 119)
    page = engine.page(2, 0, NOON_MS + 1)
    assert page.rows.dtype == np.int32
    assert 119 in page.places.tolist()


def test_wrong_names_are_named():
    with pytest.raises(ValueError, match="no such column: taste"):
        Recipe().without(["taste"])
    with pytest.raises(ValueError, match="'loved' is none of shown, like, long_view"):
        Engine(3).begin("loved", np.array([1]), np.array([1]))


def busy_engine() -> tuple[Engine, Int64s]:
    """An engine with 300 watches on two surfaces, and some of its places."""
    engine, *_ = engine_with_history(creators=np.arange(120) % 7, tags=np.arange(120) % 5)
    rng = np.random.default_rng(3)
    for number in range(300):
        watch(
            engine, int(rng.integers(0, 60)), int(rng.integers(0, 120)), NOON_MS + number * 60_000, surface=number % 2
        )
    places = rng.permutation(120)[:17]
    return engine, places


def test_what_is_read_at_places_is_what_is_read_of_all():
    engine, places = busy_engine()
    wanted = frozenset(NAMES) - {"content", "content_new"}
    whole, _ = engine.read(5, 1, NOON_MS + 20_000_000, wanted)
    some, _ = engine.read(5, 1, NOON_MS + 20_000_000, wanted, places)
    assert set(some.values) == wanted
    for name in wanted:
        assert_allclose(some.values[name], whole.values[name][places], rtol=1e-5, atol=1e-6, err_msg=name)
    assert len(np.unique(whole.values["crowd"])) > 50


def test_columns_that_were_not_read_of_all_are_worked_out_for_the_rows_that_are_asked_for():
    engine, places = busy_engine()
    columns = [column for column in TABLE if column.group != "content"]
    as_of_ms = NOON_MS + 20_000_000
    whole, _ = engine.read(5, 1, as_of_ms, frozenset(column.name for column in columns))
    few, _ = engine.read(5, 1, as_of_ms, frozenset(column.name for column in columns if column.quota))
    rows = few.rows(places, columns)
    # By another product, so to the last of the 256 steps of a doubling.
    assert np.abs(whole.rows(places, columns) - rows).max() <= 256
    for number, column in enumerate(columns):
        if column.name in ("crowd_week", "crowd_long", "place_short", "hold", "since_surface", "tag"):
            assert len(np.unique(rows[:, number])) > 2, column.name
    for at in range(len(places)):
        # What is said of a video does not depend on which others are asked for.
        assert (few.rows(places[at : at + 1], columns)[0] == rows[at]).all()


def test_who_played_a_video_and_when_is_held_against_who_asks_and_when():
    engine, *_ = engine_with_history()
    minute_ms = 60_000
    lengths = [len(engine.profile(viewer).long) for viewer in range(60)]
    for viewer in range(20):
        watch(engine, viewer, 21, NOON_MS + viewer * minute_ms, watched_ms=3_000)
    for newcomer in range(100, 120):
        watch(engine, newcomer, 22, NOON_MS + newcomer * minute_ms, watched_ms=3_000)
    watch(engine, 30, 23, NOON_MS, watched_ms=0)
    wanted = frozenset(column.name for column in TABLE if column.group == "players")
    later_ms = NOON_MS + 24 * 60 * minute_ms
    values = engine.read(59, 0, later_ms, wanted)[0].values
    own = np.log2(1 + lengths[59])
    known = np.mean(np.log2(1 + np.array(lengths[:20])))
    plays = 20 * 0.5 ** (24 / 36)
    assert values["players_known"][21] == pytest.approx((plays * known + 2 * 3) / (plays + 2), rel=1e-2)
    assert values["players_known"][22] < 1
    assert values["known_gap"] == pytest.approx(np.abs(values["players_known"] - own))
    # Being shown says nothing: such a video stands where every video begins.
    assert values["players_known"][23] == 3
    assert values["hour"][23] == 0
    night = engine.read(59, 0, later_ms + 12 * 60 * minute_ms, wanted)[0].values
    assert values["hour"][21] > 0.5
    assert night["hour"][21] < -0.5


def test_late_rates_are_what_became_of_late_impressions():
    engine, *_ = engine_with_history(creators=np.where(np.arange(120) < 100, np.arange(120) % 7, -1))
    hour_ms = 3_600_000
    unseen = [viewer for viewer in range(60) if 21 not in engine.profile(viewer).seen]
    for number, watched_ms in enumerate([14_900, 14_900, 3_000, 0, 0, 0]):
        watch(engine, unseen[number], 21, NOON_MS, watched_ms=watched_ms, surface=number % 2)
    watch(engine, 0, 110, NOON_MS, watched_ms=0)
    wanted = frozenset({"hold", "hold_surface", "quality_surface", "creator_rate"})
    for later_h, left, left_here in ((0, 1.0, 1.0), (72, 0.5, 0.5**1.5)):
        values = engine.read(1, 0, NOON_MS + later_h * hour_ms, wanted)[0].values
        assert values["hold"][21] == pytest.approx(np.log2((2 * left + 2) / (3 * left + 4)))
        assert values["hold_surface"][21] == pytest.approx(np.log2((left_here + 2) / (2 * left_here + 4)))
        everywhere = (int(engine.signals.long.sum()) + 1) / (int(engine.signals.shown.sum()) + 2)
        quality = (int(engine.signals.long[21]) + 5 * everywhere) / (int(engine.signals.shown[21]) + 5)
        smoothed = (left_here + 4 * quality) / (3 * left_here + 4)
        assert values["quality_surface"][21] == pytest.approx(np.log2(smoothed))
        assert values["creator_rate"][21] == values["creator_rate"][0]
        assert values["creator_rate"][21] == pytest.approx(np.log2((2 * left + 1) / (6 * left + 3)))
        assert (values["creator_rate"][100:] == np.log2(1 / 3)).all()


def test_the_context_says_what_came_last():
    engine, *_ = engine_with_history()
    minute_ms = 60_000
    stranger = engine.read(5, 1, NOON_MS, frozenset())[1]
    for number in range(3):
        watch(engine, 5, number, NOON_MS + number * minute_ms, surface=1)
    wanted = [(np.log2(1 + 4) - 7) / 4, np.log2(1 + 3) / 2 - 1, np.log2(1 + 3) / 2 - 1, 1, 1]
    soon = engine.read(5, 1, NOON_MS + 6 * minute_ms, frozenset())[1]
    assert_allclose(soon[-5:] / 1024, wanted, atol=1e-3)
    watch(engine, 5, 3, NOON_MS + 100 * minute_ms, watched_ms=0, surface=0)
    after = engine.read(5, 1, NOON_MS + 100 * minute_ms, frozenset())[1]
    assert_allclose(after[-5:] / 1024, [-7 / 4, np.log2(1 + 1) / 2 - 1, np.log2(1 + 4) / 2 - 1, 0, 0], atol=1e-3)
    assert_allclose(stranger[-5:] / 1024, [(np.log2(1 + 2**14) - 7) / 4, -1, -1, 0, 0], atol=1e-3)
