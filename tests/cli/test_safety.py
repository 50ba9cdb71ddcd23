"""Trusted flaggers and statements of reasons from the command line, on a running installation."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from penchant.safety.statements import problems
from penchant.testing.installation import Installation

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def running(begun: Path) -> Iterator[Installation]:
    installation = Installation(like=begun)
    try:
        yield installation.start()
    finally:
        installation.remove()


def safety(running: Installation, *arguments: str) -> CompletedProcess[str]:
    return running.run("safety", *arguments)


def test_flaggers_are_named_and_forgotten(running: Installation):
    assert "no such account" in safety(running, "trust", "nobody", "fraud").stderr
    named = safety(running, "trust", "@admin", "[red]fraud[/]")
    assert named.returncode == 0, named.stderr
    assert "@admin  [red]fraud[/]" in safety(running, "flaggers").stdout
    assert safety(running, "distrust", "admin").returncode == 0
    assert "no trusted flagger" in safety(running, "distrust", "admin").stderr


def test_statements_are_lines_of_json_as_the_database_takes_them(running: Installation):
    assert safety(running, "statements", "--since", "yesterday").returncode != 0
    body = json.dumps({"handle": "ada", "password": "correct horse", "birth_year": 1990}).encode()
    asked = urllib.request.Request(f"{running.url}/api/accounts", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked) as answer:
        assert answer.status == 201
    assert running.run("admin", "suspend", "ada", "--reason", "ada was rude").returncode == 0
    (line,) = safety(running, "statements", "--since", "2026-01-01").stdout.splitlines()
    (statement,) = json.loads(line)["statements"]
    assert problems(statement) == []
    assert statement["decision_account"] == "DECISION_ACCOUNT_TERMINATED"
    assert "ada" not in line
    assert safety(running, "statements", "--since", "2037-01-01").stdout == ""
