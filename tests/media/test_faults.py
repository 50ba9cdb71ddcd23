"""Workers killed at each step, full disks, a database that is away, a store that refuses: ready or failed, never stuck.

What `test_process.py` shows for one kill is shown here for everything that a job leans on.
"""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.conftest import CHEAP_HASHER
from tests.media.test_process import creator as creator
from tests.media.test_process import jobs, sources, unfinished, upload, video_of, wait_until, worker

from penchant.accounts.model import Account
from penchant.adapters import embedded_postgres
from penchant.app import Penchant, build
from penchant.catalog.repository import renditions
from penchant.core.database import make_engine
from penchant.core.errors import PenchantError
from penchant.core.migrations import migrate
from penchant.core.objects import ObjectStore
from penchant.core.settings import Settings
from penchant.events.model import Published
from penchant.media.limits import MediaLimits
from penchant.media.process import MOST_ATTEMPTS, MOST_CRASHES, MediaProcessor, TryLater

pytestmark = [pytest.mark.service, pytest.mark.media]

Maker = Callable[..., Path]


def published(cell: Penchant) -> int:
    """How often something was listed."""
    return sum(isinstance(stored.event, Published) for stored in cell.events.log.read(0, 1000))


def processor(cell: Penchant, objects: ObjectStore | None = None, work: Path | None = None) -> MediaProcessor:
    """The cell's, with another store or work folder."""
    return MediaProcessor(
        cell.engine,
        cell.media.processor._files,
        cell.catalog,
        cell.events,
        cell.jobs,
        objects or cell.objects,
        work or cell.settings.data / "work",
        MediaLimits(),
    )


@contextmanager
def small_disk(at: Path, size_kib: int) -> Iterator[None]:
    """A file system of its own with so much room; only root may make one."""
    at.mkdir(parents=True, exist_ok=True)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size_kib}k,mode=0700", "tmpfs", str(at)], check=False)
    if made.returncode:
        pytest.skip("a small disk needs the right to mount one")
    try:
        yield
    finally:
        subprocess.run(["umount", str(at)], check=True)


class RefusingStore:
    """A store that takes the first `room` files and refuses the next `refusals`, as a full or broken one does."""

    def __init__(self, store: ObjectStore, room: int, refusals: int) -> None:
        self._store = store
        self._room = room
        self._refusals = refusals

    def put_file(self, key: str, path: Path) -> int:
        if self._room == 0 and self._refusals > 0:
            self._refusals -= 1
            raise OSError(28, "No space left on device")
        self._room = max(0, self._room - 1)
        return self._store.put_file(key, path)

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


@pytest.mark.parametrize("room", [0, 1, 4])
def test_a_store_that_refuses_for_a_while_costs_tries_and_nothing_else(
    room: int, cell: Penchant, creator: Account, make_clip: Maker, tmp_path: Path
) -> None:
    """It refuses the rendition, takes it and refuses the first cover, or some covers and not the next."""
    id_ = upload(cell, creator, make_clip(tmp_path / "clip.mp4", width=96, height=128).read_bytes())
    media = processor(cell, RefusingStore(cell.objects, room, refusals=2))  # type: ignore[arg-type]
    for attempt in range(2):
        with pytest.raises(TryLater):
            media.first_playable(id_, attempt)
        assert (video_of(cell, id_).state, published(cell)) == ("processing", 0)
    media.first_playable(id_, 2)
    assert (video_of(cell, id_).state, published(cell)) == ("ready", 1)
    with cell.engine.connect() as connection:
        named = {row.object_key for row in connection.execute(select(renditions.c.object_key))}
    assert set(cell.objects.keys()) == named


def test_a_store_that_refuses_for_good_is_given_up_and_can_be_retried(
    cell: Penchant, creator: Account, make_clip: Maker, tmp_path: Path
) -> None:
    id_ = upload(cell, creator, make_clip(tmp_path / "clip.mp4", width=96, height=128).read_bytes())
    media = processor(cell, RefusingStore(cell.objects, 0, refusals=99))  # type: ignore[arg-type]
    with pytest.raises(TryLater):
        media.first_playable(id_, MOST_ATTEMPTS - 1)
    media.first_playable(id_, MOST_ATTEMPTS)
    assert (video_of(cell, id_).failure_code, published(cell), list(cell.objects.keys())) == ("gave_up", 0, [])
    cell.media.uploads.retry(creator, id_)
    cell.media.processor.first_playable(id_)
    assert (video_of(cell, id_).state, published(cell)) == ("ready", 1)


@pytest.mark.parametrize(("place", "size_kib"), [("work", 8), ("work", 400), ("work", 560), ("objects", 16)])
def test_a_full_disk_fails_in_words_and_goes_on_when_there_is_room(
    place: str, size_kib: int, cell: Penchant, creator: Account, make_clip: Maker, tmp_path: Path
) -> None:
    """No room for the source, for the rendition, for its second pass, for the object."""
    clip = make_clip(tmp_path / "clip.mp4", detail=0.2).read_bytes()
    id_ = upload(cell, creator, clip)
    with small_disk(cell.settings.data / place, size_kib):
        for attempt in range(MOST_CRASHES - 1):
            with pytest.raises(TryLater):
                cell.media.processor.first_playable(id_, attempt)
        if place == "work":
            cell.media.processor.first_playable(id_, MOST_CRASHES - 1)
            assert video_of(cell, id_).failure_code == "no_space"
            assert not list((cell.settings.data / "work").iterdir())
    assert published(cell) == 0
    if place == "work":
        cell.media.uploads.retry(creator, id_)
    cell.media.processor.first_playable(id_)
    assert (video_of(cell, id_).state, published(cell)) == ("ready", 1)


def test_a_full_disk_refuses_an_upload_before_it_is_one(cell: Penchant, creator: Account) -> None:
    with small_disk(cell.settings.data / "uploads", 64):
        with pytest.raises(PenchantError) as caught:
            cell.media.uploads.create(creator, 1 << 20, "", [], "en")
        assert caught.value.code == "no_space"
        assert sources(cell) == []


def test_hostile_files_and_an_honest_one_all_leave_the_queue(
    cell: Penchant, creator: Account, database_url: str, make_clip: Maker, tmp_path: Path
) -> None:
    """One real worker, one job after the other; the honest clip came last."""
    from tests.media.hostile.corpus import HOSTILE

    honest = make_clip(tmp_path / "clip.mp4", width=96, height=128).read_bytes()
    names = ("playlist", "gif_of_65535_by_65535", "box_within_itself", "samples_outside_the_file")
    ids = {name: upload(cell, creator, HOSTILE[name].make(honest)) for name in names}
    last = upload(cell, creator, honest)
    with worker(cell, database_url):
        wait_until(lambda: video_of(cell, last).state == "ready")
        wait_until(lambda: not unfinished(cell))
    for name, id_ in ids.items():
        video = video_of(cell, id_)
        assert video.state == "failed", name
        assert video.failure_code in HOSTILE[name].verdicts
    assert published(cell) == 1


_STEPS: dict[str, str] = {
    "the source lies in its folder": "work/*/source",
    "the first child runs": "work/*/child.log",
    "it transcodes": "work/*/480p.mp4",
    "it is signed": "work/*/signed.mp4",
    "the covers are drawn": "work/*/cover-1.jpg",
    "the rendition is stored": "objects/videos/*/480p-*",
    "the second size is made": "work/*/720p.mp4",
}


@pytest.mark.scale
def test_a_worker_killed_at_each_step_ends_ready_and_listed_once(
    cell: Penchant, creator: Account, database_url: str, make_clip: Maker, tmp_path: Path
) -> None:
    clip = make_clip(tmp_path / "clip.mp4", width=720, height=1280, frames=90, sound_seconds=3)
    id_ = upload(cell, creator, clip.read_bytes())
    data = cell.settings.data
    for pattern in _STEPS.values():
        left_behind = set(data.glob(pattern))
        with worker(cell, database_url) as running:
            wait_until(lambda: bool(set(data.glob(pattern)) - left_behind) or not unfinished(cell))  # noqa: B023
            os.kill(running.pid, signal.SIGKILL)
            running.wait()
        assert video_of(cell, id_).state in ("processing", "ready")
    with worker(cell, database_url):
        wait_until(lambda: not unfinished(cell))
    video = video_of(cell, id_)
    assert (video.state, published(cell)) == ("ready", 1)
    assert [rendition.name for rendition in video.renditions] == ["480p", "720p"]
    assert sources(cell) == []
    assert all(status != "doing" for _, status in jobs(cell))


@pytest.mark.scale
def test_a_database_that_is_away_for_ten_seconds_costs_a_try(make_clip: Maker, tmp_path: Path) -> None:
    with embedded_postgres.throw_away(durable=False) as home:
        engine = make_engine(home.url)
        migrate(engine)
        engine.dispose()
        cell = build(Settings(data=tmp_path / "data"), database_url=home.url, hasher=CHEAP_HASHER)
        _, viewer = cell.accounts.sign_up(None, "ada", "correct horse", 1980)
        assert viewer.account is not None
        clip = make_clip(tmp_path / "clip.mp4", width=720, height=1280, frames=90, channels=0)
        id_ = upload(cell, viewer.account, clip.read_bytes())
        with worker(cell, home.url) as first:
            wait_until(lambda: bool(list((tmp_path / "data" / "work").glob("*/480p.mp4"))))
            embedded_postgres.stop_left_behind(home, lambda _: None)
            threading.Event().wait(10)  # what is tested
            server = embedded_postgres.start(home)
            embedded_postgres.wait_until_ready(home, server, lambda _: None)
            cell.engine.dispose()
            first.kill()
        # `up` starts a worker that left again; here it leaves in any case.
        with worker(cell, home.url):
            wait_until(lambda: not unfinished(cell))
        assert (video_of(cell, id_).state, published(cell)) == ("ready", 1)
        assert sources(cell) == []
        cell.close()
        embedded_postgres.stop(server)
