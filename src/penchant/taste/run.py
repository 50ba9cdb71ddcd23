"""The learning process: follows the log, folds, publishes, refits beside it, saves what it knows.

The wall clock only decides when work is done. What an epoch holds is a function of two log positions: that of its
counters, and that of the cut its rows were learned from.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from penchant.core.clock import Clock
from penchant.events.ports import EventLog
from penchant.taste import snapshot
from penchant.taste.epochs import Announce, EpochReader, EpochWriter
from penchant.taste.factors import Factors
from penchant.taste.folders import FolderCorrupt
from penchant.taste.learner import HOUR_MS, Learner, plays_at_cut
from penchant.taste.live import AtOnce
from penchant.taste.outcomes import Pages
from penchant.taste.publish import CatalogMaker, trials_of
from penchant.taste.similar import ItemRows, Plays, RefitFailed, fit_rows
from penchant.taste.state import State

_log = structlog.get_logger("taste")

BATCH: Final = 2_000
PUBLISH_EVERY_MS: Final = 2_000
SAVE_EVERY_MS: Final = 60_000
POLL_S: Final = 0.2
NIGHT_HOUR: Final = 3
"""UTC. What is due then is folded again; a learner that stands still for a while is missed least."""
DAY_MS: Final = 24 * HOUR_MS


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the learner is, for logs and metrics."""

    position: int
    """Offset of the last event that was folded."""
    published_position: int
    rows_position: int
    """Position of the cut that the published rows are of."""
    epoch: str
    epochs: int
    """Published by this process."""
    refits: int
    refits_failed: int
    """Rows that were not finite and were thrown away."""
    rebuild_due: bool
    """Someone was erased since the log was last folded from its beginning."""
    examples: int
    """Lists that the blend has learned from."""
    rolled_back: int
    """How often the watchdog took the blend's weights back."""
    not_written: int
    """Epochs and states that the disk did not take; the ones before stay in use."""


class Beside:
    """Makes taste vectors beside the fold, from when they are begun to when they take effect."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._begun: tuple[Plays, Future[Factors]] | None = None

    def begin(self, plays: Plays) -> None:
        """Starts on them."""
        self._begun = plays, self._pool.submit(AtOnce().factors, plays)

    def factors(self, plays: Plays) -> Factors:
        """Those of these plays; waits until they are there."""
        begun, self._begun = self._begun, None
        return begun[1].result() if begun is not None and begun[0] is plays else AtOnce().factors(plays)


class TasteProcess:
    """One writer for one folder. `step` does one round; `run` goes on until it is told to stop."""

    def __init__(
        self,
        log: EventLog,
        folder: Path,
        clock: Clock,
        *,
        publish_every_ms: int = PUBLISH_EVERY_MS,
        save_every_ms: int = SAVE_EVERY_MS,
        refit: Callable[[Plays], ItemRows] = fit_rows,
        pages: Pages = lambda _: None,
        announce: Announce = lambda _: None,
    ) -> None:
        """Starts from the saved state and the published rows; from the log's beginning where they are not usable.

        Args:
            pages: what the pages were drawn from that events come from; the blend learns from them.
            announce: hears of each epoch before anybody can read it.
        """
        self._log = log
        self._folder = folder
        self._clock = clock
        self._publish_every_ms = publish_every_ms
        self._save_every_ms = save_every_ms
        self._refit = refit
        self._writer = EpochWriter(folder, announce)
        self._fitting: tuple[Plays, Future[ItemRows]] | None = None
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="refit")
        self._pages = pages
        self._learner = self._new_learner(_saved(folder))
        self._catalog = CatalogMaker(self._learner.state.videos)
        # Of a million videos that takes seconds: now, rather than when the first event waits for its epoch.
        self._catalog.catalog()
        self._rows = _published_rows(folder)
        if self._rows.position != self._learner.state.cut_position:
            self._rows_done = -1
        else:
            self._rows_done = self._rows.position
        self._published: tuple[int, int, str] = (-1, -1, "")
        self._published_at_ms = clock.now_ms() - publish_every_ms
        self._saved_at_ms = clock.now_ms()
        self._saved_position = self._learner.state.position
        self._epochs = self._refits = self._failed = self._not_written = 0
        self._rebuild_at_ms = _next_night(clock.now_ms())

    def _new_learner(self, state: State | None) -> Learner:
        return Learner(state, self._pages, Beside(self._pool))

    @property
    def progress(self) -> Progress:
        """How far it is now."""
        position, rows_position, digest = self._published
        return Progress(
            position=self._learner.state.position,
            published_position=position,
            rows_position=rows_position,
            epoch=digest,
            epochs=self._epochs,
            refits=self._refits,
            refits_failed=self._failed,
            rebuild_due=self._learner.state.rebuild_due,
            examples=self._learner.state.live.trainer.examples,
            rolled_back=self._learner.state.live.trainer.roll_backs,
            not_written=self._not_written,
        )

    def run(self, stop: threading.Event, report: Callable[[Progress], None] | None = None) -> None:
        """Works until `stop` is set, then saves and returns. `report` hears of every epoch.

        Raises:
            PenchantError: the log cannot be read; the caller starts again.
        """
        # What was restored stays for good: the cycle collector need not walk millions of tuples for it.
        gc.freeze()
        try:
            while not stop.is_set():
                known = self._epochs
                busy = self.step()
                if report is not None and self._epochs != known:
                    report(self.progress)
                if not busy:
                    stop.wait(POLL_S)
        finally:
            self.close()

    def step(self) -> bool:
        """One round: read, fold, refit, publish, save. True while there may be more to read at once.

        After an erasure the first round of the next night folds the whole log again.
        """
        if self._learner.state.rebuild_due and self._clock.now_ms() >= self._rebuild_at_ms:
            self.rebuild()
            self._rebuild_at_ms = _next_night(self._clock.now_ms())
        events = self._log.read(self._learner.state.position, BATCH)
        self._learner.fold(events)
        self._follow_refits()
        now_ms = self._clock.now_ms()
        try:
            if now_ms - self._published_at_ms >= self._publish_every_ms and self._news():
                self._published_at_ms = now_ms
                self._publish()
                # A catalogue of a million takes seconds to write: at most a third of the time goes there.
                self._published_at_ms = now_ms + 2 * (self._clock.now_ms() - now_ms)
            if now_ms - self._saved_at_ms >= self._save_every_ms:
                self._saved_at_ms = now_ms
                self.save()
                # A large state takes seconds to save: at most a twentieth of the time goes there.
                self._saved_at_ms = now_ms + 20 * (self._clock.now_ms() - now_ms)
        except OSError as problem:
            # A full disk, say. Pages go on with the last epoch, learning with the log; the next round tries again.
            self._not_written += 1
            _log.error("not_written", problem=str(problem))
        return len(events) == BATCH

    def wait_for_refit(self) -> None:
        """Blocks until no refit is under way or due."""
        while self._follow_refits() and self._fitting is not None:
            self._fitting[1].exception()

    def publish(self) -> None:
        """Publishes now whatever is new."""
        if self._news():
            self._publish()

    def save(self) -> None:
        """Saves the state, if it moved since the last time."""
        if self._learner.state.position != self._saved_position:
            snapshot.save(self._folder, self._learner.state)
            self._saved_position = self._learner.state.position

    def restart(self) -> None:
        """Forgets everything and stands at the log's beginning; epochs stay until the next one is published."""
        self._learner = self._new_learner(None)
        self._catalog = CatalogMaker(self._learner.state.videos)
        # Rows under way still know whoever was erased.
        self._fitting = None
        self._rows, self._rows_done = ItemRows.empty(), -1
        self._published = (-1, -1, "")
        # What was saved knows more than what is folded anew, though it ends at the same event.
        self._saved_position = -1

    def rebuild(self) -> None:
        """Folds the retained log from its beginning: what was erased from it is gone from the state and the epochs."""
        self.restart()
        while events := self._log.read(self._learner.state.position, BATCH):
            self._learner.fold(events)
        self.wait_for_refit()
        self.publish()
        self._writer.prune(kept=1)
        self.save()

    def close(self) -> None:
        """Saves; a refit that is under way is left alone and made again by the next start."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self.save()

    def _news(self) -> bool:
        position, rows_position, _ = self._published
        return (self._learner.state.position, self._rows.position) != (position, rows_position)

    def _follow_refits(self) -> bool:
        """Takes finished rows in and starts on the newest cut; True while a refit is under way."""
        if self._fitting is not None and self._fitting[1].done():
            plays, future = self._fitting
            self._fitting = None
            self._rows_done = plays.position
            try:
                self._rows = future.result()
                self._refits += 1
            except RefitFailed:
                self._failed += 1
        state = self._learner.state
        if self._fitting is None and state.cut_position not in (0, self._rows_done):
            plays = plays_at_cut(state)
            self._fitting = plays, self._pool.submit(self._refit, plays)
        return self._fitting is not None

    def _publish(self) -> None:
        state = self._learner.state
        trials = trials_of(state.videos)
        digest = self._writer.publish(state.position, self._catalog.catalog(), self._rows, state.live, trials)
        self._writer.prune()
        self._published = state.position, self._rows.position, digest
        self._epochs += 1


def _next_night(now_ms: int) -> int:
    """The next time that it is `NIGHT_HOUR` in UTC."""
    return (now_ms - NIGHT_HOUR * HOUR_MS) // DAY_MS * DAY_MS + DAY_MS + NIGHT_HOUR * HOUR_MS


def _saved(folder: Path) -> State | None:
    try:
        return snapshot.load(folder)
    except FolderCorrupt:
        return None


def _published_rows(folder: Path) -> ItemRows:
    epoch = EpochReader(folder).current()
    return epoch.rows if epoch is not None else ItemRows.empty()
