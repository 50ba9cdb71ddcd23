"""`penchant demo`: something to swipe through, marked as demo, gone with one command."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from penchant.cli.configuration import console, plain_errors, read_settings
from penchant.cli.running import running_cell
from penchant.demo import folder as own_videos
from penchant.demo import service


def demo(
    source: Annotated[
        Path | None,
        typer.Option("--from", help="a folder of your own videos: subfolder = creator, file name = title", exists=True),
    ] = None,
    count: Annotated[int, typer.Option(help="how many videos to draw", min=1, max=service.WANTED)] = service.WANTED,
    remove: Annotated[bool, typer.Option("--remove", help="remove everything that is demo")] = False,
    plain: Annotated[bool, typer.Option("--plain", help="one line per video instead of a bar", hidden=True)] = False,
) -> None:
    """Fill the running installation with demo videos and simulated viewers, or take them out again."""
    with plain_errors(), running_cell(read_settings(), "penchant-demo") as cell:
        if remove:
            with console.status("removing the demo …"):
                count = service.remove(cell)
            console.print(f"removed {count} demo videos with their creators and viewers")
        elif plain:
            if not service.is_declined(cell):
                service.fill(cell, wanted=count, progress=lambda made, wanted: print(f"demo: {made} of {wanted}"))
        elif source is not None:
            with _bar() as bar:
                task = bar.add_task("your videos")
                ready, refused = own_videos.from_folder(
                    cell,
                    cell.media.uploads,
                    source,
                    lambda made, wanted: bar.update(task, completed=made, total=wanted),
                )
            console.print(f"{ready} of your videos are playable")
            for path, reason in refused.items():
                console.print(f"[yellow]•[/] {path}: {reason}", soft_wrap=True)
        else:
            with _bar() as bar:
                task = bar.add_task("demo")
                service.fill(
                    cell,
                    wanted=count,
                    progress=lambda made, wanted: bar.update(task, completed=made, total=wanted),
                )


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)
