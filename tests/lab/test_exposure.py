"""Co-exposure: reported beside the default, never a part of it."""

from pathlib import Path

import pytest
from tests.lab.worlds import write_world

from penchant.lab.dataset import read_dataset
from penchant.lab.evaluate import Protocol, Wanted, evaluate
from penchant.lab.exposure import COLUMNS, PREFIX, Exposure, shown_as_long, with_exposure
from penchant.lab.replay import impression, places_of, prepare
from penchant.taste.engine import Recipe
from penchant.taste.parts import NAMES


def quiet(_words: str, _done: int, _total: int) -> None:
    """No progress."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_world(tmp_path_factory.mktemp("world"))


def test_the_default_recipe_has_no_column_of_it():
    names = {column.name for column in COLUMNS}
    assert names
    assert all(name.removeprefix(PREFIX) in NAMES for name in names)
    assert not names & {column.name for column in Recipe().columns}
    assert names < {column.name for column in with_exposure(Recipe()).columns}


def test_what_was_shown_and_skipped_counts_here_and_not_in_the_engine(world: Path):
    data = read_dataset(world)
    events = data.events
    number = int((~events.long_views & (events.watch_ms < 2_000)).argmax())
    place = int(places_of(data, events.videos)[number])
    engine, exposure = prepare(data), Exposure(prepare(shown_as_long(data)))
    event = impression(events, number, place)
    engine.take(event)
    exposure.take(event)
    said = exposure.read(event.viewer, event.surface, event.at_ms)
    assert set(said) == {column.name for column in COLUMNS}
    assert said["shown_played_8h"][place] == 1
    reading, _ = engine.read(event.viewer, event.surface, event.at_ms, frozenset({"played_8h"}))
    assert reading.values["played_8h"][place] == 0


@pytest.mark.slow
def test_it_is_a_model_of_the_replay_and_the_default_is_one_of_the_prices(world: Path):
    models = evaluate(Wanted(world, Protocol.REPLAY), quiet)["models"]
    assert {"penchant-exposure", "rules as meant", "rules as shipped"} <= set(models)
    assert models[f"spread {Recipe().spread:g}"] == models["penchant"]
    assert models["spread 0.6"]["top1_share"] < models["spread 0"]["top1_share"]
