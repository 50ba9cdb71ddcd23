"""How far and how fast videos spread: a fold of the log into counts without anybody's id."""

from collections import Counter

from penchant.core.clock import Clock
from penchant.core.database import Engine
from penchant.core.ids import VideoId
from penchant.events.model import Shown
from penchant.events.ports import EventLog
from penchant.safety.spread import repository

WINDOW_MS = 600_000
"""Ten minutes: what is counted together."""
_KEPT_WINDOWS = 2 * 144
_BATCH = 5_000


class Spread:
    """Keeps how often each video was shown: in all, and in each ten minutes of the last two days."""

    def __init__(self, engine: Engine, log: EventLog, clock: Clock) -> None:
        self._engine = engine
        self._log = log
        self._clock = clock

    def bring_up_to_date(self) -> int:
        """Fold what the log has since the last time; returns how many events. Counts and place commit together, so
        that an event counts once, whoever is killed. Another process that is at it is left to it.
        """
        folded = 0
        while True:
            with self._engine.begin() as connection:
                place = repository.take_place(connection)
                if place is None:
                    return folded
                events = self._log.read(place, _BATCH)
                if not events:
                    return folded
                shown = Counter(
                    (stored.event.video, stored.occurred_at_ms // WINDOW_MS)
                    for stored in events
                    if isinstance(stored.event, Shown)
                )
                repository.add(connection, shown, self.window() - _KEPT_WINDOWS)
                repository.put_place(connection, events[-1].offset)
            folded += len(events)

    def window(self) -> int:
        """The number of the ten minutes that run now."""
        return self._clock.now_ms() // WINDOW_MS

    def fastest(self, minutes: int, least: int) -> dict[VideoId, tuple[int, int]]:
        """Videos that were shown at least so often in the last minutes: how often then, and in as many before."""
        windows = max(minutes * 60_000 // WINDOW_MS, 1)
        now = self.window()
        with self._engine.connect() as connection:
            lately = repository.shown_in(connection, now - windows + 1, now, least)
            before = repository.shown_in(connection, now - 2 * windows + 1, now - windows, 0, list(lately))
        return {VideoId(video): (count, before.get(video, 0)) for video, count in lately.items()}
