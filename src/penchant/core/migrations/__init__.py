"""The database's history: Alembic migrations, run at start under a lock."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select, text

from penchant.core.database import Engine

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATION_LOCK = 7_226_417


def migrate(engine: Engine) -> None:
    """Bring the schema to the newest revision; processes that start together do it one after the other."""
    from alembic import command  # a tenth of a second that no other command should wait for

    with engine.connect() as connection:
        connection.execute(text("SET lock_timeout = 0"))
        connection.execute(select(func.pg_advisory_lock(_MIGRATION_LOCK)))
        connection.commit()
        try:
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
        finally:
            connection.rollback()
            connection.execute(select(func.pg_advisory_unlock(_MIGRATION_LOCK)))
            connection.commit()


def newest_revision() -> str:
    """The revision that this version of Penchant needs."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config
