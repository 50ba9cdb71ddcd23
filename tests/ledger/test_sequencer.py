"""The log under load, when it is killed anywhere, and when its database is set back."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from tests.conftest import fresh_database

from penchant.adapters import embedded_postgres
from penchant.adapters.obstore_objects import LocalObjects
from penchant.core.clock import SystemClock
from penchant.core.database import Engine, make_engine
from penchant.ledger import record, repository
from penchant.ledger.leaves import Erasure, HandOver, Log, Page, decode, encode
from penchant.ledger.notes import Checkpoint
from penchant.ledger.sequencer import LedgerSetBack
from penchant.ledger.service import LedgerService, NotYetLogged, signer_of
from penchant.ledger.tiles import TileReader
from penchant.ledger.tree import consistency_proof, extends, includes, leaf_hash, root

pytestmark = pytest.mark.service
KEY = bytes(range(32))


@contextmanager
def ledger_on(url: str, objects: Path, key: bytes = KEY) -> Iterator[tuple[LedgerService, Engine]]:
    engine = make_engine(url, pool_size=2)
    try:
        yield LedgerService(engine, LocalObjects(objects), SystemClock(), signer_of("here", key)), engine
    finally:
        engine.dispose()


def append(engine: Engine, count: int) -> list[int]:
    with engine.begin() as connection:
        return [record.append(connection, Page(number.to_bytes(32))) for number in range(count)]


def published(ledger: LedgerService) -> Checkpoint:
    found = ledger.checkpoint()
    assert found is not None
    return found[0]


def test_what_is_appended_is_ordered_signed_and_proved(database_url: str, tmp_path: Path):
    with ledger_on(database_url, tmp_path) as (ledger, engine):
        assert ledger.checkpoint() is None
        numbers = append(engine, 700)
        with engine.connect() as connection, pytest.raises(NotYetLogged):
            ledger.prove(connection, numbers[0])
        ledger.sequencer.run_empty()
        checkpoint = published(ledger)
        assert checkpoint.size == 701
        assert not ledger.sequencer.round(), "nothing to do"
        reader = TileReader(ledger.sequencer.fetch, 701)
        assert root(701, reader.perfect) == checkpoint.root
        assert isinstance(decode(reader.entries(0)[0]), Log)
        entries = [entry for n in range(3) for entry in reader.entries(n)]
        assert [leaf_hash(entry) for entry in entries] == [hash_ for n in range(3) for hash_ in reader.hashes(0, n)]
        with engine.connect() as connection:
            for number in numbers[::50]:
                proof = ledger.prove(connection, number)
                assert includes(checkpoint.root, 701, proof.index, leaf_hash(proof.entry), proof.path)


def test_another_process_takes_over_where_one_stood(database_url: str, tmp_path: Path):
    with ledger_on(database_url, tmp_path) as (one, engine), ledger_on(database_url, tmp_path) as (other, _):
        for turn in range(6):
            append(engine, 200)
            (one if turn % 2 else other).sequencer.run_empty()
        assert published(one).size == 1201
        assert root(1201, TileReader(one.sequencer.fetch, 1201).perfect) == published(one).root


def test_many_at_once_lose_nothing(database_url: str, tmp_path: Path):
    """Those who append and those who order, all at the same time."""
    with ledger_on(database_url, tmp_path) as (ledger, engine):
        numbers: list[int] = []

        def append_some() -> None:
            with ledger_on(database_url, tmp_path) as (own, own_engine):
                for _ in range(20):
                    numbers.extend(append(own_engine, 5))
                    own.sequencer.round()

        threads = [threading.Thread(target=append_some) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        ledger.sequencer.run_empty()
        with engine.connect() as connection:
            places = {ledger.prove(connection, number).index for number in numbers}
        assert len(places) == len(numbers) == 400
        assert published(ledger).size == 401


def test_tiles_that_were_lost_are_written_again_from_the_database(database_url: str, tmp_path: Path):
    with ledger_on(database_url, tmp_path) as (ledger, engine):
        append(engine, 300)
        ledger.sequencer.run_empty()
        before = published(ledger)
    for path in (tmp_path / "ledger" / "tile").rglob("*"):
        if path.is_file():
            path.unlink()
    with ledger_on(database_url, tmp_path) as (ledger, engine):
        append(engine, 1)
        ledger.sequencer.run_empty()
        reader = TileReader(ledger.sequencer.fetch, 302)
        assert root(302, reader.perfect) == published(ledger).root
        proof = consistency_proof(before.size, 302, reader.perfect)
        assert extends(before.root, before.size, published(ledger).root, 302, proof)


def test_a_database_that_was_set_back_signs_nothing(postgres: embedded_postgres.PostgresHome, tmp_path: Path):
    with fresh_database(postgres) as url:
        with ledger_on(url, tmp_path) as (ledger, engine):
            append(engine, 10)
            ledger.sequencer.run_empty()
        with copied(url) as earlier:
            with ledger_on(url, tmp_path) as (ledger, engine):
                append(engine, 10)
                ledger.sequencer.run_empty()
                signed = published(ledger)
            with ledger_on(earlier, tmp_path) as (ledger, engine):
                append(engine, 30)
                with pytest.raises(LedgerSetBack, match="was set back"):
                    ledger.sequencer.round()
                assert published(ledger) == signed
            # Restored with a key of its own, as `penchant restore` does: another log, that says what it goes on from.
            with ledger_on(earlier, tmp_path, b"\1" * 32) as (ledger, engine):
                assert ledger.checkpoint() is None, "what lies there is of another key"
                assert not ledger.has(Page.kind, b"unknown")
                assert published(ledger).origin != signed.origin
                with engine.connect() as connection:
                    began = repository.newest(connection, Log.kind)
                assert began is not None
                leaf = decode(began.leaf)
                assert isinstance(leaf, Log)
                assert (leaf.previous.decode(), leaf.size) == (signed.origin, 11)


def test_a_log_that_ended_goes_on_under_the_key_that_it_named(database_url: str, tmp_path: Path, monkeypatch):
    other = bytes(32)
    next_key = signer_of("here", other).verifier.written()
    last = HandOver(1_800_000_000_000, b"plan", b"them", next_key.encode())
    with ledger_on(database_url, tmp_path) as (ledger, engine):
        numbers = append(engine, 300)
        with monkeypatch.context() as patch, pytest.raises(OSError, match="full"):
            patch.setattr(ledger.sequencer, "put", broken)
            ledger.sequencer.end(last, "it moved")
    with ledger_on(database_url, tmp_path) as (ledger, engine):
        for _ in range(2):
            # Cut off or not, it is the last, once.
            ledger.sequencer.end(last, "it moved")
        ended = published(ledger)
        assert ended.size == 302
        late = append(engine, 3)
        for again in (ledger.sequencer.round, lambda: ledger.sequencer.end(last, "it moved elsewhere")):
            with pytest.raises(LedgerSetBack, match="it moved"):
                again()
        assert published(ledger) == ended
        with engine.connect() as connection:
            assert decode(repository.leaves(connection, 301, 302)[0]) == last
    with ledger_on(database_url, tmp_path, other) as (ledger, engine):
        ledger.sequencer.run_empty()
        now = published(ledger)
        assert now.size == ended.size + 4
        proof = consistency_proof(ended.size, now.size, TileReader(ledger.sequencer.fetch, now.size).perfect)
        assert extends(ended.root, ended.size, now.root, now.size, proof)
        with engine.connect() as connection:
            first = decode(repository.leaves(connection, 302, 303)[0])
            assert isinstance(first, Log)
            assert (first.size, first.root) == (ended.size, ended.root)
            assert [ledger.prove(connection, number).index for number in (numbers[0], late[0])] == [1, 303]


def broken(*_: object) -> None:
    raise OSError("full")


def test_while_it_stands_still_nothing_is_ordered(database_url: str, tmp_path: Path):
    with ledger_on(database_url, tmp_path) as (ledger, engine), ledger_on(database_url, tmp_path) as (other, _):
        ledger.sequencer.run_empty()
        before = published(ledger)
        append(engine, 2)
        with other.sequencer.still():
            assert ledger.sequencer.round()
            assert published(ledger) == before
        ledger.sequencer.run_empty()
        assert published(ledger).size == before.size + 2


def test_leaves_that_were_altered_in_the_database_are_found(database_url: str, tmp_path: Path):
    with ledger_on(database_url, tmp_path) as (ledger, engine):
        (number, *_) = append(engine, 10)
        ledger.sequencer.run_empty()
        with engine.begin() as connection:
            entry = repository.by_number(connection, number)
            assert entry is not None
            altered = repository.entries.update().where(repository.entries.c.number == number)
            connection.execute(altered.values(leaf=encode(Erasure(0, b""))))
        with engine.connect() as connection, pytest.raises(Exception, match="not the one that was signed"):
            ledger.prove(connection, number)


_CHILD = """
import os, signal, sys
from pathlib import Path
from penchant.adapters.obstore_objects import LocalObjects
from penchant.core.clock import SystemClock
from penchant.core.database import make_engine
from penchant.ledger import record, repository
from penchant.ledger.leaves import Page
from penchant.ledger.service import LedgerService, signer_of

url, folder, appended, kill_at = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
steps = 0


def step(*_):
    global steps
    steps += 1
    if steps == kill_at:
        os.kill(os.getpid(), signal.SIGKILL)


class Objects(LocalObjects):
    def put_bytes(self, key, content):
        step()
        stored = super().put_bytes(key, content)
        step()
        return stored


engine = make_engine(url, pool_size=2)
ledger = LedgerService(engine, Objects(folder), SystemClock(), signer_of("here", bytes(range(32))))
with engine.begin() as connection:
    for number in range(appended):
        record.append(connection, Page(number.to_bytes(32)))
for name in ("order", "mark_tiled"):
    def around(*given, call=getattr(repository, name), **named):
        step()
        answer = call(*given, **named)
        step()
        return answer
    setattr(repository, name, around)
ledger.sequencer.run_empty()
"""


class Killed(RuleBasedStateMachine):
    """Whatever is killed where: who follows the log sees one tree, that only grows, and every leaf in it once."""

    postgres: embedded_postgres.PostgresHome
    folder: Path

    def __init__(self) -> None:
        super().__init__()
        self._database = fresh_database(self.postgres)
        self.url = self._database.__enter__()
        self.objects = self.folder / self.url.rsplit("/", 1)[1].partition("?")[0]
        self.appended = 0
        self.seen: Checkpoint | None = None

    def teardown(self) -> None:
        self._database.__exit__(None, None, None)

    @rule(count=st.sampled_from([0, 1, 5, 255, 256, 600]), kill_at=st.integers(1, 14))
    def killed(self, count: int, kill_at: int) -> None:
        self._run(count, kill_at)

    @rule(count=st.sampled_from([0, 3, 300]))
    def whole(self, count: int) -> None:
        assert self._run(count, 0) == 0
        with ledger_on(self.url, self.objects) as (ledger, engine):
            assert published(ledger).size == self.appended + 1
            with engine.connect() as connection:
                numbers = list(connection.execute(repository.entries.select()).scalars())
            assert numbers == list(range(self.appended + 1))

    @precondition(lambda self: self.seen is not None)
    @rule()
    def looked_at(self) -> None:
        """A published tree is whole."""
        assert self.seen is not None
        with ledger_on(self.url, self.objects) as (ledger, _):
            reader = TileReader(ledger.sequencer.fetch, self.seen.size)
            assert root(self.seen.size, reader.perfect) == self.seen.root
            for n in range(-(-self.seen.size // 256)):
                assert [leaf_hash(entry) for entry in reader.entries(n)] == reader.hashes(0, n)

    @invariant()
    def it_only_grew(self) -> None:
        with ledger_on(self.url, self.objects) as (ledger, _):
            found = ledger.checkpoint()
            if found is None:
                assert self.seen is None
                return
            now = found[0]
            if self.seen is not None:
                assert now.size >= self.seen.size
                proof = consistency_proof(
                    self.seen.size, now.size, TileReader(ledger.sequencer.fetch, now.size).perfect
                )
                assert extends(self.seen.root, self.seen.size, now.root, now.size, proof)
            self.seen = now

    def _run(self, count: int, kill_at: int) -> int:
        self.appended += count
        command = [sys.executable, "-c", _CHILD, self.url, str(self.objects), str(count), str(kill_at)]
        ended = subprocess.run(command, check=False, timeout=60).returncode
        assert ended in (0, -signal.SIGKILL)
        return ended


def test_killed_anywhere_the_log_never_forks_nor_shrinks(
    postgres: embedded_postgres.PostgresHome, tmp_path_factory: pytest.TempPathFactory
):
    Killed.postgres, Killed.folder = postgres, tmp_path_factory.mktemp("killed")
    run_state_machine_as_test(
        Killed,
        settings=settings(max_examples=5, stateful_step_count=8, suppress_health_check=list(HealthCheck)),
    )


@contextmanager
def copied(url: str) -> Iterator[str]:
    """A second database, as the first is now."""
    name = url.rsplit("/", 1)[1].partition("?")[0]
    with psycopg.connect(url.replace(f"/{name}", "/postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}_earlier TEMPLATE {name}")
        yield url.replace(f"/{name}", f"/{name}_earlier")
        connection.execute(f"DROP DATABASE {name}_earlier WITH (FORCE)")
