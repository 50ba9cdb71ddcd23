"""`penchant partner`: who may inspect this place, and until when."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from penchant.cli.configuration import console, plain_errors, read_settings
from penchant.cli.running import running_cell

partner = typer.Typer(help="Organisations that inspect this place by views without people.", no_args_is_help=True)

Data = Annotated[Path | None, typer.Option(help="folder of the installation")]
Name = Annotated[str, typer.Argument(help="of the organisation; it stands in the ledger at every look")]


@partner.command()
def add(name: Name, days: Annotated[int, typer.Option(help="for so many days")] = 90, data: Data = None) -> None:
    """Let an organisation look, and stop the use of profiles, for a time; its token is shown once."""
    with plain_errors(), running_cell(read_settings(data=data), "penchant-partner") as cell:
        cell.admin_acts.tell("partner_add")
        token, found = cell.partners.add(name, days)
        console.print(f"[green]✓[/] {found.name} may look until {found.ends_at.astimezone():%Y-%m-%d %H:%M}")
        console.print(f"  [bold cyan]{token}[/]", soft_wrap=True)
        console.print("  [dim]Authorization: Bearer … at /api/partner/views; hand it over yourself[/]")


@partner.command("list")
def show(data: Data = None) -> None:
    """Who may look, and whether they stopped the use of profiles."""
    with plain_errors(), running_cell(read_settings(data=data), "penchant-partner") as cell:
        table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
        for column in ("partner", "since", "until"):
            table.add_column(column)
        for one in cell.partners.all():
            table.add_row(one.name, *(f"{moment.astimezone():%Y-%m-%d %H:%M}" for moment in one[1:]))
        console.print(table)
        if (stop := cell.partners.standing()) is not None:
            console.print(f"[yellow]![/] {stop.by} stopped the use of profiles: {stop.reason}")


@partner.command()
def end(name: Name, data: Data = None) -> None:
    """An organisation may not look any more; what it stopped goes on."""
    with plain_errors(), running_cell(read_settings(data=data), "penchant-partner") as cell:
        cell.admin_acts.tell("partner_end")
        cell.partners.end(name)
        console.print(f"[green]✓[/] {name} may not look any more")
