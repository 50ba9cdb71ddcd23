import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from tests.conftest import fresh_database

import penchant.media.repository  # noqa: F401 - brings its table into the metadata
from penchant.adapters.embedded_postgres import PostgresHome
from penchant.app import Penchant
from penchant.core.database import CLASSES, make_engine, metadata
from penchant.core.errors import Unavailable
from penchant.core.migrations import migrate, newest_revision


def test_every_column_has_a_class():
    for table in metadata.tables.values():
        for column in table.columns:
            assert column.info.get("class") in CLASSES, f"{table.name}.{column.name} needs a class"


@pytest.mark.service
def test_the_migrations_make_the_tables_that_the_code_describes(cell: Penchant):
    with cell.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": _ours})
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == newest_revision()


@pytest.mark.service
def test_migrating_again_changes_nothing(cell: Penchant):
    migrate(cell.engine)
    with cell.engine.connect() as connection:
        count = connection.execute(text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")).scalar_one()
    assert count == 0


def _ours(name: str | None, kind: str, _: object) -> bool:
    return not (kind == "table" and name is not None and name.startswith(("procrastinate_", "alembic_")))


@pytest.mark.service
def test_a_connection_that_the_server_ended_while_it_rested_is_not_handed_out(database_url: str):
    engine, other = make_engine(database_url), make_engine(database_url)
    with engine.connect() as connection:
        server = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with other.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:server, 5000)"), {"server": server})
    with engine.connect() as connection:
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar_one() != server
    engine.dispose()
    other.dispose()


@pytest.mark.service
def test_an_error_does_not_repeat_what_was_to_be_stored(database_url: str):
    engine = make_engine(database_url)
    with engine.connect() as connection, pytest.raises(DBAPIError) as failed:
        connection.execute(text("SELECT no_such_column FROM accounts WHERE handle = :handle"), {"handle": "canary"})
    assert "canary" not in str(failed.value)
    engine.dispose()


@pytest.mark.service
def test_who_may_not_make_an_extension_is_told_which_and_nothing_is_left(postgres: PostgresHome):
    with fresh_database(postgres, empty=True) as url:
        owner = make_engine(url)
        with owner.begin() as connection:
            connection.execute(text("CREATE ROLE poor LOGIN PASSWORD 'poor'"))
            connection.execute(text("GRANT ALL ON SCHEMA public TO poor"))
        engine = make_engine(make_url(url).set(username="poor", password="poor").render_as_string(hide_password=False))
        with pytest.raises(Unavailable, match="CREATE EXTENSION pg_trgm"):
            migrate(engine)
        with engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).scalar() == 0
        engine.dispose()
        with owner.begin() as connection:
            connection.execute(text("DROP OWNED BY poor"))
            connection.execute(text("DROP ROLE poor"))
        owner.dispose()
