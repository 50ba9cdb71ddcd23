"""How fast the taste engine is: events learned from, pages made, how soon an event is in an epoch; and its memory."""

import gc
import os
import resource
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from uuid import UUID

import msgspec
import numpy as np

from penchant.accounts.model import Viewer
from penchant.core.ids import SubjectId
from penchant.events.history import read_history
from penchant.events.model import SYSTEM, NewEvent, Published, Shown, StoredEvent, Watch
from penchant.feed.model import Page
from penchant.feed.queries.viewer import taste_of
from penchant.feed.recipe import ALIKE, CREATOR_PERCENT, FRESH, PROMOTED, TURN_ALIKE, TURN_PARTS
from penchant.lab.bench_report import Times
from penchant.lab.bench_world import Asker, Cell, Progress
from penchant.taste.learner import Learner
from penchant.taste.recipe import KEPT, SERVED
from penchant.taste.run import TasteProcess
from penchant.taste.service import PageTaste

ASKED_EVENTS_PER_S = 20_000.0
ASKED_PAGE_P50_MS, ASKED_PAGE_P99_MS = 8.0, 25.0
ASKED_EPOCH_P99_MS = 5_000.0
_SWIPES = 10
_STEP_MS = 3


class Learning(msgspec.Struct, frozen=True):
    """The whole path: read from the log, join with pages, fold, train, fit, publish, save."""

    events: int
    examples: int
    """Lists that the blend learned from."""
    wall_s: float
    cpu_s: float
    """Of this process with its threads; the database server's is not in it."""
    stream_cpu_s: float
    """Of it, what follows the log: all but the fits of rows and taste vectors, which go on beside it, again and again
    while there is news, as fast or slow as there is time."""
    read_cpu_s: float
    """Of that, reading the log once more by itself."""
    events_per_s_per_core: float
    """Events over `stream_cpu_s`."""
    events_per_s_per_core_with_fits: float
    """Events over `cpu_s`."""
    asked: float
    active: int
    """Videos with live signals at the end."""


class Pages(msgspec.Struct, frozen=True):
    """Pages made in this process, one after the other."""

    whole: Times
    """With the database: query, facts, record, commit."""
    taste: Times
    """Without it: candidates, rows and scores from the epoch."""
    asked_p50_ms: float
    asked_p99_ms: float


class Memory(msgspec.Struct, frozen=True):
    """What stays resident, by difference between processes that hold more and less."""

    learner_bytes_per_viewer: float
    """With `plays` encounters each, a quarter of them watched long."""
    plays: int
    learner_bytes_per_video: float
    """Published, not active."""
    learner_mb_of_active_videos: float
    """The table of live signals at its largest, with its base."""


class TasteBench:
    """One installation whose log nobody has learned from yet."""

    def __init__(self, cell: Cell, askers: list[Asker], seed: int) -> None:
        self._cell = cell
        self._viewers = [Viewer(asker.subject, None, "adult") for asker in askers]
        self._rng = np.random.default_rng([seed, 4])
        self._sequence = 0

    def learn(self, progress: Progress) -> Learning:
        """Follows the log from its beginning to its end, twice: the second half has pages that were served."""
        process = self._cell.learner()
        self._follow(process, progress)
        self._swipe(progress)
        process.close()
        # Everything again, in one go, with the lists of the pages that were served.
        process = self._cell.learner()
        process.restart()
        wall, cpu, stream = time.perf_counter(), time.process_time(), time.thread_time()
        events = self._follow(process, progress)
        process.wait_for_refit()
        process.publish()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        # Fits are made in other threads.
        stream = time.thread_time() - stream
        done = process.progress
        process.close()
        read = time.process_time()
        offset = 0
        while found := self._cell.events.log.read(offset, 2_000):
            offset = found[-1].offset
        read = time.process_time() - read
        return Learning(
            events=events,
            examples=done.examples,
            wall_s=round(wall, 2),
            cpu_s=round(cpu, 2),
            stream_cpu_s=round(stream, 2),
            read_cpu_s=round(read, 2),
            events_per_s_per_core=round(events / stream),
            events_per_s_per_core_with_fits=round(events / cpu),
            asked=ASKED_EVENTS_PER_S,
            active=len(self._cell.taste.epoch().active),
        )

    def _follow(self, process: TasteProcess, progress: Progress) -> int:
        last, first = self._cell.events.log.last_offset(), process.progress.position
        while process.step():
            progress("events learned from", process.progress.position, last)
        return process.progress.position - first

    def _swipe(self, progress: Progress) -> None:
        """Everybody swipes through a page: every third video is watched to its end."""
        for number, viewer in enumerate(self._viewers):
            if number % 20 == 0:
                progress("pages swiped", number, len(self._viewers))
            page = self._page(viewer)
            self._cell.events.record(
                [event for item in range(len(page.items)) for event in self._swiped(page, item, viewer)]
            )

    def _page(self, viewer: Viewer) -> Page:
        return self._cell.feed.page(viewer, UUID(int=viewer.subject.int ^ 1), count=_SWIPES)

    def _swiped(self, page: Page, slot: int, viewer: Viewer) -> Iterator[NewEvent]:
        item = page.items[slot]
        duration_ms = item.video.duration_ms or 10_000
        now_ms = self._cell.clock.now_ms()
        share = 1.0 if self._rng.random() < 1 / 3 else float(self._rng.uniform(0, 0.3))
        for event in (
            Shown(video=item.video.id, context="feed", page=page.id, slot=slot),
            Watch(
                video=item.video.id,
                context="feed",
                page=page.id,
                slot=slot,
                play=slot,
                watched_ms=int(share * duration_ms),
                duration_ms=duration_ms,
            ),
        ):
            self._sequence += 1
            yield NewEvent(viewer.subject, UUID(int=page.id), self._sequence, now_ms, event)

    def pages(self, samples: int, progress: Progress) -> Pages:
        """So many pages, everybody in turn."""
        whole, taste = [], []
        epoch = self._cell.taste.epoch()
        for number in range(samples):
            if number % 20 == 0:
                progress("pages", number, samples)
            viewer = self._viewers[number % len(self._viewers)]
            began = time.perf_counter()
            self._page(viewer)
            whole.append(time.perf_counter() - began)
            with self._cell.engine.connect() as connection:
                history = read_history(connection, viewer.subject)
            hidden = np.array(sorted(history.seen), dtype=np.int64)
            began = time.perf_counter()
            _taste_of_a_page(PageTaste(epoch, taste_of(history), self._cell.clock.now_ms(), hidden))
            taste.append(time.perf_counter() - began)
        return Pages(Times.of(whole), Times.of(taste), ASKED_PAGE_P50_MS, ASKED_PAGE_P99_MS)

    def epochs(self, samples: int, progress: Progress) -> Times:
        """From an accepted event to an epoch that has it, while the learner runs as always."""
        process, stop = self._cell.learner(), threading.Event()
        thread = threading.Thread(target=process.run, args=(stop,))
        thread.start()
        waiting: dict[int, float] = {}
        took: list[float] = []
        told = 0
        next_at = time.perf_counter()
        try:
            while len(took) < samples:
                now = time.perf_counter()
                if told < samples and now >= next_at:
                    viewer = self._viewers[told % len(self._viewers)]
                    stored = self._cell.events.record(list(self._swiped(self._page(viewer), 0, viewer)))
                    waiting[stored[-1].offset] = time.perf_counter()
                    told, next_at = told + 1, now + float(self._rng.exponential(0.4))
                position = self._cell.taste.epoch().position
                for offset in [offset for offset in waiting if offset <= position]:
                    took.append(time.perf_counter() - waiting.pop(offset))
                    progress("events in an epoch", len(took), samples)
                time.sleep(0.005)
        finally:
            stop.set()
            thread.join()
        return Times.of(took)


def _taste_of_a_page(taste: PageTaste) -> None:
    brought = [taste.bring(column) for column in SERVED.columns if column.quota]
    brought += [taste.alike(ALIKE), taste.fresh(FRESH, CREATOR_PERCENT, 1), taste.promoted(PROMOTED)]
    if taste.turn is not None:
        brought += [*(taste.turn.bring(column) for column in TURN_PARTS), taste.turn.alike(TURN_ALIKE)]
    ids = np.unique(np.concatenate(brought))
    rows = taste.rows(ids)
    first = taste.first(rows)
    kept = np.sort(np.argsort(-first)[:KEPT])
    taste.score(ids[kept], rows[kept], first[kept])
    taste.turned(ids[kept])
    taste.beliefs(ids[kept])


def memory(progress: Progress, size: int, plays: int = 20) -> Memory:
    """Measures in processes of their own, one after the other.

    Args:
        size: so many viewers, and so many videos, are what is held more.
    """
    viewers = videos = size
    sizes = ((0, 1_000, 0), (viewers, 1_000, plays), (0, 1_000 + videos, 0), (600, 14_000, 60))
    found = []
    for number, held in enumerate(sizes):
        progress("memory", number, len(sizes))
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            found.append(pool.submit(_resident, *held).result())
    progress("memory", len(sizes), len(sizes))
    none, with_viewers, with_videos, active = found
    per_video = (with_videos - none) / videos
    return Memory(
        learner_bytes_per_viewer=round((with_viewers - none) / viewers),
        plays=plays,
        learner_bytes_per_video=round(per_video),
        learner_mb_of_active_videos=round((active - none - 13_000 * per_video) / 1e6, 1),
    )


def _resident(viewers: int, videos: int, plays: int) -> int:
    """Bytes of a process with a learner that has folded so much."""
    learner = Learner()
    rng = np.random.default_rng(1)
    learner.fold(_log(viewers, videos, plays, rng))
    gc.collect()
    statm = "/proc/self/statm"
    if os.path.exists(statm):
        with open(statm, encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _log(viewers: int, videos: int, plays: int, rng: np.random.Generator) -> Iterator[StoredEvent]:
    now_ms, offset = 1_790_000_000_000, 0
    for video in range(1, videos + 1):
        offset += 1
        event = Published(
            video=video, creator=video // 20, sound=None, duration_ms=10_000, language="en", encoder="bench-1",
            vector=rng.bytes(64),
        )  # fmt: skip
        yield StoredEvent(offset, SYSTEM, UUID(int=0), offset, now_ms, now_ms, event)
    for viewer in range(viewers):
        subject = SubjectId(UUID(int=viewer + 1))
        for play, video in enumerate(rng.integers(1, videos + 1, plays).tolist()):
            offset += 1
            now_ms += _STEP_MS
            watched_ms = 10_000 if play % 4 == 0 else 2_500
            watch = Watch(video=video, context="feed", play=play, watched_ms=watched_ms, duration_ms=10_000)
            yield StoredEvent(offset, subject, subject, offset, now_ms, now_ms, watch)
