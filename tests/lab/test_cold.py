"""Cold start on pairs whose structure is known: what looks alike is found, unknown is chance."""

from pathlib import Path

import numpy as np
import pytest

from penchant.lab.dataset import DataRefused
from penchant.lab.evaluate import Protocol, Wanted, evaluate

VIEWERS, VIDEOS, THEMES, EACH = 120, 400, 8, 10


def quiet(_words: str, _done: int, _total: int) -> None:
    """No progress."""


def write(folder: Path, **features: np.ndarray) -> None:
    rng = np.random.default_rng(1)
    themes = np.arange(VIDEOS) % THEMES
    lines = ["viewer_id,video_id"]
    for viewer in range(VIEWERS):
        own = rng.choice(np.flatnonzero(themes == viewer % THEMES), EACH, replace=False)
        lines += [f"{viewer},{video}" for video in own.tolist()]
    (folder / "train.csv").write_text("\n".join(lines) + "\n")
    for name, part in features.items():
        np.save(folder / f"{name}.npy", part)


def test_content_finds_new_videos_and_noise_does_not(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    picture = np.eye(THEMES)[np.arange(VIDEOS) % THEMES] + 0.2 * rng.normal(size=(VIDEOS, THEMES))
    write(tmp_path, picture=picture, noise=rng.normal(size=(VIDEOS, 16)))
    report = evaluate(Wanted(tmp_path, Protocol.COLD), quiet)
    recall = {name: found["recall_at_20"] for name, found in report["models"].items()}
    assert report["new_videos"] == VIDEOS // 5
    assert report["viewers"] <= VIEWERS
    assert report["targets"] == pytest.approx(VIEWERS * EACH / 5, rel=0.2)
    # All equal: 20 of 80.
    assert recall["none"] == pytest.approx(0.25)
    assert recall["noise"] == pytest.approx(0.25, abs=0.08)
    # Some ten of the eighty are of the theme: all of them are among the first twenty.
    assert recall["picture"] > 0.95
    assert recall["all"] > recall["noise"] + 0.3


def test_without_features_it_says_what_is_missing(tmp_path: Path) -> None:
    write(tmp_path)
    with pytest.raises(DataRefused, match="needs train and content features"):
        evaluate(Wanted(tmp_path, Protocol.COLD), quiet)
