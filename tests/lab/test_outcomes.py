"""The heads in a replay: they learn from every impression, are held against it first, and weigh the order."""

from pathlib import Path

import numpy as np
import pytest
from tests.lab.test_evaluate import quiet
from tests.lab.worlds import write_world

from penchant.lab.dataset import read_dataset
from penchant.lab.outcomes import Outcomes
from penchant.lab.replay import Replay, replay
from penchant.taste import head_trainer, trainer
from penchant.taste.engine import Ranker
from penchant.taste.recipe import Recipe
from penchant.taste.values import standard_values


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small world has few long views."""
    monkeypatch.setattr(trainer, "WARM_UP", 32)
    monkeypatch.setattr(head_trainer, "READY", 256)


def replayed(folder: Path, **weights: float) -> tuple[Replay, Outcomes]:
    data = read_dataset(folder, {})
    ranker = Ranker(Recipe())
    values = standard_values()
    if weights:
        values = type(values)(1, tuple(weights.get(head, 0.0) for head in head_trainer.HEADS), "")
    outcomes = Outcomes("penchant", ranker, values)
    return replay(data, data.events, {"penchant": ranker}, quiet, baselines=False, outcomes=outcomes), outcomes


def test_heads_know_who_watches_what_long(tmp_path: Path) -> None:
    found, outcomes = replayed(write_world(tmp_path))
    heads = outcomes.figures()
    assert heads["long"]["auc"] > 0.75
    assert heads["long"]["rate"] == pytest.approx(heads["long"]["chance"], abs=0.06)
    assert heads["skip"]["auc"] > 0.7
    assert heads["like"]["rate"] == 0
    assert set(found.models) == {"penchant", "penchant-long-views"}


def test_without_weights_of_other_outcomes_the_order_is_that_by_long_views(tmp_path: Path) -> None:
    alike, _ = replayed(write_world(tmp_path), long=1.0)
    assert alike.models["penchant"].ranks == alike.models["penchant-long-views"].ranks
    weighed, _ = replayed(tmp_path, long=1.0, skip=-2.0)
    ranks = [np.array(weighed.models[name].ranks) for name in ("penchant", "penchant-long-views")]
    assert (ranks[0] != ranks[1]).any()
