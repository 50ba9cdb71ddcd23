import json
import socket
import subprocess
from collections.abc import Iterator

import pytest

from penchant.testing.installation import Installation

pytestmark = pytest.mark.service


@pytest.fixture
def idle() -> Iterator[Installation]:
    installation = Installation()
    yield installation
    installation.remove()


def findings(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, str]]:
    return {finding["check"]: finding for finding in json.loads(done.stdout)}


def test_looking_at_nothing_leaves_nothing(idle: Installation):
    done = idle.run("doctor")
    assert "Traceback" not in done.stderr
    assert "✓" in done.stdout
    assert not idle.data.exists()


def test_a_running_installation_and_what_harms_it(idle: Installation):
    idle.start()
    well = findings(idle.run("doctor", "--json"))
    assert {name: found["text"] for name, found in well.items() if found["state"] == "bad" and name != "page"} == {}
    assert "served by this installation" in well["port"]["text"]
    assert "schema" in well["database"]["text"]
    assert "web" in well["processes"]["text"]
    assert "worker" in well["processes"]["text"]
    (idle.data / "secrets" / "installation").chmod(0o644)
    idle.data.chmod(0o777)
    harmed = idle.run("doctor", "--json")
    assert harmed.returncode == 1
    assert {findings(harmed)[name]["state"] for name in ("secrets", "data")} == {"bad"}


def test_a_taken_port_and_a_database_that_is_away(idle: Installation):
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", idle.port))
        other.listen()
        done = subprocess.run(
            idle.command("doctor"),
            env=idle.environment | {"PENCHANT_DATABASE_URL": "postgresql://a:hunter2@127.0.0.1:1/b"},
            cwd=idle.folder,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "✗  port" in done.stdout
    assert f"penchant up --port {idle.port + 1}" in done.stdout
    assert "✗  database" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr
    assert "2 wrong" in done.stdout or "3 wrong" in done.stdout
