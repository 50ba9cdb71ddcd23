"""`penchant storage`: what lies in the object store."""

import time
from pathlib import Path
from typing import Annotated

import typer

from penchant.cli.configuration import console, plain_errors, print_json, read_settings
from penchant.cli.running import running_cell
from penchant.operations.storage import sweep_objects

storage = typer.Typer(help="The files of the running installation.", no_args_is_help=True)


@storage.callback()
def _group() -> None:
    """A group, although it has one command so far."""


@storage.command()
def sweep(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would go, and delete nothing")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="the report as JSON on standard output")] = False,
    data: Annotated[Path | None, typer.Option(help="folder of the installation")] = None,
) -> None:
    """Delete files that no video names and that are older than a day; the worker does it every day."""
    with plain_errors(), running_cell(read_settings(data=data), "penchant-storage") as cell:
        swept = sweep_objects(cell.engine, cell.objects, time.time(), dry_run=dry_run)
    if as_json:
        print_json(swept)
        return
    for key in swept.orphans:
        console.print(f"  [dim]{key}[/]", soft_wrap=True)
    verb = "would go" if dry_run else "deleted"
    console.print(
        f"{swept.objects} files, {swept.size_bytes / 1e6:.1f} MB; "
        f"[bold]{len(swept.orphans)}[/] that no video names {verb}, {swept.orphan_bytes / 1e6:.1f} MB"
    )
