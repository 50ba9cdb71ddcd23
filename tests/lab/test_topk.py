"""The top-k protocol on pairs whose structure is known."""

from pathlib import Path

import numpy as np
import pytest

from penchant.lab.dataset import DataRefused
from penchant.lab.evaluate import Protocol, Wanted, evaluate

VIEWERS, VIDEOS, THEMES = 240, 150, 6


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Viewers of themes, eight pairs each; the last two are validation and test. Content says the theme, with noise."""
    rng = np.random.default_rng(1)
    path = tmp_path_factory.mktemp("pairs")
    theme_of = rng.integers(0, THEMES, VIDEOS)
    parts: dict[str, list[str]] = {"train": [], "validation": [], "test": []}
    for viewer in range(VIEWERS):
        own = rng.permutation(np.flatnonzero(theme_of == viewer % THEMES))[:6]
        every = [*own.tolist(), *rng.choice(VIDEOS, 2).tolist()]
        rng.shuffle(every)
        parts["train"] += [f"{viewer},{video}" for video in every[:6]]
        parts["validation"].append(f"{viewer},{every[6]}")
        parts["test"].append(f"{viewer},{every[7]}")
    for name, lines in parts.items():
        (path / f"{name}.csv").write_text("\n".join(["viewer_id,video_id", *lines]) + "\n")
    content = np.eye(THEMES)[theme_of] + 0.3 * rng.normal(size=(VIDEOS, THEMES))
    np.save(path / "content.npy", content.astype(np.float16))
    return path


def quiet(_words: str, _done: int, _total: int) -> None:
    """No progress."""


@pytest.mark.slow
def test_the_blend_is_far_from_chance_and_the_last_split_is_measured(folder: Path):
    report = evaluate(Wanted(folder, Protocol.TOPK), quiet)
    assert report["measured_on"] == "test"
    assert report["targets"] == VIEWERS
    ours = report["models"]["penchant"]
    # 20 of 144 unseen videos are 0.14 by chance; three quarters of the targets are one of about 20 of the theme.
    assert ours["recall_at_20"] > 0.5
    assert ours["ndcg_at_20"] > 0.2
    assert set(report["splits"]) == {"validation", "test"}
    assert report["models"]["held"]["recall_at_20"] < 0.3
    one = folder / "one.csv"
    one.write_text((folder / "validation.csv").read_text())
    scored = evaluate(Wanted(folder, Protocol.TOPK, test=one), quiet)
    assert scored["models"] == report["splits"]["validation"]


TINY = {
    "one pair": ("1,2", "1,3", 0),
    "no content": ("1,2\n1,3\n2,3\n2,4\n3,2", "1,4\n7,5", 0),
    "content of all videos, fewer than are near": ("1,2\n1,3\n2,3\n2,4\n3,2", "1,4\n7,5", 6),
    "content of the only video": ("1,0\n2,0", "3,0", 1),
    "everything was watched": ("1,0\n1,1\n2,0\n2,1", "1,1", 2),
}


@pytest.mark.parametrize("pairs", TINY.values(), ids=TINY)
def test_a_tiny_folder_is_measured(tmp_path: Path, pairs: tuple[str, str, int]):
    train, validation, videos = pairs
    for name, lines in (("train", train), ("validation", validation)):
        (tmp_path / f"{name}.csv").write_text(f"viewer_id,video_id\n{lines}\n")
    if videos:
        np.save(tmp_path / "content.npy", np.random.default_rng(1).normal(size=(videos, 4)))
    first, second = (evaluate(Wanted(tmp_path, Protocol.TOPK), quiet) for _ in range(2))
    assert first["models"] == second["models"]
    assert first["targets"] == len({line.split(",")[0] for line in validation.split()})
    assert all(0 <= own["recall_at_20"] <= 1 for own in first["models"].values())


def test_before_the_blend_has_learned_the_first_stage_orders(tmp_path: Path):
    # 3 and 4 go together; 1 and 2 do. Too few examples for a scale, enough for the parts.
    lines = [f"{viewer},{video}" for viewer in range(8) for video in ((1, 2) if viewer < 4 else (3, 4))]
    (tmp_path / "train.csv").write_text("\n".join(["viewer_id,video_id", *lines, "8,3", "9,1"]) + "\n")
    (tmp_path / "test.csv").write_text("viewer_id,video_id\n8,4\n9,2\n")
    ours = evaluate(Wanted(tmp_path, Protocol.TOPK), quiet)["models"]["penchant"]
    assert ours["ndcg_at_20"] == 1


def test_what_is_missing_is_said(folder: Path, tmp_path: Path):
    (tmp_path / "train.csv").write_text("viewer_id,video_id\n1,2\n")
    with pytest.raises(DataRefused, match="needs train, and validation or test"):
        evaluate(Wanted(tmp_path, Protocol.TOPK), quiet)
    strange = tmp_path / "strange.csv"
    strange.write_text("viewer_id,video_id\n1,100000\n")
    with pytest.raises(DataRefused, match="video 100000 of the test is not in the catalogue"):
        evaluate(Wanted(folder, Protocol.TOPK, test=strange), quiet)
