"""What the ledger costs a page: the same pages with it and without, in turn, in one run."""

import itertools
import time
from collections.abc import Sequence
from typing import Any, Final
from uuid import uuid4

import msgspec
import numpy as np

from penchant.accounts.keys import DataKeys
from penchant.accounts.model import Viewer
from penchant.accounts.muting.service import Muting
from penchant.core.clock import Clock
from penchant.core.database import Connection, Engine
from penchant.feed import repository
from penchant.feed.boosts import Boosts
from penchant.feed.effects.record import read_record
from penchant.feed.plans import Plans
from penchant.feed.records import PageRecords
from penchant.feed.service import FeedService
from penchant.lab.bench_report import Times
from penchant.lab.bench_world import Asker, Progress
from penchant.ledger import record
from penchant.ledger import repository as ledger_rows
from penchant.ledger.leaves import Page, encode
from penchant.ledger.service import LedgerService
from penchant.taste.service import TasteService

ASKED_P50_PERCENT: Final = 5.0
ASKED_P99_MORE_MS: Final = 2.0
ASKED_BYTES: Final = 5 * 1024
_TILE_BYTES: Final = 32 + 2
"""A page's part of the tiles, beside its leaf: its hash, and the length before its entry."""
_SALT_AND_SEAL: Final = 32 + 12 + 16


class PageCost(msgspec.Struct, frozen=True):
    """Pages with the ledger and without, alternating."""

    without: Times
    with_ledger: Times
    p50_percent_more: float
    p99_ms_more: float
    asked_p50_percent_more: float = ASKED_P50_PERCENT
    asked_p99_ms_more: float = ASKED_P99_MORE_MS


class PageBytes(msgspec.Struct, frozen=True):
    """What is kept of a page for the ledger's sake, at so many candidates (medians)."""

    candidates: int
    record: int
    """Canonical CBOR, as it is committed to and as a receipt has it."""
    kept: int
    """Compressed, with salt, nonce and tag."""
    leaf_and_tiles: int
    for_the_ledger: int
    """What there would not be without: leaf, tiles, salt, nonce, tag."""
    in_all: int
    most: int
    """The largest of all."""
    asked_most: int = ASKED_BYTES


class Ordering(msgspec.Struct, frozen=True):
    """Giving leaves their places, writing tiles, signing."""

    leaves: int
    leaves_per_s: float
    proof_p50_ms: float
    """To prove one of them."""


class Unledgered(PageRecords):
    """Keeps pages as if there were no ledger: no salt, no seal, no leaf."""

    def add(self, connection: Connection, sealed_key: bytes | None, record: bytes, **page: Any) -> None:
        connection.execute(repository.pages.insert().values(record=record, is_sealed=False, **page))


class Parts(msgspec.Struct, frozen=True):
    """What the bench takes of a cell."""

    engine: Engine
    clock: Clock
    taste: TasteService
    plans: Plans
    keys: DataKeys
    ledger: LedgerService
    records: PageRecords
    muting: Muting


class LedgerBench:
    """Measures in this process, while others learn, serve and order beside it."""

    def __init__(self, parts: Parts, askers: Sequence[Asker], seed: int) -> None:
        self._parts = parts
        self._askers = list(askers)
        self._rng = np.random.default_rng(seed)

    def pages(self, samples: int, progress: Progress) -> PageCost:
        """`samples` pages each way; who asks, and which way is first, is drawn anew for every pair."""
        feeds = [self._feed(Unledgered(self._parts.keys)), self._feed(self._parts.records)]
        times: tuple[list[float], list[float]] = ([], [])
        for number in range(-20, samples):
            for way in self._rng.permutation(2).tolist():
                viewer = self._viewer()
                began = time.perf_counter()
                feeds[way].page(viewer, uuid4())
                if number >= 0:
                    times[way].append(time.perf_counter() - began)
            if number % 50 == 0:
                progress("pages with and without", max(number, 0), samples)
        without, with_ledger = (Times.of(one) for one in times)
        return PageCost(
            without,
            with_ledger,
            round(100 * (with_ledger.p50_ms / without.p50_ms - 1), 1),
            round(with_ledger.p99_ms - without.p99_ms, 2),
        )

    def sizes(self, samples: int) -> PageBytes:
        """Of pages that were just made."""
        feed = self._feed(self._parts.records)
        found = []
        with self._parts.engine.connect() as connection:
            for _ in range(samples):
                row = repository.page_record(connection, feed.page(self._viewer(), uuid4()).id)
                opened = self._parts.records.open(row)
                assert opened is not None
                count = len(read_record(opened.record)["sources"])
                found.append((count, len(opened.record), len(row.record)))
        leaf = len(encode(Page(bytes(32)))) + _TILE_BYTES
        candidates, plain, kept = (int(np.median(column)) for column in zip(*found, strict=True))
        most = max(own for *_, own in found) + leaf
        return PageBytes(candidates, plain, kept, leaf, leaf + _SALT_AND_SEAL, kept + leaf, most)

    def ordering(self, leaves: int, progress: Progress) -> Ordering:
        """How fast waiting leaves are ordered and signed, by us and by the worker, whoever comes first."""
        ledger, engine = self._parts.ledger, self._parts.engine
        numbers: list[int] = []
        with engine.connect() as held:
            # Nobody orders while they are appended.
            ledger_rows.wait_for_lock(held)
            held.commit()
            for first in range(0, leaves, 1_000):
                own = range(first, first + 1_000)
                with engine.begin() as connection:
                    numbers += [record.append(connection, Page(number.to_bytes(32))) for number in own]
                progress("leaves", first, leaves)
            ledger_rows.unlock(held)
            held.commit()
        began = time.perf_counter()
        ledger.sequencer.run_empty()
        took = time.perf_counter() - began
        proofs = []
        with engine.connect() as connection:
            for number in itertools.islice(numbers, 0, None, max(len(numbers) // 200, 1)):
                asked = time.perf_counter()
                ledger.prove(connection, number)
                proofs.append(time.perf_counter() - asked)
        return Ordering(len(numbers), round(len(numbers) / took, 1), Times.of(proofs).p50_ms)

    def _feed(self, records: PageRecords) -> FeedService:
        parts = self._parts
        boosts = Boosts(parts.engine, parts.clock)
        return FeedService(parts.engine, parts.clock, parts.taste, parts.plans, records, boosts, parts.muting)

    def _viewer(self) -> Viewer:
        asker = self._askers[int(self._rng.integers(len(self._askers)))]
        return Viewer(asker.subject, None, "adult")
