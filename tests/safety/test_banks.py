"""Banks on a real database: imported once, told what is wrong, exported, changed, forgotten."""

import json
from pathlib import Path

import pytest

from penchant.app import Penchant
from penchant.core.errors import Invalid, NotFound
from penchant.core.ids import VideoId

pytestmark = pytest.mark.service

HASHES = [golden["hash"] for golden in json.loads(Path(__file__).with_name("golden_pdq.json").read_text("utf-8"))]


def create(cell: Penchant, name: str = "partner", *, acts_alone: bool = False) -> None:
    with cell.engine.begin() as connection:
        cell.detection.banks.create(connection, name, "a partner", "known_bad", acts_alone=acts_alone)


def test_a_list_is_imported_once_however_often_and_what_is_wrong_is_told(cell: Penchant):
    banks = cell.detection.banks
    create(cell)
    flat = f'vpdq ["{HASHES[5]},3,0.0"]'
    lines = [f"pdq {HASHES[0]}", "nonsense", f"pdq {HASHES[1]}", f"pdq {HASHES[0]}", flat]
    told: list[int] = []
    first = banks.import_list("partner", lines, told.append)
    assert (first.read, first.added, first.flat, first.wrong) == (4, 2, 1, 1)
    assert first.told[0].startswith("line 2: ")
    assert told == [1, 2, 3, 4]
    assert banks.import_list("partner", lines).added == 0
    assert sorted(banks.export("partner")) == sorted(f"pdq {hash_}\n" for hash_ in HASHES[:2])
    (bank,) = banks.banks()
    assert (bank.name, bank.entries, bank.label, bank.acts_alone) == ("partner", 2, "known_bad", False)


def test_a_gallery_is_that_of_the_bank_as_it_is_now(cell: Penchant):
    banks = cell.detection.banks
    create(cell)
    with cell.engine.connect() as connection:
        assert len(banks.gallery(connection, "partner")) == 0
    banks.import_list("partner", [HASHES[0]])
    with cell.engine.connect() as connection:
        again = banks.gallery(connection, "partner")
        assert len(again) == 1
        assert banks.gallery(connection, "partner") is again
    create(cell, acts_alone=True)
    assert (banks.banks()[0].acts_alone, banks.banks()[0].entries) == (True, 1)
    banks.remove("partner")
    assert banks.banks() == []
    with cell.engine.connect() as connection:
        assert len(banks.gallery(connection, "partner")) == 0


def test_what_is_not_there_or_not_right_is_refused(cell: Penchant):
    banks = cell.detection.banks
    for wrong in ("", "Über", "a b", "x" * 60):
        with pytest.raises(Invalid), cell.engine.begin() as connection:
            banks.create(connection, wrong, "me", "known_bad", acts_alone=False)
    with pytest.raises(NotFound):
        banks.import_list("nobody", [HASHES[0]])
    with pytest.raises(NotFound):
        banks.remove("nobody")
    with pytest.raises(NotFound):
        list(banks.export("nobody"))
    create(cell)
    with pytest.raises(NotFound, match="nobody hashed"), cell.engine.begin() as connection:
        banks.add_video(connection, "partner", VideoId(1))
