"""The encoder in the evaluation without what it needs, and where it has no place."""

import sys
from pathlib import Path

import pytest
from tests.lab.worlds import write_world

from penchant.lab.dataset import DataRefused
from penchant.lab.encoded import COLUMN, DeepMissing, Encoded, with_encoder
from penchant.lab.evaluate import Protocol, Wanted, evaluate
from penchant.taste.engine import Engine
from penchant.taste.parts import NAMES
from penchant.taste.recipe import SERVED, Recipe


def quiet(_words: str, _done: int, _total: int) -> None:
    """No progress."""


def test_it_is_in_no_recipe_but_that_of_the_evaluation():
    assert COLUMN.name not in {*NAMES, *Recipe().names, *SERVED.names}
    assert with_encoder(Recipe()).names == (*Recipe().names, COLUMN.name)


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    for name in ("jax", "penchant.taste.encoder_training"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(DeepMissing, match=r"the extra deep \(jax is missing\): pip install 'penchant\[deep\]'"):
        Encoded(Engine(5))


def test_it_has_no_place_where_nothing_streams(tmp_path: Path):
    with pytest.raises(DataRefused, match="--protocol replay, not temporal"):
        evaluate(Wanted(write_world(tmp_path), Protocol.TEMPORAL, encoder=True), quiet)
