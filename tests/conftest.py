"""Fixtures that start the real thing: a PostgreSQL server once, a database of its own for each test."""

import fcntl
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
import pytest
from argon2 import PasswordHasher
from hypothesis import settings as examples
from litestar import Litestar
from litestar.testing import TestClient

from penchant.adapters import embedded_postgres
from penchant.app import Penchant, build
from penchant.core.clock import ManualClock
from penchant.core.database import make_engine
from penchant.core.migrations import migrate
from penchant.core.settings import Settings
from penchant.media.sandbox import try_sandbox
from penchant.web.asgi import create_web

# How long an example takes says how busy the machine is; speed is shown by `penchant bench`.
examples.register_profile("untimed", deadline=None)
examples.load_profile("untimed")

NOW_MS = 1_790_000_000_000
"""Noon-ish of a day in September 2026, where clocks are set by hand."""

CHEAP_HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


_SLOWEST_FIRST = ("browser", "media", "service", "slow")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tiers first, in whole files: two workers that take file after file then end at about the same time."""
    tiers: dict[Path, int] = {}
    for item in items:
        own = next((at for at, name in enumerate(_SLOWEST_FIRST) if item.get_closest_marker(name)), len(_SLOWEST_FIRST))
        tiers[item.path] = min(own, tiers.get(item.path, own))
    items.sort(key=lambda item: tiers[item.path])


@cache
def _what_the_sandbox_lacks() -> str:
    granted, reason = try_sandbox()
    return reason if granted is None else ", ".join(granted.missing)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Where the kernel refuses a part of the sandbox no media is processed, so there is nothing to test but that."""
    if item.get_closest_marker("media") and _what_the_sandbox_lacks():
        words = f"media is off on this machine ({_what_the_sandbox_lacks()}): see docs/explanation/sandbox.md"
        if os.environ.get("CI") == "true":
            pytest.fail(words)
        pytest.skip(words)


@pytest.fixture(scope="session")
def postgres() -> Iterator[embedded_postgres.PostgresHome]:
    """The real server, without flushing to disk: nobody kills this one."""
    with embedded_postgres.throw_away(durable=False) as home:
        engine = make_engine(home.url)
        migrate(engine)
        engine.dispose()
        with psycopg.connect(_url(home, "postgres"), autocommit=True) as connection:
            connection.execute("ALTER DATABASE penchant RENAME TO template_penchant")
        yield home


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this run of the tests, the same one for all of its workers."""
    base = tmp_path_factory.getbasetemp()
    # The workers of one run have their folders beside each other.
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def begun(run_folder: Path) -> Path:
    """A data folder with a database as `penchant up` makes it and brings it up to date, and nothing else: to begin as
    a copy of it, where the first start is not what is tested.
    """
    made = run_folder / "begun"
    with (run_folder / "begun.lock").open("a") as lock:
        # Whichever worker comes first makes it.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            with tempfile.TemporaryDirectory(prefix="penchant-begun-") as name:
                data = Path(name)
                # The server's own user must reach its cluster in here.
                data.chmod(0o755)
                home = embedded_postgres.locate(data)
                embedded_postgres.prepare(home, lambda _: None)
                with embedded_postgres.running(home, lambda _: None):
                    engine = make_engine(home.url)
                    migrate(engine)
                    engine.dispose()
                shutil.rmtree(home.sockets)
                shutil.rmtree(data / "logs")
                shutil.copytree(data, run_folder / "begun.draft")
            (run_folder / "begun.draft").rename(made)
    return made


_numbers = itertools.count(1)


@contextmanager
def fresh_database(postgres: embedded_postgres.PostgresHome, *, empty: bool = False) -> Iterator[str]:
    """The address of a fresh database, migrated unless `empty`; it goes with the block."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    template = "template0" if empty else "template_penchant"
    with psycopg.connect(_url(postgres, "postgres"), autocommit=True) as connection:
        # Files as they are, by the kernel: half of what it costs to log and copy every page.
        connection.execute("SET file_copy_method = clone")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        yield _url(postgres, name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database_url(postgres: embedded_postgres.PostgresHome) -> Iterator[str]:
    """A database of the test's own."""
    with fresh_database(postgres) as url:
        yield url


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW_MS)


@pytest.fixture
def cell(database_url: str, tmp_path: Path, clock: ManualClock) -> Iterator[Penchant]:
    """A whole cell on a fresh database."""
    cell = build(Settings(data=tmp_path / "data"), clock=clock, database_url=database_url, hasher=CHEAP_HASHER)
    yield cell
    cell.close()


@pytest.fixture
def web(cell: Penchant) -> Litestar:
    return create_web(cell)


@pytest.fixture
def client(web: Litestar) -> Iterator[TestClient[Litestar]]:
    """One browser: it keeps its cookies. Another one is `TestClient(web)`."""
    with TestClient(web) as client:
        yield client


def _url(home: embedded_postgres.PostgresHome, database: str) -> str:
    return home.url.replace("/penchant?", f"/{database}?")
