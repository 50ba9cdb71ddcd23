"""A closed load: so many clients, each asking again as soon as it has its answer, for so many seconds."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import msgspec

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
