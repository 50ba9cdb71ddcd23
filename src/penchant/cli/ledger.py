"""`penchant ledger`: the append-only log of a cell, its own or somebody else's."""

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from penchant.app import Penchant
from penchant.cli.configuration import console, errors, plain_errors, print_json, read_settings
from penchant.cli.progress import progress
from penchant.cli.running import running_cell
from penchant.core.errors import Invalid
from penchant.core.ids import PageId, format_id, parse_id
from penchant.lab.rows_again import RowsAgain, rows_again
from penchant.ledger.monitor import Memory, look
from penchant.ledger.notes import NoteWrong, Verifier, read_verifier
from penchant.ledger.sources import checkpoint_of, fetch_from
from penchant.ledger.verify import Fault, Report, Trust, verify
from penchant.operations.replays import Replay

ledger = typer.Typer(help="The signed, append-only record of what this place did.", no_args_is_help=True)

Data = Annotated[Path | None, typer.Option(help="folder of the installation")]
Keys = Annotated[
    list[str] | None, typer.Option("--key", help="key of the log (vkey); again for one before or after it")
]
Witnesses = Annotated[list[str] | None, typer.Option("--witness", help="key of a witness (vkey)")]
Quorum = Annotated[int, typer.Option(help="so many witnesses have to have signed", min=0)]
Fresh = Annotated[int, typer.Option(help="within so many seconds; 0: ever", min=0)]
AsJson = Annotated[bool, typer.Option("--json", help="for programs")]


@ledger.command()
def show(data: Data = None, as_json: AsJson = False) -> None:
    """How far the log is, who signs it, and how old the last cosignature is."""
    with plain_errors(), running_cell(read_settings(data=data), "penchant-ledger") as cell:
        found = cell.ledger.checkpoint()
        age_s = cell.cosigning.age_s()
        told = {
            "origin": cell.ledger.verifier.name,
            "key": cell.ledger.verifier.written(),
            "leaves": found[0].size if found else 0,
            "root": found[0].root.hex() if found else "",
            "witnesses": [one.verifier.name for one in cell.cosigning.witnesses],
            "cosigned_s_ago": None if age_s is None else round(age_s, 1),
        }
        if as_json:
            print_json(told)
            return
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        for name, value in told.items():
            words = ", ".join(value) if isinstance(value, list) else str("—" if value is None else value)
            table.add_row(f"[dim]{name}[/]", words or "—")
        console.print(table)


@ledger.command("verify")
def verify_log(
    prefix: Annotated[str | None, typer.Argument(help="address or folder of a log; without it our own")] = None,
    keys: Keys = None,
    witnesses: Witnesses = None,
    quorum: Quorum = 0,
    fresh: Fresh = 0,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Check everything: signatures, every entry, every tile, the root, and what the leaves say of one another.

    Of our own log also that the database holds what the log says: page records, decisions, acts, boosts.
    """
    with plain_errors(), progress() as tell:
        step = lambda done, total: tell("leaves", done, total)  # noqa: E731
        if prefix is not None:
            trust = Trust(_keys(keys), _keys(witnesses, ()), quorum, fresh)
            fetch = fetch_from(prefix)
            note = checkpoint_of(fetch, cosigned=quorum > 0)
            report = verify(fetch, note, trust, time.time_ns() // 1_000_000, step)
        else:
            with running_cell(read_settings(data=data), "penchant-ledger") as cell:
                trust = Trust([cell.ledger.verifier], _keys(witnesses, ()), quorum, fresh)
                fetch = cell.ledger.sequencer.fetch
                report = verify(fetch, checkpoint_of(fetch), trust, cell.clock.now_ms(), step)
                report.faults += cell.ledger_checks.faults(lambda done, total: tell("rows", done, total))
    _print(report, as_json=as_json)


@ledger.command()
def prove(
    page: Annotated[str, typer.Argument(help="id of a page, as its receipt or the feed names it")],
    out: Annotated[Path | None, typer.Option("--out", help="file to write; standard output without it")] = None,
    data: Data = None,
) -> None:
    """The receipt of a page: a file with which anybody can check offline that it is in the log."""
    with plain_errors(), running_cell(read_settings(data=data), "penchant-ledger") as cell:
        with cell.engine.connect() as connection:
            row = cell.records.page(connection, PageId(parse_id(page)))
            if row.entry is None:
                raise Invalid("this page was made before there was a ledger")
            proof = cell.ledger.prove(connection, row.entry)
        text = proof.file(row.salted)
        if out is None:
            console.out(text, end="")
            return
        out.write_text(text, "utf-8")
        console.print(f"[green]✓[/] page {page} is leaf {proof.index:,}; its receipt is in {out}")


@ledger.command()
def monitor(
    prefix: Annotated[str, typer.Argument(help="address or folder of a log")],
    state: Annotated[Path, typer.Option(help="file in which to remember what was seen")],
    keys: Keys = None,
    witnesses: Witnesses = None,
    quorum: Quorum = 0,
    fresh: Fresh = 0,
    every: Annotated[float, typer.Option(help="look again after so many seconds; 0: once", min=0)] = 0,
    as_json: AsJson = False,
) -> None:
    """Follow somebody's log: that it only grew since the last time, and whether what is new is right.

    Ends with status 1 at the first fault; what was right stays what others are held against.
    """
    with plain_errors():
        trust = Trust(_keys(keys), _keys(witnesses, ()), quorum, fresh)
        fetch = fetch_from(prefix)
        while True:
            memory = Memory.load(state)
            size = memory.size
            note = checkpoint_of(fetch, cosigned=quorum > 0)
            report, memory = look(fetch, note, memory, trust, time.time_ns() // 1_000_000)
            memory.save(state)
            if report.faults or not every:
                _print(report, as_json=as_json)
                return
            console.print(f"[green]✓[/] {memory.size:,} leaves, {memory.size - size:,} of them new")
            time.sleep(every)


@ledger.command()
def replay(
    page: Annotated[str, typer.Argument(help="id of a page")],
    rows: Annotated[int, typer.Option(help="rows to compute again from the event log", min=0)] = 0,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Make a page again from its record: every score, the order, every draw; and hold it against the ledger."""
    with plain_errors(), running_cell(read_settings(data=data), "penchant-ledger") as cell:
        found = cell.replays.replay(PageId(parse_id(page)))
        again = _rows_again(cell, found, rows) if rows else None
        faults = [*found.faults, *(again.faults if again else ())]
        if as_json:
            told = {"page": page, "leaf": found.proof.index, "faults": [fault._asdict() for fault in faults]}
            print_json(told | ({"rows": again} if again else {}))
        else:
            _print_page(found)
            if again is not None:
                console.print(f"  {again.words()}")
            _print_faults(faults, "every score and every slot follows from the record, to the byte")
    if faults:
        raise typer.Exit(1)


def _rows_again(cell: Penchant, found: Replay, count: int) -> RowsAgain:
    positions = cell.ledgered.unpacked(found.fields["epoch"])[2:]
    with progress() as tell:
        return rows_again(
            cell.events.log,
            found.row.subject_id,
            found.fields,
            positions,
            count,
            lambda done, total: tell("folding the log", done, total),
        )


def _keys(texts: list[str] | None, default: tuple[Verifier, ...] | None = None) -> tuple[Verifier, ...]:
    if not texts:
        if default is None:
            raise Invalid("name the key of the log with --key: whoever runs it says it, at /ledger/key")
        return default
    try:
        return tuple(read_verifier(text) for text in texts)
    except NoteWrong as error:
        raise Invalid(error.message) from error


def _print(report: Report, *, as_json: bool) -> None:
    if as_json:
        checkpoint = report.checkpoint
        print_json(
            {
                "origin": checkpoint.origin if checkpoint else None,
                "leaves": checkpoint.size if checkpoint else None,
                "root": checkpoint.root.hex() if checkpoint else None,
                "cosigned_by": list(report.cosigned_by),
                "counts": dict(report.counts),
                "faults": [fault._asdict() for fault in report.faults],
            }
        )
    else:
        if report.checkpoint is not None:
            console.print(f"[bold]{report.checkpoint.origin}[/], {report.checkpoint.size:,} leaves")
            console.print(f"  [dim]root {report.checkpoint.root.hex()}[/]", soft_wrap=True)
        if report.cosigned_by:
            console.print(f"  [dim]cosigned by {', '.join(report.cosigned_by)}[/]")
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 2))
        table.add_column(justify="right")
        for name, count in report.counts.most_common():
            table.add_row(f"{count:,}", name)
        console.print(table)
        _print_faults(report.faults, "nothing was altered")
    if report.faults:
        raise typer.Exit(1)


def _print_faults(faults: list[Fault], well: str) -> None:
    if not faults:
        console.print(f"[green]✓[/] {well}")
    for fault in faults[:50]:
        errors.print(f"[bold red]✗[/] {fault}", soft_wrap=True)
    if len(faults) > 50:
        errors.print(f"  and {len(faults) - 50:,} more")


def _print_page(found: Replay) -> None:
    page, fields, place = found.row.id, found.fields, found.proof.index
    console.print(
        f"[bold]page {format_id(page)}[/], leaf {place:,}, {fields['recipe']}, epoch {str(fields['epoch'])[:12]}"
    )
