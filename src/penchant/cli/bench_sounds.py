"""`penchant bench sounds`: how surely a sound is known again."""

from typing import Annotated

import msgspec
import typer
from rich.table import Table

from penchant.cli.configuration import console, plain_errors, print_json
from penchant.cli.progress import progress
from penchant.lab import bench_report, bench_sounds


class SoundsReport(msgspec.Struct, frozen=True):
    """What `bench sounds` found."""

    benchmark: str
    machine: bench_report.Machine
    load_average_at_end: float
    versions: dict[str, str]
    seed: int
    found: bench_sounds.Report


def sounds(
    count: Annotated[int, typer.Option("--sounds", help="known sounds, and as many strangers", min=4, max=1000)] = 60,
    seed: Annotated[int, typer.Option(help="of the sounds")] = 2026,
    as_json: Annotated[bool, typer.Option("--json", help="the report as JSON on standard output")] = False,
) -> None:
    """Sounds after coding, cutting, in noise, under speech, faster: how many are known again, how many wrongly."""
    with plain_errors(), progress() as tell:
        machine = bench_report.this_machine()
        found = bench_sounds.measure(count, seed, tell)
        report = SoundsReport("sounds", machine, bench_report.load_average(), bench_report.versions(), seed, found)
    if as_json:
        print_json(report)
    else:
        _print(found)


def _print(found: bench_sounds.Report) -> None:
    table = Table("treatment", "s", "asked", "found", "wrong offset", "wrong sound", "strangers", "hits", "worst wrong")
    for row in found.treatments:
        numbers = (row.asked, row.found, row.wrong_offset, row.wrong_sound, row.of_strangers)
        hits = (f"{row.median_hits:.0f}", f"{row.most_wrong_hits}")
        table.add_row(row.treatment, f"{row.seconds:.0f}", *map(str, numbers), *hits)
    console.print(table)
    console.print(f"{found.hashes_per_minute} hashes and {found.fingerprint_ms_per_minute} ms a minute of sound")
