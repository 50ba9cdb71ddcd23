"""From uploaded bytes to a listed video, on a real database: states, failures in words, and killing everything."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from penchant.accounts.model import Account
from penchant.adapters import ocr
from penchant.app import Penchant
from penchant.catalog import repository as catalog
from penchant.catalog.model import Video
from penchant.core.ids import VideoId
from penchant.events.model import Published
from penchant.media.cut import Cut
from penchant.media.encoder import DIMENSIONS
from penchant.media.limits import MediaLimits
from penchant.media.process import MOST_ATTEMPTS, MOST_CRASHES, MediaProcessor, TryLater
from penchant.media.reasons import REASONS
from penchant.media.sandbox import MediaRefused

pytestmark = [pytest.mark.service, pytest.mark.media]

Maker = Callable[..., Path]
_WORKER = Path(__file__).with_name("worker_program.py")


@pytest.fixture
def creator(cell: Penchant) -> Account:
    _, viewer = cell.accounts.sign_up(None, "ada", "correct horse", 1980)
    assert viewer.account is not None
    return viewer.account


def upload(cell: Penchant, creator: Account, content: bytes, title: str = "a clip", cut: Cut | None = None) -> VideoId:
    uploads = cell.media.uploads
    new = uploads.create(creator, len(content), title, ["one"], "en", cut=cut)
    with uploads.piece(new, 0) as piece:
        piece.write(content)
    done = uploads.settle(new)
    assert done.video is not None
    assert uploads.settle(new).video == done.video
    return done.video


def video_of(cell: Penchant, id_: VideoId) -> Video:
    with cell.engine.connect() as connection:
        found = catalog.video(connection, id_)
    assert found is not None
    return found[0]


def jobs(cell: Penchant) -> list[tuple[str, str]]:
    with cell.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT task_name, status FROM procrastinate_jobs ORDER BY id").all()
    return [(row.task_name, row.status) for row in rows if row.task_name.startswith("media.")]


def sources(cell: Penchant) -> list[str]:
    return [path.name for path in (cell.settings.data / "uploads").iterdir()]


def test_an_upload_is_listed_with_480p_first_and_720p_later(
    cell: Penchant, creator: Account, make_clip: Maker, tmp_path: Path
) -> None:
    clip = make_clip(tmp_path / "clip.mp4", width=720, height=1280).read_bytes()
    id_ = upload(cell, creator, clip)
    assert video_of(cell, id_).state == "uploaded"
    cell.media.processor.first_playable(id_)
    video = video_of(cell, id_)
    assert (video.state, video.width, video.height, video.duration_ms) == ("ready", 480, 854, 2000)
    assert [file.name for file in video.renditions] == ["480p"]
    assert video.poster is not None
    with cell.engine.connect() as connection:
        covers = catalog.covers(connection, [id_])[id_]
    assert [cover.name for cover in covers] == [f"cover-{number}" for number in range(1, 7)]
    assert video.poster.object_key in [cover.object_key for cover in covers]
    for file in (*video.renditions, video.poster):
        assert cell.objects.size_bytes(file.object_key) == file.size_bytes
    published = [stored.event for stored in cell.events.log.read(0, 100) if isinstance(stored.event, Published)]
    assert [(event.video, event.creator, event.encoder, len(event.vector)) for event in published] == [
        (id_, creator.id, "clip-1", DIMENSIONS)
    ]
    waiting = ["media.first_playable", "media.further_rungs", "media.know_sound"]
    waiting += ["media.read_pictures"] if ocr.is_installed() else []
    assert jobs(cell) == [(name, "todo") for name in waiting]

    cell.media.processor.further_rungs(id_)
    assert [(file.name, file.width) for file in video_of(cell, id_).renditions] == [("480p", 480), ("720p", 720)]
    assert sources(cell) == []
    # A second delivery of either job changes nothing.
    cell.media.processor.first_playable(id_)
    cell.media.processor.further_rungs(id_)
    assert len([e for e in cell.events.log.read(0, 100) if isinstance(e.event, Published)]) == 1
    assert len([key for key in cell.objects.keys("videos") if "/cover-" not in key]) == 4
    after = video_of(cell, id_)
    assert after.strip is not None
    assert after.preview is not None
    # 5 by 4 tiles of 90 by 160; the preview is small enough for a page full of them.
    assert (after.strip.width, after.strip.height) == (450, 640)
    assert after.preview.size_bytes <= 300_000
    assert list((cell.settings.data / "work").iterdir()) == []


@pytest.mark.parametrize(
    ("content", "code"), [(b"text, no video" * 99, "not_a_video"), (b"\0\0\0\x18ftypisom" + b"\0" * 99, "truncated")]
)
def test_a_file_that_is_no_video_fails_in_words_and_the_next_goes_on(
    content: bytes, code: str, cell: Penchant, creator: Account, make_clip: Maker, tmp_path: Path
) -> None:
    bad = upload(cell, creator, content)
    good = upload(cell, creator, make_clip(tmp_path / "clip.mp4").read_bytes())
    cell.media.processor.first_playable(bad)
    cell.media.processor.first_playable(good)
    failed = video_of(cell, bad)
    assert (failed.state, failed.failure_code, failed.failure_text) == ("failed", code, REASONS[code].text)
    assert video_of(cell, good).state == "ready"


def test_the_markets_limit_of_seconds_holds(cell: Penchant, creator: Account, make_clip: Maker, tmp_path: Path) -> None:
    processor = MediaProcessor(
        cell.engine,
        cell.media.processor._files,
        cell.catalog,
        cell.events,
        cell.jobs,
        cell.objects,
        tmp_path / "work",
        MediaLimits(seconds=1),
    )
    id_ = upload(cell, creator, make_clip(tmp_path / "clip.mp4").read_bytes())
    processor.first_playable(id_)
    assert video_of(cell, id_).failure_code == "too_long"


def test_a_removed_video_is_not_listed_after_all(
    cell: Penchant, creator: Account, make_clip: Maker, tmp_path: Path
) -> None:
    id_ = upload(cell, creator, make_clip(tmp_path / "clip.mp4").read_bytes())
    with cell.engine.begin() as connection:
        cell.catalog.remove(connection, video_of(cell, id_), "creator")
    cell.media.processor.first_playable(id_)
    assert video_of(cell, id_).state == "removed"
    assert list(cell.objects.keys()) == []


def test_crashes_are_tried_again_a_few_times_then_it_has_failed_and_can_be_retried(
    cell: Penchant, creator: Account, make_clip: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = upload(cell, creator, make_clip(tmp_path / "clip.mp4").read_bytes())
    with monkeypatch.context() as patched:
        patched.setattr(
            "penchant.media.workshop.Workshop.first_playable",
            lambda *_: (_ for _ in ()).throw(MediaRefused("crashed", "signal 11")),
        )
        for attempt in range(MOST_CRASHES - 1):
            with pytest.raises(TryLater):
                cell.media.processor.first_playable(id_, attempt)
            assert video_of(cell, id_).state == "processing"
        cell.media.processor.first_playable(id_, MOST_CRASHES - 1)
    assert video_of(cell, id_).failure_code == "crashed"
    assert cell.media.uploads.retry(creator, id_).state == "processing"
    cell.media.processor.first_playable(id_)
    assert video_of(cell, id_).state == "ready"


def test_a_part_that_is_not_there_fails_in_words_and_another_part_of_the_same_file_does_not(
    cell: Penchant, creator: Account, make_clip: Maker, tmp_path: Path
) -> None:
    clip = make_clip(tmp_path / "clip.mp4", width=720, height=1280, frames=90).read_bytes()
    beyond = upload(cell, creator, clip, cut=Cut(2_500))
    within = upload(cell, creator, clip, cut=Cut(1_500, mute=True))
    for id_ in (beyond, within):
        cell.media.processor.first_playable(id_)
    failed = video_of(cell, beyond)
    assert (failed.state, failed.failure_text) == ("failed", REASONS["trim_outside"].text)
    cell.media.processor.further_rungs(within)
    video = video_of(cell, within)
    assert (video.state, video.duration_ms, len(video.renditions)) == ("ready", 1_500, 2)
    for file in video.renditions:
        content = b"".join(cell.objects.read(file.object_key))
        assert b"vide" in content
        assert b"mp4a" not in content


def test_a_file_that_kills_workers_is_given_up(cell: Penchant, creator: Account) -> None:
    id_ = upload(cell, creator, b"poison")
    cell.media.processor.first_playable(id_, MOST_ATTEMPTS)
    assert video_of(cell, id_).failure_code == "gave_up"


def test_bytes_that_came_before_a_kill_become_a_video_when_somebody_looks(cell: Penchant, creator: Account) -> None:
    uploads = cell.media.uploads
    new = uploads.create(creator, 5, "", [], "en")
    with uploads.piece(new, 0) as piece:
        piece.write(b"01234")
    # Killed here, before `settle`; the sweep finds it.
    uploads.sweep()
    assert uploads.status(creator, new.id).video is not None


def test_an_unverified_piece_does_not_count_after_a_kill(cell: Penchant, creator: Account) -> None:
    uploads = cell.media.uploads
    new = uploads.create(creator, 10, "", [], "en")
    with uploads.piece(new, 0) as piece:
        piece.write(b"01")
    with suppress(KeyboardInterrupt), uploads.piece(new, 2, ("sha1", b"x" * 20)) as piece:
        piece.write(b"234")
        raise KeyboardInterrupt
    assert uploads.received_bytes(new) == 2
    with uploads.piece(new, 2) as piece:
        piece.write(b"23456789")
    assert (cell.settings.data / "uploads" / new.id.hex).read_bytes() == b"0123456789"
    assert uploads.received_bytes(new) == 10


@contextmanager
def worker(cell: Penchant, database_url: str, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PENCHANT_")}
    environment |= {f"PENCHANT_{name.upper()}": value for name, value in settings.items()}
    process = subprocess.Popen([sys.executable, str(_WORKER), str(cell.settings.data), database_url], env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(true: Callable[[], bool], seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        threading.Event().wait(0.05)


def media_child_of(pid: int) -> int | None:
    """The media child that a worker is running, once it is transcoding."""
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            stat = (entry / "stat").read_text()
            parent = int(stat.rsplit(")", 1)[1].split()[1])
            if parent == pid and b"penchant.media.child" in (entry / "cmdline").read_bytes():
                return int(entry.name)
    return None


def unfinished(cell: Penchant) -> list[str]:
    """Media jobs that are still to be done; the worker deletes those that succeeded."""
    names = ("media.first_playable", "media.further_rungs", "media.know_sound", "media.read_pictures")
    return [name for name, _ in jobs(cell) if name in names]


@pytest.mark.skipif(sys.platform != "linux", reason="finds the child in /proc")
@pytest.mark.parametrize("victim", ["child", "worker"])
def test_kill_9_in_mid_transcode_ends_ready(
    victim: str, cell: Penchant, creator: Account, database_url: str, make_clip: Maker, tmp_path: Path
) -> None:
    clip = make_clip(tmp_path / "clip.mp4", width=1080, height=1920, frames=75, sound_seconds=2.5)
    id_ = upload(cell, creator, clip.read_bytes(), cut=Cut(250, 2_250, mute=True))

    def transcoding() -> bool:
        return bool(list((cell.settings.data / "work").glob("*/480p.mp4")))

    with worker(cell, database_url) as first:
        wait_until(transcoding)
        child = media_child_of(first.pid)
        assert child is not None
        os.kill(child if victim == "child" else first.pid, signal.SIGKILL)
        if victim == "child":
            wait_until(lambda: video_of(cell, id_).state == "ready")
        else:
            first.wait()
            wait_until(lambda: not Path(f"/proc/{child}").exists())
    if victim == "worker":
        assert video_of(cell, id_).state == "processing"
        with worker(cell, database_url):
            wait_until(lambda: video_of(cell, id_).state == "ready")
            wait_until(lambda: len(video_of(cell, id_).renditions) == 3)
            wait_until(lambda: not unfinished(cell))
        assert sources(cell) == []
    assert ("media.first_playable", "todo") not in jobs(cell)
    assert video_of(cell, id_).duration_ms == 2_000
