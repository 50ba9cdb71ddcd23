"""`penchant experiment`: which experiments run on the feed, and what may be said of them now."""

from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from penchant.app import Penchant
from penchant.cli.configuration import console, plain_errors, print_json, read_settings
from penchant.cli.running import running_cell
from penchant.core.errors import NotFound
from penchant.feed.experiments import HOLDOUT, Experiment
from penchant.feed.follow_up import followed_up
from penchant.lab.experiment import Difference, Report, marks_of, report_of, window_ms

experiment = typer.Typer(help="Experiments on the feed of the running installation.", no_args_is_help=True)

Data = Annotated[Path | None, typer.Option(help="folder of the installation")]


@experiment.command("list")
def list_experiments(data: Data = None) -> None:
    """The experiments of the file that the setting `experiments` names, and the permanent holdout."""
    with plain_errors(), running_cell(read_settings(data=data), "penchant-experiment") as cell:
        table = Table("experiment", "kind", "traffic", "arms", "what they change", box=box.SIMPLE_HEAD)
        for one in (HOLDOUT, *cell.plans.experiments):
            traffic = f"{one.traffic_in_1000 / 10:g} %" if one.traffic_in_1000 else "ended"
            changes = [" ".join(arm.change.told()) or "nothing" for arm in one.arms]
            table.add_row(one.name, one.kind, traffic, "\n".join(arm.name for arm in one.arms), "\n".join(changes))
        console.print(table)


@experiment.command()
def report(
    name: Annotated[str, typer.Argument(help="of the experiment; holdout for the permanent one")],
    as_json: Annotated[bool, typer.Option("--json", help="the report as JSON on standard output")] = False,
    data: Data = None,
) -> None:
    """What the arms did and the differences, with intervals that hold however often you look."""
    with plain_errors(), running_cell(read_settings(data=data), "penchant-experiment") as cell:
        found = make_report(cell, name)
    if as_json:
        print_json(found)
    else:
        _print(found)


def make_report(cell: Penchant, name: str) -> Report:
    """The report of one experiment, from the page records and the event log.

    Raises:
        NotFound: no experiment has that name.
    """
    known: dict[str, Experiment] = {one.name: one for one in (HOLDOUT, *cell.plans.experiments)}
    if name not in known:
        raise NotFound(f"there is no experiment {name}; there are {', '.join(sorted(known))}")
    chosen = known[name]
    with cell.engine.connect() as connection:
        rows = cell.records.of_experiment(connection, marks_of(chosen))
        return report_of(chosen, followed_up(cell.events.log, rows, window_ms(chosen)), cell.clock.now_ms())


def _print(found: Report) -> None:
    console.print(
        f"[bold]{found.name}[/]: {found.kind}, {'running' if found.running else 'ended'}; {found.viewers} viewers "
        f"whose {found.window_hours} hours are over, {found.waiting} still in theirs"
    )
    table = Table("arm", "changes", "viewers", "pages", "shown", "watched long", "watched", box=box.SIMPLE_HEAD)
    for arm in found.arms:
        changes, watched = " ".join(arm.changes) or "nothing", f"{arm.watch_ms / 60_000:.1f} min"
        counts = (arm.viewers, arm.pages, arm.shown, arm.long_views)
        table.add_row(arm.arm, changes, *(f"{count:,}" for count in counts), watched)
    console.print(table)
    for difference in found.differences:
        console.print(f"{'→' if difference.decides else ' '} {_sentence(difference)}", soft_wrap=True)
    console.print(
        f"The intervals hold at every look; one of them is wrong in at most {found.alpha:.0%} of experiments.",
        style="dim",
    )


_WORDS = {
    "long_views": "long views of a viewer",
    "long_share": "share of what a viewer was shown that was watched long",
    "watch_ms": "milliseconds that a viewer watched",
    "preference": "share of a viewer's long views (even: 0.5)",
}


def _sentence(difference: Difference) -> str:
    what = f"{difference.arm}, {_WORDS[difference.measure]}"
    if difference.mean is None:
        return f"{what}: {difference.verdict}"
    sign = "" if difference.measure == "preference" else "+"
    numbers = [
        f"{value:{sign}.4g}" for value in (difference.mean, difference.low, difference.high) if value is not None
    ]
    return f"{what}: {numbers[0]} ({' to '.join(numbers[1:])}): {difference.verdict}"
