"""What runs and what is in force stands in the ledger: once, and with what changed."""

from pathlib import Path

import pytest

from penchant.app import Penchant, build
from penchant.core.clock import ManualClock
from penchant.core.settings import load_settings
from penchant.ledger import repository
from penchant.ledger.leaves import RECIPE, VALUES, Erasure, File, Running, commitment, decode
from penchant.ledger.running import code_digest, lock_digest

pytestmark = pytest.mark.service


def leaves(cell: Penchant, kind: int) -> list[object]:
    cell.ledger.sequencer.run_empty()
    with cell.engine.connect() as connection:
        return [decode(entry.leaf) for entry in repository.of_kinds(connection, [kind])]


def test_it_is_said_once_and_again_when_it_changed(
    cell: Penchant, clock: ManualClock, database_url: str, tmp_path: Path
):
    for _ in range(3):
        cell.ledgered.begin()
    (running,) = leaves(cell, Running.kind)
    assert isinstance(running, Running)
    assert (running.code, running.lock) == (code_digest(), lock_digest())
    assert len(running.lock) == 32
    files = leaves(cell, File.kind)
    assert [one.what for one in files if isinstance(one, File)] == [RECIPE, VALUES, 3]
    changed = tmp_path / "values.toml"
    changed.write_bytes(cell.ledgered.file(cell.taste.values.digest).replace(b"share = ", b"share = 1", 1))
    environment = {"PENCHANT_DATA": str(cell.settings.data), "PENCHANT_VALUES": str(changed)}
    other = build(load_settings(environment), clock=clock, database_url=database_url)
    other.ledgered.begin()
    *_, last = leaves(cell, File.kind)
    assert isinstance(last, File)
    assert (last.what, last.digest.hex()) == (VALUES, other.taste.values.digest)
    assert last.previous.hex() == cell.taste.values.digest
    assert b"+share = 1" in last.diff
    assert cell.ledgered.file(last.digest.hex()) == changed.read_bytes()
    other.close()


def test_who_was_erased_can_prove_it_and_nobody_else_can_say_who_it_was(cell: Penchant):
    _, viewer = cell.accounts.sign_up(None, "leaving", "correct horse", 1990)
    assert viewer.account is not None
    erased = cell.erasure.erase(viewer.account)
    (leaf,) = leaves(cell, Erasure.kind)
    assert isinstance(leaf, Erasure)
    assert leaf.commitment == commitment(erased.salted)
    assert erased.salted[32:] == viewer.subject.bytes
