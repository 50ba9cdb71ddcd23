"""What runs and what is in force stands in the ledger: once, and with what changed."""

import shutil
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
from tests.conftest import NOW_MS

from penchant.accounts import repository as accounts
from penchant.app import Penchant, build
from penchant.core.clock import ManualClock, as_datetime
from penchant.core.errors import NotFound
from penchant.core.settings import load_settings
from penchant.events.model import SYSTEM, NewEvent
from penchant.feed import repository as pages
from penchant.ledger import repository
from penchant.ledger.leaves import RECIPE, VALUES, Erasure, File, Order, Running, Step, commitment, decode
from penchant.ledger.running import code_digest, lock_digest
from penchant.taste.epochs import EpochReader
from penchant.taste.run import TasteProcess
from penchant.testing.memory_log import published

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


def test_an_epoch_that_is_in_no_log_ranks_nothing(cell: Penchant):
    """Somebody with the disk puts parameters in place; whole, under their right name, and told to nobody."""
    learner = cell.learner()
    cell.events.record([NewEvent(SYSTEM, uuid4(), 1, NOW_MS, published(7, creator=8))])
    learner.step()
    logged = cell.taste.epoch().digest
    assert cell.ledgered.has_epoch(logged)
    TasteProcess(cell.events.log, cell.settings.data / "aside", cell.clock).rebuild()
    aside, own = cell.settings.data / "aside", cell.settings.data / "taste"
    for part in ("epochs", "parts"):
        shutil.copytree(aside / part, own / part, dirs_exist_ok=True)
    cell.events.record([NewEvent(SYSTEM, uuid4(), 1, NOW_MS, published(9, creator=8))])
    other = TasteProcess(cell.events.log, own, cell.clock)
    other.rebuild()
    pointed = (own / "CURRENT").read_text("utf-8").strip()
    assert pointed != logged
    assert cell.taste.epoch().digest == logged, "the pages go on with the one that is in the log"
    # A process that knows no other ranks with nothing at all.
    assert EpochReader(own, cell.ledgered.has_epoch).current() is None
    assert EpochReader(own).current() is not None


def test_whoever_was_erased_leaves_leaves_that_say_nothing(cell: Penchant):
    _, viewer = cell.accounts.sign_up(None, "leaving", "correct horse", 1990)
    assert viewer.account is not None
    page = cell.feed.page(viewer, uuid4())
    cell.ledger.sequencer.run_empty()
    with cell.engine.connect() as connection:
        # As a backup has it.
        kept = pages.page_record(connection, page.id)
        assert cell.records.open(kept) is not None
        assert b"recipe" not in kept.record
    cell.erasure.erase(viewer.account)
    cell.ledger.sequencer.run_empty()
    with cell.engine.connect() as connection:
        without_key = dict(kept._mapping) | {"key": accounts.key_of(connection, viewer.subject)}
        assert cell.records.open(SimpleNamespace(**without_key, _mapping=without_key)) is None
        with pytest.raises(NotFound):
            cell.records.page(connection, page.id)
        assert cell.ledger.prove(connection, kept.entry).entry
    assert cell.ledger_checks.faults() == []
