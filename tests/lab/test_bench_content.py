"""Ranking new clips by their vectors: known kinds are found, ties are shared, and folders of pictures are read."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from typer.testing import CliRunner

from penchant.cli.main import app
from penchant.cli.one_thread import environment
from penchant.lab import bench_content
from penchant.media.encoder import DIMENSIONS, GROUPS


def quiet(_words: str, _done: int, _total: int) -> None:
    """No progress."""


def test_what_tells_the_kind_is_found_and_what_does_not_is_chance() -> None:
    rng = np.random.default_rng(1)
    kinds = [f"kind {number % 6}" for number in range(90)]
    vectors = rng.normal(0, 20, (90, DIMENSIONS))
    sound = sum(group.size for group in GROUPS[: [group.name for group in GROUPS].index("sound")])
    for number in range(90):
        vectors[number, sound + number % 6] += 100
    report = bench_content.measure(np.clip(np.rint(vectors), -127, 127).astype(np.int8), kinds, 1, quiet)
    found = {row.by: row for row in report.rankings}
    assert (report.clips, report.kinds, report.people) == (90, 6, 120)
    assert found["nothing"].auc == 0.5
    assert found["nothing"].first == pytest.approx(report.chance, abs=1e-3)
    assert found["sound alone"].auc > 0.95
    assert found["colour alone"].auc == pytest.approx(0.5, abs=0.06)
    assert found["all but sound"].auc == pytest.approx(0.5, abs=0.06)
    assert found["sound alone"].first > found["everything"].first > 0.4
    assert report.encode_ms > report.encode_without_network_ms > 0


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=12, max_size=40))
def test_equal_scores_share_their_places(drawn: list[tuple[int, bool]]) -> None:
    scores = np.array([float(score) for score, _ in drawn])
    right = np.array([is_right for _, is_right in drawn])
    if right.all() or not right.any():
        return
    auc, first = bench_content._ranked(scores, right)
    # The mean over orders of equals: drawn many times.
    rng = np.random.default_rng(1)
    aucs, firsts = [], []
    for _ in range(600):
        places = np.empty(len(scores), int)
        places[np.lexsort((rng.random(len(scores)), -scores))] = np.arange(len(scores))
        aucs.append((places[right][:, None] < places[~right]).mean())
        firsts.append(right[places < bench_content.FIRST].mean())
    assert auc == pytest.approx(np.mean(aucs), abs=0.05)
    assert first == pytest.approx(np.mean(firsts), abs=0.05)


@pytest.mark.slow
def test_a_folder_of_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        monkeypatch.delenv(name, raising=False)
    rng = np.random.default_rng(1)
    for kind, colour in (("red", 0), ("blue", 2)):
        (tmp_path / kind).mkdir()
        for number in range(8):
            picture = rng.integers(0, 60, (40, 50, 4), dtype=np.uint8)
            picture[..., colour] = rng.integers(180, 255)
            picture[..., 3] = 255
            Image.fromarray(picture, "RGBA").save(tmp_path / kind / f"{number}.png")
    done = CliRunner().invoke(app, ["bench", "content", "--pictures", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "16 clips of 2 themes" in done.output
    few = CliRunner().invoke(app, ["bench", "content", "--pictures", str(tmp_path / "red")])
    assert few.exit_code == 1
    assert "needs two folders or more" in few.output
