"""A bar for each long task, on standard error, gone when it is over."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from penchant.cli.configuration import errors


class Bar:
    """Told how far each of several tasks is."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, words: str, done: int, total: int) -> None:
        if words not in self._tasks:
            self._tasks[words] = self._bar.add_task(words)
        self._bar.update(self._tasks[words], completed=done, total=max(total, 1))


@contextmanager
def progress() -> Iterator[Bar]:
    """A bar that is told (words, done, total)."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True) as bar:
        yield Bar(bar)
