"""`penchant bench search`: how long search takes over many videos."""

from typing import Annotated

import msgspec
import typer
from rich.table import Table

from penchant.adapters import embedded_postgres
from penchant.cli.configuration import console, plain_errors, print_json
from penchant.cli.progress import progress
from penchant.core.database import make_engine
from penchant.core.migrations import migrate
from penchant.lab import bench_report, bench_search, repository


class SearchReport(msgspec.Struct, frozen=True):
    """What `bench search` found."""

    benchmark: str
    machine: bench_report.Machine
    load_average_at_end: float
    versions: dict[str, str]
    postgresql: dict[str, str]
    seed: int
    found: bench_search.Report


def search(
    videos: Annotated[int, typer.Option(help="videos to search in", min=1_000, max=5_000_000)] = 1_000_000,
    samples: Annotated[int, typer.Option(help="queries of each kind", min=20)] = 400,
    seed: Annotated[int, typer.Option(help="of the words and of who asks what")] = 2026,
    as_json: Annotated[bool, typer.Option("--json", help="the report as JSON on standard output")] = False,
) -> None:
    """Words, typos, people, hashtags, sounds, suggestions: p50 and p99 of each kind, and the size of the indexes."""
    with plain_errors(), progress() as tell:
        machine = bench_report.this_machine()
        with embedded_postgres.throw_away() as home:
            engine = make_engine(home.url, pool_size=1, application="penchant-bench")
            migrate(engine)
            found = bench_search.measure(engine, videos, samples, seed, tell)
            with engine.connect() as connection:
                server = repository.server_settings(connection)
            engine.dispose()
        report = SearchReport(
            "search", machine, bench_report.load_average(), bench_report.versions(), server, seed, found
        )
    if as_json:
        print_json(report)
    else:
        _print(found)


def _print(found: bench_search.Report) -> None:
    table = Table("query", "p50 ms", "p99 ms", "of a core: p50 ms", "p99 ms", "found nothing")
    for row in (*found.queries, *found.baseline):
        times = row.times
        empty = f"{row.found_nothing} of {times.count}"
        table.add_row(row.kind, f"{times.p50_ms}", f"{times.p99_ms}", f"{row.cpu.p50_ms}", f"{row.cpu.p99_ms}", empty)
    console.print(table)
    console.print(
        f"all of search: p99 {found.all.p99_ms} ms (asked less than {found.asked_p99_ms:g}), "
        f"{found.all_cpu.p99_ms} ms of a core"
    )
    size = sum(relation.bytes for relation in found.relations)
    console.print(f"{found.videos:,} videos, {size >> 20:,} MiB for search; made in {found.index_s} s after the rows")
