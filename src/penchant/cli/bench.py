"""`penchant bench`: figures that anyone can make again, against an installation that exists only for them."""

import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from penchant.adapters import embedded_postgres
from penchant.app import Penchant, build
from penchant.cli.bench_content import content
from penchant.cli.bench_media import media
from penchant.cli.bench_notes import notes
from penchant.cli.bench_safety import safety
from penchant.cli.bench_search import search
from penchant.cli.bench_sounds import sounds
from penchant.cli.configuration import console, errors, plain_errors, print_json
from penchant.cli.one_thread import ONE_THREAD, UNSET, have_one_thread
from penchant.cli.one_thread import environment as one_thread
from penchant.cli.progress import Bar, progress
from penchant.core.database import make_engine
from penchant.core.errors import Unavailable
from penchant.core.migrations import migrate
from penchant.core.settings import Settings, as_environment
from penchant.lab import bench_encoder, bench_ledger, bench_report, bench_taste, repository
from penchant.lab.bench_feed import ASKED_OPEN_P99_MS, FeedBench, Hearing
from penchant.lab.bench_ingest import Ingest, IngestBench
from penchant.lab.bench_load import Load, OpenLoad
from penchant.lab.bench_rows import RowsFound, compare_rows
from penchant.lab.bench_world import Asker, Size, make_world
from penchant.operations.processes import Child, Supervisor

bench = typer.Typer(help="Measure this machine, against a throw-away installation.", no_args_is_help=True)
bench.command()(content)
bench.command()(media)
bench.command()(notes)
bench.command()(safety)
bench.command()(search)
bench.command()(sounds)

Videos = Annotated[int, typer.Option(help="listed videos", min=100, max=1_000_000)]
Clients = Annotated[int, typer.Option(help="clients at once, beside a run with one", min=2, max=64)]
Seconds = Annotated[float, typer.Option(help="how long each load lasts", min=1)]
Seed = Annotated[int, typer.Option(help="of the world and of what its people do")]
AsJson = Annotated[bool, typer.Option("--json", help="the report as JSON on standard output")]


class FeedReport(msgspec.Struct, frozen=True):
    """What `bench feed` found."""

    benchmark: str
    machine: bench_report.Machine
    load_average_at_end: float
    versions: dict[str, str]
    settings: dict[str, object]
    pages: list[Load]
    open_pages: OpenLoad
    """At half of the most pages a second that the loads before had."""
    asked_open_pages_p99_ms: float
    hears: list[Hearing]


class IngestReport(msgspec.Struct, frozen=True):
    """What `bench ingest` found."""

    benchmark: str
    machine: bench_report.Machine
    load_average_at_end: float
    versions: dict[str, str]
    settings: dict[str, object]
    ingest: list[Ingest]


@bench.command()
def feed(
    videos: Videos = 10_000,
    clients: Clients = 4,
    seconds: Seconds = 15,
    samples: Annotated[int, typer.Option(help="finishes whose next page is timed", min=20)] = 500,
    seed: Seed = 2026,
    as_json: AsJson = False,
) -> None:
    """Pages a second over HTTP, and the time from an accepted finish to a page that has heard it."""
    size = Size.of(videos)
    with plain_errors(), progress() as tell:
        machine = bench_report.this_machine()
        with _installation() as installation:
            askers = _world(installation, size, seed, tell)
            measured = FeedBench(installation.cell, "127.0.0.1", installation.port, askers, seed)
            pages = [measured.pages(count, seconds, tell) for count in (1, clients)]
            half = max(load.requests_per_s for load in pages) / 2
            opened = measured.open_pages(half, seconds, tell)
            hears = [measured.hears(count, samples, tell) for count in (1, clients)]
            report = FeedReport(
                "feed",
                machine,
                bench_report.load_average(),
                bench_report.versions(),
                _settings(installation, size, seed),
                pages,
                opened,
                ASKED_OPEN_P99_MS,
                hears,
            )
    _print(report, as_json)


@bench.command()
def ingest(
    videos: Videos = 2_000,
    clients: Clients = 4,
    seconds: Seconds = 15,
    seed: Seed = 2026,
    as_json: AsJson = False,
) -> None:
    """Events a second that are durable and in their viewer's history when the 202 comes."""
    size = Size.of(videos)
    with plain_errors(), progress() as tell:
        machine = bench_report.this_machine()
        with _installation() as installation:
            askers = _world(installation, size, seed, tell)
            measured = IngestBench(installation.cell, "127.0.0.1", installation.port, askers, seed)
            measured.prepare()
            found = [measured.run(count, seconds, tell) for count in (1, clients)]
            report = IngestReport(
                "ingest",
                machine,
                bench_report.load_average(),
                bench_report.versions(),
                _settings(installation, size, seed),
                found,
            )
    _print(report, as_json)


class TasteReport(msgspec.Struct, frozen=True):
    """What `bench taste` found."""

    benchmark: str
    machine: bench_report.Machine
    load_average_at_end: float
    versions: dict[str, str]
    settings: dict[str, object]
    learner: bench_taste.Learning
    page: bench_taste.Pages
    event_in_epoch: bench_report.Times
    asked_event_in_epoch_p99_ms: float
    memory: bench_taste.Memory
    encoder: bench_encoder.Encoding | None


@bench.command()
def taste(
    videos: Videos = 10_000,
    samples: Annotated[int, typer.Option(help="pages that are timed", min=20)] = 500,
    waits: Annotated[int, typer.Option(help="events whose epoch is waited for", min=10)] = 60,
    with_encoder: Annotated[
        bool, typer.Option("--with-encoder", help="what the sequence encoder would cost the learner (the extra deep)")
    ] = False,
    seed: Seed = 2026,
    as_json: AsJson = False,
) -> None:
    """Events learned from a second and core, pages from an epoch, how soon an event is in one, memory."""
    have_one_thread()
    size = Size.of(videos)
    with plain_errors(), progress() as tell:
        machine = bench_report.this_machine()
        with _installation() as installation:
            askers = make_world(installation.cell, size, seed, tell)
            measured = bench_taste.TasteBench(installation.cell, askers, seed)
            learned = measured.learn(tell)
            report = TasteReport(
                benchmark="taste",
                machine=machine,
                learner=learned,
                encoder=bench_encoder.encode(installation.cell, learned, tell) if with_encoder else None,
                page=measured.pages(samples, tell),
                event_in_epoch=measured.epochs(waits, tell),
                asked_event_in_epoch_p99_ms=bench_taste.ASKED_EPOCH_P99_MS,
                memory=bench_taste.memory(tell, min(max(2 * videos, 2_000), 20_000)),
                load_average_at_end=bench_report.load_average(),
                versions=bench_report.versions(),
                settings=_settings(installation, size, seed),
            )
    _print(report, as_json)


class LedgerReport(msgspec.Struct, frozen=True):
    """What `bench ledger` found."""

    benchmark: str
    machine: bench_report.Machine
    load_average_at_end: float
    versions: dict[str, str]
    settings: dict[str, object]
    page: bench_ledger.PageCost
    page_bytes: bench_ledger.PageBytes
    ordering: bench_ledger.Ordering


@bench.command()
def ledger(
    videos: Videos = 10_000,
    samples: Annotated[int, typer.Option(help="pages each way", min=100)] = 1_500,
    leaves: Annotated[int, typer.Option(help="leaves that are ordered and signed", min=1_000)] = 20_000,
    seed: Seed = 2026,
    as_json: AsJson = False,
) -> None:
    """What the ledger costs a page: the same pages with it and without, in turn; bytes; leaves signed a second."""
    have_one_thread()
    size = Size.of(videos)
    with plain_errors(), progress() as tell:
        machine = bench_report.this_machine()
        with _installation() as installation:
            askers = _world(installation, size, seed, tell, worker=True)
            cell = installation.cell
            parts = bench_ledger.Parts(
                cell.engine, cell.clock, cell.taste, cell.plans, cell.keys, cell.ledger, cell.records, cell.muting
            )
            measured = bench_ledger.LedgerBench(parts, askers, seed)
            cell.taste.start()
            report = LedgerReport(
                benchmark="ledger",
                machine=machine,
                page=measured.pages(samples, tell),
                page_bytes=measured.sizes(100),
                ordering=measured.ordering(leaves, tell),
                load_average_at_end=bench_report.load_average(),
                versions=bench_report.versions(),
                settings=_settings(installation, size, seed),
            )
    if as_json:
        print_json(report)
        return
    page, bytes_, ordering = report.page, report.page_bytes, report.ordering
    table = Table("page", "p50 ms", "p99 ms", "worst ms")
    for what, times in (("without", page.without), ("with the ledger", page.with_ledger)):
        table.add_row(what, f"{times.p50_ms}", f"{times.p99_ms}", f"{times.worst_ms}")
    console.print(table)
    console.print(
        f"p50 {page.p50_percent_more:+} % (asked at most {page.asked_p50_percent_more:g}), "
        f"p99 {page.p99_ms_more:+} ms (asked at most {page.asked_p99_ms_more:g})"
    )
    console.print(
        f"{bytes_.in_all:,} bytes a page at {bytes_.candidates} candidates, {bytes_.most:,} at most "
        f"(asked at most {bytes_.asked_most:,}); {bytes_.for_the_ledger:,} of them for the ledger"
    )
    console.print(
        f"{ordering.leaves_per_s:,.0f} leaves ordered and signed a second; a proof in {ordering.proof_p50_ms} ms"
    )


class RowsReport(msgspec.Struct, frozen=True):
    """What `bench rows` found."""

    benchmark: str
    machine: bench_report.Machine
    load_average_at_end: float
    versions: dict[str, str]
    found: RowsFound


@bench.command()
def rows(folder: Annotated[Path, typer.Argument(help="data as `penchant taste evaluate` reads it")]) -> None:
    """Item-item rows by neighbourhoods beside the exact ones, as JSON."""
    with plain_errors(), progress() as tell:
        machine = bench_report.this_machine()
        found = compare_rows(folder, tell)
        print_json(RowsReport("rows", machine, bench_report.load_average(), bench_report.versions(), found))


@dataclass(frozen=True)
class _Throwaway:
    """A running installation in a temporary folder."""

    cell: Penchant
    port: int
    environment: dict[str, str]
    start: "_Starts"


class _Starts:
    """Starts the processes of an installation, as `penchant up` does."""

    def __init__(
        self, supervisor: Supervisor, environment: dict[str, str], logs: Path, listener: socket.socket
    ) -> None:
        self._supervisor = supervisor
        self._environment = environment
        self._logs = logs
        self._listener = listener

    def __call__(self, *, worker: bool = False) -> None:
        """Web and taste, and the worker where it takes part; returns when the page answers.

        Raises:
            Unavailable: it does not within a minute.
        """
        descriptor = self._listener.fileno()
        web = {**self._environment, "PENCHANT_LISTEN_FD": str(descriptor)}
        program = [sys.executable, "-m", "penchant"]
        self._supervisor.add(Child("web", [*program, "web"], self._logs / "web.log", web, pass_fds=(descriptor,)))
        for name in ("taste", "worker") if worker else ("taste",):
            self._supervisor.add(Child(name, [*program, name], self._logs / f"{name}.log", self._environment))
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self._listener.getsockname()[1]}/healthz", timeout=60):
                    return
            except (urllib.error.URLError, OSError):
                if time.monotonic() > deadline:
                    raise Unavailable("the page of the benchmark's installation does not answer") from None
            time.sleep(0.05)


@contextmanager
def _installation() -> Iterator[_Throwaway]:
    """Database, data folder and a listening socket; gone afterwards with everything in them."""
    with ExitStack() as stack:
        home = stack.enter_context(embedded_postgres.throw_away())
        engine = make_engine(home.url)
        migrate(engine)
        engine.dispose()
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="penchant-bench-")))
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(2048)
        listener.set_inheritable(True)
        port = int(listener.getsockname()[1])
        settings = Settings(data=data, port=port, demo=False, log_level="warning")
        own = {name: value for name, value in one_thread().items() if not name.startswith("PENCHANT_")}
        environment = own | as_environment(settings) | {"PENCHANT_DATABASE_URL": home.url}
        supervisor = Supervisor(say=lambda words: errors.print(f"[yellow]•[/] {words}", soft_wrap=True))
        stack.callback(supervisor.stop)
        cell = build(settings, database_url=home.url, application="penchant-bench")
        stack.callback(cell.close)
        yield _Throwaway(cell, port, environment, _Starts(supervisor, environment, data / "logs", listener))


def _world(installation: _Throwaway, size: Size, seed: int, tell: "Bar", *, worker: bool = False) -> list[Asker]:
    """Fill it, learn from the whole log once, then start what serves."""
    askers = make_world(installation.cell, size, seed, tell)
    tell("learning", 0, 1)
    command = [sys.executable, "-m", "penchant", "taste", "rebuild", "--quiet"]
    subprocess.run(command, env=installation.environment, check=True)
    tell("learning", 1, 1)
    installation.start(worker=worker)
    return askers


def _settings(installation: _Throwaway, size: Size, seed: int) -> dict[str, object]:
    with installation.cell.engine.connect() as connection:
        server = repository.server_settings(connection)
    epoch = installation.cell.taste.epoch()
    return {
        "seed": seed,
        "world": asdict(size),
        "rows_in_epoch": len(epoch.rows.video_ids),
        "web_processes": 1,
        "taste_processes": 1,
        "postgresql": server,
        "children_environment": {**ONE_THREAD, **{name: "unset" for name in UNSET}},
    }


def _print(report: FeedReport | IngestReport | TasteReport, as_json: bool) -> None:
    if as_json:
        print_json(report)
        return
    machine = report.machine
    console.print(
        f"{machine.processor}, {machine.cores} cores, {machine.memory_bytes >> 30} GiB; "
        f"load {machine.load_average_at_start} before, {report.load_average_at_end} after"
    )
    console.print(", ".join(f"{name} {number}" for name, number in report.versions.items()), style="dim")
    table = Table("what", "clients", "per second", "p50 ms", "p99 ms", "worst ms")
    rows: list[tuple[str, int, str, bench_report.Times]] = []
    if isinstance(report, FeedReport):
        rows += [("pages", load.clients, f"{load.requests_per_s:.1f}", load.times) for load in report.pages]
        opened = report.open_pages
        rows.append(("pages, as people come", opened.most_at_once, f"{opened.answered_per_s:.1f}", opened.times))
        rows += [("202 → page that heard it", found.clients, "", found.times) for found in report.hears]
    elif isinstance(report, TasteReport):
        learned = report.learner
        rows += [
            ("page, with the database", 1, "", report.page.whole),
            ("its taste alone", 1, "", report.page.taste),
            ("event → epoch that has it", 1, "", report.event_in_epoch),
        ]
        console.print(
            f"{learned.events:,} events, {learned.examples:,} lists learned from: "
            f"{learned.events_per_s_per_core:,.0f} events a second and core (asked {learned.asked:,.0f}), "
            f"{learned.events_per_s_per_core_with_fits:,.0f} with the fits beside"
        )
        if report.encoder is not None:
            console.print(
                f"with the sequence encoder, which learns from {report.encoder.long_views:,} of them: "
                f"{report.encoder.events_per_s_per_core:,.0f} (asked {report.encoder.asked:,.0f})"
            )
        memory = report.memory
        console.print(
            f"learner: {memory.learner_bytes_per_viewer:,.0f} bytes a viewer with {memory.plays} plays, "
            f"{memory.learner_bytes_per_video:,.0f} a video, {memory.learner_mb_of_active_videos} MB of active videos"
        )
    else:
        rows += [("events", r.load.clients, f"{r.events_per_s:,.0f}", r.load.times) for r in report.ingest]
    for what, clients, rate, times in rows:
        table.add_row(what, str(clients), rate, f"{times.p50_ms}", f"{times.p99_ms}", f"{times.worst_ms}")
    console.print(table)
