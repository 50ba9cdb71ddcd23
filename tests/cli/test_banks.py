"""`penchant safety` on a running database: banks there and back, and sentences where something is wrong."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from penchant.cli.main import app

pytestmark = pytest.mark.service

LISTS = Path(__file__).parents[1] / "safety" / "lists"


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PENCHANT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PENCHANT_DATABASE_URL", database_url)
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(app, ["safety", *arguments])


def test_a_list_is_imported_shown_exported_and_forgotten(run, tmp_path: Path):
    imported = run("bank", "import", str(LISTS / "local_file.txt"), "--name", "partner", "--acts-alone")
    assert (imported.exit_code, "4 of 4 entries are new" in imported.output) == (0, True), imported.output
    again = run("bank", "import", str(LISTS / "local_file.txt"), "--name", "partner", "--json")
    assert (json.loads(again.stdout)["read"], json.loads(again.stdout)["added"]) == (4, 0)
    (bank,) = json.loads(run("bank", "list", "--json").stdout)
    assert (bank["name"], bank["owner"], bank["acts_alone"], bank["entries"]) == ("partner", "partner", True, 4)
    out = tmp_path / "out.txt"
    assert run("bank", "export", str(out), "--name", "partner").exit_code == 0
    wanted = (LISTS / "local_file.txt").read_text("utf-8").replace(".0,", ".000,").splitlines()
    assert {line.split()[0] for line in out.read_text("utf-8").splitlines()} == {"pdq", "vpdq"}
    assert len(out.read_text("utf-8").splitlines()) == len(wanted)
    assert run("bank", "import", str(out), "--name", "copy", "--json").exit_code == 0
    assert run("bank", "remove", "--name", "partner").exit_code == 0
    assert [bank["name"] for bank in json.loads(run("bank", "list", "--json").stdout)] == ["copy"]
    assert json.loads(run("held", "--json").stdout) == []
    assert "0 videos are hashed" in run("hash").output


def test_what_is_wrong_is_a_sentence(run, tmp_path: Path):
    wrong = tmp_path / "wrong.txt"
    wrong.write_bytes(b"\xff\xfe\x00")
    for arguments in (
        ("bank", "import", str(tmp_path / "missing.txt"), "--name", "x"),
        ("bank", "import", str(wrong), "--name", "x"),
        ("bank", "import", str(LISTS / "vpdq.json"), "--name", "Not A Name"),
        ("bank", "remove", "--name", "nobody"),
        ("bank", "export", str(tmp_path / "no.txt"), "--name", "nobody"),
        ("release", "0000000000001"),
    ):
        found = run(*arguments)
        assert (found.exit_code, "Traceback" in found.output) == (1, False), found.output
    assert not (tmp_path / "no.txt").exists()
