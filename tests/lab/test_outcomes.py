"""The heads in a replay: they learn from every impression, are held against it first, and weigh the order."""

from collections.abc import Iterator
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

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def soon() -> Iterator[None]:
    """A small world has few long views."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainer, "WARM_UP", 32)
        patch.setattr(head_trainer, "READY", 256)
        yield


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def standard(world: Path) -> tuple[Replay, Outcomes]:
    """With what outcomes are worth in the feed."""
    return replayed(world)


def replayed(folder: Path, **weights: float) -> tuple[Replay, Outcomes]:
    data = read_dataset(folder, {})
    ranker = Ranker(Recipe())
    values = standard_values()
    if weights:
        values = type(values)(1, tuple(weights.get(head, 0.0) for head in head_trainer.HEADS), "")
    outcomes = Outcomes("penchant", ranker, values)
    return replay(data, data.events, {"penchant": ranker}, quiet, baselines=False, outcomes=outcomes), outcomes


def test_heads_know_who_watches_what_long(standard: tuple[Replay, Outcomes]) -> None:
    found, outcomes = standard
    heads = outcomes.figures()
    assert heads["long"]["auc"] > 0.75
    assert heads["long"]["rate"] == pytest.approx(heads["long"]["chance"], abs=0.06)
    assert heads["skip"]["auc"] > 0.7
    assert heads["like"]["rate"] == 0
    assert set(found.models) == {"penchant", "penchant-long-views"}


def test_without_weights_of_other_outcomes_the_order_is_that_by_long_views(
    world: Path, standard: tuple[Replay, Outcomes]
) -> None:
    alike, _ = replayed(world, long=1.0)
    assert alike.models["penchant"].ranks == alike.models["penchant-long-views"].ranks
    ranks = [np.array(standard[0].models[name].ranks) for name in ("penchant", "penchant-long-views")]
    assert (ranks[0] != ranks[1]).any()
