"""What models of other packages are told and how they are measured; no package is needed for that."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from tests.lab.worlds import DAY_MS, START_MS, write_world

from penchant.lab.dataset import DataRefused, Dataset, read_dataset
from penchant.lab.evaluate import Protocol, Wanted, evaluate, figures
from penchant.lab.replay import BASELINES, replay
from penchant.lab.temporal import temporal
from penchant.lab.yardsticks import GRID, Settings, compare, measured, pair_splits, stream_splits

TOOLS = Path(__file__).parents[2] / "tools" / "yardsticks"
SPLIT_MS = START_MS + 2 * DAY_MS


def quiet(_words: str, _done: int, _total: int) -> None:
    """No progress."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return read_dataset(write_world(tmp_path_factory.mktemp("world")))


def most_watched(_model: str, _settings: Settings, folder: Path, answer: Path) -> Mapping[str, str]:
    """A model that is told what the others are: how many have watched a video by the stage of the question."""
    told = {path.stem: np.load(path) for path in folder.glob("*.npy")}
    scores = np.zeros((len(told["question_viewers"]), int(told["videos"][0])), dtype=np.float32)
    for row, stage in zip(scores, told["question_stages"], strict=True):
        row += np.bincount(told["interaction_places"][told["interaction_stages"] <= stage], minlength=len(row))
    np.save(answer, scores)
    return {"most-watched": "1"}


def test_targets_and_masks_are_those_of_the_protocols(data: Dataset):
    """Told nothing, every model has the rank that a constant has: it counts the videos that are not masked."""
    known = replay(data, data.events, {}, quiet, measure_from_ms=SPLIT_MS)
    cut = temporal(data, data.events, {}, quiet, split_ms=SPLIT_MS)
    splits = stream_splits(data, data.events, SPLIT_MS)
    for protocol, found in (("replay", known), ("temporal", cut)):
        split = splits[protocol]
        assert len(split.viewers) == len(found.viewers) > 40
        names = dict(zip(found.viewers, split.viewers, strict=True))
        assert [names[viewer] for viewer in found.viewers] == split.viewers
        assert len(set(names.values())) == len(names)
        constant = measured(data, split, np.zeros((len(split.viewers), split.videos), np.float32), protocol)
        assert constant["candidate_recall"] == figures(found.models["popularity"])["candidate_recall"]
    assert set(splits["temporal"].stages) == {0}
    assert set(splits["replay"].stages) == {0, 1}


def test_nothing_of_a_target_is_told_before_it_is_asked_for(data: Dataset):
    split = stream_splits(data, data.events, SPLIT_MS)["replay"]
    for viewer, stage, profile, targets in zip(split.viewers, split.stages, split.profiles, split.targets, strict=True):
        assert targets[0] not in profile
        told = {place for who, place, at in split.interactions if who == viewer and at <= stage}
        assert targets[0] not in told
        assert told <= set(profile)


def test_scores_of_our_own_part_are_measured_as_in_the_replay(data: Dataset):
    """The same numbers through the files and back have the same figures."""
    split = stream_splits(data, data.events, SPLIT_MS)["replay"]
    held: list[np.ndarray] = []
    _, baseline = BASELINES["ease"]

    def keep(reading):
        held.append(baseline(reading).astype(np.float32))
        return held[-1].astype(np.float64)

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(BASELINES, "ease", (frozenset({"rows"}), keep))  # type: ignore[misc]
        found = replay(data, data.events, {}, quiet, measure_from_ms=SPLIT_MS)
    assert measured(data, split, np.array(held), "replay") == figures(found.models["ease"])


def test_a_model_is_chosen_on_the_inner_window_and_measured_once(data: Dataset):
    asked: list[tuple[float, int]] = []

    def fit(model: str, settings: Settings, folder: Path, answer: Path) -> Mapping[str, str]:
        asked.append((float(settings["factors"]), len(np.load(folder / "question_viewers.npy"))))
        return most_watched(model, settings, folder, answer)

    report = compare(data, data.events, SPLIT_MS, ["als"], fit, quiet)
    assert report["packages"] == {"most-watched": "1"}
    assert [one["settings"] for one in report["tried"]["als"]] == list(GRID["als"])
    # Equal figures: the first choice stays.
    assert report["protocols"]["replay"]["als"]["settings"] == GRID["als"][0]
    assert asked[-1] == (GRID["als"][0]["factors"], sum(report["targets"].values()))
    assert len(asked) == len(GRID["als"]) + 1
    assert 0 < report["protocols"]["replay"]["als"]["hr_at_10"] < 1


@pytest.mark.slow
def test_pairs_hide_the_last_of_each_viewer(tmp_path: Path):
    """And popularity is worth on them what it is worth in the evaluation."""
    rng = np.random.default_rng(3)
    viewers = [rng.permutation(40)[:8].tolist() for _ in range(300)]
    for name, part in (("train", slice(0, 6)), ("validation", slice(6, 8))):
        lines = [f"{viewer},{video}" for viewer, own in enumerate(viewers) for video in own[part]]
        (tmp_path / f"{name}.csv").write_text("\n".join(["viewer_id,video_id", *lines]) + "\n")
    data = read_dataset(tmp_path)
    splits = pair_splits(data)
    assert [sorted(own) for own in splits["inner"].profiles] == [sorted(own[:5]) for own in viewers]
    assert splits["inner"].targets == [own[5:6] for own in viewers]
    assert [sorted(own) for own in splits["topk"].profiles] == [sorted(own[:6]) for own in viewers]
    # What is told last says nothing of the order of the file.
    assert 20 < sum(own[5] == told[-1] for own, told in zip(viewers, splits["topk"].profiles, strict=True)) < 100
    assert splits["topk"].targets == [own[6:] for own in viewers]
    report = compare(data, data.events, 0, ["bpr"], most_watched, quiet)
    ours = evaluate(Wanted(tmp_path, Protocol.TOPK), quiet)["models"]["held"]
    theirs = report["protocols"]["topk"]["bpr"]
    assert {name: theirs[name] for name in ours} == ours
    assert ours["recall_at_20"] < 0.9


def test_scores_that_are_none_are_refused(data: Dataset):
    split = stream_splits(data, data.events, SPLIT_MS)["temporal"]
    scores = np.zeros((len(split.viewers), split.videos), dtype=np.float32)
    with pytest.raises(DataRefused, match="scores of the shape"):
        measured(data, split, scores[:-1], "temporal")
    scores[3, 5] = np.nan
    with pytest.raises(DataRefused, match="question 3: a score is not a number"):
        measured(data, split, scores, "temporal")


@pytest.mark.service
def test_without_the_environment_or_the_data_it_says_so(tmp_path: Path):
    def told(*arguments: str | Path) -> str:
        command = [sys.executable, TOOLS / "compare.py", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        return done.stderr

    assert "there is no side environment" in told(tmp_path, "--python", tmp_path / "python")
    assert "has no implicit: run ./dev yardsticks" in told(tmp_path, "--python", sys.executable, "--models", "als")
    assert "no such model: dreams" in told(tmp_path, "--python", sys.executable, "--models", "dreams")
