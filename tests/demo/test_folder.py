"""Anyone's own videos as demo: through uploads and the ordinary processing."""

import shutil
from pathlib import Path

import msgspec
import pytest

from penchant.accounts import repository as accounts
from penchant.app import Penchant
from penchant.catalog import repository as catalog
from penchant.core.errors import Invalid
from penchant.core.ids import VideoId
from penchant.demo.folder import from_folder
from penchant.demo.plan import FPS, plan
from penchant.demo.service import remove
from penchant.demo.studio import Studio
from penchant.events.model import Watch

pytestmark = [pytest.mark.service, pytest.mark.media]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two creators with a video each, one of which is no video."""
    folder = tmp_path / "my videos"
    (folder / "Anna Müller").mkdir(parents=True)
    (folder / "Bob").mkdir()
    work = tmp_path / "work"
    work.mkdir()
    with Studio(work) as studio:
        _, video, _ = studio.make(msgspec.structs.replace(plan()[3], frames=FPS))
    shutil.copy(video, folder / "Anna Müller" / "first_try.mp4")
    (folder / "Bob" / "broken.mp4").write_text("this is text")
    (folder / "Bob" / "notes.txt").write_text("not looked at")
    return folder


def _work_for(cell: Penchant) -> None:
    """What the worker does meanwhile."""
    with cell.engine.connect() as connection:
        everyone = accounts.demo_accounts(connection)
        waiting = [
            v.id for a in everyone for v in catalog.videos_of(connection, a.id, ("uploaded", "processing"), None, 99)
        ]
    for video in waiting:
        cell.media.processor.first_playable(VideoId(video))


def test_a_folder_becomes_creators_and_videos_and_again_adds_nothing(cell: Penchant, folder: Path) -> None:
    ready, refused = from_folder(cell, cell.media.uploads, folder, wait=lambda seconds: _work_for(cell))
    assert ready == 1
    assert list(refused) == ["Bob/broken.mp4"]
    assert refused["Bob/broken.mp4"]
    anna = cell.accounts.by_handle("anna_muller")
    assert (anna.name, anna.is_demo) == ("Anna Müller", True)
    with cell.engine.connect() as connection:
        videos = catalog.videos_of(connection, anna.id, ("ready",), None, 9)
    assert [video.title for video in videos] == ["first try"]
    watched = [e.event for e in cell.events.log.read(0, 10_000) if isinstance(e.event, Watch)]
    assert len(watched) > 10
    assert {event.video for event in watched} == {videos[0].id}

    offset = cell.events.log.last_offset()
    assert from_folder(cell, cell.media.uploads, folder, wait=lambda seconds: _work_for(cell))[0] == 1
    assert cell.events.log.last_offset() == offset
    assert remove(cell) == 2
    assert not list(cell.objects.keys("videos"))


def test_a_folder_without_videos_says_what_it_looked_for(cell: Penchant, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="mp4"):
        from_folder(cell, cell.media.uploads, tmp_path)
