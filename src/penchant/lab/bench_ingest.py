"""How many events a second become durable over HTTP, in batches as the page sends them."""

import asyncio
import itertools
import time

import msgspec
import numpy as np

from penchant.lab.bench_client import HttpConnection
from penchant.lab.bench_load import Load, run_load
from penchant.lab.bench_people import Person, next_page, people_of, send
from penchant.lab.bench_world import Asker, Cell, Progress

SMALLEST, LARGEST = 5, 20
_PAGE = 20


class Ingest(msgspec.Struct, frozen=True):
    """What came of a load of batches."""

    events_per_s: float
    events_per_batch: float
    """Mean; batches have `SMALLEST` to `LARGEST` events, evenly."""
    load: Load


class IngestBench:
    """One installation to measure: where it is, and who sends."""

    def __init__(self, cell: Cell, host: str, port: int, askers: list[Asker], seed: int) -> None:
        self._clock = cell.clock
        self._host = host
        self._port = port
        self._rng = np.random.default_rng([seed, 3])
        self._people = people_of(askers, seed)

    def prepare(self) -> None:
        """Everybody gets a page, so that events carry real impressions."""
        asyncio.run(self._prepare())

    async def _prepare(self) -> None:
        async with HttpConnection(self._host, self._port) as http:
            for person in self._people:
                await next_page(http, person, _PAGE)

    def run(self, clients: int, seconds: float, progress: Progress) -> Ingest:
        """Everybody sends in turn; each batch waits for its 202."""
        people = itertools.cycle(self._people)
        sizes: list[int] = []

        async def ask(http: HttpConnection, client: int) -> float:
            person = next(people)
            events = self._events(person, int(self._rng.integers(SMALLEST, LARGEST + 1)))
            began = time.perf_counter()
            await send(http, person, events)
            sizes.append(len(events))
            return time.perf_counter() - began

        load = run_load(self._host, self._port, clients, seconds, ask, progress)
        mean = sum(sizes) / len(sizes)
        return Ingest(round(load.requests_per_s * mean, 0), round(mean, 2), load)

    def _events(self, person: Person, size: int) -> list[dict[str, object]]:
        """Some videos swiped through: each shown, then watched on and on; every batch goes on where the last ended."""
        now_ms = self._clock.now_ms()
        events: list[dict[str, object]] = []
        while len(events) < size:
            item = person.page.items[person.play % len(person.page.items)]
            events.append(person.shown(item, now_ms))
            for part in range(int(self._rng.integers(1, 4))):
                events.append(person.watch(item, now_ms, (part + 1) * item.video.duration_ms // 3))
        return events[:size]
