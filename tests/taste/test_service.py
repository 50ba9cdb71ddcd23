"""What the feed gets from an epoch and a history."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from penchant.events.model import Withdrawn
from penchant.taste.epochs import Epoch, EpochReader, assemble, empty_epoch
from penchant.taste.fixed import Q16, Int64s
from penchant.taste.labels import Outcome
from penchant.taste.learner import Learner, plays_at_cut
from penchant.taste.model import SKIP_STRENGTH_Q16, Heard, ViewerTaste, strength_q16
from penchant.taste.publish import CatalogMaker, trials_of
from penchant.taste.ranker import draw
from penchant.taste.recipe import SERVED
from penchant.taste.service import PageTaste, TasteService
from penchant.taste.similar import ItemRows, fit_rows
from penchant.testing.memory_log import START_MS, MemoryLog, published
from penchant.testing.themes import CLIPS_PER_THEME, THEMES, theme_of, themed

NONE = np.zeros(0, dtype=np.int64)
TEMPERATURE_Q16 = 8_192
PARTS = {column.name: column for column in SERVED.columns if column.quota}


@pytest.fixture
def service(tmp_path: Path) -> TasteService:
    return TasteService(EpochReader(tmp_path))


def _epoch(log: MemoryLog, refit: bool = True) -> Epoch:
    learner = Learner()
    learner.fold(log.events)
    state = learner.state
    rows = fit_rows(plays_at_cut(state)) if refit else ItemRows.empty()
    return assemble(
        "test", state.position, CatalogMaker(state.videos).catalog(), rows, state.live, trials_of(state.videos)
    )


def _taste(finished: list[int], skipped: list[int]) -> ViewerTaste:
    return ViewerTaste(
        tuple(Heard(video, strength_q16(Outcome.LONG)) for video in finished),
        tuple(Heard(video, SKIP_STRENGTH_Q16) for video in skipped),
        long=tuple(finished),
        looked=tuple(finished),
    )


def _fan(theme: int, seed: int) -> ViewerTaste:
    """Finished 6 of a theme and skipped 12 others."""
    rng = np.random.default_rng(seed)
    ids = 1_000 + np.arange(THEMES * CLIPS_PER_THEME)
    own = np.array([theme_of(int(id_)) == theme for id_ in ids])
    return _taste(
        rng.choice(ids[own], 6, replace=False).tolist(),
        rng.choice(ids[~own], 12, replace=False).tolist(),
    )


def _hidden(viewer: ViewerTaste) -> Int64s:
    return np.array([heard.video for heard in (*viewer.liked, *viewer.skipped)], dtype=np.int64)


def _scores(epoch: Epoch, viewer: ViewerTaste, ids: Int64s, as_of_ms: int = START_MS) -> Int64s:
    taste = PageTaste(epoch, viewer, as_of_ms, NONE)
    rows = taste.rows(ids)
    return taste.score(ids, rows, taste.first(rows)).scores


def _page(epoch: Epoch, viewer: ViewerTaste, hidden: Int64s, seed: int, as_of_ms: int) -> list[tuple[int, bool]]:
    """Ten slots with no creator twice within five, two of them explored uniformly: (theme, explored) of each."""
    ids = epoch.catalog.video_ids[~np.isin(epoch.catalog.video_ids, hidden)]
    scores = _scores(epoch, viewer, ids, as_of_ms)
    creators = epoch.catalog.facts(epoch.catalog.places(ids)).creators
    free = np.ones(len(ids), dtype=bool)
    page: list[tuple[int, bool, int]] = []
    for slot in range(10):
        explored = slot in (4, 9)
        feasible = free & ~np.isin(creators, [creator for _, _, creator in page[-5:]])
        drawn = draw(scores * (not explored), feasible, ids, TEMPERATURE_Q16, seed, slot)
        assert drawn is not None
        free[drawn.index] = False
        page.append((theme_of(int(ids[drawn.index])), explored, int(creators[drawn.index])))
    return [(theme, explored) for theme, explored, _ in page]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("viewers", "vectors", "at_least"),
    [(200, True, 0.7), (0, True, 0.7), (300, False, 0.5)],
    ids=["both", "content only", "rows only"],
)
def test_the_feed_turns(viewers: int, vectors: bool, at_least: float) -> None:
    """Half of the next exploit slots and more; a control viewer about one in eight; two of ten are something else."""
    own, all_slots, control = [], [], []
    for seed in range(2):
        log = themed(seed, viewers, vectors)
        epoch = _epoch(log)
        for theme in range(THEMES):
            fan = _fan(theme, seed)
            page = _page(epoch, fan, _hidden(fan), seed, log.now_ms)
            own += [shown == theme for shown, explored in page if not explored]
            all_slots.append(np.mean([shown == theme for shown, _ in page]))
            plain = _page(epoch, ViewerTaste(), _hidden(fan), seed, log.now_ms)
            control += [shown == theme for shown, explored in plain if not explored]
    assert np.mean(own) >= at_least
    assert max(all_slots) <= 0.8
    assert 0.04 < np.mean(control) < 0.21


@pytest.mark.parametrize(("viewers", "vectors"), [(200, True), (200, False), (0, True)])
def test_the_next_page_hears_a_finish(viewers: int, vectors: bool) -> None:
    """With the same epoch, an accepted finish raises what goes with it most, by rows or by content, over the rest."""
    epoch = _epoch(log := themed(4, viewers, vectors))
    ids = epoch.catalog.video_ids
    for seed, video in enumerate(range(1_003, 1_240, 30)):
        alone = PageTaste(epoch, _taste([video], []), log.now_ms, np.array([video]))
        column = alone.rows(ids)[:, SERVED.names.index("rows" if viewers else "content")]
        near = np.isin(np.arange(len(ids)), np.argsort(-column)[:20])
        before = _fan((theme_of(video) + 3) % THEMES, seed)
        after = _taste([*before.long, video], [heard.video for heard in before.skipped])
        for some, more in ((before, after), (ViewerTaste(), _taste([video], []))):
            rise = _scores(epoch, more, ids) - _scores(epoch, some, ids)
            assert rise[near].mean() > rise[~near].mean()


def test_rows_do_not_depend_on_the_list_they_are_made_in() -> None:
    log = themed(5, 50, vectors=True)
    log.add(0, published(7_000, 900, b"\x05" * 64))
    epoch, fan = _epoch(log), _fan(2, 1)
    taste = PageTaste(epoch, fan, START_MS, NONE)
    ids = np.append(epoch.catalog.video_ids[::3], [7_000, 99])
    together = taste.rows(ids)
    assert together.dtype == np.int32
    assert not (together & 0xFF).any()
    assert together.tolist() == [taste.rows(ids[i : i + 1])[0].tolist() for i in range(len(ids))]


def test_what_nobody_has_seen_has_the_row_of_one_that_was_active_and_did_nothing() -> None:
    """Two ways to say that nothing is known: a video without live signals, and one with empty ones."""
    log = themed(5, 50, vectors=True)
    vector = b"\x05" * 64
    log.add(0, published(7_000, 900, vector))
    log.add(0, published(7_001, 900, vector))
    learner = Learner()
    learner.fold(log.events)
    state = learner.state
    state.live.place(7_001, (0, 0, 0, 0), log.now_ms)
    rows = fit_rows(plays_at_cut(state))
    epoch = assemble("test", 1, CatalogMaker(state.videos).catalog(), rows, state.live, trials_of(state.videos))
    found = PageTaste(epoch, _fan(2, 1), log.now_ms, NONE).rows(np.array([7_000, 7_001]))
    assert found[0].tolist() == found[1].tolist()


def test_everything_works_from_nothing(service: TasteService) -> None:
    fan = _taste([1, 2], [3])
    empty, one = empty_epoch(), MemoryLog()
    one.add(0, published(1, vector=b"\x05" * 64))
    assert service.epoch().position == 0
    for epoch in (empty, _epoch(MemoryLog()), _epoch(one), _epoch(one, refit=False)):
        for viewer in (ViewerTaste(), fan):
            taste = service.page(epoch, viewer, START_MS, NONE)
            rows = taste.rows(np.array([1, 99]))
            assert rows.shape == (2, len(SERVED.columns))
            assert len(taste.score(np.array([1, 99]), rows, taste.first(rows)).scores) == 2
            assert all(not len(taste.bring(part)) for part in PARTS.values())
            assert len(taste.alike(5)) <= 1
            assert len(taste.fresh(5, 100, 1)) == len(epoch.catalog.video_ids)
            assert service.why(epoch, viewer, 99) is None
            assert taste.rows(NONE).shape == (0, len(SERVED.columns))


@pytest.mark.slow
def test_parts_bring_the_near_the_rising_and_the_fresh() -> None:
    log = themed(6, 200, vectors=True)
    for new in range(3):
        log.add(0, published(5_000 + new, 900, log.events[new * 90].event.vector))  # type: ignore[union-attr]
    log.now_ms += 5 * 24 * 3_600_000
    for viewer in range(30):
        log.watch(9_000 + viewer, 1_111, 1, 6_000)
    epoch, fan = _epoch(log), _fan(3, 2)
    hidden = _hidden(fan)
    taste = PageTaste(epoch, fan, log.now_ms, hidden)
    for name in ("rows", "place"):
        near = taste.bring(PARTS[name])
        assert 0 < len(near) == len(set(near.tolist())) <= PARTS[name].quota
        assert not np.isin(near, hidden).any()
    rows = taste.rows(epoch.catalog.video_ids)
    columns = dict(zip(SERVED.names, rows.T, strict=True))
    best = epoch.catalog.video_ids[np.argsort(-columns["rows"])[:12]]
    assert np.mean([theme_of(int(video)) == 3 for video in best]) > 0.5
    alike = taste.alike(24)
    assert np.mean([theme_of(int(video)) == 3 for video in alike]) > 0.5
    assert not np.isin(alike, hidden).any()
    played = columns["surface_2h"]
    assert epoch.catalog.video_ids[np.argmax(played)] == 1_111
    assert 1_111 in taste.bring(PARTS["surface_2h"])
    assert 1_111 not in PageTaste(epoch, fan, log.now_ms, np.array([1_111])).bring(PARTS["surface_2h"])
    # The newest first, of the others what looks like this viewer's plays more often than not.
    fresh = [PageTaste(epoch, _fan(0, 2), log.now_ms, hidden).fresh(4, 100, seed).tolist() for seed in range(100)]
    assert all(own[:2] == [5_002, 5_001] for own in fresh)
    assert np.mean([5_000 in own for own in fresh]) > 2 * 2 / 100
    stranger = PageTaste(epoch, ViewerTaste(), log.now_ms, NONE)
    assert not len(stranger.bring(PARTS["rows"]))
    assert not len(stranger.alike(10))


def test_a_new_video_of_the_right_kind_can_win_a_place_before_anyone_watched_it() -> None:
    log = themed(7, 200, vectors=True)
    log.add(0, published(5_000, 900, log.events[33].event.vector))  # type: ignore[union-attr]
    epoch, fan = _epoch(log), _fan(1, 3)
    ids = epoch.catalog.video_ids
    ranks = np.argsort(np.argsort(-_scores(epoch, fan, ids, log.now_ms)))
    assert ranks[ids == 5_000][0] < 40


@pytest.mark.slow
def test_a_reason_names_a_video_of_the_history(service: TasteService) -> None:
    fan = _fan(2, 4)
    for viewers, vectors, by in ((300, True, "rows"), (0, True, "content")):
        log = themed(8, viewers, vectors)
        epoch = _epoch(log)
        ids = epoch.catalog.video_ids[~np.isin(epoch.catalog.video_ids, _hidden(fan))]
        video = int(ids[np.argmax(_scores(epoch, fan, ids, log.now_ms))])
        reason = service.why(epoch, fan, video)
        assert reason is not None
        assert reason.by == by
        assert reason.video in fan.long
        assert Q16 // 7 < reason.share_q16 <= Q16


def test_a_withdrawn_video_is_brought_by_no_part() -> None:
    log = themed(6, 60, vectors=True)
    epoch = _epoch(log)
    fan = _fan(3, 2)
    gone = PageTaste(epoch, fan, log.now_ms, _hidden(fan)).bring(PARTS["rows"])

    for video in gone.tolist():
        log.add(0, Withdrawn(video=video))
    taste = PageTaste(_epoch(log), fan, log.now_ms, _hidden(fan))
    brought = np.concatenate(
        [*(taste.bring(part) for part in PARTS.values()), taste.alike(240), taste.fresh(240, 100, 1)]
    )
    assert len(gone)
    assert not np.isin(gone, brought).any()
