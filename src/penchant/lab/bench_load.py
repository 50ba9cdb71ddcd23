"""Loads on a server. Closed: so many clients, each asking again as soon as it has its answer. Open: requests come when
they come, whether the ones before have been answered or not, as people do."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import msgspec
import numpy as np

from penchant.lab.bench_client import HttpConnection
from penchant.lab.bench_report import Times
from penchant.lab.bench_world import Progress

WARM_UP_S = 2.0


class Load(msgspec.Struct, frozen=True):
    """What came of a load."""

    clients: int
    seconds: float
    requests_per_s: float
    times: Times
    generator_share: float
    """Processor time of the load generator as a share of one core."""


def run_load(
    host: str,
    port: int,
    clients: int,
    seconds: float,
    request: Callable[[HttpConnection, int], Awaitable[float]],
    progress: Progress,
) -> Load:
    """Measure `request(connection, client)`, which returns the seconds that it took; a warm-up is not counted."""
    return asyncio.run(_run(host, port, clients, seconds, request, progress))


async def _run(
    host: str,
    port: int,
    clients: int,
    seconds: float,
    request: Callable[[HttpConnection, int], Awaitable[float]],
    progress: Progress,
) -> Load:
    warm_until = time.perf_counter() + WARM_UP_S
    end = warm_until + seconds
    times: list[float] = []

    async def ask(client: int) -> None:
        async with HttpConnection(host, port) as http:
            while (began := time.perf_counter()) < end:
                took_s = await request(http, client)
                if began >= warm_until:
                    times.append(took_s)

    async def watch() -> float:
        await asyncio.sleep(WARM_UP_S)
        used_s = time.process_time()
        while (left_s := end - time.perf_counter()) > 0:
            progress(f"{clients} at once", int(seconds - left_s), int(seconds))
            await asyncio.sleep(min(left_s, 0.5))
        return time.process_time() - used_s

    watching = asyncio.create_task(watch())
    await asyncio.gather(*(ask(client) for client in range(clients)))
    used_s = await watching
    return Load(clients, seconds, round(len(times) / seconds, 1), Times.of(times), round(used_s / seconds, 3))


class OpenLoad(msgspec.Struct, frozen=True):
    """What came of an open load."""

    wanted_per_s: float
    answered_per_s: float
    seconds: float
    times: Times
    """From when a request was due, so that one which had to wait counts its waiting."""
    most_at_once: int
    generator_share: float


def run_open_load(
    host: str,
    port: int,
    per_second: float,
    seconds: float,
    request: Callable[[HttpConnection], Awaitable[object]],
    seed: int,
    progress: Progress,
) -> OpenLoad:
    """Requests at random times (a Poisson process), so many a second; those of the warm-up are not counted."""
    return asyncio.run(_run_open(host, port, per_second, seconds, request, seed, progress))


async def _run_open(
    host: str,
    port: int,
    per_second: float,
    seconds: float,
    request: Callable[[HttpConnection], Awaitable[object]],
    seed: int,
    progress: Progress,
) -> OpenLoad:
    rng = np.random.default_rng([seed, 6])
    due = np.cumsum(rng.exponential(1 / per_second, int(2 * per_second * (WARM_UP_S + seconds)) + 20))
    due = due[due < WARM_UP_S + seconds]
    idle: list[HttpConnection] = []
    times: list[float] = []
    running: set[asyncio.Task[None]] = set()
    most = 0
    began, used_s = time.perf_counter(), 0.0

    async def ask(at: float) -> None:
        http = idle.pop() if idle else await HttpConnection(host, port).__aenter__()
        await request(http)
        if at >= WARM_UP_S:
            times.append(time.perf_counter() - began - at)
        idle.append(http)

    for number, at in enumerate(due.tolist()):
        if (early := began + at - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        if at >= WARM_UP_S and not used_s:
            used_s = time.process_time()
        task = asyncio.create_task(ask(at))
        running.add(task)
        task.add_done_callback(running.discard)
        most = max(most, len(running))
        if number % 10 == 0:
            progress(f"{per_second:.0f} a second", number, len(due))
    await asyncio.gather(*running)
    took = time.perf_counter() - began - WARM_UP_S
    used_s = time.process_time() - used_s
    for http in idle:
        await http.__aexit__(None, None, None)
    return OpenLoad(
        round(per_second, 1), round(len(times) / took, 1), seconds, Times.of(times), most, round(used_s / took, 3)
    )
