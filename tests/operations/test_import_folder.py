"""A folder of videos comes in by the same checks and jobs as uploads: once, whatever interrupts it."""

import csv
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path

import pytest
from sqlalchemy import Connection

from penchant.app import Penchant
from penchant.catalog import repository as catalog
from penchant.catalog.model import Video
from penchant.core.errors import Invalid
from penchant.core.ids import parse_id
from penchant.operations.import_folder import FolderImport, Outcome
from penchant.operations.import_table import Entry, entries_of

GIF = b"GIF89a" + b"\0" * 60


def write_table(folder: Path, *rows: dict[str, str]) -> None:
    with (folder / "videos.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["file", "title", "hashtags", "creator", "language", "published"])
        writer.writeheader()
        writer.writerows(rows)


def test_a_folder_tells_its_files_with_and_without_a_table(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    for name in ("one_two.mp4", "more/three.mov", ".hidden.mp4"):
        (tmp_path / name).write_bytes(b"x")
    assert entries_of(tmp_path) == [Entry("more/three.mov", "three"), Entry("one_two.mp4", "one two")]
    write_table(tmp_path, {"file": "one_two.mp4", "title": "One, two", "hashtags": "#a b", "creator": "@Ada"})
    told = Entry("one_two.mp4", "One, two", ("#a", "b"), "@Ada")
    assert entries_of(tmp_path) == [Entry("more/three.mov", "three"), told]
    other = tmp_path / "other.json"
    other.write_text(json.dumps([{"file": "gone.mp4", "hashtags": ["a", "b"], "published": "2020-01-02"}]))
    assert Entry("gone.mp4", "", ("a", "b"), published="2020-01-02") in entries_of(tmp_path, other)
    for wrong in ('{"file": "x"}', '[{"title": "x"}]', '[{"file": "x", "titel": "y"}]', "[", '["x"]'):
        other.write_text(wrong)
        with pytest.raises(Invalid, match=r"other\.json"):
            entries_of(tmp_path, other)


def run(cell: Penchant, folder: Path, **options: object) -> list[Outcome]:
    it = FolderImport(cell.engine, cell.clock, cell.accounts, cell.media.uploads, **options)  # type: ignore[arg-type]
    it.run(folder, entries_of(folder), lambda *_: None, wait=False)
    return it.outcomes


def video_of(cell: Penchant, outcome: Outcome) -> Video:
    assert outcome.video is not None
    with cell.engine.connect() as connection:
        found = catalog.video(connection, parse_id(outcome.video))  # type: ignore[arg-type]
    assert found is not None
    return found[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "videos"
    folder.mkdir()
    for name in ("a", "b", "c", "d", "e"):
        (folder / f"{name}.gif").write_bytes(GIF + name.encode())
    (folder / "notes.txt").write_text("no video")
    (folder / "empty.mp4").write_bytes(b"")
    write_table(
        folder,
        {"file": "a.gif", "title": "A", "hashtags": "x,y", "creator": "Ada", "published": "2025-05-06T07:08:09Z"},
        {"file": "b.gif", "title": "B", "creator": "jane.doe", "language": "fr"},
        {"file": "c.gif", "title": "t" * 200, "creator": "ada"},
        {"file": "d.gif", "title": "D", "creator": "ada", "published": "2999-01-01"},
        {"file": "../outside.mp4", "title": "O", "creator": "ada"},
        {"file": "missing.mp4", "title": "M", "creator": "ada"},
    )
    (tmp_path / "outside.mp4").write_bytes(GIF)
    return folder


@pytest.mark.service
def test_what_is_refused_is_told_and_nothing_comes_twice(cell: Penchant, folder: Path) -> None:
    dry = run(cell, folder, dry_run=True, creator="zoe", creators={"jane.doe": "jane"})
    assert {one.file: one.state for one in dry if one.state != "refused"} == {
        "a.gif": "new",
        "b.gif": "new",
        "e.gif": "new",
    }
    assert cell.accounts.make_account("ada").name == "ada"  # the dry run made nobody
    assert list((cell.settings.data / "uploads").iterdir()) == []

    outcomes = {one.file: one for one in run(cell, folder, creator="zoe", creators={"jane.doe": "jane"})}
    assert {file: one.code for file, one in outcomes.items() if one.state == "refused"} == {
        "../outside.mp4": "outside",
        "c.gif": "invalid",
        "d.gif": "invalid",
        "empty.mp4": "empty",
        "missing.mp4": "missing",
        "notes.txt": "not_a_video",
    }
    assert "title" in (outcomes["c.gif"].reason or "")
    a, b, e = (video_of(cell, outcomes[f"{name}.gif"]) for name in "abe")
    assert (a.creator.handle, a.title, a.hashtags) == ("ada", "A", ("x", "y"))
    assert a.created_at.isoformat() == "2025-05-06T07:08:09+00:00"
    assert a.id < b.id  # older among its creator's videos
    assert (b.creator.handle, b.language) == ("jane", "fr")
    assert (e.creator.handle, e.title) == ("zoe", "e")

    again = {one.file: one for one in run(cell, folder, creator="zoe", creators={"jane.doe": "jane"})}
    assert {file: one.video for file, one in again.items()} == {file: one.video for file, one in outcomes.items()}
    # The worker has seen to one of them meanwhile: it is no whole GIF.
    cell.media.processor.first_playable(a.id)
    third = {one.file: one for one in run(cell, folder, creator="zoe", creators={"jane.doe": "jane"})}
    assert (third["a.gif"].state, third["a.gif"].video) == ("refused", outcomes["a.gif"].video)
    assert third["a.gif"].reason
    nobody = {one.file: one for one in run(cell, folder)}
    assert nobody["e.gif"].code == "no_creator"
    assert nobody["b.gif"].code == "no_creator"  # jane.doe is no handle


@pytest.mark.service
def test_it_stops_between_two_files_and_while_it_waits(cell: Penchant, folder: Path) -> None:
    entries = [entry for entry in entries_of(folder) if entry.file in ("a.gif", "b.gif", "e.gif")]
    for most in (1, 3):  # nobody converts them, so the second run waits for a worker
        stop = threading.Event()
        it = FolderImport(
            cell.engine, cell.clock, cell.accounts, cell.media.uploads, creator="zoe", creators={"jane.doe": "jane"}
        )

        def report(what: str, done: int, _of: int, most: int = most, stop: threading.Event = stop) -> None:
            if (what, done) == ("brought in", most):
                stop.set()

        assert not it.run(folder, entries, report, stop=stop)
        assert [one.state for one in it.outcomes] == ["waiting"] * most


@pytest.mark.service
def test_a_file_that_was_taken_in_stays_when_the_interrupt_comes_late(cell: Penchant, folder: Path) -> None:
    uploads = cell.media.uploads

    class Late:
        """An engine that is interrupted just after what was begun has been committed."""

        @contextmanager
        def begin(self) -> Iterator[Connection]:
            with cell.engine.begin() as connection:
                yield connection
            raise KeyboardInterrupt

    late = copy(uploads)
    late._engine = Late()  # type: ignore[assignment]
    account = cell.accounts.make_account("ada")
    with pytest.raises(KeyboardInterrupt):
        late.take_in(account, folder / "a.gif", uploads.about("A", [], "en"))
    video = uploads.taken_before(account, folder / "a.gif")
    assert video is not None
    cell.media.processor.first_playable(video.id)
    after = uploads.taken_before(account, folder / "a.gif")
    assert after is not None
    assert after.failure_code == "truncated"  # its bytes were there to be judged
