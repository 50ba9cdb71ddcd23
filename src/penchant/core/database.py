"""The database of one cell: an engine, the shared table metadata and the classes of personal data.

Tables live in the `repository.py` of their room; `core.migrations` creates them, and a test compares the two.
"""

import select
from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Column, Engine, MetaData, cast, create_engine, event, literal, make_url
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

PUBLIC = "public"
"""Anyone may see it, and it may leave the cell."""
PERSONAL = "personal"
"""About a person; it never leaves its cell."""
SENSITIVE = "sensitive"
"""Personal and dangerous in the wrong hands: what someone watched, reported, blocked."""
KEY = "key"
"""Opens something: password hashes, tokens, sealed data keys."""
OPERATIONAL = "operational"
"""About the machine, not about anyone."""

CLASSES = frozenset({PUBLIC, PERSONAL, SENSITIVE, KEY, OPERATIONAL})


def column(
    name: str, type_: TypeEngine[Any] | type[TypeEngine[Any]], class_: str, *constraints: Any, **options: Any
) -> Column[Any]:
    """A column that says what class of data it holds: `PUBLIC`, `PERSONAL`, `SENSITIVE`, `KEY` or `OPERATIONAL`."""
    return Column(name, type_, *constraints, info={"class": class_}, **options)


def id_array(ids: Iterable[int]) -> Any:
    """Ids as one array parameter instead of one parameter each: the same statement for any number of them."""
    return cast(literal(list(ids), ARRAY(BigInteger)), ARRAY(BigInteger))


def make_engine(url: str, *, pool_size: int = 12, application: str = "penchant") -> Engine:
    """An engine for one cell; every connection speaks UTC and gives up waiting for a lock after 10 s."""
    parsed = make_url(url).set(drivername="postgresql+psycopg")
    engine = create_engine(
        parsed,
        pool_size=pool_size,
        # Errors are logged, and what people wrote, or opened something with, is in the parameters.
        hide_parameters=True,
        max_overflow=8,
        connect_args={
            "application_name": application,
            "options": "-c timezone=UTC -c lock_timeout=10000 -c jit=off",
        },
    )
    event.listen(engine, "checkout", _refuse_ended)
    return engine


def _refuse_ended(connection: Any, record: object, proxy: object) -> None:
    """Called when the pool hands out a connection: one whose server has gone is thrown away, and the next is tried.

    A resting connection has nothing to say. If there is something to read, it is the end, or the server's last
    words. Looking costs microseconds; asking, as the pool's own ping does, a round trip at each of three per page.
    """
    resting = select.poll()
    if not connection.closed:
        resting.register(connection.fileno(), select.POLLIN)
    if connection.closed or resting.poll(0):
        raise DisconnectionError("the server ended this connection while it rested")


def driver_connection(connection: Connection) -> object:
    """The psycopg connection beneath, for libraries that join our transaction (jobs)."""
    return connection.connection.driver_connection


__all__ = [
    "CLASSES",
    "KEY",
    "OPERATIONAL",
    "PERSONAL",
    "PUBLIC",
    "SENSITIVE",
    "Connection",
    "Engine",
    "column",
    "driver_connection",
    "make_engine",
    "metadata",
]
