"""Words in pictures: read after a video is listed, looked at by the lists, and nothing of them kept."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.media.conftest import make_clip as make_clip
from tests.media.test_process import wait_until, worker
from tests.safety.test_never_again import post, state_of

from penchant.adapters import ocr
from penchant.adapters.ocr.reader import read_lines
from penchant.app import Penchant
from penchant.catalog import repository as catalog
from penchant.core.ids import VideoId
from penchant.core.jobs import TryLater
from penchant.media.on_screen import MOST_STILLS, MOST_TRIES, QUEUE, READ_PICTURES, SHORT_SIDE, ReaderFailed, ReadLines
from penchant.safety import repository
from penchant.safety.model import Label

pytestmark = [pytest.mark.service, pytest.mark.media]

BAD = "you know what? just killyourself now"


class Scripted:
    """A `ReadLines` that reads the same in every picture, or fails so many times before."""

    def __init__(self, *lines: str, failures: int = 0) -> None:
        self.lines = lines
        self.failures = failures
        self.seen: list[NDArray[np.uint8]] = []

    def __call__(self, pictures: NDArray[np.uint8]) -> list[list[str]]:
        self.seen.append(pictures)
        if self.failures:
            self.failures -= 1
            raise ReaderFailed("the model broke down")
        return [list(self.lines)] * len(pictures)


def read_by(cell: Penchant, read: ReadLines | None) -> None:
    cell.media.on_screen._read = read


def labels(cell: Penchant, video: VideoId) -> list[Label]:
    with cell.engine.connect() as connection:
        return repository.labels_of(connection, "video", video)


def waiting(cell: Penchant) -> list[str]:
    with cell.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT queue_name, task_name FROM procrastinate_jobs ORDER BY id").all()
    return [row.task_name for row in rows if row.queue_name == QUEUE]


@pytest.fixture
def clip(make_clip: Callable[..., Path], tmp_path: Path) -> bytes:
    return make_clip(tmp_path / "clip.mp4", width=720, height=1280).read_bytes()


def test_a_listed_video_is_read_and_a_phrase_of_the_lists_is_all_that_stays(cell: Penchant, clip: bytes):
    read = Scripted("@ada, every day", BAD)
    read_by(cell, read)
    video = post(cell, "ada", clip)
    assert (state_of(cell, video), waiting(cell), read.seen) == ("ready", [READ_PICTURES], []), "nobody waited for it"
    cell.media.on_screen.read(video)
    (pictures,) = read.seen
    assert (len(pictures), min(pictures.shape[1:3])) == (MOST_STILLS, SHORT_SIDE)
    (label,) = labels(cell, video)
    assert (label.label, label.source) == ("harassment", "words")
    assert label.evidence == {"field": "on_screen", "phrase": "kil yourself"}


def test_the_same_mark_on_all_videos_of_somebody_is_no_spam(
    cell: Penchant, make_clip: Callable[..., Path], tmp_path: Path
):
    read_by(cell, Scripted("my little kitchen, new every day"))
    for number in range(4):
        clip = make_clip(tmp_path / f"{number}.mp4", frames=12, channels=0, seed=number)
        video = post(cell, "ada", clip.read_bytes(), title=f"clip {number}")
        cell.media.on_screen.read(video)
        assert labels(cell, video) == []


def test_a_reader_that_fails_is_asked_again_and_does_no_harm(cell: Penchant, clip: bytes):
    read = Scripted(BAD, failures=MOST_TRIES)
    read_by(cell, read)
    video = post(cell, "ada", clip)
    for attempt in range(MOST_TRIES - 1):
        with pytest.raises(TryLater):
            cell.media.on_screen.read(video, attempt)
    cell.media.on_screen.read(video, MOST_TRIES - 1)
    assert (state_of(cell, video), labels(cell, video)) == ("ready", [])
    cell.media.on_screen.read(video, MOST_TRIES)
    assert len(read.seen) == MOST_TRIES, "over which workers die is given up"


def test_a_video_that_goes_meanwhile_is_no_fault(cell: Penchant, clip: bytes):
    def remove() -> None:
        with cell.engine.begin() as connection:
            found = catalog.video(connection, video)
            assert found is not None
            cell.catalog.remove(connection, found[0], "creator")

    class Slow(Scripted):
        def __call__(self, pictures: NDArray[np.uint8]) -> list[list[str]]:
            remove()
            return super().__call__(pictures)

    read = Slow(BAD)
    read_by(cell, read)
    video = post(cell, "ada", clip)
    cell.media.on_screen.read(video)
    cell.media.on_screen.read(video)
    assert (len(read.seen), labels(cell, video)) == (1, [])


def test_a_place_without_a_reader_asks_for_nothing_and_the_worker_has_the_queue(
    cell: Penchant, database_url: str, clip: bytes
):
    read_by(cell, None)
    video = post(cell, "ada", clip)
    assert waiting(cell) == []
    read_by(cell, Scripted())
    with cell.engine.begin() as connection:
        cell.media.on_screen.begin(connection, video)
    assert waiting(cell) == [READ_PICTURES]
    with worker(cell, database_url):
        wait_until(lambda: waiting(cell) == [])
    assert labels(cell, video) == []


@pytest.mark.slow
@pytest.mark.skipif(not ocr.is_installed(), reason="the extra detect is not installed: ./dev detect")
def test_words_on_a_real_video_are_found(cell: Penchant, tmp_path: Path):
    program = Path(__file__).with_name("written_clip.py")
    subprocess.run([sys.executable, str(program), str(tmp_path / "written.mp4"), "just kill yourself"], check=True)
    assert cell.media.on_screen._read is read_lines
    video = post(cell, "ada", (tmp_path / "written.mp4").read_bytes())
    cell.media.on_screen.read(video)
    assert [label.evidence for label in labels(cell, video)] == [{"field": "on_screen", "phrase": "kil yourself"}]
