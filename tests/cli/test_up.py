import os
import signal
import socket
import subprocess
from collections.abc import Iterator

import psutil
import pytest

from penchant.testing.installation import Installation, wait_for

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def running() -> Iterator[Installation]:
    installation = Installation()
    try:
        yield installation.start()
    finally:
        installation.remove()


@pytest.fixture
def idle() -> Iterator[Installation]:
    installation = Installation()
    yield installation
    installation.remove()


@pytest.mark.parametrize("name", ["web", "worker", "taste", "postgres"])
def test_a_killed_process_is_noticed_and_started_again(running: Installation, name: str):
    pid = running.kill(name)
    again = wait_for(lambda: (found := running.children().get(name)) and found.pid != pid and found, f"a new {name}")
    assert again.is_running()
    wait_for(running.healthy, "health")
    words = running.output.read_text()
    assert ("database server ended" if name == "postgres" else f"{name} was killed by signal 9") in words


def test_a_second_up_on_the_same_folder_is_told_so(running: Installation):
    second = running.run("up", "--port", "1")
    assert second.returncode == 1
    assert "already runs in" in second.stderr
    assert "--data" in second.stderr
    assert running.healthy()


def test_nobody_else_gets_at_the_database(running: Installation):
    """No TCP, a closed socket folder, a password."""
    url = running.database_url()
    sockets = url.split("host=")[1].replace("%2F", "/")
    assert os.stat(sockets).st_mode & 0o077 == 0
    programs = running.children()["postgres"].exe()
    listening = running.children()["postgres"].net_connections("inet")
    assert listening == []
    psql = programs.replace("/bin/postgres", "/bin/psql")
    plain = {"PGPASSWORD": "guess", "PATH": os.environ["PATH"]}
    guess = subprocess.run(
        [psql, "-h", sockets, "-U", "penchant", "-c", "SELECT 1"],
        env=plain,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "password authentication failed" in guess.stderr
    if os.geteuid() == 0:
        other = subprocess.run(
            [psql, "-h", sockets, "-U", "penchant", "-c", "SELECT 1"],
            env=plain,
            user="nobody",
            group="nogroup",
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Permission denied" in other.stderr


def lives(process: psutil.Process) -> bool:
    """Not whether somebody else's init has yet to take note of its end."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_end_leaves_nothing_behind_and_the_next_start_is_quick(idle: Installation, number: signal.Signals):
    idle.start()
    assert idle.process is not None
    tree = psutil.Process(idle.process.pid).children(recursive=True)
    assert idle.stop(number) == 0
    assert [process for process in tree if lives(process)] == []
    assert "nothing acknowledged is lost" in idle.output.read_text()


def test_after_kill_9_of_everything_the_next_up_just_works(idle: Installation):
    idle.start()
    assert idle.process is not None
    everything = [psutil.Process(idle.process.pid), *idle.children().values()]
    for process in everything:
        process.kill()
    idle.process.wait()
    idle.output.write_text("")
    idle.start()
    assert idle.healthy()


def test_when_only_the_supervisor_is_killed_the_others_leave_and_the_database_is_taken_over(idle: Installation):
    idle.start()
    assert idle.process is not None
    orphans = idle.children()
    idle.process.kill()
    idle.process.wait()
    for name in ("web", "worker", "taste"):
        wait_for(lambda name=name: not lives(orphans[name]), f"end of {name}")
    idle.output.write_text("")
    idle.start()
    assert "left behind" in idle.output.read_text()
    assert idle.healthy()


def test_a_taken_port_is_named_with_a_way_out(idle: Installation):
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", idle.port))
        other.listen()
        answer = idle.run("up")
    assert answer.returncode == 1
    assert f"127.0.0.1:{idle.port}" in answer.stderr
    assert f"--port {idle.port + 1}" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a home that its database server cannot enter")
def test_a_clone_in_a_closed_home_and_a_long_path(tmp_path_factory: pytest.TempPathFactory):
    """The server's user cannot enter here, and a socket in here would pass 107 bytes."""
    deep = tmp_path_factory.mktemp("closed") / ("long-" * 12) / ("path-" * 12)
    deep.mkdir(parents=True)
    assert len(str(deep)) > 150
    deep.parent.chmod(0o700)
    installation = Installation(deep)
    try:
        installation.start()
        assert installation.healthy()
        cluster = (installation.data / "postgres").resolve()
        installation.stop()
        assert cluster.is_dir()
    finally:
        installation.remove()
        if os.geteuid() == 0:
            subprocess.run(["rm", "-rf", str(cluster)], check=True)
