"""Ids: 63-bit, time-ordered, written as 13 characters of Crockford's base 32."""

import secrets
from threading import Lock
from typing import NewType
from uuid import UUID

from penchant.core.clock import Clock
from penchant.core.errors import NotFound

AccountId = NewType("AccountId", int)
VideoId = NewType("VideoId", int)
SoundId = NewType("SoundId", int)
CommentId = NewType("CommentId", int)
PageId = NewType("PageId", int)
ReportId = NewType("ReportId", int)
DecisionId = NewType("DecisionId", int)
NoteId = NewType("NoteId", int)
SubjectId = NewType("SubjectId", UUID)
"""Who an event is about: random, never the account id, so that a log does not name people."""

EPOCH_MS = 1_767_225_600_000
"""2026-01-01T00:00Z: 41 bits of milliseconds from here last until 2095."""

_RANDOM_BITS = 22
_STRIDE = 1 << 12
_LENGTH = 13
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
# Crockford's look-alikes: what people type when they read an address aloud.
_VALUES.update({"o": 0, "i": 1, "l": 1})


class Ids:
    """Makes ids: 41 bits of milliseconds since `EPOCH_MS`, then 22 random bits.

    One maker never makes the same id twice, and its ids grow. Two makers (in two processes) meet in the same
    millisecond with probability 2^-22; the primary key refuses the second, and the request is to be sent again.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._last = -1

    def new(self) -> int:
        """A fresh id."""
        drawn = (max(self._clock.now_ms() - EPOCH_MS, 0) << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
        with self._lock:
            # In a crowded millisecond, or after the clock went back: go on from the last one.
            if drawn <= self._last:
                drawn = self._last + 1 + secrets.randbelow(_STRIDE)
            self._last = drawn
        return drawn


def id_at(unix_ms: int) -> int:
    """A fresh id of a moment that has passed, for what was made elsewhere; before `EPOCH_MS` all times are one."""
    return first_id_at(unix_ms) | secrets.randbits(_RANDOM_BITS)


def created_ms(id_: int) -> int:
    """The Unix milliseconds at which an id was made."""
    return (id_ >> _RANDOM_BITS) + EPOCH_MS


def first_id_at(unix_ms: int) -> int:
    """No id of that time or later is smaller."""
    return max(unix_ms - EPOCH_MS, 0) << _RANDOM_BITS


def format_id(id_: int) -> str:
    """The id as people and addresses carry it: 13 lower-case characters."""
    if not 0 <= id_ < 1 << 63:
        raise ValueError(f"an id is a non-negative 63-bit number, not {id_}")
    return "".join(_ALPHABET[(id_ >> shift) & 31] for shift in range(5 * (_LENGTH - 1), -1, -5))


def parse_id(text: str) -> int:
    """The inverse of `format_id`.

    Raises:
        NotFound: the text cannot be an id, so nothing is known under it.
    """
    id_ = 0
    for letter in text.lower():
        if letter not in _VALUES:
            raise NotFound(f"'{text[:40]}' is not an address of anything here")
        id_ = id_ << 5 | _VALUES[letter]
    if len(text) != _LENGTH or id_ >= 1 << 63:
        raise NotFound(f"'{text[:40]}' is not an address of anything here")
    return id_
