"""`penchant safety bank`, `hash`, `held`, `release`: known hashes, and what is held, of the running installation."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from penchant.app import Penchant
from penchant.catalog import repository as catalog
from penchant.cli.admin import operator
from penchant.cli.configuration import console, plain_errors, print_json, read_settings
from penchant.cli.progress import progress
from penchant.cli.running import running_cell
from penchant.core.errors import Invalid, NotFound, PenchantError
from penchant.core.ids import VideoId, format_id, parse_id
from penchant.safety.detection import bank_rows
from penchant.safety.detection.views import LAYOUT, hash_clip, pack

bank = typer.Typer(help="Banks of hashes of pictures and videos that are known to be bad.", no_args_is_help=True)

Name = Annotated[str, typer.Option("--name", help="of the bank: lower-case letters, digits and -")]
Data = Annotated[Path | None, typer.Option(help="folder of the installation")]
AsJson = Annotated[bool, typer.Option("--json", help="the report as JSON on standard output")]
Label = Annotated[str, typer.Option(help="what a match is called in the policy")]
Alone = Annotated[bool, typer.Option("--acts-alone", help="a sure match stops a video before anybody looked at it")]
Owner = Annotated[str, typer.Option(help="whose list it is")]


@bank.command("import")
def import_list(
    file: Annotated[Path, typer.Argument(help="PDQ a line or in CSV, vPDQ or ThreatExchange as JSON")],
    name: Name,
    owner: Owner = "",
    label: Label = "known_bad",
    acts_alone: Alone = False,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Add a hash list to a bank, and make the bank where it is new; twice is the same as once."""
    with _cell(data) as cell:
        try:
            lines = file.open(encoding="utf-8")
        except OSError as error:
            raise Invalid(f"{file} cannot be read: {error.strerror}") from error
        with lines, progress() as tell:
            _make(cell, name, owner, label, acts_alone)
            try:
                found = cell.detection.banks.import_list(name, lines, lambda read: tell("entries", read, read))
            except UnicodeDecodeError as error:
                raise Invalid(f"{file} is no text in UTF-8") from error
        if as_json:
            print_json(found)
            return
        console.print(
            f"[green]✓[/] {found.added:,} of {found.read:,} entries are new in [bold]{name}[/]"
            f"{f', {found.flat:,} are too flat to be known by' if found.flat else ''}"
        )
        if found.wrong:
            console.print(f"  [yellow]![/] {found.wrong:,} lines could not be read:")
            for line in found.told:
                console.print(f"    {line}", markup=False, soft_wrap=True)


@bank.command("export")
def export_list(
    name: Name,
    file: Annotated[Path, typer.Argument(help="new file, of lines that others can read")],
    data: Data = None,
) -> None:
    """Write a bank as lines `pdq HASH` and `vpdq JSON`, as `threatexchange` reads them."""
    with _cell(data) as cell:
        lines = cell.detection.banks.export(name)
        first = next(lines, "")
        with file.open("x", encoding="utf-8") as target:
            target.write(first)
            target.writelines(lines)
        console.print(f"[green]✓[/] {file}", soft_wrap=True)


@bank.command("list")
def show(as_json: AsJson = False, data: Data = None) -> None:
    """Every bank, and how far older videos were looked at again for it."""
    with _cell(data) as cell:
        banks = cell.detection.banks.banks()
        if as_json:
            print_json(banks)
            return
        table = Table("bank", "owner", "label", "acts alone", "entries", "older videos looked at")
        for one in banks:
            alone = "yes" if one.acts_alone else "no"
            done = f"{one.looked_at:,} of {one.videos:,}"
            table.add_row(one.name, Text(one.owner), one.label, alone, f"{one.entries:,}", done)
        console.print(table)


@bank.command("add-video")
def add_video(
    video: Annotated[str, typer.Argument(help="id of a video of this place, listed or removed")],
    name: Name = "house",
    owner: Owner = "this installation",
    label: Label = "known_bad",
    acts_alone: Alone = False,
    data: Data = None,
) -> None:
    """Put what a video is known by into a bank, so that it is known however it comes back."""
    with _cell(data) as cell:
        _make(cell, name, owner, label, acts_alone)
        with cell.engine.begin() as connection:
            cell.detection.banks.add_video(connection, name, VideoId(parse_id(video)))
        console.print(f"[green]✓[/] {video} is in [bold]{name}[/]")


@bank.command("remove")
def remove(name: Name, data: Data = None) -> None:
    """Forget a bank with its entries."""
    with _cell(data) as cell:
        cell.detection.banks.remove(name)
        console.print(f"[green]✓[/] {name} is forgotten")


def hash_videos(data: Data = None) -> None:
    """Hash listed videos of before detection came in; what was interrupted is gone on with."""
    with _cell(data) as cell:
        with cell.engine.connect() as connection:
            wanted = bank_rows.not_hashed(connection, LAYOUT)
        refused = 0
        with progress() as tell:
            for number, video in enumerate(wanted):
                tell("videos", number, len(wanted))
                refused += not _hash(cell, video)
        console.print(f"[green]✓[/] {len(wanted) - refused:,} videos are hashed")
        if refused:
            console.print(f"  [yellow]![/] {refused:,} could not be read")


def held(as_json: AsJson = False, data: Data = None) -> None:
    """What is held for the law: whose, why and until when."""
    with _cell(data) as cell:
        found = cell.detection.quarantine.held()
        if as_json:
            print_json(found)
            return
        table = Table("video", "posted by", "label", "bank", "held since", "until")
        for one in found:
            why = (str(one.why.get(key, "")) for key in ("label", "bank"))
            table.add_row(
                format_id(one.video), f"@{one.handle}", *why, f"{one.held_at:%Y-%m-%d}", f"{one.until:%Y-%m-%d}"
            )
        console.print(table)


def release(video: Annotated[str, typer.Argument(help="id of a held video")], data: Data = None) -> None:
    """List a video again that was held wrongly."""
    with _cell(data) as cell:
        cell.detection.quarantine.release(VideoId(parse_id(video)), operator(cell))
        cell.events.deliver()
        console.print(f"[green]✓[/] {video} is listed again")


@contextmanager
def _cell(data: Path | None) -> Iterator[Penchant]:
    with plain_errors(), running_cell(read_settings(data=data), "penchant-safety") as cell:
        yield cell


def _make(cell: Penchant, name: str, owner: str, label: str, acts_alone: bool) -> None:
    """Make a bank that is not there yet; one that is stays as it is."""
    with cell.engine.begin() as connection:
        if bank_rows.bank(connection, name) is None:
            cell.detection.banks.create(connection, name, owner or name, label, acts_alone=acts_alone)


def _hash(cell: Penchant, video: VideoId) -> bool:
    with cell.engine.connect() as connection:
        found = catalog.video(connection, video)
    try:
        if found is None or not found[0].renditions:
            raise NotFound("it is gone")
        clip = hash_clip(*cell.media.senses.stills(found[0]))
    except PenchantError:
        return False
    with cell.engine.begin() as connection:
        bank_rows.put_video_hashes(connection, video, LAYOUT, pack(clip))
    return True
