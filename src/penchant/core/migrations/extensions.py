"""Extensions of PostgreSQL that the tables need."""

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from penchant.core.errors import Unavailable

EXTENSIONS = ("pg_trgm", "unaccent")
"""Both come with PostgreSQL."""


def need(connection: Connection, name: str) -> None:
    """Make an extension in this database where it is missing.

    Raises:
        Unavailable: the server does not have it, or this user may not; nothing of the migration is kept.
    """
    known = text("SELECT 1 FROM pg_extension WHERE extname = :name")
    if connection.execute(known, {"name": name}).first():
        return
    try:
        with connection.begin_nested():
            connection.execute(text(f'CREATE EXTENSION "{name}"'))
    except DBAPIError:
        raise Unavailable(
            f"search needs PostgreSQL's extension {name}, and it cannot be made here: see that the server has it, "
            f"let somebody who may run CREATE EXTENSION {name} in this database, and start again"
        ) from None
