"""The catalogue as a base and what came since is the whole catalogue, at every moment."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penchant.events.model import Published, StoredEvent, Withdrawn
from penchant.taste import snapshot, videos
from penchant.taste.catalog import Catalog
from penchant.taste.content import centre_of, centred
from penchant.taste.epochs import EpochReader, EpochWriter
from penchant.taste.folders import Folder, digest_of
from penchant.taste.learner import Learner
from penchant.taste.publish import CatalogMaker, trials_of
from penchant.taste.similar import ItemRows
from penchant.testing.memory_log import MemoryLog, published

DIMENSIONS = 8
ABSENT = 999
IDS = st.integers(1, 24)
DEEDS = st.lists(st.tuples(st.sampled_from(["publish", "change", "other encoder", "withdraw"]), IDS), max_size=40)


def vector_of(video: int, again: int) -> bytes:
    """Random but for its arguments."""
    found: bytes = np.random.default_rng([video, again]).integers(-90, 90, DIMENSIONS, dtype=np.int8).tobytes()
    return found


def told(deeds: list[tuple[str, int]]) -> MemoryLog:
    """A log of them, a second apart; changes are of the creator and the vector."""
    log = MemoryLog()
    for number, (deed, video) in enumerate(deeds):
        log.now_ms += 1_000
        if deed == "withdraw":
            log.add(0, Withdrawn(video=video))
        else:
            again, encoder = (0 if deed == "publish" else number), ("other-1" if deed == "other encoder" else "basic-1")
            log.add(0, published(video, 1 + again, vector_of(video, again), encoder))
    return log


class Whole:
    """The catalogue as one dict, folded as simply as can be; vectors about the centre of the last cut."""

    def __init__(self, share: int) -> None:
        self.listed: dict[int, tuple[int, int, str, bytes]] = {}
        self.published_at_ms: dict[int, int] = {}
        self._share = share
        self._touched: set[int] = set()
        self._at_cut: dict[int, tuple[int, int, str, bytes]] = {}

    def fold(self, stored: StoredEvent) -> None:
        event = stored.event
        if isinstance(event, Published):
            at_ms = self.published_at_ms.setdefault(event.video, stored.received_at_ms)
            self.listed[event.video] = event.creator, at_ms, event.encoder, event.vector
        else:
            assert isinstance(event, Withdrawn)
            if event.video not in self.published_at_ms:
                return
            self.listed.pop(event.video, None)
        self._touched.add(event.video)
        if self._share * len(self._touched) > len(self._at_cut):
            self._touched, self._at_cut = set(), dict(self.listed)

    def units(self) -> list[list[int]]:
        """Content vectors by id; zeros where one cannot be compared with the videos of the cut."""
        newest = max(self._at_cut.items(), key=lambda entry: (entry[1][1], entry[0]), default=None)
        encoder = newest[1][2] if newest else ""
        known = [vector for _, _, its, vector in self._at_cut.values() if its == encoder]
        raw = np.frombuffer(b"".join(known), dtype=np.int8).reshape(len(known), -1 if known else 0)
        centre, units = centre_of(raw, np.ones(len(known), dtype=bool)), []
        for _, (_, _, its, vector) in sorted(self.listed.items()):
            unit = np.zeros(raw.shape[1], dtype=np.int8)
            if centre is not None and its == encoder:
                unit = centred(np.frombuffer(vector, dtype=np.int8)[None], centre)[0]
            units.append(unit.tolist())
        return units


def check(catalog: Catalog, whole: Whole) -> None:
    ids = sorted(whole.listed)
    wanted = np.array(ids, dtype=np.int64)
    assert len(catalog) == len(ids)
    assert catalog.video_ids.tolist() == ids
    assert sorted(catalog.nth(np.arange(len(ids))).tolist()) == ids
    places = catalog.places(np.append(wanted, ABSENT))
    assert places[-1] == -1
    assert (places[:-1] >= 0).all()
    assert (catalog.places(np.array(sorted(whole.published_at_ms.keys() - whole.listed.keys()), dtype=int)) == -1).all()
    facts = catalog.facts(places)
    assert facts.creators.tolist() == [*(whole.listed[id_][0] for id_ in ids), -1]
    assert facts.vectors is not None
    units = whole.units()
    assert facts.vectors[:-1].tolist() == units
    with_vector = [id_ for id_, unit in zip(ids, units, strict=True) if any(unit)]
    for count in (0, 3, 1_000):
        newest = sorted(with_vector, key=lambda id_: (-whole.listed[id_][1], id_))[:count]
        found, own = catalog.newest(count)
        assert found.tolist() == sorted(newest)
        assert own.tolist() == [units[ids.index(id_)] for id_ in sorted(newest)]


@pytest.mark.parametrize("share", [64, 3])
@settings(max_examples=40)
@given(deeds=DEEDS)
def test_base_and_delta_are_the_whole_catalogue(share: int, deeds: list[tuple[str, int]]) -> None:
    """Asked at every moment, and asked at the end only; the share decides how much the delta may hold."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(videos, "BASE_SHARE", share)
        log, learner, whole = told(deeds), Learner(), Whole(share)
        maker = CatalogMaker(learner.state.videos)
        check(maker.catalog(), whole)
        for stored in log.events:
            learner.fold([stored])
            whole.fold(stored)
            check(maker.catalog(), whole)
            assert maker.catalog() is maker.catalog()
        late = CatalogMaker(learner.state.videos).catalog()
        check(late, whole)
        assert digests(late) == digests(maker.catalog())


def digests(catalog: Catalog) -> list[str]:
    """Of the base and of the delta."""
    return [
        digest_of({"ids": one.video_ids, "creators": one.creators, "unit": one.unit, "more": more}, {})
        for one, more in ((catalog.base.listed, catalog.base.newest), (catalog.moved, catalog.gone))
    ]


@settings(max_examples=40)
@given(deeds=DEEDS, data=st.data())
def test_a_restart_at_any_place_gives_the_same_parts(deeds: list[tuple[str, int]], data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(videos, "BASE_SHARE", 3)
        log, first = told(deeds), Learner()
        first.fold(log.events[: data.draw(st.integers(0, len(log.events)))])
        arrays, about = snapshot.to_arrays(first.state)
        second = Learner(snapshot.from_arrays(Folder("", about, arrays)))
        assert dict(second.state.videos) == dict(first.state.videos)
        first.fold(log.events)
        second.fold(log.events)
        assert snapshot.digest(first.state) == snapshot.digest(second.state)
        once, again = (CatalogMaker(learner.state.videos).catalog() for learner in (first, second))
        assert digests(once) == digests(again)


def _publish(folder: Path, learner: Learner, maker: CatalogMaker, writer: EpochWriter) -> dict[str, str]:
    state = learner.state
    name = writer.publish(state.position, maker.catalog(), ItemRows.empty(), state.live, trials_of(state.videos))
    about: dict[str, str] = json.loads((folder / "epochs" / name / "manifest.json").read_text())["about"]
    return about


def test_one_more_video_is_a_small_delta_over_the_same_mapped_base(tmp_path: Path) -> None:
    log, learner = told([("publish", 10 + n) for n in range(700)]), Learner()
    learner.fold(log.events)
    maker, reader, writer = CatalogMaker(learner.state.videos), EpochReader(tmp_path), EpochWriter(tmp_path)
    bases, deltas = set(), set()
    for number in range(8):
        log.add(0, published(2_000 + number, 1, vector_of(number, 1)))
        log.add(0, Withdrawn(video=10 + number))
        learner.fold(log.events)
        about = _publish(tmp_path, learner, maker, writer)
        bases.add(about["catalog"])
        deltas.add(about["catalog_delta"])
        epoch = reader.current()
        assert epoch is not None
        assert len(epoch.catalog) == 700
        assert (epoch.catalog.places(np.array([10 + number, 2_000 + number])) >= 0).tolist() == [False, True]
        assert len(epoch.catalog.moved.video_ids) + len(epoch.catalog.gone) <= 700 // videos.BASE_SHARE
    assert len(bases) <= 3
    assert len(deltas) == 8


@pytest.mark.parametrize("part", ["catalog", "catalog_delta"])
def test_a_corrupt_part_of_the_catalogue_is_refused(tmp_path: Path, part: str) -> None:
    log, learner = told([("publish", 10 + n) for n in range(200)]), Learner()
    learner.fold(log.events)
    maker, reader, writer = CatalogMaker(learner.state.videos), EpochReader(tmp_path), EpochWriter(tmp_path)
    _publish(tmp_path, learner, maker, writer)
    good = reader.current()
    for number in range(5):
        log.add(0, published(2_000 + number, 1, vector_of(number, 1)))
    learner.fold(log.events)
    about = _publish(tmp_path, learner, maker, writer)
    damaged = tmp_path / "parts" / about[part] / "unit.npy"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"\x07")
    assert reader.current() is good
    assert reader.refused == 1
    assert EpochReader(tmp_path).current() is None
