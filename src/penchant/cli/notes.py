"""`penchant notes`: run the scorer of community notes again, here or on a public file of somebody else's."""

from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from penchant.cli.configuration import console, plain_errors, print_json, read_settings
from penchant.cli.running import running_cell
from penchant.core.errors import Invalid
from penchant.safety.notes.public_file import Rerun, read_file, rerun


def notes(
    file: Annotated[
        Path | None, typer.Option(help="a public file (GET /api/notes/file) instead of this installation")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="digests and the whole result as JSON")] = False,
    data: Annotated[Path | None, typer.Option(help="folder of the installation")] = None,
) -> None:
    """Judge community notes: the same ratings give the same bytes, here and anywhere. Prints statuses and digests."""
    with plain_errors():
        found = _from_file(file) if file is not None else _from_installation(data)
    if as_json:
        print_json(found)
    else:
        _print(found)


def _from_file(file: Path) -> Rerun:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror}") from error
    return rerun(read_file(content))


def _from_installation(data: Path | None) -> Rerun:
    with running_cell(read_settings(data=data), "penchant-notes") as cell:
        return cell.note_runs.run_now()[1]


def _print(found: Rerun) -> None:
    table = Table("note", "status", "intercept", "factor", "voices", box=box.SIMPLE_HEAD)
    for one in sorted(found.result.notes, key=lambda score: -score.intercept_e6):
        numbers = (one.intercept_e6, one.factor_e6, one.voices_e6)
        table.add_row(one.note, one.status.replace("_", " "), *(f"{number / 1_000_000:.3f}" for number in numbers))
    console.print(table)
    crowd = sum(len(members) for members in found.result.cliques)
    console.print(f"{found.result.raters} raters counted; {crowd} in {len(found.result.cliques)} cliques")
    console.print(f"input  {found.input_digest}\nresult {found.result_digest}", soft_wrap=True)
