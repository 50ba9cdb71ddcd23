"""What a backup must know of the database, what the command line lists, what goes at the end of a market."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Table, delete, func, or_, select, table, text, update

from penchant.accounts.repository import accounts, sessions
from penchant.catalog.repository import renditions, videos
from penchant.core.database import KEY, Connection, Engine
from penchant.media.repository import uploads
from penchant.safety.detection import hold_rows
from penchant.safety.repository import cases


def export_snapshot(connection: Connection) -> str:
    """The name under which `pg_dump` sees exactly what this transaction sees, while it lasts."""
    return str(connection.execute(text("SELECT pg_export_snapshot()")).scalar_one())


def named_objects(connection: Connection) -> set[str]:
    """Keys of all objects that a row names, those that are held for the law among them."""
    return set(connection.execute(select(renditions.c.object_key)).scalars()) | hold_rows.held_keys(connection)


def named_uploads(connection: Connection) -> set[UUID]:
    """Uploads whose bytes are acknowledged and still needed: unfinished ones, and those that wait for the worker."""
    statement = (
        select(uploads.c.id)
        .outerjoin(videos, videos.c.id == uploads.c.video_id)
        .where(uploads.c.finished_at.is_(None) | videos.c.state.in_(["uploaded", "processing"]))
    )
    return set(connection.execute(statement).scalars())


def schema_revision(connection: Connection) -> str:
    """The revision of the schema; empty where nothing was ever migrated."""
    known = connection.execute(text("SELECT to_regclass('alembic_version') IS NOT NULL")).scalar_one()
    if not known:
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none() or "")


def now_rfc3339(connection: Connection) -> str:
    """The transaction's moment by the database's clock."""
    statement = select(func.to_char(func.timezone("UTC", func.now()), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
    return str(connection.execute(statement).scalar_one())


def count_tables(connection: Connection) -> int:
    """Tables in the public schema: 0 in a fresh database."""
    statement = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    return int(connection.execute(text(statement)).scalar_one())


def count_rows(connection: Connection) -> dict[str, int]:
    """Every table → how many rows it holds."""
    tables = connection.execute(
        text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    ).scalars()
    return {
        name: int(connection.execute(select(func.count()).select_from(table(name))).scalar_one())
        for name in tables.all()
    }


def count_open_cases(connection: Connection) -> int:
    """Notices and findings that nobody has decided yet."""
    return int(connection.execute(select(func.count()).where(cases.c.decision_id.is_(None))).scalar_one())


@dataclass(frozen=True)
class Person:
    """One line of the list of accounts."""

    handle: str
    name: str
    role: str
    age_band: str
    is_demo: bool
    suspended: bool
    created_at: datetime
    videos: int
    """Listed ones."""


def people(connection: Connection, limit: int, *, with_demo: bool) -> list[Person]:
    """Accounts, the newest first."""
    listed = select(func.count()).where(videos.c.creator_id == accounts.c.id, videos.c.state == "ready")
    c = accounts.c
    statement = select(
        c.handle,
        c.name,
        c.role,
        c.age_band,
        c.is_demo,
        c.suspended_at.is_not(None),
        c.created_at,
        listed.scalar_subquery(),
    ).order_by(c.id.desc())
    if not with_demo:
        statement = statement.where(~c.is_demo)
    return [Person(*row) for row in connection.execute(statement.limit(limit))]


def count_people(connection: Connection, *, with_demo: bool) -> int:
    statement = select(func.count()).select_from(accounts)
    return int(connection.execute(statement if with_demo else statement.where(~accounts.c.is_demo)).scalar_one())


def count_affected(connection: Connection) -> dict[str, int]:
    """How much there is that a step in the life cycle of the market is about."""
    counts = {
        "accounts": select(func.count()).select_from(accounts),
        "videos": select(func.count()).where(videos.c.state == "ready"),
        "sessions": select(func.count()).where(sessions.c.account_id.is_not(None)),
        "open_cases": select(func.count()).where(cases.c.decision_id.is_(None)),
    }
    row = connection.execute(select(*(one.scalar_subquery().label(name) for name, one in counts.items()))).one()
    return dict(row._mapping)


def destroy_keys(connection: Connection, table: Table) -> int:
    """Empty the columns of a table that open something; rows that are nothing without them go. Returns how many."""
    keys = [column for column in table.columns if column.info["class"] == KEY]
    if all(column.nullable for column in keys):
        held = or_(*(column.is_not(None) for column in keys))
        return connection.execute(update(table).where(held).values({column.name: None for column in keys})).rowcount
    return connection.execute(delete(table)).rowcount


def rewrite(engine: Engine, tables: Sequence[str]) -> None:
    """Write tables into new files, so that nothing deleted is left in theirs."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for name in tables:
            connection.execute(text(f'VACUUM (FULL) "{name}"'))


def analyze(connection: Connection) -> None:
    """Statistics for the planner, which a dump does not carry."""
    connection.execute(text("ANALYZE"))


def seconds_ahead(connection: Connection) -> float:
    """How far the newest event lies in the future of the database's clock; negative: in the past."""
    newest = 'SELECT extract(epoch FROM received_at - now()) FROM event_log ORDER BY "offset" DESC LIMIT 1'
    found = connection.execute(text(newest)).scalar_one_or_none()
    return float(found) if found is not None else -timedelta(days=1).total_seconds()


def server_version(connection: Connection) -> int:
    """The server's major version."""
    return int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10_000


def missing_extensions(connection: Connection, wanted: Sequence[str]) -> list[str]:
    """Those of the extensions that the server does not have."""
    statement = text("SELECT name FROM pg_available_extensions")
    return sorted(set(wanted) - set(connection.execute(statement).scalars()))
