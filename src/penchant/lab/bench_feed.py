"""How fast pages come over HTTP, and how soon a page has heard what its viewer just did."""

import asyncio
import itertools
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np

from penchant.core.ids import PageId, parse_id
from penchant.events.history import read_history
from penchant.feed.effects.record import read_record, rows_of
from penchant.feed.queries.viewer import taste_of
from penchant.lab.bench_client import HttpConnection
from penchant.lab.bench_load import Load, OpenLoad, run_load, run_open_load
from penchant.lab.bench_people import ItemSeen, Person, next_page, people_of, send
from penchant.lab.bench_report import Times
from penchant.lab.bench_world import Asker, Cell, Progress

ASKED_HEARS_P99_MS = 50.0
ASKED_OPEN_P99_MS = 60.0


class Hearing(msgspec.Struct, frozen=True):
    """From the last byte of the 202 of a finish to the last byte of a page that has heard it."""

    clients: int
    times: Times
    asked_p99_ms: float
    checked: int
    """Pages whose rows were computed again from the history, with and without the finish (one client only)."""
    heard: int
    """Of those, the ones whose recorded rows are exactly those with it."""


class FeedBench:
    """One installation to measure: where it is, who asks, and its cell to look into page records with."""

    def __init__(self, cell: Cell, host: str, port: int, askers: list[Asker], seed: int) -> None:
        self._cell = cell
        self._host = host
        self._port = port
        self._people = people_of(askers, seed)
        self._seed = seed

    def pages(self, clients: int, seconds: float, progress: Progress) -> Load:
        """Pages only: everybody asks in turn."""
        people = itertools.cycle(self._people)

        async def ask(http: HttpConnection, client: int) -> float:
            began = time.perf_counter()
            await next_page(http, next(people))
            return time.perf_counter() - began

        return run_load(self._host, self._port, clients, seconds, ask, progress)

    def open_pages(self, per_second: float, seconds: float, progress: Progress) -> OpenLoad:
        """Pages only, when they are asked for: everybody in turn."""
        people = itertools.cycle(self._people)

        async def ask(http: HttpConnection) -> None:
            await next_page(http, next(people))

        return run_open_load(self._host, self._port, per_second, seconds, ask, self._seed, progress)

    def hears(self, clients: int, samples: int, progress: Progress) -> Hearing:
        """A finish of a page's first video, and the page after it; so many times."""
        return asyncio.run(self._hears(clients, samples, progress))

    async def _hears(self, clients: int, samples: int, progress: Progress) -> Hearing:
        times: list[float] = []
        verdicts: list[bool | None] = []

        async def swipe(people: Sequence[Person]) -> None:
            async with HttpConnection(self._host, self._port) as http:
                for person in people:
                    await next_page(http, person)
                for person in itertools.cycle(people):
                    if len(times) >= samples:
                        return
                    item = person.page.items[0]
                    now_ms = self._cell.clock.now_ms()
                    await send(http, person, [person.shown(item, now_ms), *_watched(person, item, now_ms)])
                    accepted = time.perf_counter()
                    await next_page(http, person)
                    times.append(time.perf_counter() - accepted)
                    if clients == 1:
                        verdicts.append(self._has_heard(person, parse_id(item.video.id)))
                    if len(times) % 20 == 0:
                        progress(f"finishes heard, {clients} at once", len(times), samples)

        # Everybody belongs to one client, so nothing else happens to them between a finish and its check.
        await asyncio.gather(*(swipe(self._people[first::clients]) for first in range(clients)))
        checked = [verdict for verdict in verdicts if verdict is not None]
        return Hearing(clients, Times.of(times), ASKED_HEARS_P99_MS, len(checked), sum(checked))

    def _has_heard(self, person: Person, finished: int) -> bool | None:
        """Whether the recorded rows follow from the history with the finish; None where their epoch has gone."""
        with self._cell.engine.connect() as connection:
            row = self._cell.records.page(connection, PageId(parse_id(person.page.page)))
            history = read_history(connection, person.asker.subject)
        record: dict[str, Any] = read_record(row.record)
        epoch = self._cell.taste.epoch()
        if record["epoch"] != epoch.digest:
            return None
        others = tuple(entry for entry in history.recent if entry.video != finished)
        before = replace(history, recent=others)
        ids = np.frombuffer(record["candidates"], dtype="<i8").astype(np.int64)
        left_out = frozenset(record["left_out"])
        with_it, without = (
            self._cell.taste.page(epoch, taste_of(past, left_out), record["as_of_ms"], ids[:0]).rows(ids)
            for past in (history, before)
        )
        # Made from the same arrays on the same machine, floats are the same too.
        rows = rows_of(record)
        return bool(np.array_equal(rows, with_it) and not np.array_equal(rows, without))


def _watched(person: Person, item: ItemSeen, now_ms: int) -> list[dict[str, object]]:
    """Progress half-way, and the end."""
    length_ms = item.video.duration_ms
    return [person.watch(item, now_ms, length_ms // 2), person.watch(item, now_ms, length_ms)]
