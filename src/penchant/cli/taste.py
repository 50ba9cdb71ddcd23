"""`penchant taste`: the process that learns from the event log."""

import os
import signal
import threading
from typing import Annotated

import structlog
import typer

from penchant.app import build
from penchant.cli.configuration import console, plain_errors, read_settings
from penchant.core.logs import configure_logs
from penchant.operations.processes import watch_lifeline
from penchant.taste.run import Progress

taste = typer.Typer(help="The taste engine.", invoke_without_command=True)


@taste.callback()
def follow(context: typer.Context) -> None:
    """Without a command: follow the event log, learn, publish."""
    if context.invoked_subcommand is not None:
        return
    with plain_errors():
        settings = read_settings()
        configure_logs(settings.log_level, "taste")
        watch_lifeline(os.environ)
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        log = structlog.get_logger("taste")

        def report(progress: Progress) -> None:
            log.debug("epoch", position=progress.position, epoch=progress.epoch, rebuild_due=progress.rebuild_due)

        cell = build(settings, application="penchant-taste")
        try:
            cell.learner().run(stop, report)
        finally:
            cell.close()


@taste.command()
def rebuild(
    quiet: Annotated[bool, typer.Option(help="say nothing when it worked")] = False,
) -> None:
    """Fold the whole log again: forgets what was erased from it. Stop the running one first."""
    with plain_errors():
        settings = read_settings()
        configure_logs(settings.log_level, "taste")
        cell = build(settings, application="penchant-taste")
        try:
            with console.status("folding the log …"):
                learner = cell.learner()
                learner.rebuild()
            if not quiet:
                console.print(f"rebuilt up to event {learner.progress.position}, epoch {learner.progress.epoch[:12]}")
        finally:
            cell.close()
