"""A progress bar over bytes, on a terminal; elsewhere one line for each thing that is done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.filesize import decimal
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from penchant.cli.configuration import console

Show = Callable[[str, int, int], None]


@contextmanager
def bytes_bar() -> Iterator[Show]:
    """Yields a function of (what, bytes done, bytes in all or 0 where unknown)."""
    columns = (TextColumn("  {task.description:<9}"), BarColumn(32), DownloadColumn(), TransferSpeedColumn())
    tasks: dict[str, TaskID] = {}
    last: dict[str, int] = {}
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                _settle(bar, tasks, last)
                tasks[what] = bar.add_task(what, total=None)
            last[what] = done
            bar.update(tasks[what], completed=done, total=total or None)

        yield show
        _settle(bar, tasks, last)
    if not console.is_terminal:
        for what, done in last.items():
            console.print(f"  {what}: {in_words(done)}")


def in_words(size_bytes: int) -> str:
    """A size for people, in decimal units."""
    return decimal(size_bytes)


def _settle(bar: Progress, tasks: dict[str, TaskID], last: dict[str, int]) -> None:
    """A size that was unknown is known at the end."""
    for what, task in tasks.items():
        bar.update(task, total=last[what], completed=last[what])
