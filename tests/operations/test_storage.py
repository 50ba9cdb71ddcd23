"""Objects that no row names are swept once they are old; others never."""

import os
from pathlib import Path

import pytest

from penchant.app import Penchant
from penchant.catalog import repository as catalog
from penchant.catalog.model import Rendition
from penchant.operations.storage import ORPHAN_AFTER_S, sweep_objects

pytestmark = pytest.mark.service
LATER_S = 2_000_000_000.0


def test_only_old_objects_that_no_row_names_go(cell: Penchant, tmp_path: Path) -> None:
    creator = cell.accounts.make_account("ada")
    for key in ("videos/a/480p-1.mp4", "videos/a/old-2.mp4", "videos/a/young-3.mp4", "elsewhere/4"):
        cell.objects.put_bytes(key, b"12345")
        young = "young" in key
        moment = LATER_S - (ORPHAN_AFTER_S - 60 if young else ORPHAN_AFTER_S + 60)
        os.utime(cell.settings.data / "objects" / key, (moment, moment))
    with cell.engine.begin() as connection:
        video = cell.catalog.add(connection, creator.id, "", [], "en")
        named = Rendition("480p", "videos/a/480p-1.mp4", "video/mp4", 5, "0" * 64, 480, 854)
        catalog.put_rendition(connection, video, named)
    found = sweep_objects(cell.engine, cell.objects, LATER_S, dry_run=True)
    assert (found.objects, found.size_bytes, found.orphans, found.orphan_bytes) == (3, 15, ["videos/a/old-2.mp4"], 5)
    everything = sorted(cell.objects.keys())
    assert sweep_objects(cell.engine, cell.objects, LATER_S).orphans == ["videos/a/old-2.mp4"]
    assert sorted(cell.objects.keys()) == [key for key in everything if "old" not in key]
    assert sweep_objects(cell.engine, cell.objects, LATER_S).orphans == []
