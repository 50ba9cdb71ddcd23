"""`penchant bench` as anyone runs it, small."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import psutil
import pytest

pytestmark = pytest.mark.service


def bench(*arguments: str) -> Any:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PENCHANT_")}
    command = [sys.executable, "-m", "penchant", "bench", *arguments, "--videos", "150", "--json"]
    with tempfile.TemporaryDirectory() as own:
        Path(own).chmod(0o711)  # as root, the database is another user's
        environment["TMPDIR"] = own
        done = subprocess.run(command, capture_output=True, text=True, timeout=170, env=environment, check=False)
        assert done.returncode == 0, done.stderr
        assert list(Path(own).iterdir()) == []
    return json.loads(done.stdout)


def test_pages_and_what_they_hear():
    report = bench("feed", "--seconds", "1", "--samples", "20")
    assert [load["clients"] for load in report["pages"]] == [1, 4]
    assert all(load["requests_per_s"] > 0 for load in report["pages"])
    opened = report["open_pages"]
    assert opened["wanted_per_s"] == pytest.approx(max(load["requests_per_s"] for load in report["pages"]) / 2, abs=0.1)
    assert opened["times"]["count"] > 0
    first = report["hears"][0]
    assert first["times"]["count"] >= 20
    assert first["heard"] == first["checked"]
    assert report["settings"]["postgresql"]["fsync"] == report["settings"]["postgresql"]["synchronous_commit"] == "on"
    assert report["settings"]["children_environment"]["OPENBLAS_CORETYPE"] == "unset"
    assert report["machine"]["cores"] == psutil.cpu_count()


def test_events():
    report = bench("ingest", "--seconds", "1")
    assert [found["load"]["clients"] for found in report["ingest"]] == [1, 4]
    for found in report["ingest"]:
        assert found["events_per_s"] > 0
        assert 5 <= found["events_per_batch"] <= 20


def test_learning_and_what_it_holds():
    report = bench("taste", "--samples", "20", "--waits", "10")
    learner = report["learner"]
    assert learner["events"] > 5_000
    assert learner["examples"] > 100
    assert learner["events_per_s_per_core"] == pytest.approx(learner["events"] / learner["stream_cpu_s"], rel=0.02)
    assert learner["events_per_s_per_core_with_fits"] == pytest.approx(learner["events"] / learner["cpu_s"], rel=0.02)
    assert 0 < learner["read_cpu_s"] < learner["stream_cpu_s"] < learner["cpu_s"]
    assert report["page"]["whole"]["p50_ms"] > report["page"]["taste"]["p50_ms"] > 0
    assert report["event_in_epoch"]["count"] == 10
    assert report["memory"]["learner_bytes_per_viewer"] > 1_000
    assert report["memory"]["learner_mb_of_active_videos"] > 20
