"""What a page spends on finding out: by the settings, from the record, against floods, and when a viewer turns."""

from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from tests.feed.conftest import Town

from penchant.app import Penchant, build
from penchant.core.clock import ManualClock
from penchant.core.ids import PageId
from penchant.core.settings import load_settings
from penchant.feed.effects.record import digest_of, read_record
from penchant.feed.model import Page
from penchant.feed.rescore import scored
from penchant.taste.ranker import order
from penchant.taste.thompson import draw_trial
from penchant.taste.turn import LEAN

pytestmark = pytest.mark.service


def _record(cell: Penchant, page: PageId) -> dict:  # type: ignore[type-arg]
    with cell.engine.connect() as connection:
        return read_record(cell.records.page(connection, page).record)


def _arms(cell: Penchant, page: Page) -> list[str]:
    return [arm for _, arm, _, _ in _record(cell, page.id)["slots"]]


@pytest.mark.parametrize(
    ("environment", "explore", "trial", "audit"),
    [
        ({}, 2, 1, 0),
        ({"PENCHANT_EXPLORE_SLOTS": "0", "PENCHANT_TRIAL_SLOTS": "0"}, 0, 0, 0),
        ({"PENCHANT_EXPLORE_SLOTS": "3", "PENCHANT_TRIAL_SLOTS": "4"}, 3, 4, 0),
        ({"PENCHANT_AUDIT_PER_THOUSAND": "100", "PENCHANT_EXPLORE_SLOTS": "0", "PENCHANT_TRIAL_SLOTS": "0"}, 0, 0, 1),
    ],
)
def test_the_settings_divide_a_page(
    environment: dict[str, str], explore: int, trial: int, audit: int, town: Town, clock: ManualClock, database_url: str
):
    data = {"PENCHANT_DATA": str(town.cell.settings.data)}
    cell = build(load_settings(data | environment), clock=clock, database_url=database_url)
    pages = [cell.feed.page(town.viewer(), uuid4(), seed=seed) for seed in range(12)]
    counted = [[arm for arm in _arms(cell, page) if arm != "audit"] for page in pages]
    audits = sum(10 - len(arms) for arms in counted)
    cell.close()
    if audit:
        # One in ten: 12 of 120 on average.
        assert 2 <= audits <= 30
        return
    assert audits <= 6
    for arms in counted:
        # An audit takes the place of some other arm.
        short = 10 - len(arms)
        assert explore - short <= arms.count("explore") <= explore
        assert trial - short <= arms.count("trial") <= trial
    assert _record(town.cell, pages[0].id)["budget"]["explore_in_10"] == explore


def test_a_trial_slot_follows_from_the_page_record(town: Town):
    found = 0
    for seed in range(40):
        page = town.cell.feed.page(town.viewer(), uuid4(), seed=seed)
        record = _record(town.cell, page.id)
        index, arm, propensity, _ = record["slots"][0]
        if arm != "trial":
            continue
        found += 1
        # In the first slot nothing stands in the way: every video on trial is feasible.
        feasible = np.array(["fresh" in names.split(",") for names in record["sources"]])
        again = scored(record, *town.cell.ledgered.unpacked(record["epoch"])[:2], town.cell.taste.values)
        drawn = draw_trial(again.scores, again.beliefs, feasible, again.ids, record["seed"], 0)
        assert drawn is not None
        assert (drawn.index, drawn.propensity_q30) == (index, propensity)
        assert page.items[0].why.code == "fresh"
    assert found >= 2


def test_a_flood_of_uploads_does_not_eat_the_trials(town: Town, clock: ManualClock, database_url: str):
    """Who had more than their share of what was shown lately waits, however much is liked; nobody waits for nobody."""
    flooder = town.cell.accounts.make_account("flooder")
    flood = {int(town.publish(flooder.handle, f"flood {number}")) for number in range(60)}
    for _ in range(8):
        viewer = town.viewer()
        for video in sorted(flood)[:10]:
            town.finish(viewer, video)
        for video in list(town.theme_of)[:10]:
            town.skip(viewer, video)
    town.learn()
    data = {"PENCHANT_DATA": str(town.cell.settings.data), "PENCHANT_CREATOR_TRIAL_PERCENT": "100"}
    uncapped = build(load_settings(data), clock=clock, database_url=database_url)
    theirs: dict[str, int] = {}
    for name, cell in (("capped", town.cell), ("uncapped", uncapped)):
        theirs[name] = 0
        for seed in range(5):
            page = cell.feed.page(town.viewer(), uuid4(), seed=seed)
            tried = zip(page.items, _arms(cell, page), strict=True)
            assert sum(arm == "trial" and int(item.video.id) in flood for item, arm in tried) <= 1
            record = _record(cell, page.id)
            ids = np.frombuffer(record["candidates"], dtype="<i8").tolist()
            on_trial = [id_ for id_, names in zip(ids, record["sources"], strict=True) if "fresh" in names.split(",")]
            assert on_trial
            theirs[name] += len(flood.intersection(on_trial))
    uncapped.close()
    assert theirs["capped"] == 0
    assert theirs["uncapped"] > 5 * 10


def test_a_new_video_has_its_first_showing_soon(town: Town):
    """Within a few pages, whatever else is on trial, before and after the learner has heard of it."""
    creator = town.cell.accounts.make_account("beginner")
    for heard in (False, True):
        video = town.publish(creator.handle, f"first {heard}")
        if heard:
            town.learn()
        pages = 0
        while pages < 60 and video not in [
            item.video.id for item in town.cell.feed.page(town.viewer(), uuid4(), seed=pages).items
        ]:
            pages += 1
        assert pages < 40


def test_half_a_page_is_of_a_new_taste_after_five_videos(cell: Penchant, clock: ManualClock, tmp_path: Path):
    """Three finished of another theme, one after the other, and two of the old one left; the profile is 20 of it."""
    town = Town(cell, clock)
    town.fill(per_theme=40)
    for number in range(40):
        someone, likes = town.viewer(), number % 4
        for video in list(town.theme_of)[number % 7 :: 7]:
            (town.finish if town.theme_of[video] == likes else town.skip)(someone, video)
    town.learn()
    shares = []
    for old, new in ((0, 1), (2, 3), (3, 0)):
        viewer = town.viewer()
        for video in town.of_theme(old)[:20]:
            town.finish(viewer, video)
            clock.advance(20_000)
        before = cell.feed.page(viewer, uuid4(), seed=1)
        assert _record(cell, before.id)["turns_to"] == []
        assert "turn" not in _arms(cell, before)
        wanted, left = town.of_theme(new)[:3], town.of_theme(old)[20:22]
        for act, video in zip(
            (town.finish, town.skip, town.finish, town.skip, town.finish),
            (wanted[0], left[0], wanted[1], left[1], wanted[2]),
            strict=True,
        ):
            act(viewer, video)
            clock.advance(20_000)
        for seed in range(3):
            page = cell.feed.page(viewer, uuid4(), seed=seed)
            record = _record(cell, page.id)
            assert record["turns_to"][:3] == wanted[::-1]
            assert _arms(cell, page).count("turn") >= 4
            shares.append(np.mean([town.theme_of[item.video.id] == new for item in page.items]))
            turned = [item for item, arm in zip(page.items, _arms(cell, page), strict=True) if arm == "turn"]
            assert all(item.why.because in wanted for item in turned if item.why.code == "similar")
    assert np.mean(shares) >= 0.5, shares


def test_the_scores_of_a_turn_follow_from_the_page_record(town: Town):
    viewer = town.viewer()
    for theme, count in ((0, 13), (1, 3)):
        for video in town.of_theme(theme)[:count]:
            town.finish(viewer, video)
            town.clock.advance(20_000)
    record = _record(town.cell, town.cell.feed.page(viewer, uuid4()).id)
    assert len(record["turns_to"]) >= 2
    ids, pressure = (np.frombuffer(record[name], dtype="<i8").astype(np.int64) for name in ("candidates", "pressure"))
    rows = np.frombuffer(record["turned_rows"], dtype="<i2").astype(np.int32).reshape(len(ids), -1) << 8
    stages = town.cell.taste.epoch().stages
    assert town.cell.taste.epoch().heads is None
    first = stages.first(rows)
    best_first, scores = order(first, ids), np.empty(len(ids), dtype=np.int64)
    scores[best_first] = stages.second(rows[best_first], np.array(record["turned_context"]), first[best_first])
    content = rows[:, record["columns"].index("content")].astype(np.int64)
    assert record["digests"]["turned"] == digest_of(scores - pressure + LEAN * content)


def test_who_has_no_profile_does_not_turn(town: Town):
    viewer = town.viewer()
    for theme in (0, 1):
        for video in town.of_theme(theme)[: 13 if theme == 0 else 3]:
            town.finish(viewer, video)
            town.clock.advance(20_000)
    with_profile = town.cell.feed.page(viewer, uuid4(), seed=1)
    assert _record(town.cell, with_profile.id)["turns_to"]
    without = town.cell.feed.page_without_profile(viewer, [], seed=1)
    assert not _record(town.cell, without.id)["turns_to"]
