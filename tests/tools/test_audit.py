"""`./dev audit` says 0 only where it could look: the real tools, against databases of ours on this machine."""

import gzip
import importlib.util
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NOTHING = "http://127.0.0.1:1"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("penchant_audit", ROOT / "tools" / "audit" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


audit = _load()


def test_a_package_that_was_skipped_is_not_clean():
    """pip-audit itself ends with 0 here, and says "no known vulnerabilities"."""
    skipped = {"name": "litestar", "skip_reason": "Dependency not found on PyPI and could not be audited"}
    report = audit.read_pip_audit(json.dumps({"dependencies": [skipped], "fixes": []}))
    assert report.unknown == ("litestar: Dependency not found on PyPI and could not be audited",)
    assert audit.conclude([("a lock", report)]) == 3


def test_what_is_known_weighs_more_than_what_is_not():
    flaw = {"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["2.0"]}
    packages = [
        {"name": "a", "version": "1.0", "vulns": [flaw]},
        {"name": "b", "skip_reason": "?"},
        {"name": "c", "version": "1", "vulns": []},
    ]
    report = audit.read_pip_audit(json.dumps({"dependencies": packages}))
    assert report.found == ("a 1.0: PYSEC-1, CVE-1; mended in 2.0",)
    assert audit.conclude([("a lock", report)]) == 1


@pytest.mark.parametrize("text", ["", "Traceback", "[]", "{}", '{"dependencies": []}', '{"dependencies": null}'])
def test_what_is_no_report_is_not_clean(text: str):
    assert audit.conclude([("a lock", audit.read_pip_audit(text))]) == 3
    assert audit.conclude([("the page", audit.read_npm(text))]) == 3


def test_the_errors_of_npm_are_no_reports():
    """npm ends with 1 where it could not ask, as where it found something."""
    refused = {"message": "405 Method Not Allowed - POST https://registry.example/bulk", "error": {"summary": ""}}
    assert audit.conclude([("the page", audit.read_npm(json.dumps(refused)))]) == 3
    clean = {"vulnerabilities": {}, "metadata": {"dependencies": {"total": 9}}}
    assert audit.conclude([("the page", audit.read_npm(json.dumps(clean)))]) == 0
    flaw = {"minimist": {"range": "<0.2.1", "severity": "critical"}}
    assert audit.conclude([("the page", audit.read_npm(json.dumps(clean | {"vulnerabilities": flaw})))]) == 1


def test_every_lock_is_asked_about():
    names = {path.name for path in audit.LOCKS}
    assert {path.name for path in ROOT.glob("*.lock")} <= names
    assert {"requirements.lock", "requirements-dev.lock", "requirements-audit.lock", "requirements.txt"} <= names


Known = Callable[[str, str], bool]


@contextmanager
def databases(known: Known) -> Iterator[str]:
    """OSV's query and npm's bulk advisories, for what `known` says of (name, version)."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            answer = json.dumps(_answer(self.path, json.loads(body), known)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _answer(path: str, asked: dict[str, Any], known: Known) -> dict[str, Any]:
    if path == "/v1/query":
        name = asked["package"]["name"]
        span = {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "999"}]}
        affected = {"package": {"name": name, "ecosystem": "PyPI"}, "ranges": [span]}
        flaw = {"id": "PYSEC-1", "published": "2026-01-01T00:00:00Z", "affected": [affected], "details": "bad"}
        return {"vulns": [flaw]} if known(name, asked["version"]) else {}
    flaw = {
        "id": 1,
        "url": "",
        "title": "bad",
        "severity": "high",
        "vulnerable_versions": "<999",
        "cwe": [],
        "cvss": {},
    }
    return {name: [flaw] for name, versions in asked.items() if any(known(name, version) for version in versions)}


def run(database: str) -> "subprocess.CompletedProcess[str]":
    """The command itself; only where it asks is another place."""
    return subprocess.run(
        ["./dev", "audit", "--osv-url", f"{database}/v1/query"],
        cwd=ROOT,
        env=os.environ | {"npm_config_registry": database, "npm_config_fetch_retries": "0"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.scale
def test_the_statuses_of_the_command():
    def bad(name: str, version: str) -> bool:
        return (name, version) in (("jinja2", "2.4.1"), ("minimist", "0.0.8"))

    with databases(bad) as database:
        clean = run(database)
        assert clean.returncode == 0, clean.stdout + clean.stderr
        assert clean.stdout.count("clean ") == len(audit.LOCKS) + 1
    for name in ("litestar", "svelte"):
        with databases(lambda n, v, name=name: n == name or bad(n, v)) as database:  # type: ignore[misc]
            found = run(database)
            assert found.returncode == 1, found.stdout + found.stderr
            assert f": {name} " in found.stdout
    # A database that says "nothing" to everything, and none at all.
    with databases(lambda *_: False) as database:
        assert run(database).returncode == 3
    away = run(NOTHING)
    assert away.returncode == 3
    assert "not a pass" in away.stderr
