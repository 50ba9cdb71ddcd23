"""Filling, resuming and removing the demo, against a real database and the real child program."""

import fcntl
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from penchant.accounts import repository as accounts
from penchant.app import Penchant
from penchant.catalog import repository as catalog
from penchant.core.errors import Conflict
from penchant.core.ids import SubjectId
from penchant.demo.plan import plan
from penchant.demo.publish import Publisher, demo_account, video_id_of
from penchant.demo.service import fill, is_declined, remove
from penchant.demo.viewers import subjects
from penchant.events.model import NewEvent, Published, Shown, Watch

pytestmark = [pytest.mark.service, pytest.mark.media]


SHORT = [msgspec.structs.replace(clip, frames=12) for clip in plan()]
"""Clips of half a second: the same way, a tenth of the time."""


def _events(cell: Penchant) -> list[object]:
    return [stored.event for stored in cell.events.log.read(0, 1_000_000)]


def test_filling_makes_accounts_videos_files_and_events(cell: Penchant) -> None:
    seen: list[tuple[int, int]] = []
    assert fill(cell, first=3, wanted=4, clips=SHORT, progress=lambda made, wanted: seen.append((made, wanted))) == 4
    assert seen[0] == (0, 4)
    assert seen[-1] == (4, 4)
    with cell.engine.connect() as connection:
        for clip in plan()[:4]:
            found = catalog.video(connection, video_id_of(clip))
            assert found is not None
            video = found[0]
            assert (video.state, video.is_demo, video.title) == ("ready", True, clip.title)
            assert video.creator.handle == clip.handle
            assert video.sound is not None
            assert video.sound.title == clip.sound_title
            assert video.poster is not None
            for file in (*video.renditions, video.poster):
                assert cell.objects.size_bytes(file.object_key) == file.size_bytes
        assert all(account.is_demo for account in accounts.demo_accounts(connection))
    kinds = Counter(type(event) for event in _events(cell))
    assert kinds[Published] == 4
    assert kinds[Watch] == kinds[Shown] > 4 * 10
    assert not list((cell.settings.data / "demo").glob("work/*"))


def test_filling_again_adds_nothing_and_more_wanted_adds_only_those(cell: Penchant) -> None:
    fill(cell, first=2, wanted=2, clips=SHORT)
    before = cell.events.log.last_offset()
    keys = sorted(cell.objects.keys("videos"))
    assert fill(cell, first=2, wanted=2, clips=SHORT) == 2
    assert cell.events.log.last_offset() == before
    assert sorted(cell.objects.keys("videos")) == keys
    assert fill(cell, first=2, wanted=3, clips=SHORT) == 3
    assert len(list(cell.objects.keys("videos"))) == len(keys) + 2
    published = [event.video for event in _events(cell) if isinstance(event, Published)]
    assert len(published) == len(set(published)) == 3


def test_what_a_kill_left_half_done_is_finished(cell: Penchant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed after the second clip was published, before the crowd heard of it."""
    publish = Publisher.publish
    count = iter(range(100))

    def dies(self: Publisher, *arguments: object) -> None:
        publish(self, *arguments)  # type: ignore[arg-type]
        if next(count) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(Publisher, "publish", dies)
    with pytest.raises(KeyboardInterrupt):
        fill(cell, first=0, wanted=3, clips=SHORT)
    monkeypatch.setattr(Publisher, "publish", publish)
    assert fill(cell, first=0, wanted=3, clips=SHORT) == 3
    watched = {event.video for event in _events(cell) if isinstance(event, Watch)}
    assert watched == {video_id_of(clip) for clip in plan()[:3]}
    published = [event.video for event in _events(cell) if isinstance(event, Published)]
    assert len(published) == len(set(published)) == 3


def test_kill_9_at_any_moment_and_the_next_run_finishes(cell: Penchant, database_url: str, tmp_path: Path) -> None:
    program = [sys.executable, str(Path(__file__).with_name("fill_program.py")), database_url, str(tmp_path / "data")]
    for kill in range(3):
        with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if int(line) > kill:
                    break
            process.kill()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            assert fill(cell, first=4, wanted=6, clips=SHORT) == 6
            break
        except Conflict:  # a killed process's lock is let go when the kernel has cleaned up after it
            continue
    with cell.engine.connect() as connection:
        assert catalog.count_demo(connection) == 6
    events = _events(cell)
    published = [event.video for event in events if isinstance(event, Published)]
    assert sorted(published) == sorted(video_id_of(clip) for clip in plan()[:6])
    watched = {event.video for event in events if isinstance(event, Watch)}
    assert watched == set(published)


def test_removing_leaves_nothing_of_the_demo_and_all_of_the_rest(cell: Penchant) -> None:
    fill(cell, first=2, wanted=2, clips=SHORT)
    person = cell.accounts.make_account("somebody", "Somebody")
    with cell.engine.begin() as connection:
        theirs = cell.catalog.add(connection, person.id, "mine", (), "en")
    watcher = SubjectId(uuid4())
    watch = NewEvent(watcher, uuid4(), 1, cell.clock.now_ms(), Shown(video=theirs, context="feed"))
    cell.events.record([watch])
    assert remove(cell) == 2
    assert is_declined(cell)
    assert not list(cell.objects.keys("videos"))
    with cell.engine.connect() as connection:
        assert accounts.demo_accounts(connection) == []
        assert catalog.count_demo(connection) == 0
        assert catalog.video(connection, theirs) is not None
    for subject in subjects():
        assert cell.events.log.read_subject(subject, 0, 1) == []
    assert len(cell.events.log.read_subject(watcher, 0, 10)) == 1
    assert remove(cell) == 0
    # Asked for again it comes back, viewers and all.
    assert fill(cell, first=1, wanted=1, clips=SHORT) == 1
    assert not is_declined(cell)
    assert any(isinstance(stored.event, Watch) for stored in cell.events.log.read_subject(subjects()[0], 0, 10))


def test_two_at_once_are_refused(cell: Penchant) -> None:
    folder = cell.settings.data / "demo"
    folder.mkdir(parents=True)
    with (folder / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Conflict, match="already"):
            fill(cell, first=1, wanted=1, clips=SHORT)


def test_a_handle_that_a_person_has_is_left_to_them(cell: Penchant, tmp_path: Path) -> None:
    person = cell.accounts.make_account("placard", "A person")
    account = demo_account(cell, "placard", "Placard")
    assert account.is_demo
    assert account.handle == "placard_2"
    assert account.id != person.id
    assert demo_account(cell, "placard", "Placard").id == account.id
