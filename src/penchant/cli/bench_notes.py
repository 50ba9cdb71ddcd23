"""`penchant bench notes`: how many accounts of one hand break the ranking of community notes."""

from typing import Annotated

import msgspec
import typer
from rich.table import Table

from penchant.cli.configuration import console, plain_errors, print_json
from penchant.cli.progress import progress
from penchant.lab import bench_notes, bench_report
from penchant.lab.bridging_world import World


class NotesReport(msgspec.Struct, frozen=True):
    """What `bench notes` found."""

    benchmark: str
    machine: bench_report.Machine
    load_average_at_end: float
    versions: dict[str, str]
    seeds: list[int]
    found: bench_notes.Report


def notes(
    people: Annotated[int, typer.Option(help="honest raters, half of them of each camp", min=20, max=5_000)] = 400,
    written: Annotated[int, typer.Option("--notes", help="notes that they rate", min=40, max=1_000)] = 120,
    seeds: Annotated[int, typer.Option(help="worlds to try each number in", min=1, max=50)] = 3,
    most: Annotated[int, typer.Option(help="the most sybils to try", min=5)] = bench_notes.COUNTS[-1],
    as_json: Annotated[bool, typer.Option("--json", help="the report as JSON on standard output")] = False,
) -> None:
    """Sybils with and without a history: how many show a bad note or hide a good one, with and without safeguards."""
    with plain_errors(), progress() as tell:
        machine = bench_report.this_machine()
        chosen = list(range(seeds))
        counts = [count for count in bench_notes.COUNTS if count <= most]
        found = bench_notes.measure(World(people, written), chosen, tell, counts)
        report = NotesReport("notes", machine, bench_report.load_average(), bench_report.versions(), chosen, found)
    if as_json:
        print_json(report)
    else:
        _print(found)


def _print(found: bench_notes.Report) -> None:
    table = Table("goal", "history", "notes aimed at", "published", "with safeguards")
    for row in found.attacks:
        words = (_fewest(row.plain, found), _fewest(row.guarded, found))
        table.add_row(row.goal, row.history, row.tactic, *words)
    console.print(f"The fewest sybils among {found.people} honest raters that turn most of the notes they aim at:")
    console.print(table)
    for shown in found.shown:
        console.print(
            f"{shown.people} people, {_kind(shown.safeguards)}: {shown.good_shown:.0%} of the good notes shown, "
            f"{shown.others_shown:.1%} of the others; {shown.in_cliques:.1%} of the people taken for a clique"
        )
    for delay in found.delay:
        console.print(
            f"{_kind(delay.safeguards)}: {delay.good_shown:.0%} of the good notes shown within two weeks, "
            f"after {delay.median_hours:.0f} hours (median), {delay.mean_hours:.0f} (mean)"
        )


def _fewest(count: int | None, found: bench_notes.Report) -> str:
    return f"more than {found.most_tried}" if count is None else str(count)


def _kind(safeguards: bool) -> str:
    return "with safeguards" if safeguards else "published"
