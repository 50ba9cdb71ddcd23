"""`penchant admin`: what the operator does from the command line, on the running installation."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from penchant.accounts import repository as accounts
from penchant.accounts.model import Account, AgeBand, LinkPurpose, Role
from penchant.app import Penchant
from penchant.cli.configuration import console, plain_errors, read_settings
from penchant.cli.running import running_cell
from penchant.core.clock import as_datetime
from penchant.core.errors import Invalid
from penchant.core.ids import VideoId, format_id, parse_id
from penchant.operations import repository
from penchant.operations.data_folder import address_of
from penchant.safety.model import Action

OPERATOR = "admin"
"""Handle of the account in whose name the command line acts; `up` makes it."""

admin = typer.Typer(help="People, links and invites of the running installation.", no_args_is_help=True)

Handle = Annotated[str, typer.Argument(help="with or without @")]
Data = Annotated[Path | None, typer.Option(help="folder of the installation")]


@admin.command()
def sign_in_link(handle: Handle = OPERATOR, data: Data = None) -> None:
    """A link that signs in once, within 24 hours."""
    with _cell(data) as cell:
        account = operator(cell) if handle == OPERATOR else cell.accounts.by_handle(handle.removeprefix("@"))
        _show_link(cell, account, "sign_in", f"signs in as @{account.handle}")


@admin.command()
def reset_link(handle: Handle, data: Data = None) -> None:
    """A link with which someone sets a new password once, within 24 hours; hand it to them yourself."""
    with _cell(data) as cell:
        account = cell.accounts.by_handle(handle.removeprefix("@"))
        _show_link(cell, account, "reset", f"sets a new password for @{account.handle}")


@admin.command()
def make_admin(handle: Handle, data: Data = None) -> None:
    """Let someone do everything."""
    _set_role(handle, "admin", data)


@admin.command()
def make_moderator(handle: Handle, data: Data = None) -> None:
    """Let someone decide about reports."""
    _set_role(handle, "moderator", data)


@admin.command()
def make_member(handle: Handle, data: Data = None) -> None:
    """Take such rights away again."""
    _set_role(handle, "member", data)


@admin.command()
def age(handle: Handle, band: Annotated[AgeBand, typer.Argument(help="adult or minor")], data: Data = None) -> None:
    """Say what somebody is whose age you have seen proof of; it goes before the year that they gave."""
    with _cell(data) as cell:
        account = cell.accounts.by_handle(handle.removeprefix("@"))
        cell.admin_acts.tell("age", account)
        cell.ages.take_word(account, adult=band == "adult")
        console.print(f"[green]✓[/] @{account.handle} is {'an adult' if band == 'adult' else 'a minor'}")


@admin.command()
def second_factor_off(handle: Handle, data: Data = None) -> None:
    """Ask somebody for their password alone who lost their app and their recovery codes; make sure that it is them."""
    with _cell(data) as cell:
        account = cell.accounts.by_handle(handle.removeprefix("@"))
        cell.admin_acts.tell("second_factor_off", account)
        cell.security.forget_second_factor(account)
        console.print(f"[green]✓[/] @{account.handle} signs in with a password alone; it is told on their page")


@admin.command()
def suspend(
    handle: Handle,
    reason: Annotated[
        str, typer.Option(help="kept with the decision, and told on request")
    ] = "decided by the operator",
    data: Data = None,
) -> None:
    """Shut someone out and hide their videos, until unsuspended; their sessions end at once."""
    _decide(handle, "suspend", reason, data)


@admin.command()
def unsuspend(
    handle: Handle,
    reason: Annotated[
        str, typer.Option(help="kept with the decision, and told on request")
    ] = "decided by the operator",
    data: Data = None,
) -> None:
    """Let someone back in."""
    _decide(handle, "unsuspend", reason, data)


@admin.command()
def invite(data: Data = None) -> None:
    """A code with which one person may sign up within 14 days."""
    with _cell(data) as cell:
        cell.admin_acts.tell("invite")
        code, expires_at = cell.accounts.make_invite(operator(cell))
        console.print(f"  [bold cyan]{code}[/]", soft_wrap=True)
        console.print(f"  [dim]for one sign-up, until {_moment(expires_at)}[/]")
        if cell.settings.signup != "invited":
            console.print(f"  [yellow]![/] sign-up is {cell.settings.signup} here: nobody is asked for a code")


@admin.command()
def boost(
    video: Annotated[str, typer.Argument(help="its id, as its address has it")],
    doublings: Annotated[float, typer.Option(help="doublings of its odds, up to 2; 0 takes it back")] = 1.0,
    hours: Annotated[int, typer.Option(help="for so many hours")] = 24,
    reason: Annotated[str, typer.Option(help="public, in the ledger")] = "",
    data: Data = None,
) -> None:
    """Lend a video something in the order of everybody's feed, in the open: it says so itself, and the ledger does."""
    with _cell(data) as cell:
        id_ = VideoId(parse_id(video))
        if not doublings:
            cell.boosts.take_back(id_)
            console.print(f"[green]✓[/] {video} is lent nothing any more")
            return
        lent = cell.boosts.lend(id_, doublings, hours, reason)
        console.print(f"[green]✓[/] {video} is lent {doublings:g} doublings until {_moment(as_datetime(lent.ends_ms))}")
        console.print("  [dim]whoever sees it reads that the people who run this place chose it[/]")


@admin.command()
def boosts(data: Data = None) -> None:
    """What was lent to which video, and why."""
    with _cell(data) as cell:
        table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
        for name in ("video", "doublings", "from", "until", "reason"):
            table.add_column(name, overflow="fold")
        for one in cell.boosts.all():
            moments = (_moment(as_datetime(at_ms)) for at_ms in (one.begins_ms, one.ends_ms))
            table.add_row(format_id(one.video), f"{one.amount / 65_536:g}", *moments, Text(one.reason))
        console.print(table)


@admin.command()
def people(
    limit: Annotated[int, typer.Option(help="at most so many, the newest first", min=1)] = 50,
    demo: Annotated[bool, typer.Option("--demo", help="the demo's creators, too")] = False,
    data: Data = None,
) -> None:
    """Who has an account here."""
    with _cell(data) as cell:
        with cell.engine.connect() as connection:
            found = repository.people(connection, limit, with_demo=demo)
            count = repository.count_people(connection, with_demo=demo)
        table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
        for name in ("handle", "name", "role", "age", "since"):
            table.add_column(name, overflow="fold")
        table.add_column("videos", justify="right")
        table.add_column("")
        for person in found:
            role = {"admin": "[bold magenta]admin[/]", "moderator": "[cyan]moderator[/]"}.get(person.role, "member")
            note = "[red]suspended[/]" if person.suspended else "[dim]demo[/]" if person.is_demo else ""
            # Names are people's own words: never read as markup.
            cells = (f"@{person.handle}", Text(person.name), role, person.age_band)
            table.add_row(*cells, f"{person.created_at:%Y-%m-%d}", str(person.videos), note)
        console.print(table)
        if len(found) < count:
            console.print(f"[dim]{len(found)} of {count}; more with --limit {count}[/]")


@contextmanager
def _cell(data: Path | None) -> Iterator[Penchant]:
    with plain_errors(), running_cell(read_settings(data=data), "penchant-admin") as cell:
        yield cell


def operator(cell: Penchant) -> Account:
    """The account in whose name the command line acts."""
    account = cell.accounts.make_account(OPERATOR, "Admin", "admin")
    if account.role != "admin":
        raise Invalid(f"@{OPERATOR} is no admin here; make it one: penchant admin make-admin {OPERATOR}")
    return account


def _show_link(cell: Penchant, account: Account, purpose: LinkPurpose, what: str) -> None:
    cell.admin_acts.tell(f"{purpose}_link", account)
    token, expires_at = cell.accounts.make_link(account, purpose)
    settings = cell.settings
    address = settings.public_url or address_of(settings.data) or f"http://{settings.host}:{settings.port}"
    path = "sign-in" if purpose == "sign_in" else "reset"
    console.print(f"  [bold cyan]{address.rstrip('/')}/{path}#token={token}[/]", soft_wrap=True)
    console.print(f"  [dim]{what} once, until {_moment(expires_at)}[/]")


def _set_role(handle: str, role: Role, data: Path | None) -> None:
    with _cell(data) as cell:
        account = cell.accounts.by_handle(handle.removeprefix("@"))
        if role != "member" and not account.is_adult:
            raise Invalid(
                f"@{account.handle} is not known to be an adult; where you know better: "
                f"penchant admin age {account.handle} adult"
            )
        cell.admin_acts.tell(f"make_{role}", account)
        with cell.engine.begin() as connection:
            accounts.set_role(connection, account.id, role)
        console.print(f"[green]✓[/] @{account.handle} is {'an' if role == 'admin' else 'a'} {role}")


def _decide(handle: str, action: Action, reason: str, data: Path | None) -> None:
    with _cell(data) as cell:
        account, by = cell.accounts.by_handle(handle.removeprefix("@")), operator(cell)
        with cell.engine.begin() as connection:
            cell.safety.decide(connection, by, "account", account.id, action, reason)
        cell.events.deliver()
        console.print(f"[green]✓[/] @{account.handle} is {'suspended' if action == 'suspend' else 'back'}")


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"
