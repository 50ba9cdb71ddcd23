"""What runs and what is in force stands in the ledger: once, and with what changed."""

from pathlib import Path

import pytest

from penchant.app import Penchant, build
from penchant.core.clock import ManualClock, as_datetime
from penchant.core.settings import load_settings
from penchant.ledger import repository
from penchant.ledger.leaves import RECIPE, VALUES, Erasure, File, Order, Running, Step, commitment, decode
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


def test_orders_and_steps_of_the_market_are_leaves_without_a_person(cell: Penchant, clock: ManualClock):
    one, other = (cell.accounts.make_account(name, name, "admin") for name in ("one", "two"))
    later = as_datetime(clock.now_ms() + 40 * 24 * 3_600_000)
    order = cell.life_cycle.announce(one.id, "the court", "law 5, § 2", "close it", later)
    planned = cell.life_cycle.plan(one.id, "no_signups", later, order_id=order.id)
    cell.life_cycle.confirm(other.id, planned.step.id)
    found = leaves(cell, Order.kind)
    assert isinstance(found[0], Order)
    assert (found[0].act, found[0].issuer, found[0].basis) == (b"announced", b"the court", "law 5, § 2".encode())
    steps = leaves(cell, Step.kind)
    assert [(one.act, one.state) for one in steps if isinstance(one, Step)] == [
        (b"planned", b"no_signups"),
        (b"confirmed", b"no_signups"),
    ]
    assert not any(str(who.id).encode() in repr(leaf).encode() for who in (one, other) for leaf in (*found, *steps))
