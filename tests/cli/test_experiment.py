"""Experiments of a running installation: refused before anything starts, listed, reported."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from penchant.testing.installation import Installation, wait_for

pytestmark = pytest.mark.service

FILE = """
version = 1

[[experiment]]
name = "calmer"
kind = "split"
salt = "calmer 1"
traffic_in_1000 = 1000
arm = [{ name = "as-it-is" }, { name = "warm", change = { temperature = 0.5 } }]
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, begun: Path) -> Iterator[Installation]:
    file = tmp_path_factory.mktemp("experiments") / "experiments.toml"
    file.write_text(FILE)
    installation = Installation(like=begun, experiments=str(file))
    try:
        yield installation.start()
    finally:
        installation.remove()


def test_a_file_that_is_not_right_stops_the_start_with_a_sentence(tmp_path: Path):
    file = tmp_path / "experiments.toml"
    installation = Installation(experiments=str(file))
    try:
        for written, told in ((None, "cannot be read"), ("version = 7", "version = 7"), (FILE + "speed = 1", "speed")):
            if written is not None:
                file.write_text(written)
            done = installation.run("up")
            assert done.returncode == 1
            assert "✗" in done.stderr
            assert told in done.stderr
            assert "Traceback" not in done.stderr
            assert not installation.data.exists()
    finally:
        installation.remove()


def test_viewers_are_counted_and_the_report_says_what_may_be_said(running: Installation):
    viewers = 12
    for _ in range(viewers):
        with urllib.request.urlopen(f"{running.url}/api/feed?tab={uuid4()}") as answer:
            assert answer.status == 200
    listed = running.run("experiment", "list")
    assert listed.returncode == 0, listed.stderr
    assert "calmer" in listed.stdout
    assert "temperature=0.5" in listed.stdout
    done = running.run("experiment", "report", "calmer", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["viewers"] == 0
    # One in a hundred is held out.
    assert viewers - 3 <= report["waiting"] <= viewers
    words = running.run("experiment", "report", "calmer")
    assert "too early" in words.stdout
    unknown = running.run("experiment", "report", "louder")
    assert unknown.returncode == 1
    assert "there are calmer, holdout" in unknown.stderr


def test_the_worker_counts_the_day(running: Installation):
    with urllib.request.urlopen(f"{running.url}/figures?lang=fr") as answer:
        assert "Ce qui remplit le fil ici" in answer.read().decode()
    with urllib.request.urlopen(f"{running.url}/api/feed?tab={uuid4()}") as answer:
        assert answer.status == 200
    log = running.data / "logs" / "worker.log"
    assert "counting failed" not in log.read_text()
    link = running.admin_link().partition("token=")[2]
    request = urllib.request.Request(
        f"{running.url}/api/session/link",
        json.dumps({"token": link}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        cookie = answer.headers["Set-Cookie"].partition(";")[0]

    def counted() -> bool:
        asked = urllib.request.Request(f"{running.url}/api/admin/figures", headers={"Cookie": cookie})
        with urllib.request.urlopen(asked) as answer:
            days = json.load(answer)["days"]
        return bool(days) and days[-1]["pages"] > 0

    wait_for(counted, "counting the day", patience_s=90)
