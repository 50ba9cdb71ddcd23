"""Commands that act on an installation while it runs."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from penchant.adapters import embedded_postgres
from penchant.app import Penchant, build
from penchant.core.errors import Unavailable
from penchant.core.settings import Settings


def database_url(settings: Settings) -> str:
    """Of the database that the settings name, else of the embedded server of the data folder."""
    return settings.database_url or embedded_postgres.locate(settings.data).url


@contextmanager
def running_cell(settings: Settings, application: str) -> Iterator[Penchant]:
    """The cell of a running installation.

    Raises:
        Unavailable: its database does not answer; the message says how to start it.
    """
    cell = build(settings, database_url=database_url(settings), application=application)
    try:
        try:
            with cell.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except OperationalError as error:
            raise Unavailable(
                f"nothing runs in {settings.data}: start it with 'penchant up', or name its folder with PENCHANT_DATA"
            ) from error
        yield cell
    finally:
        cell.close()
