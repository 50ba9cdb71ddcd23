"""`penchant taste evaluate` as people type it."""

import json
from pathlib import Path

import pytest
from tests.lab.worlds import write_world
from typer.testing import CliRunner

from penchant.cli.main import app


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_world(tmp_path_factory.mktemp("world"), per_day=300)


@pytest.mark.slow
def test_json_alone_is_on_standard_output(world: Path):
    done = CliRunner().invoke(app, ["taste", "evaluate", str(world), "--json", "--without", "place,walk"])
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["models"]["penchant"]["hr_at_10"] > 0
    assert {"machine", "versions", "seconds", "targets"} <= set(report)


def test_a_table_for_people(world: Path):
    done = CliRunner().invoke(app, ["taste", "evaluate", str(world), "--protocol", "ranking"], env={"COLUMNS": "80"})
    assert done.exit_code == 0, done.output
    assert "GAUC" in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= 80


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--map", "watch_ms"], "it has to be ours=theirs"),
        (["--from", "yesterday"], "'yesterday' is not a date like 2022-04-29"),
        (["--continue-with", "nowhere.csv"], "nowhere.csv is not a file"),
        (["--protocol", "topk"], "needs train, and validation or test"),
        (["--without", "luck"], "no such column: luck; there are rows_short"),
        (["--map", "watch_ms=playtime"], "no column playtime (for watch_ms)"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(world: Path, options: list[str], says: str):
    done = CliRunner().invoke(app, ["taste", "evaluate", str(world), *options])
    assert done.exit_code == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr
