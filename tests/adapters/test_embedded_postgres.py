import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from penchant.adapters import embedded_postgres
from penchant.adapters.embedded_postgres import locate, prepare, start, stop, wait_until_ready
from penchant.adapters.system_user import can_reach, ensure_system_user
from penchant.core.errors import SettingWrong, Unavailable
from penchant.testing.installation import wait_for

pytestmark = pytest.mark.service
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user to be")


@pytest.fixture
def data() -> Iterator[Path]:
    """A folder that the database's own user can enter."""
    folder = Path(tempfile.mkdtemp(prefix="penchant-pg-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def quiet(_: str) -> None:
    pass


def test_it_is_made_once_answers_and_has_checksums(data: Path):
    said: list[str] = []
    home = locate(data)
    for _ in range(2):
        prepare(home, said.append)
        server = start(home)
        try:
            wait_until_ready(home, server, said.append)
            with psycopg.connect(home.url) as connection:
                row = connection.execute(
                    "SELECT current_setting('data_checksums'), current_setting('listen_addresses'),"
                    " (SELECT rolpassword LIKE 'SCRAM-SHA-256%' FROM pg_authid WHERE rolname = 'penchant')"
                ).fetchone()
            assert row == ("on", "", True)
        finally:
            stop(server)
    assert said.count("making the database") == 1
    assert (data / "secrets" / "postgres").stat().st_mode & 0o777 == 0o600


def test_what_was_committed_survives_kill_9_at_once(data: Path):
    home = locate(data)
    prepare(home, quiet)
    server = start(home)
    wait_until_ready(home, server, quiet)
    with psycopg.connect(home.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (number int)")
        connection.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
        server.kill()
    server.wait()
    prepare(home, quiet)
    server = start(home)
    try:
        wait_until_ready(home, server, quiet)
        with psycopg.connect(home.url) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1000,)
    finally:
        stop(server)


def test_a_killed_server_that_nobody_reaps_does_not_stop_the_next(data: Path):
    """As when its supervisor was killed as well, and the first process of the container is slow to reap."""
    home = locate(data)
    prepare(home, quiet)
    killed = start(home)
    wait_until_ready(home, killed, quiet)
    os.kill(killed.pid, signal.SIGKILL)
    wait_for(lambda: Path(f"/proc/{killed.pid}/stat").read_text().split(") ")[1].startswith("Z"), "the zombie")
    lock = (home.cluster / "postmaster.pid").read_text()
    assert lock.startswith(f"{killed.pid}\n")
    prepare(home, quiet)
    server = start(home)
    try:
        wait_until_ready(home, server, quiet)
    finally:
        stop(server)
        killed.wait()


def test_a_half_made_cluster_is_made_anew(data: Path):
    home = locate(data)
    making = home.cluster.with_name("postgres.making")
    making.mkdir(parents=True)
    (making / "PG_VERSION").write_text("18\n")
    prepare(home, quiet)
    assert not making.exists()
    assert (home.cluster / "global" / "pg_control").exists()


def test_a_cluster_of_an_older_major_version_is_refused_with_the_way_out(data: Path):
    home = locate(data)
    home.cluster.mkdir(parents=True, exist_ok=True)
    (home.cluster / "PG_VERSION").write_text("16\n")
    with pytest.raises(SettingWrong) as caught:
        prepare(home, quiet)
    assert "PostgreSQL 16" in caught.value.message
    assert "penchant backup" in caught.value.message
    assert "penchant restore" in caught.value.message


def test_a_server_that_cannot_start_says_why(data: Path):
    home = locate(data)
    prepare(home, quiet)
    with (home.cluster / "postgresql.auto.conf").open("a") as file:
        file.write("shared_buffers = 'nonsense'\n")
    with pytest.raises(Unavailable, match="nonsense"):
        wait_until_ready(home, start(home), quiet)


def test_a_socket_folder_of_somebody_else_is_refused(data: Path):
    home = locate(data)
    home.sockets.chmod(0o777)
    try:
        with pytest.raises(SettingWrong, match="belongs to someone else or is open to others"):
            locate(data)
    finally:
        shutil.rmtree(home.sockets)


@as_root
def test_a_closed_folder_is_not_reachable_and_an_open_one_is(data: Path):
    user = ensure_system_user()
    (data / "inside").mkdir()
    assert can_reach(user, data / "inside")
    data.chmod(0o700)
    assert not can_reach(user, data / "inside")
    assert not can_reach(user, data / "missing")


@as_root
def test_an_ordinary_user_starts_it_as_themselves(data: Path):
    """In a process of another user, with an interpreter and packages that this user can read."""
    python = next((p for p in ("/usr/bin/python3.11", "/usr/bin/python3") if Path(p).exists()), None)
    packages = Path(sysconfig.get_paths()["purelib"])
    source = Path(embedded_postgres.__file__).parents[2]
    nobody = ensure_system_user("penchant-test")
    if python is None or not (can_reach(nobody, packages) and can_reach(nobody, source)):
        pytest.skip("no interpreter or packages that an ordinary user can read")
    version = subprocess.run([python, "-c", "import sys; print(sys.version_info[:2])"], capture_output=True, text=True)
    if version.stdout.strip() != str(sys.version_info[:2]):
        pytest.skip(f"{python} is another version than ours")
    os.chown(data, nobody.uid, nobody.gid)
    program = (
        "import sys; from pathlib import Path; from penchant.adapters.embedded_postgres import *\n"
        "home = locate(Path(sys.argv[1])); assert home.user is None; prepare(home, print); server = start(home)\n"
        "wait_until_ready(home, server, print); stop(server); print('it ran')\n"
    )
    done = subprocess.run(
        [python, "-c", program, str(data)],
        env={"PYTHONPATH": f"{source}:{packages}", "PATH": "/usr/bin:/bin", "HOME": str(data)},
        cwd="/",
        user=nobody.uid,
        group=nobody.gid,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "it ran" in done.stdout, done.stderr
