"""`penchant import`: bring a folder of videos into the running installation."""

import signal
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from penchant.cli.configuration import console, errors, plain_errors, print_json, read_settings
from penchant.cli.progress import progress
from penchant.cli.running import running_cell
from penchant.core.errors import Invalid
from penchant.operations.import_folder import FolderImport, Outcome
from penchant.operations.import_table import entries_of

_COLOURS = {"ready": "green", "there": "dim", "waiting": "yellow", "new": "cyan", "refused": "red"}


def import_folder(
    folder: Annotated[Path, typer.Argument(help="with the videos, and perhaps videos.csv or videos.json")],
    table: Annotated[Path | None, typer.Option(help="CSV or JSON with a row for each file")] = None,
    creator: Annotated[str | None, typer.Option("--as", help="handle for files that name no creator")] = None,
    mapped: Annotated[
        list[str] | None, typer.Option("--map", help="THEIRS=HERE: a creator of the table is an account here")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="check everything, change nothing")] = False,
    wait: Annotated[bool, typer.Option(help="until the worker is done with every file")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="the report as JSON on standard output")] = False,
    data: Annotated[Path | None, typer.Option(help="folder of the installation")] = None,
) -> None:
    """Bring a folder of videos in. Interrupted or killed, it goes on when started again; nothing comes twice.

    Ends with status 1 where a file was refused, and 130 where it was interrupted.
    """
    stop = threading.Event()
    # An exception in the midst of a transaction would leave its connection, and us, without knowing how it ended.
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    with plain_errors(), running_cell(read_settings(data=data), "penchant-import") as cell:
        entries = entries_of(folder, table)
        run = FolderImport(
            cell.engine,
            cell.clock,
            cell.accounts,
            cell.media.uploads,
            creator=creator.removeprefix("@").lower() if creator else None,
            creators=dict(_pair(text) for text in mapped or []),
            dry_run=dry_run,
        )
        complete = False
        try:
            with progress() as bar:
                complete = run.run(folder, entries, bar, wait=wait, stop=stop)
        finally:
            _show(run.outcomes, as_json)
    if not complete:
        errors.print(f"[yellow]![/] interrupted after {len(run.outcomes)} of {len(entries)}: start it again to go on")
        sys.exit(130)
    if any(outcome.state == "refused" for outcome in run.outcomes):
        sys.exit(1)


def _pair(text: str) -> tuple[str, str]:
    theirs, equals, here = text.partition("=")
    if not equals or not theirs or not here:
        raise Invalid(f"--map {text}: it has to be THEIRS=HERE, as in --map jane.doe=jane")
    return theirs.removeprefix("@").lower(), here.removeprefix("@").lower()


def _show(outcomes: list[Outcome], as_json: bool) -> None:
    if as_json:
        print_json(outcomes)
        return
    table = Table("file", "creator", "state", "why", box=box.SIMPLE_HEAD)
    for outcome in outcomes:
        # Names of files are other people's words: never read as markup.
        state = Text(outcome.state, style=_COLOURS[outcome.state])
        table.add_row(Text(outcome.file), f"@{outcome.creator}", state, Text(outcome.reason or ""))
    console.print(table)
    counts = Counter(outcome.state for outcome in outcomes)
    console.print(", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "nothing to bring in")
