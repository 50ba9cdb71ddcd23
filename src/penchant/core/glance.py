"""What is asked at every request and looked up at most once a second."""

from collections.abc import Callable
from threading import Lock
from typing import Final, Generic, NamedTuple, TypeVar

from penchant.core.clock import Clock

T = TypeVar("T")
FRESH_MS: Final = 1_000


class _Held(NamedTuple, Generic[T]):
    value: T
    at_ms: int
    after: int
    """How often it had been forgotten when it was looked up."""


class Glance(Generic[T]):
    """A value as of a second ago at the oldest, in one process. A clock that is set back makes it old."""

    def __init__(self, look: Callable[[], T], clock: Clock) -> None:
        self._look = look
        self._clock = clock
        self._looking = Lock()
        self._held: _Held[T] | None = None
        self._forgotten = 0

    def last(self) -> T | None:
        """What was seen last, however long ago; None where nobody has looked."""
        return self._held.value if self._held is not None else None

    def fresh(self) -> T | None:
        """The value, where it can be told without looking."""
        held = self._held
        return held.value if held is not None and self._is_fresh(held) else None

    def value(self) -> T:
        """The value, looked up where it is old. Raises what the look raises; then the next who asks looks again."""
        held = self._held
        if held is not None and self._is_fresh(held):
            return held.value
        # Who comes while another is looking takes what was seen before, unless that is nothing or was forgotten.
        if self._looking.acquire(blocking=held is None or held.after != self._forgotten):
            try:
                held = self._held
                if held is None or not self._is_fresh(held):
                    at_ms, after = self._clock.now_ms(), self._forgotten
                    self._held = held = _Held(self._look(), at_ms, after)
            finally:
                self._looking.release()
        assert held is not None
        return held.value

    def forget(self) -> None:
        """Something was changed here: whoever asks from now on sees it."""
        self._forgotten += 1

    def _is_fresh(self, held: _Held[T]) -> bool:
        return held.after == self._forgotten and 0 <= self._clock.now_ms() - held.at_ms < FRESH_MS
