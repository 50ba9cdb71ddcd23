"""`penchant notes` on a public file, as an outsider runs it."""

import json
from pathlib import Path

from typer.testing import CliRunner

from penchant.cli.main import app
from penchant.safety.notes.model import Rules
from penchant.safety.notes.public_file import FiledRating, PublicFile, rerun


def a_file(path: Path) -> PublicFile:
    ratings = [
        FiledRating(
            f"note-{number:02}", f"Ardea-{rater:02}", "helpful" if number < 4 or rater % 2 else "not_helpful", ()
        )
        for number in range(12)
        for rater in range(12)
    ]
    file = PublicFile.of([], ratings, Rules())
    path.write_bytes(file.encode())
    return file


def test_the_digests_are_those_of_the_run(tmp_path: Path):
    file = a_file(tmp_path / "notes.json")
    done = CliRunner().invoke(app, ["notes", "--file", str(tmp_path / "notes.json"), "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (found["input_digest"], found["result_digest"]) == (rerun(file).input_digest, rerun(file).result_digest)
    assert len(found["result"]["notes"]) == 12
    words = CliRunner().invoke(app, ["notes", "--file", str(tmp_path / "notes.json")], env={"COLUMNS": "80"})
    assert found["result_digest"] in words.stdout


def test_what_is_no_file_is_said_in_a_sentence(tmp_path: Path):
    (tmp_path / "other.json").write_text("[]")
    for path, says in ((tmp_path / "other.json", "not a file of notes"), (tmp_path / "none.json", "cannot be read")):
        done = CliRunner().invoke(app, ["notes", "--file", str(path)])
        assert done.exit_code == 1
        assert says in done.stderr
