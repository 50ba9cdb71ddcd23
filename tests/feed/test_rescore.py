"""A page follows from its record; where anything in it was altered, the record no longer follows from itself."""

import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import cbor2
import numpy as np
import pytest
from tests.feed.conftest import Town

from penchant.app import Penchant, build
from penchant.core.clock import ManualClock
from penchant.core.errors import NotFound
from penchant.core.ids import PageId
from penchant.core.settings import load_settings
from penchant.feed.changes import Changes
from penchant.feed.effects.record import FOLLOWING, read_record, stood_of
from penchant.feed.rescore import CannotRescore, Difference, differences, scored
from penchant.taste.archive import pack, unpack
from penchant.taste.folders import FolderCorrupt

pytestmark = pytest.mark.service


def record_of(cell: Penchant, page: PageId) -> dict[str, Any]:
    with cell.engine.connect() as connection:
        return read_record(cell.records.page(connection, page).record)


def checked(cell: Penchant, fields: dict[str, Any]) -> list[Difference]:
    return differences(fields, *cell.ledgered.unpacked(fields["epoch"])[:2], cell.taste.values)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few lists are enough for the blend and its heads to serve."""
    for name, value in (("trainer.WARM_UP", 8), ("trainer.READY", 24), ("head_trainer.READY", 24)):
        monkeypatch.setattr(f"penchant.taste.{name}", value)


def learned(town: Town) -> None:
    """What people do on a few dozen pages."""
    for number in range(40):
        viewer, tab = town.viewer(), uuid4()
        page = town.cell.feed.page(viewer, tab)
        for item in page.items[:6]:
            likes = town.theme_of[item.video.id] == number % 4
            town.watch(viewer, item.video.id, 1.0 if likes else 0.1, page=page.id, slot=item.slot)
    # What became of an impression is settled later.
    town.clock.advance(2 * 3_600_000)
    town.finish(town.viewer(), town.of_theme(0)[0])
    town.learn()


def test_every_page_follows_from_its_record(town: Town, quick: None):
    learned(town)
    epoch = town.cell.taste.epoch()
    assert epoch.stages.weights is not None
    assert epoch.heads is not None
    arms = set()
    for seed in range(18):
        viewer = town.viewer()
        for theme, count in ((0, 13), (1, 3)):
            for video in town.of_theme(theme)[: count if seed % 3 else 2]:
                town.finish(viewer, video)
                town.clock.advance(20_000)
        tab = uuid4()
        for _ in range(2):
            fields = record_of(town.cell, town.cell.feed.page(viewer, tab, seed=seed, count=10 + seed % 7).id)
            assert checked(town.cell, fields) == []
            arms |= {arm for _, arm, _, _ in fields["slots"]}
    assert arms >= {"exploit", "turn", "explore", "trial"}
    without = town.cell.feed.page_without_profile(None, [], seed=3)
    assert checked(town.cell, record_of(town.cell, without.id)) == []


def test_a_page_of_what_was_seen_follows_too(town: Town):
    viewer = town.viewer()
    for video in town.theme_of:
        town.finish(viewer, video)
    fields = record_of(town.cell, town.cell.feed.page(viewer, uuid4()).id)
    assert {arm for _, arm, _, _ in fields["slots"]} == {"again"}
    assert checked(town.cell, fields) == []


def test_pages_of_experiments_follow_too(town: Town, tmp_path: Path, clock: ManualClock, database_url: str):
    file = tmp_path / "experiments.toml"
    file.write_text(
        'version = 1\n[[experiment]]\nname = "one"\nkind = "split"\nsalt = "a"\ntraffic_in_1000 = 1000\n'
        '[[experiment.arm]]\nname = "x"\n[[experiment.arm]]\nname = "y"\n'
        "[experiment.arm.change]\nexplore_in_10 = 4\nfollowed_in_10 = 3\n"
        '[[experiment]]\nname = "two"\nkind = "interleave"\nsalt = "b"\ntraffic_in_1000 = 500\n'
        '[[experiment.arm]]\nname = "red"\n[[experiment.arm]]\nname = "blue"\n'
        '[experiment.arm.change]\nspread = 0.5\ntemperature = 0.5\nwithout_sources = ["crowd"]\n',
        "utf-8",
    )
    environment = {"PENCHANT_DATA": str(town.cell.settings.data), "PENCHANT_EXPERIMENTS": str(file)}
    cell = build(load_settings(environment), clock=clock, database_url=database_url)
    teams = 0
    for seed in range(25):
        viewer = town.viewer()
        fields = record_of(cell, cell.feed.page(viewer, uuid4(), seed=seed).id)
        assert checked(cell, fields) == []
        teams += bool(fields["teams"])
    assert teams >= 5
    cell.close()


@pytest.mark.parametrize(
    "change",
    [
        Changes(),
        Changes(
            spread=0.5, temperature=0.25, explore_in_10=3, followed_in_10=2, without_sources=("a", "b"), blend=False
        ),
        Changes(blend=True),
    ],
)
def test_changes_are_read_as_they_are_told(change: Changes):
    assert Changes.of(change.told()) == change


def test_whatever_is_altered_is_named(town: Town, quick: None):
    learned(town)
    viewer = town.viewer()
    for video in town.of_theme(2)[:3]:
        town.finish(viewer, video)
    fields = record_of(town.cell, town.cell.feed.page(viewer, uuid4(), seed=5).id)

    def altered(**changed: Any) -> set[str]:
        return {one.what for one in checked(town.cell, fields | changed)}

    for name in ("scores", "worth"):
        digests = fields["digests"] | {name: bytes(16)}
        assert altered(digests=digests) == {name}, "altered scores"
    stood = [list(one) for one in fields["stood"]]
    stood[2][0] += 1
    assert altered(stood=stood) == {"stood"}
    rows = np.frombuffer(fields["rows"], "<i2").copy()
    rows[7] += 2_000
    assert altered(rows=rows.tobytes())
    slots = [list(slot) for slot in fields["slots"]]
    slots[0][0], slots[1][0] = slots[1][0], slots[0][0]
    assert altered(slots=slots) == {"slots", "stood"}
    assert altered(seed=fields["seed"] + 1) == {"slots"}
    pressure = np.frombuffer(fields["pressure"], "<i8").copy()
    pressure[3] += 1
    assert "scores" in altered(pressure=pressure.tobytes())
    order = np.frombuffer(fields["order"], "<u2")[::-1]
    assert altered(order=order.tobytes()) == {"order"}
    with pytest.raises(CannotRescore, match="version 5"):
        altered(version=5)
    with pytest.raises(CannotRescore, match="made by for-you-1"):
        altered(recipe="for-you-1")


def test_a_pack_vouches_for_itself(town: Town):
    folder, epoch = town.cell.settings.data / "taste", town.cell.taste.epoch().digest
    content = pack(folder, epoch)
    stages, *_ = unpack(content, epoch)
    assert np.array_equal(stages.prior, town.cell.taste.epoch().stages.prior)
    for wrong in (content[:-9], content[:99] + b"\0" + content[100:], b"", b"\x78\x9c"):
        with pytest.raises(FolderCorrupt):
            unpack(wrong, epoch)
    with pytest.raises(FolderCorrupt):
        unpack(content, "0" * 64)
    with pytest.raises(FolderCorrupt):
        pack(folder, "0" * 64)


def test_packs_go_when_nothing_was_made_with_them_or_their_time_is_over(town: Town, clock: ManualClock):
    used = town.cell.taste.epoch().digest
    town.cell.feed.page(town.viewer(), uuid4())
    learned(town)
    unused = town.cell.taste.epoch().digest
    assert used != unused
    assert town.cell.ledgered.let_go(7) == 0
    # The store's own clock says when they came: ours goes from there.
    clock.advance(time.time_ns() // 1_000_000 + 2 * 3_600_000 - clock.now_ms())
    town.cell.feed.page(town.viewer(), uuid4())
    before = town.cell.ledgered.let_go(7)
    assert before >= 0
    town.cell.ledgered.unpacked(unused)
    clock.advance(8 * 24 * 3_600_000)
    assert town.cell.ledgered.let_go(7) >= 1
    with pytest.raises(NotFound):
        town.cell.ledgered.unpacked(unused)


def test_a_record_of_the_version_before_follows_as_well(town: Town, quick: None):
    """It has the scores themselves, and a text of sources for each candidate."""
    learned(town)
    viewer = town.viewer()
    for video in town.of_theme(1)[:4]:
        town.finish(viewer, video)
    fields = record_of(town.cell, town.cell.feed.page(viewer, uuid4(), seed=6).id)
    found = scored(fields, *town.cell.ledgered.unpacked(fields["epoch"])[:2], town.cell.taste.values)
    numbers = {name: getattr(found, name).astype(type_).tobytes() for name, type_ in FOLLOWING.items()}
    kept = {name: value for name, value in fields.items() if name not in ("digests", "stood")}
    before = read_record(cbor2.dumps(kept | numbers | {"version": 6}, canonical=True))
    assert before["sources"] == fields["sources"]
    assert checked(town.cell, before) == []
    assert stood_of(before) == stood_of(fields)
    scores = np.frombuffer(before["scores"], "<i8").copy()
    scores[3] += 1
    assert {one.what for one in checked(town.cell, before | {"scores": scores.tobytes()})} == {"scores"}
