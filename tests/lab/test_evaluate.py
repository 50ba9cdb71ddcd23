"""The evaluation on a small world whose best order is known, and what its report holds."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.lab.worlds import DAY_MS, START_MS, write_world

from penchant.lab.dataset import DataRefused, read_dataset
from penchant.lab.evaluate import Protocol, Wanted, evaluate
from penchant.lab.replay import replay
from penchant.taste.engine import Ranker
from penchant.taste.recipe import Recipe


def quiet(_words: str, _done: int, _total: int) -> None:
    """No progress."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def report(world: Path) -> dict[str, Any]:
    """Of the replay, with all that is set beside it."""
    return evaluate(Wanted(world, Protocol.REPLAY), quiet)


@pytest.mark.slow
def test_taste_is_found(report: dict[str, Any]):
    """40 of 240 videos are of a viewer's theme, so a random order of those has 10 of 40."""
    ours = report["models"]["penchant"]
    assert report["measured_from_ms"] == START_MS + 2 * DAY_MS
    assert report["targets"] > 60
    assert ours["hr_at_10"] > report["models"]["popularity"]["hr_at_10"] + 0.1
    assert ours["candidate_recall"] > 0.8
    assert report["gains"]["popularity"]["low"] > 0
    assert set(ours) == {
        *("hr_at_10", "hr_at_10_se", "ndcg_at_10", "ndcg_at_10_se", "candidate_recall", "candidate_recall_se"),
        *("coverage_at_10", "top1_share", "diversity"),
    }
    assert set(report["models"]) >= {"penchant", "penchant-no-popularity", "penchant-no-popularity-static", "rp3beta"}


@pytest.mark.slow
def test_taste_is_found_in_more_than_one_world(report: dict[str, Any], tmp_path: Path):
    """Of one world there are some 150 targets, and a tenth of those more or less is chance."""
    other = evaluate(Wanted(write_world(tmp_path, seed=2), Protocol.REPLAY, variants=False), quiet)
    targets = [one["targets"] for one in (report, other)]
    rates = [one["models"]["penchant"]["hr_at_10"] for one in (report, other)]
    assert np.average(rates, weights=targets) > 0.2


def test_the_temporal_split_ranks_for_the_next_long_view_of_each(world: Path):
    """One target for each viewer, their next one."""
    whole = evaluate(Wanted(world, Protocol.TEMPORAL, start="2022-04-27", variants=False), quiet)
    assert whole["models"]["penchant"]["hr_at_10"] > 0.15
    data = read_dataset(world)
    targets = whole["targets"]
    assert targets <= len(set(data.events.between(START_MS + 2 * DAY_MS, None).viewers.tolist()))


def test_a_target_is_ranked_before_it_is_let_in(world: Path):
    """Of a stream of one event nothing is known when it is ranked for: all unseen videos are equally popular."""
    data = read_dataset(world)
    known = set(zip(data.history["long_view"].viewers, data.history["long_view"].videos, strict=True))
    events = data.events
    new = [pair not in known for pair in zip(events.viewers, events.videos, strict=True)]
    at_ms = int(events.time_ms[(events.long_views & new).argmax()])
    found = replay(data, events.between(at_ms, at_ms + 1), {}, quiet)
    assert found.models["popularity"].ranks == [(len(data.videos.ids) - 8 - 1) / 2]


@pytest.mark.slow
def test_a_later_file_follows_on_the_same_state(world: Path, tmp_path: Path):
    """Cut in two, the second half measures as the end of the whole does."""
    text = gzip.decompress((world / "events.csv.gz").read_bytes()).decode().splitlines()
    cut = next(place for place, line in enumerate(text[1:], 1) if int(line.split(",")[0]) >= START_MS + 2 * DAY_MS)
    folder = tmp_path / "first"
    folder.mkdir()
    for name in ("history.csv.gz", "videos.csv"):
        (folder / name).write_bytes((world / name).read_bytes())
    (folder / "events.csv").write_text("\n".join(text[:cut]) + "\n")
    later = tmp_path / "later.csv"
    later.write_text("\n".join([text[0], *text[cut:]]) + "\n")
    split = evaluate(Wanted(folder, Protocol.REPLAY, continue_with=later, variants=False), quiet)
    whole = evaluate(Wanted(world, Protocol.REPLAY, start="2022-04-27", variants=False), quiet)
    assert split["models"] == whole["models"]
    with pytest.raises(DataRefused, match="begins before the folder's events end"):
        evaluate(Wanted(world, Protocol.REPLAY, continue_with=later), quiet)


def test_windows_and_columns_that_are_not_there(world: Path):
    with pytest.raises(DataRefused, match="no event before 2022-04-01"):
        evaluate(Wanted(world, Protocol.REPLAY, end="2022-04-01"), quiet)
    with pytest.raises(DataRefused, match="no target lies in the window"):
        evaluate(Wanted(world, Protocol.REPLAY, start="2023-01-01", variants=False), quiet)
    with pytest.raises(DataRefused, match="no such column: taste; there are rows_short"):
        evaluate(Wanted(world, Protocol.REPLAY, without=["taste"]), quiet)


@pytest.mark.slow
def test_several_rankers_on_one_state_do_not_disturb_each_other(world: Path):
    data = read_dataset(world)
    alone = replay(data, data.events, {"a": Ranker(Recipe())}, quiet).models["a"]
    rankers = {"b": Ranker(Recipe().without(["crowd"])), "a": Ranker(Recipe())}
    assert replay(data, data.events, rankers, quiet).models["a"].ranks == alone.ranks


def test_impressions_are_ranked_within_viewers(world: Path):
    """Of what a viewer was shown, 80 % of their theme and 5 % of the rest were watched long."""
    report = evaluate(Wanted(world, Protocol.RANKING), quiet)
    ours, rate = report["models"]["penchant"], report["models"]["quality"]
    assert ours["gauc"] > 0.75
    assert ours["gauc"] > rate["gauc"] + 0.1
    assert ours["primary"] == pytest.approx((ours["gauc"] + ours["ndcg_at_5"]) / 2, abs=1e-5)
