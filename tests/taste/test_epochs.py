"""Epochs are complete, immutable and followed without locks."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from penchant.taste import live as live_module
from penchant.taste.epochs import Epoch, EpochReader, EpochWriter
from penchant.taste.folders import FolderCorrupt, read_folder, write_folder
from penchant.taste.learner import Learner, plays_at_cut
from penchant.taste.publish import CatalogMaker, trials_of
from penchant.taste.similar import ItemRows, fit_rows
from penchant.testing.memory_log import MemoryLog
from penchant.testing.themes import themed


class _Publisher:
    """Folds a log bit by bit and publishes."""

    def __init__(self, folder: Path, log: MemoryLog) -> None:
        self.learner, self.writer, self.log = Learner(), EpochWriter(folder), log
        self.rows = ItemRows.empty()
        self.catalog = CatalogMaker(self.learner.state.videos)

    def publish(self, until: int, refit: bool = False) -> str:
        self.learner.fold(self.log.events[:until])
        state = self.learner.state
        if refit:
            self.rows = fit_rows(plays_at_cut(state))
        catalog, trials = self.catalog.catalog(), trials_of(state.videos)
        return self.writer.publish(state.position, catalog, self.rows, state.live, trials)


def _current(reader: EpochReader) -> Epoch:
    epoch = reader.current()
    assert epoch is not None
    return epoch


def test_a_reader_follows_what_is_published(tmp_path: Path) -> None:
    reader = EpochReader(tmp_path)
    assert reader.current() is None
    publisher = _Publisher(tmp_path, themed(seed=1, viewers=20, vectors=True))
    first = publisher.publish(240)
    old = _current(reader)
    assert (old.digest, old.position) == (first, 240)
    assert _current(reader) is old
    second = publisher.publish(700, refit=True)
    new = _current(reader)
    assert new.digest == second
    assert new.rows.position > 0
    active = new.active[new.fits.places_of_rows]
    assert active.tolist() == new.rows.video_ids.tolist()
    assert new.catalog.places(np.array([1_000, 5])).tolist() == [0, -1]
    assert new.active[new.places(new.active[5:9])].tolist() == new.active[5:9].tolist()
    assert new.places(np.array([5])).tolist() == [-1]
    with pytest.raises(ValueError, match="read-only"):
        new.catalog.base.listed.creators[0] = 1


def test_equal_knowledge_is_an_equal_epoch(tmp_path: Path) -> None:
    log = themed(seed=2, viewers=10, vectors=True)
    one, other = _Publisher(tmp_path / "a", log), _Publisher(tmp_path / "b", log)
    one.publish(300)
    assert one.publish(500, refit=True) == other.publish(500, refit=True)


def test_signals_are_published_without_touching_the_rows(tmp_path: Path) -> None:
    publisher = _Publisher(tmp_path, themed(seed=1, viewers=20, vectors=True))
    reader = EpochReader(tmp_path)
    publisher.publish(500, refit=True)
    before = _current(reader)
    publisher.publish(600)
    after = _current(reader)
    assert after.rows.weights_q24 is before.rows.weights_q24
    assert after.signals.shown.sum() > before.signals.shown.sum()
    bases = {json.loads(path.read_text())["about"]["base"] for path in (tmp_path / "epochs").glob("*/manifest.json")}
    assert len(bases) <= 2


@pytest.mark.slow
def test_base_and_delta_are_the_state_and_small_changes_make_small_deltas(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "BASE_AT_LEAST", 20)
    publisher = _Publisher(tmp_path, themed(seed=1, viewers=60, vectors=True))
    reader, bases = EpochReader(tmp_path), set()
    for until in range(300, 1_200, 19):
        name = publisher.publish(until)
        about = json.loads((tmp_path / "epochs" / name / "manifest.json").read_text())["about"]
        bases.add(about["base"])
        live, epoch = publisher.learner.state.live, _current(reader)
        assert len(read_folder(tmp_path / "parts", about["delta"]).array("places")) <= 20 + len(epoch.active) // 8 + 1
        assert epoch.active.tolist() == live.video_ids
        wanted, _ = live.signals.arrays()
        found, _ = epoch.signals.arrays()
        assert wanted.keys() == found.keys()
        for key, array in wanted.items():
            assert np.array_equal(array, found[key]), key
        places = np.arange(len(epoch.active))
        now_ms = publisher.log.now_ms
        assert epoch.served.pressure(places, now_ms).tolist() == live.served.pressure(places, now_ms).tolist()
    assert 2 < len(bases) < 40


def test_an_old_epoch_stays_usable_after_it_was_pruned(tmp_path: Path) -> None:
    publisher = _Publisher(tmp_path, themed(seed=1, viewers=20, vectors=True))
    reader = EpochReader(tmp_path)
    publisher.publish(500, refit=True)
    old = _current(reader)
    total = int(old.signals.shown.sum())
    for until in range(510, 600, 10):
        publisher.publish(until)
    assert publisher.writer.prune(kept=3) == 7
    assert len(list((tmp_path / "epochs").iterdir())) == 3
    assert int(old.signals.shown.sum()) == total
    assert old.catalog.base.listed.creators.sum() > 0
    assert _current(EpochReader(tmp_path)).position == 590


def test_a_corrupt_epoch_is_refused_and_the_last_good_one_is_used(tmp_path: Path) -> None:
    publisher = _Publisher(tmp_path, themed(seed=1, viewers=20, vectors=True))
    reader = EpochReader(tmp_path)
    publisher.publish(500)
    good = _current(reader)
    bad = publisher.publish(600)
    delta = json.loads((tmp_path / "epochs" / bad / "manifest.json").read_text())["about"]["delta"]
    damaged = tmp_path / "parts" / delta / "played.npy"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"\x07")
    assert _current(reader) is good
    assert _current(reader) is good
    assert reader.refused == 1
    publisher.publish(610)
    assert _current(reader).position == 610


def test_a_folder_is_named_by_its_bytes(tmp_path: Path) -> None:
    arrays: dict[str, npt.NDArray[Any]] = {"a": np.arange(5), "b": np.zeros((0, 3), dtype=np.int8)}
    name = write_folder(tmp_path, arrays, {"x": 1, "y": "z"})
    assert write_folder(tmp_path, arrays, {"y": "z", "x": 1}) == name
    assert write_folder(tmp_path, arrays, {"y": "z", "x": 2}) != name
    found = read_folder(tmp_path, name)
    assert found.array("a").tolist() == [0, 1, 2, 3, 4]
    assert found.array("b").shape == (0, 3)
    assert (found.number("x"), found.text("y")) == (1, "z")
    with pytest.raises(FolderCorrupt):
        found.number("y")
    with pytest.raises(FolderCorrupt):
        read_folder(tmp_path, "0" * 64)
    assert not [place for place in tmp_path.iterdir() if place.name.startswith(".")]
