"""`penchant safety`: the policy of the running installation, what another one would change, and bringing it about."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.markup import escape
from rich.table import Table

from penchant.app import Penchant
from penchant.catalog import repository as catalog
from penchant.cli.admin import operator
from penchant.cli.configuration import console, plain_errors, read_settings
from penchant.cli.progress import progress
from penchant.cli.running import running_cell
from penchant.core.database import Connection
from penchant.core.errors import Invalid
from penchant.core.ids import VideoId, format_id
from penchant.safety import repository
from penchant.safety.dry_run import Change, Outcome, dry_run
from penchant.safety.policy import Policy, Rule, parse_policy, read_policy
from penchant.safety.statements import problems, read_countries, statements

safety = typer.Typer(help="The policy of the running installation, and what it does.", no_args_is_help=True)

Data = Annotated[Path | None, typer.Option(help="folder of the installation")]
_SHOWN = 20


@safety.command()
def policy(file: Annotated[Path | None, typer.Argument(help="a policy; without one that in force")] = None) -> None:
    """Show the rules of a policy, or say what is wrong with it."""
    with plain_errors():
        read = read_policy(file or read_settings().policy)
    console.print(f"version [bold]{read.version}[/], {len(read.rules)} rules, read from the top")
    console.print(_rules(read))


@safety.command("dry-run")
def show_dry_run(file: Annotated[Path, typer.Argument(help="the policy to try")], data: Data = None) -> None:
    """What a policy would change, looked up over everything that is labelled. Changes nothing."""
    with _cell(data) as cell, progress() as bar, cell.engine.connect() as connection:
        new = read_policy(file)
        total, outcome = repository.count_labelled(connection), Outcome()
        for outcome in dry_run(connection, cell.safety.policy, new, cell.safety.labelled()):
            bar("judging again", outcome.looked_at, total)
        _tell(connection, cell.safety.policy, new, outcome)


@safety.command()
def apply(data: Data = None) -> None:
    """Bring everything that is labelled under the policy in force; what people decided stays."""
    with _cell(data) as cell, progress() as bar:
        changed = cell.safety.reconcile(lambda done, of: bar("judging", done, of))
        console.print(f"[green]✓[/] policy {cell.safety.policy.version}: {changed} changed")


@safety.command("statements")
def show_statements(
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="decided on this day (UTC) or later")],
    data: Data = None,
) -> None:
    """Statements of reasons for the EU's transparency database: a line of JSON for each 100, as one call takes them."""
    with _cell(data) as cell, cell.engine.connect() as connection:
        known = {version: parse_policy(text, version) for version, text in repository.policy_texts(connection).items()}
        countries = read_countries(cell.settings.countries)
        for batch in statements(connection, known, cell.safety.policy, countries, since.replace(tzinfo=UTC)):
            # Nothing half: the database takes all statements of a call or none.
            wrong = [f"{one['puid']}: {'; '.join(found)}" for one in batch if (found := problems(one))]
            if wrong:
                raise Invalid(f"these statements are not right: {', '.join(wrong)}")
            typer.echo(msgspec.json.encode({"statements": batch}).decode())


@safety.command()
def trust(
    handle: Annotated[str, typer.Argument(help="with or without @")],
    area: Annotated[str, typer.Argument(help="what they know about, as child safety")],
    data: Data = None,
) -> None:
    """Name a trusted flagger: their reports come first."""
    with _cell(data) as cell:
        cell.desk.flaggers.name(operator(cell), handle.removeprefix("@"), area)
        console.print(f"[green]✓[/] @{handle.removeprefix('@')} is a trusted flagger for {area}")


@safety.command()
def distrust(handle: Annotated[str, typer.Argument(help="with or without @")], data: Data = None) -> None:
    """Let somebody's reports count as everybody's again."""
    with _cell(data) as cell:
        cell.desk.flaggers.forget(operator(cell), handle.removeprefix("@"))
        console.print(f"[green]✓[/] @{handle.removeprefix('@')} is no trusted flagger any more")


@safety.command("flaggers")
def show_flaggers(data: Data = None) -> None:
    """Who is a trusted flagger, and for what."""
    with _cell(data) as cell:
        for one in cell.desk.flaggers.all():
            console.print(f"@{one.handle}  {escape(one.area)}  [dim]since {one.named_at:%Y-%m-%d}[/]")


def _rules(policy: Policy) -> Table:
    table = Table("rule", "does", "where somebody says", header_style="dim", box=None)
    for rule in policy.rules:
        says = ", ".join(rule.when) + (f" ({', '.join(rule.by)})" if rule.by else "")
        table.add_row(rule.name, _does(rule), f"{says}[dim]{f' from {rule.at_least:g}' if rule.at_least else ''}[/]")
    return table


def _does(rule: Rule) -> str:
    if rule.do == "allow":
        return "[green]allows, and ends the reading[/]"
    does = rule.do + (f" to {rule.reach} %" if rule.do == "limit" else "") + (f", {rule.hours} h" if rule.hours else "")
    return f"[bold]{does}[/], by itself" if rule.alone else f"asks a person: {does}"


def _tell(connection: Connection, old: Policy, new: Policy, outcome: Outcome) -> None:
    console.print(
        f"{old.version} → [bold]{new.version}[/]: of {outcome.looked_at} labelled, {len(outcome.changes)} change"
    )
    for words, counts in (("would begin", outcome.starting()), ("would end", outcome.ending())):
        for action, count in sorted(counts.items()):
            asked = action.endswith("?")
            what = f"{action.rstrip('?')}{', after asking a person' if asked else ''}"
            console.print(f"  {words}: [bold]{what}[/] for {count}")
    for change in islice(outcome.changes, _SHOWN):
        before, after = (", ".join(actions) or "nothing" for actions in (change.before, change.after))
        console.print(f"  [dim]{_name(connection, change)}[/]  {before} → {after}")
    if len(outcome.changes) > _SHOWN:
        console.print(f"  [dim]and {len(outcome.changes) - _SHOWN} more[/]")


def _name(connection: Connection, change: Change) -> str:
    title = ""
    if change.kind == "video":
        title = catalog.titles(connection, [change.target]).get(VideoId(change.target), "")
    return f"{change.kind} {format_id(change.target)}" + (f" “{title}”" if title else "")


@contextmanager
def _cell(data: Path | None) -> Iterator[Penchant]:
    with plain_errors(), running_cell(read_settings(data=data), "penchant-safety") as cell:
        yield cell
