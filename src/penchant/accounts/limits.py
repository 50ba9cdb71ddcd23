"""Rate limits: so many attempts in a fixed window, counted in the database so that all web processes agree."""

import hashlib
from dataclasses import dataclass

from penchant.accounts import repository
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Engine
from penchant.core.errors import RateLimited


@dataclass(frozen=True)
class Limit:
    """At most `attempts` within each window of `seconds`."""

    name: str
    attempts: int
    seconds: int


# By handle and network together, so that somebody who guesses keeps out themselves, and not whose handle it is;
# then by handle, for guesses that come from everywhere; then by network, for one that guesses at everybody.
SIGN_IN = Limit("sign_in", 10, 300)
SIGN_IN_HANDLE = Limit("sign_in_handle", 100, 3600)
SIGN_IN_ADDRESS = Limit("sign_in_address", 60, 300)
SIGN_UP = Limit("sign_up", 20, 3600)
COMMENT = Limit("comment", 20, 60)
REPORT = Limit("report", 30, 3600)
UPLOAD = Limit("upload", 60, 3600)
SOCIAL = Limit("social", 120, 60)
CONTROL = Limit("control", 120, 60)
NOTE = Limit("note", 10, 86_400)
NOTE_RATING = Limit("note_rating", 60, 3600)
EXPORT = Limit("export", 5, 86_400)


class RateLimits:
    """Counts attempts. Of who made them only hashes are kept, of addresses those of their networks; each ends with its
    window."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def spend(self, limit: Limit, who: str) -> None:
        """Count an attempt.

        Raises:
            RateLimited: there were too many in this window.
        """
        seconds_now = self._clock.now_ms() // 1000
        window = seconds_now // limit.seconds
        key_hash = hashlib.sha256(f"{limit.name}\0{who}".encode()).digest()[:16]
        with self._engine.begin() as connection:
            ends_at = as_datetime((window + 1) * limit.seconds * 1000)
            count = repository.count_attempt(connection, key_hash, window, ends_at)
        if count > limit.attempts:
            wait_s = (window + 1) * limit.seconds - seconds_now
            raise RateLimited(f"too often; try again in {_in_words(wait_s)}", retry_after_s=wait_s)


def _in_words(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 120 else f"{-(-seconds // 60)} minutes"
