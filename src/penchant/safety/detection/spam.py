"""The same words again and again: by one person within an hour, or by many within a day."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import blake2b
from typing import Final

from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Engine
from penchant.safety.detection import print_rows
from penchant.safety.detection.normal_text import words_of
from penchant.safety.ports import Exhibit, Finding

LEAST_WORDS: Final = 4
"""Shorter texts are the same by chance: "so good", "where is this"."""
OF_ONE: Final = 3
"""Times that one person says the same within `AN_HOUR`, from which on it is told."""
OF_MANY: Final = 4
"""People who say the same within `A_DAY`, from which on it is told."""
AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)


class SpamDetector:
    """A `Detector` that remembers for a day what was said, as a number that cannot be read back."""

    name = "spam"

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def look(self, item: Exhibit) -> Sequence[Finding]:
        """A finding where a text repeats; each look counts as saying it once.

        Only what is written anew each time: what is read in pictures is not, a creator's mark is on all their videos.
        """
        if item.creator is None:
            return []
        findings = []
        now = as_datetime(self._clock.now_ms())
        for field in ("title", "comment"):
            number = text_print(item.texts.get(field, ""))
            if number is None:
                continue
            with self._engine.begin() as connection:
                print_rows.forget_before(connection, now - A_DAY)
                print_rows.add(connection, number, item.creator, item.target, now)
                own = print_rows.times_by(connection, number, item.creator, now - AN_HOUR)
                many = print_rows.people(connection, number)
            if own >= OF_ONE or many >= OF_MANY:
                confidence = min(900, 500 + 50 * max(own - OF_ONE, many - OF_MANY))
                evidence: dict[str, str | int | list[str | int]] = {"field": field, "by_one": own, "people": many}
                findings.append(Finding("spam", self.name, confidence, evidence))
        return findings


def text_print(text: str) -> int | None:
    """A number that texts share which differ in order, case, spelling tricks, numbers and signs; None for short ones.

    63 bits, as PostgreSQL takes them.
    """
    words = sorted({word for word in words_of(text) if any(letter.isalpha() for letter in word)})
    if len(words) < LEAST_WORDS:
        return None
    return int.from_bytes(blake2b(" ".join(words).encode(), digest_size=8).digest(), "big") >> 1
