"""Opens new epochs beside the pages, so that no page waits for one.

To open an epoch costs as much as several pages. The learner publishes one a second while there is news, so without
this the slowest hundredth of all pages would be those that open one.
"""

from __future__ import annotations

import threading
from typing import Final

import structlog

from penchant.taste.epochs import Epoch, EpochReader

EVERY_S: Final = 0.1
"""How often the pointer is looked at; a new epoch is served that much later, and by the time that it takes to open."""

_log = structlog.get_logger("taste")


class EpochWatch:
    """The newest epoch of a reader, opened by a thread of its own once started, and at a page's request before."""

    def __init__(self, reader: EpochReader) -> None:
        self._reader = reader
        self._epoch: Epoch | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    def current(self) -> Epoch | None:
        """The newest good epoch that is open, None before the first."""
        return self._reader.current() if self._thread is None else self._epoch

    def start(self) -> None:
        """Opens what there is, then follows; doing it again does nothing."""
        if self._thread is not None:
            return
        self._epoch = self._opened()
        self._stopping.clear()
        self._thread = threading.Thread(target=self._follow, name="epochs", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread; doing it again does nothing."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._stopping.set()
            thread.join()

    def _follow(self) -> None:
        while not self._stopping.wait(EVERY_S):
            try:
                self._epoch = self._opened()
            except Exception:
                # Pages go on with the epoch before; the next one may be better.
                _log.exception("epoch_not_opened")

    def _opened(self) -> Epoch | None:
        epoch = self._reader.current()
        if epoch is not None and epoch is not self._epoch:
            epoch.prepare()
        return epoch
