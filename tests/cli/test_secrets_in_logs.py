"""No log, metric or list of processes holds a secret, or what somebody wrote: everything is driven with canaries."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from sqlalchemy import text

from penchant.core.database import make_engine
from penchant.testing.installation import Installation, wait_for

pytestmark = pytest.mark.service
CANARY = "canary7f3a"
UNLOGGED = ("postgres", "objects", "secrets", "uploads", "backups")
"""Folders of the data folder that hold what people brought, and are no logs; the server's own log is looked at."""


@pytest.fixture(scope="module")
def running(begun: Path) -> Iterator[Installation]:
    installation = Installation(like=begun, log_level="debug")
    try:
        yield installation.start()
    finally:
        installation.remove()


def drive(address: str) -> list[str]:
    """Every way in with a canary in every secret; returns the secrets that were handed out."""
    password, given = f"{CANARY} password", []
    with httpx.Client(base_url=address, headers={"User-Agent": CANARY, "Authorization": f"Bearer {CANARY}"}) as client:
        client.get("/api/session")
        given.append(client.cookies["penchant"])
        account = {"handle": "ada", "password": password, "birth_year": 1990, "name": CANARY, "invite": CANARY}
        assert client.post("/api/accounts", json=account).status_code == 201
        given.append(client.cookies["penchant"])
        wrong = [
            client.post("/api/session", json={"handle": "ada", "password": f"{CANARY} wrong"}),
            client.post("/api/session", json={"handle": CANARY, "password": password}),
            client.post("/api/session", json={"handle": f"{CANARY}\0", "password": password}),
            client.post("/api/session", content=f'{{"password": "{CANARY}'.encode()),
            client.post("/api/session", json={"handle": "ada", "password": [CANARY]}),
            client.post("/api/session/link", json={"token": CANARY}),
            client.post("/api/password", json={"token": CANARY, "password": password}),
            client.get(f"/api/{CANARY}?token={CANARY}"),
            httpx.get(f"{address}/api/session", headers={"Cookie": f"penchant={CANARY}"}),
            client.post("/api/events", content=f'{{"session": "{CANARY}"'.encode()),
            client.put(f"/api/videos/{CANARY}/like"),
            client.get(f"/media/{CANARY}/{CANARY}?key={CANARY}"),
            client.post("/api/uploads", headers={"Tus-Resumable": "1.0.0", "Upload-Length": CANARY}),
        ]
        assert all(answer.status_code < 500 for answer in wrong)
        report = {"kind": "account", "target": "0000000000000", "reason": "spam", "note": CANARY}
        assert client.post("/api/reports", json=report).status_code == 201
        assert client.request("DELETE", "/api/accounts/me", json={"password": f"{CANARY} wrong"}).status_code == 403
        assert client.post("/api/session", json={"handle": "ada", "password": password}).status_code == 200
        given.append(client.cookies["penchant"])
    return given


def fail(running: Installation, address: str) -> None:
    """The same where the database has lost a table: what is logged of a fault."""
    engine = make_engine(running.database_url())
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE sessions RENAME TO lost"))
    with httpx.Client(base_url=address) as client:
        for path in ("/api/session", f"/api/feed?tab={CANARY}"):
            client.get(path, headers={"Cookie": f"penchant={CANARY}"})
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE lost RENAME TO sessions"))
    engine.dispose()


def logs(running: Installation) -> dict[str, str]:
    """What any process has written: on its output, and in files of the data folder that are no data."""
    found = {"output": running.output.read_text()}
    for path in running.data.rglob("*"):
        kept = path.relative_to(running.data).parts[0]
        if path.is_file() and (path.suffix == ".log" or kept not in UNLOGGED):
            found[str(path)] = path.read_bytes().decode("utf-8", "replace")
    return found


def test_secrets_are_nowhere_but_where_they_belong(running: Installation):
    given = drive(running.url)
    link = running.run("admin", "sign-in-link").stdout.partition("token=")[2].split()[0]
    assert httpx.post(f"{running.url}/api/session/link", json={"token": link}).status_code == 200
    fail(running, running.url)
    log = running.data / "logs" / "web.log"
    wait_for(lambda: '"database"' in log.read_text(), "the fault in the log")
    # Each line is JSON: the framework has not put its own way of writing in place of ours.
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert ("error", "database", "UndefinedTable") in [(e.get("level"), e["event"], e.get("error")) for e in lines]
    database = urlsplit(running.database_url()).password
    assert database
    secrets = [CANARY, link, database, *given]
    for name, words in (logs(running) | {"metrics": httpx.get(f"{running.url}/metrics").text}).items():
        for secret in secrets:
            assert secret not in words, f"{secret} is in {name}"
    assert running.process is not None
    processes = psutil.Process(running.process.pid).children(recursive=True)
    called = [" ".join(process.cmdline()) for process in processes]
    assert any("penchant web" in line for line in called)
    assert not [line for line in called if database in line]


def test_secrets_rest_in_files_of_their_owner(running: Installation):
    for path in (running.data / "secrets", *(running.data / "secrets").iterdir()):
        assert path.stat().st_mode & 0o077 == 0, Path(path).name
