"""A bundle is of one moment: cut off in the middle, opened again meanwhile, taken anew, and given to others as well."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyrage
import pytest
from tests.operations.handover.conftest import Place

from penchant.cli.backup import installation_of
from penchant.core.clock import SystemClock
from penchant.core.errors import Conflict, Unavailable
from penchant.core.secrets import secret_file
from penchant.ledger.service import signer_of
from penchant.operations.backup_source import TarSource, open_backup
from penchant.operations.handover.bundle import read_draft
from penchant.operations.handover.giving import hand_over
from penchant.operations.handover.model import Draft, Manifest
from penchant.operations.handover.plan import Giving, check_states, make_plan
from penchant.operations.handover.sealing import unseal

pytestmark = pytest.mark.service
PART_BYTES = 50_000
IDENTITY = pyrage.x25519.Identity.generate()


class Killed(Exception):
    """Where a process would end."""


@pytest.fixture(scope="module")
def place(place_of: Any, root: Path) -> Iterator[Place]:
    with place_of("us", root) as found:
        found.fill(3, 4)
        found.end()
        yield found


def giving(place: Place) -> Giving:
    return Giving(
        installation=installation_of(place.cell),
        ledger=place.cell.ledger,
        signer=signer_of("us", secret_file(place.folder / "secrets", "ledger")),
        standing=place.cell.life_cycle.watch.standing(),
    )


def killed_after(parts: int) -> Callable[[str, int, int], None]:
    def progress(what: str, done: int, _: int) -> None:
        if what.endswith("sealed") and done > parts * PART_BYTES:
            raise Killed

    return progress


def begin(place: Place, folder: Path) -> Draft:
    """A hand-over that is killed in its third part; what it remembers."""
    folder.mkdir()
    draft = Draft(make_plan([giving(place)], (str(IDENTITY.to_public()),), {}, rehearsal=False), {})
    with pytest.raises(Unavailable, match="Killed"):
        hand_over([giving(place)], folder, draft, SystemClock(), killed_after(2), PART_BYTES)
    kept = read_draft(folder)
    assert kept is not None
    assert len(kept.parts["us"]) == 2
    return kept


def go_on(cell: Giving, folder: Path, draft: Draft) -> Manifest:
    return hand_over([cell], folder, draft, SystemClock(), lambda *_: None, PART_BYTES)


def is_whole(folder: Path, manifest: Manifest, scratch: Path) -> bool:
    """Whether the parts are one copy, as whoever receives it would find."""
    copy = scratch / "copy.tar"
    with copy.open("wb") as file:
        for part in manifest.markets[0].parts:
            unseal(folder / part.name, part, IDENTITY, file, lambda _: None)
    _, inside = open_backup(copy)
    return all(
        hashlib.sha256(b"".join(TarSource(copy).pieces(part.name))).hexdigest() == part.sha256 for part in inside.parts
    )


def test_parts_of_this_copy_are_kept(place: Place, tmp_path: Path):
    folder = tmp_path / "bundle"
    draft = begin(place, folder)
    kept = {folder / part.name: (folder / part.name).stat().st_mtime_ns for part in draft.parts["us"]}
    manifest = go_on(giving(place), folder, draft)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert is_whole(folder, manifest, tmp_path)


def test_parts_of_another_copy_are_made_again(place: Place, tmp_path: Path):
    first, second = tmp_path / "first", tmp_path / "second"
    draft = begin(place, first)
    place.cell.accounts.make_account("later")
    begin(place, second)
    assert is_whole(first, go_on(giving(place), first, draft), tmp_path)


def test_a_market_that_was_open_meanwhile_is_copied_anew(place: Place, tmp_path: Path):
    folder = tmp_path / "bundle"
    draft, cell = begin(place, folder), giving(place)
    with pytest.raises(Conflict, match="us is open, and people would lose what they add"):
        check_states([replace(cell, standing=replace(cell.standing, state="open"))], rehearsal=False)
    place.cell.accounts.make_account("meanwhile")
    since = datetime.now(UTC) + timedelta(seconds=1)
    manifest = go_on(replace(cell, standing=replace(cell.standing, since=since)), folder, draft)
    with place.cell.engine.connect() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM accounts").scalar_one()
    assert manifest.markets[0].counted.rows["accounts"] == count
    assert is_whole(folder, manifest, tmp_path)
