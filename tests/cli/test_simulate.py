"""`penchant taste simulate` as people type it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from penchant.cli.main import app

SMALL = "viewers = 12\nvideos = 200\ndays = 2\npages_a_day = 1.0\nswitch_day = 1"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("world") / "small.toml"
    path.write_text(f"based_on = 'kuairand-1'\nname = 'small'\n{SMALL}\n")
    return path


def test_json_alone_is_on_standard_output(world: Path):
    options = ["--world", str(world), "--part", "policies", "--policies", "last-k,penchant", "--seed", "3", "--json"]
    done = CliRunner().invoke(app, ["taste", "simulate", *options])
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["seeds"] == [3]
    assert set(report["policies"]) == {"oracle", "penchant", "last-k", "uniform"}
    assert report["policies"]["uniform"]["behind"]["value"] > 0
    assert {"sha256", "machine", "versions", "seconds"} <= set(report)


@pytest.mark.slow
def test_tables_for_people(world: Path):
    options = ["--world", str(world), "--policies", "contacts", "--part", "policies", "--part", "homophily"]
    done = CliRunner().invoke(app, ["taste", "simulate", *options], env={"COLUMNS": "80"})
    assert done.exit_code == 0, done.output
    assert "homophily" in done.stdout
    assert "oracle" in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= 80


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--world", "nowhere"], "nowhere is neither a file nor one of"),
        (["--policies", "luck"], "no such policy: luck; there are oracle"),
        (["--fit", "nowhere"], "nowhere is not a folder"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(options: list[str], says: str):
    done = CliRunner().invoke(app, ["taste", "simulate", *options])
    assert done.exit_code == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr
