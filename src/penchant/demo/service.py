"""Fill an installation with the demo, and take it out again."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue

from penchant.accounts import repository as accounts
from penchant.catalog import repository as catalog
from penchant.catalog.model import VideoState
from penchant.core.errors import Conflict
from penchant.demo.cell import Cell
from penchant.demo.plan import Clip, plan
from penchant.demo.publish import Publisher, video_id_of
from penchant.demo.studio import Studio
from penchant.demo.themes import THEMES
from penchant.demo.viewers import Watchable, crowd, reactions, subjects, witness
from penchant.events.model import Watch

FIRST = 24
WANTED = 240
Progress = Callable[[int, int], None]
"""Told how many clips are there, of how many wanted."""

_EVERY: tuple[VideoState, ...] = ("uploaded", "processing", "ready", "failed", "removed")
_NO_DEMO = "no-demo"
_LOW_PRIORITY = 19


def fill(
    cell: Cell,
    first: int = FIRST,
    wanted: int = WANTED,
    progress: Progress | None = None,
    clips: Sequence[Clip] | None = None,
    studio: Callable[[Path, int], Studio] = Studio,
) -> int:
    """Make what is missing of the demo; returns how many clips are there.

    The first clips are made at full speed, one child per core, up to two; the rest by one child at the lowest
    priority. It may be killed at any moment and called again: what is there is not made twice. It ends early when
    `remove` is called meanwhile.

    Args:
        clips: instead of the plan.
        studio: where clips are made, from a folder for them and a niceness.

    Raises:
        Conflict: another process is filling this installation.
        StudioFailed: a clip could not be made.
    """
    clips = (plan() if clips is None else clips)[:wanted]
    with _work_folder(cell) as folder:
        _marker(cell).unlink(missing_ok=True)
        run = _Run(cell, folder, clips, progress, studio)
        run.tell_viewers()
        run.make(run.missing()[: max(0, first - run.made)], studios=min(2, os.cpu_count() or 1), niceness=0)
        run.tell_viewers()
        run.make(run.missing(), studios=1, niceness=_LOW_PRIORITY)
        run.tell_viewers()
        return run.made


def is_declined(cell: Cell) -> bool:
    """True once the demo was removed: it does not come back by itself."""
    return _marker(cell).exists()


def remove(cell: Cell) -> int:
    """Remove everything demo: accounts, videos, files, events of simulated viewers. Returns how many videos.

    A `fill` that runs meanwhile ends. The demo stays away until `fill` is called again.
    """
    _marker(cell).parent.mkdir(parents=True, exist_ok=True)
    _marker(cell).touch()
    with cell.engine.connect() as connection:
        people = accounts.demo_accounts(connection)
        videos = [v for person in people for v in catalog.videos_of(connection, person.id, _EVERY, None, 1_000_000)]
        keys = [key for video in videos for key in catalog.object_keys(connection, video.id)]
    for person in people:
        cell.erasure.erase(person)
    known = [subject for subject in subjects() if cell.events.log.read_subject(subject, 0, 1)]
    with cell.engine.begin() as connection:
        for subject in known:
            cell.events.erase(connection, subject)
    cell.events.deliver()
    # Erasing defers this to the worker as well; here it holds without one.
    for key in keys:
        cell.objects.delete(key)
    return len(videos)


class _Run:
    """One call of `fill`."""

    def __init__(
        self,
        cell: Cell,
        folder: Path,
        clips: Sequence[Clip],
        progress: Progress | None,
        studio: Callable[[Path, int], Studio],
    ) -> None:
        self._cell = cell
        self._folder = folder
        self._clips = clips
        self._progress = progress
        self._studio = studio
        self._publisher = Publisher(cell)
        self._there = self._find()
        self._crowd = crowd(list(THEMES))
        self._told = self._find_told()
        self._report()

    @property
    def made(self) -> int:
        return len(self._there)

    def missing(self) -> list[Clip]:
        return [clip for clip in self._clips if clip.number not in self._there]

    def make(self, clips: Sequence[Clip], studios: int, niceness: int) -> None:
        """Make and publish clips, by so many children at once."""
        todo: SimpleQueue[Clip] = SimpleQueue()
        for clip in clips:
            todo.put(clip)
        with ThreadPoolExecutor(studios) as pool:
            workers = [pool.submit(self._work, todo, niceness) for _ in range(min(studios, len(clips)))]
        for worker in workers:
            worker.result()

    def tell_viewers(self) -> None:
        """Let the crowd react to every clip that it has not met."""
        for clip in self._clips:
            if clip.number in self._there and clip.number not in self._told and not is_declined(self._cell):
                self._tell(clip)

    def _work(self, todo: SimpleQueue[Clip], niceness: int) -> None:
        with self._studio(self._folder, niceness) as studio:
            while not is_declined(self._cell):
                try:
                    clip = todo.get_nowait()
                except Empty:
                    return
                made, video, poster = studio.make(clip)
                if is_declined(self._cell):
                    return
                self._publisher.publish(clip, made, video, poster)
                video.unlink()
                poster.unlink()
                self._there.add(clip.number)
                if niceness:
                    self._tell(clip)
                self._report()

    def _tell(self, clip: Clip) -> None:
        watchable = Watchable(video_id_of(clip), clip.theme, clip.duration_ms)
        self._cell.events.record(reactions(self._crowd, watchable, self._cell.clock.now_ms()))
        self._told.add(clip.number)

    def _find(self) -> set[int]:
        """Numbers of clips that exist, listed or removed by moderation."""
        with self._cell.engine.connect() as connection:
            return {clip.number for clip in self._clips if catalog.video(connection, video_id_of(clip)) is not None}

    def _find_told(self) -> set[int]:
        """Clips whose reactions are in the log: they are written in one piece, the witness's among them."""
        met = self._cell.events.log.read_subject(witness(), 0, 1_000_000)
        videos = {stored.event.video for stored in met if isinstance(stored.event, Watch)}
        return {clip.number for clip in self._clips if video_id_of(clip) in videos}

    def _report(self) -> None:
        if self._progress is not None:
            self._progress(self.made, len(self._clips))


@contextmanager
def _work_folder(cell: Cell) -> Iterator[Path]:
    """An empty folder for half-made files, for one `fill` at a time."""
    folder = cell.settings.data / "demo"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Conflict("the demo is being made by another process already", code="demo_running") from None
        work = folder / "work"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(mode=0o700)
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _marker(cell: Cell) -> Path:
    return cell.settings.data / _NO_DEMO
