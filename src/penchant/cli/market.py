"""`penchant market`: orders about the running installation, and the steps of its life cycle, by two administrators."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from penchant.accounts.limits import SIGN_IN_HANDLE
from penchant.accounts.model import Account
from penchant.app import Penchant
from penchant.cli.configuration import console, errors, plain_errors, read_settings
from penchant.cli.running import running_cell
from penchant.core.errors import Forbidden, Invalid, SignInNeeded
from penchant.core.ids import format_id, parse_id
from penchant.core.secrets import secret_file
from penchant.ledger.notes import Signer
from penchant.markets.diff import Diff
from penchant.markets.licences import read_licence
from penchant.markets.lifecycle import State
from penchant.markets.orders import Act, Order, What
from penchant.markets.rules import IN_WORDS
from penchant.markets.service import Planned

market = typer.Typer(help="Orders about the running installation, and how it comes to its end.", no_args_is_help=True)

As = Annotated[str, typer.Option("--as", help="handle of the administrator who acts; asks for their password")]
Data = Annotated[Path | None, typer.Option(help="folder of the installation")]
When = Annotated[str, typer.Argument(help="RFC 3339, as 2027-01-31T12:00:00Z")]
Date = Annotated[str | None, typer.Option(help="RFC 3339, as 2027-01-31T12:00:00Z")]
OrderId = Annotated[str | None, typer.Option(help="the order that it stands on")]
Note = Annotated[str, typer.Option(help="public, as the order is")]
Reason = Annotated[str, typer.Option(help="public: why, where no order says it")]


@market.command()
def state(data: Data = None) -> None:
    """Where the market is, what comes next, every order and every step."""
    with _cell(data) as cell:
        standing = cell.life_cycle.watch.standing()
        since = f" since {_moment(standing.since)}" if standing.since else ""
        console.print(f"{escape(cell.market.name)} is [bold]{standing.state}[/]{since}")
        for coming in standing.coming:
            console.print(f"  {_moment(coming.at)}  {coming.step.to_state}")
        if (keys_go_at := cell.closing.due_at(standing)) is not None:
            console.print(f"  {_moment(keys_go_at)}  [red]every key is destroyed[/]")
        if standing.keys_destroyed_at is not None:
            console.print(f"  every key was destroyed at {_moment(standing.keys_destroyed_at)}")
        for one in cell.life_cycle.orders():
            _show_order(one)
        if steps := cell.life_cycle.steps():
            console.print()
            console.print(_steps_table(steps))


@market.command()
def order(
    issuer: Annotated[str, typer.Option(help="who orders it")],
    basis: Annotated[str, typer.Option(help="the legal basis")],
    text: Annotated[typer.FileText, typer.Option(help="file with the order's text; - reads it from the input")],
    as_: As,
    date: Annotated[str | None, typer.Option(help="by when, RFC 3339, as 2027-01-31T12:00:00Z")] = None,
    names: Annotated[list[str] | None, typer.Option("--market", help="id of a market that it names")] = None,
    note: Note = "",
    data: Data = None,
) -> None:
    """Note an order. It changes nothing by itself: steps stand on it."""
    said = text.read()
    with _acting(data, as_) as (cell, me):
        made = cell.life_cycle.announce(me.id, issuer, basis, said, _parsed(date), names or (), note)
        _show_order(made)


@market.command()
def act(
    order: Annotated[str, typer.Argument(help="number of the order")],
    what: Annotated[What, typer.Argument(help="extended, stayed, resumed, annulled or executed")],
    as_: As,
    date: Date = None,
    note: Note = "",
    data: Data = None,
) -> None:
    """Note what became of an order: what stands on it moves, rests or falls with it at once."""
    with _acting(data, as_) as (cell, me):
        _show_order(cell.life_cycle.act(me.id, parse_id(order), what, note, _parsed(date)))
        console.print(f"the market is [bold]{cell.life_cycle.watch.standing().state}[/] now")


@market.command()
def plan(
    to_state: Annotated[State, typer.Argument(help="no_signups, winding_down, read_only, closed or handed_over")],
    at: When,
    as_: As,
    order: OrderId = None,
    reason: Reason = "",
    to: Annotated[str, typer.Option(help="handed_over: address of who goes on")] = "",
    data: Data = None,
) -> None:
    """Plan one step and show what it changes; another administrator confirms it."""
    with _acting(data, as_) as (cell, me):
        order_id = parse_id(order) if order else None
        planned = cell.life_cycle.plan(me.id, to_state, _needed(at), order_id=order_id, reason=reason, moved_to=to)
        _show_planned([planned])


@market.command()
def close(
    closed: Annotated[str, typer.Option(help="when it closes, RFC 3339, as 2027-01-31T12:00:00Z")],
    as_: As,
    no_signups: Annotated[str | None, typer.Option(help="from when on nobody can sign up")] = None,
    winding_down: Annotated[str | None, typer.Option(help="from when on everybody is told")] = None,
    read_only: Annotated[str | None, typer.Option(help="from when on it can only be watched")] = None,
    order: OrderId = None,
    reason: Reason = "",
    data: Data = None,
) -> None:
    """Plan the whole way: no sign-ups, winding down, read-only, closed, each at its date. All steps or none."""
    dates: dict[State, str | None] = {"no_signups": no_signups, "winding_down": winding_down, "read_only": read_only}
    chain = [(name, _needed(said)) for name, said in (*dates.items(), ("closed", closed)) if said]
    with _acting(data, as_) as (cell, me):
        order_id = parse_id(order) if order else None
        _show_planned(cell.life_cycle.plan_all(me.id, chain, order_id=order_id, reason=reason))


@market.command()
def confirm(steps: Annotated[list[str], typer.Argument(help="numbers of steps")], as_: As, data: Data = None) -> None:
    """Say yes to steps that another administrator planned, all or none; from then on they count at their dates."""
    with _acting(data, as_) as (cell, me):
        confirmed = cell.life_cycle.confirm(me.id, *map(parse_id, steps))
        console.print(_steps_table([Planned(step, None) for step in confirmed]))


@market.command()
def revoke(steps: Annotated[list[str], typer.Argument(help="numbers of steps")], as_: As, data: Data = None) -> None:
    """Take back steps that have not begun, all or none; one administrator is enough."""
    with _acting(data, as_) as (cell, me):
        revoked = cell.life_cycle.revoke(me.id, *map(parse_id, steps))
        console.print(_steps_table([Planned(step, None) for step in revoked]))


@market.command()
def licence(
    file: Annotated[
        typer.FileText | None, typer.Argument(help="the signed licence; without it all that are here")
    ] = None,
    data: Data = None,
) -> None:
    """Record a licence for recommendation technology: by it what was learned may go along with a hand-over."""
    said = file.read() if file is not None else None
    with _cell(data) as cell:
        if said is not None:
            cell.licences.record(said)
        table = Table("licence", "issuer", "of", "from", "to", "in force", box=None, padding=(0, 2, 0, 0))
        for one in cell.licences.all():
            dates = f"{_moment(one.effective_from)} – {_moment(one.valid_until)}"
            table.add_row(one.digest[:16], one.issuer, one.of, ",".join(one.markets), ",".join(one.to), dates)
        console.print(table)


@market.command("sign-licence")
def sign_licence(
    file: Annotated[typer.FileText, typer.Argument(help="the licence, TOML")],
    name: Annotated[str, typer.Option(help="of the issuer, as the licence says it")],
    secret: Annotated[Path, typer.Option(help="file of the issuer's secret key; made where there is none")],
) -> None:
    """For issuers: a licence with one's signature, on standard output."""
    with plain_errors():
        # A note's text ends with its line; not every editor writes that.
        text = file.read().rstrip("\n") + "\n"
        if read_licence(text).issuer != name:
            raise Invalid(f"the licence does not say that {name} issues it")
        signer = Signer(name, secret_file(secret.parent, secret.name))
        errors.print(f"[dim]signed by {signer.verifier.written()}[/]", soft_wrap=True)
        console.out(f"{text}\n{signer.sign(text)}", end="")


@contextmanager
def _cell(data: Path | None) -> Iterator[Penchant]:
    with plain_errors(), running_cell(read_settings(data=data), "penchant-market") as cell:
        yield cell


@contextmanager
def _acting(data: Path | None, handle: str) -> Iterator[tuple[Penchant, Account]]:
    """The cell, and the administrator who has proved that it is them: whoever holds the machine is not two people."""
    with _cell(data) as cell:
        handle = handle.removeprefix("@").lower()
        cell.limits.spend(SIGN_IN_HANDLE, handle)
        password = _secret(f"password of @{handle}")
        try:
            token, viewer = cell.accounts.sign_in(handle, password, agent="penchant market")
        except SignInNeeded as refused:
            if refused.code != "code_needed":
                raise
            code = _secret("code of the second factor")
            token, viewer = cell.accounts.sign_in(handle, password, code, agent="penchant market")
        cell.accounts.sign_out(token)
        if viewer.account is None or viewer.account.role != "admin":
            raise Forbidden(f"@{handle} is no administrator here")
        yield cell, viewer.account


def _secret(what: str) -> str:
    """Asked for at a terminal without showing it; else a line of the input."""
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=True, err=True))
    errors.print(f"[dim]{what}: a line of the input[/]")
    return sys.stdin.readline().rstrip("\n")


def _needed(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(f"'{text}' is no moment in RFC 3339, as 2027-01-31T12:00:00Z") from None


def _parsed(text: str | None) -> datetime | None:
    return _needed(text) if text else None


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else ""


def _show_order(order: Order) -> None:
    console.print(f"\norder [bold cyan]{format_id(order.id)}[/]  {escape(order.issuer)}, {escape(order.legal_basis)}")
    for done in order.acts:
        console.print(f"  {_moment(done.at)}  {_said(done)}")


def _said(act: Act) -> str:
    date = f" {'by' if act.what != 'stayed' else 'until'} {_moment(act.new_date)}" if act.new_date else ""
    return f"{act.what}{date}{f'  [dim]{escape(act.note)}[/]' if act.note else ''}"


def _steps_table(steps: Sequence[Planned]) -> Table:
    table = Table("step", "to", "at", box=None, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("on order")
    table.add_column("")
    for column in table.columns:
        column.no_wrap = True
    for step, diff, rests in steps:
        on = format_id(step.order_id) if step.order_id is not None else ""
        how = "[yellow]unconfirmed[/]" if step.confirmed_at is None else "[green]confirmed[/]"
        how = "[yellow]rests with its order[/]" if rests else how
        how = "[dim]revoked[/]" if step.revoked_at is not None else how
        at = diff.at if diff is not None else step.takes_effect_at
        table.add_row(format_id(step.id), step.to_state, _moment(at), on, how)
    return table


def _show_planned(planned: Sequence[Planned]) -> None:
    console.print(_steps_table(planned))
    diffs = [known.diff for known in planned if known.diff is not None]
    for diff in diffs:
        _show_diff(diff)
    counts = diffs[0].numbers if diffs else {}
    console.print("\ntoday: " + ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in counts.items()))
    numbers = " ".join(format_id(known.step.id) for known in planned)
    console.print("another administrator confirms:")
    console.print(f"  [bold]penchant market confirm {numbers} --as HANDLE[/]", soft_wrap=True)


def _show_diff(diff: Diff) -> None:
    console.print(f"\n[bold]{diff.before}[/] → [bold]{diff.after}[/] at {_moment(diff.at)}")
    for rule in diff.rules:
        if rule.before != rule.after:
            sign = "[red]−[/]" if rule.before else "[green]+[/]"
            console.print(f"  {sign} {IN_WORDS[rule.kind]}")
