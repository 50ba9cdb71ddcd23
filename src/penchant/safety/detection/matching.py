"""Which known pictures and videos a clip is, and how much of one is in the other.

Source: Meta's vPDQ: a frame matches at 31 bits or fewer; what counts is the share of frames that match, both ways.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from penchant.safety.detection.nearest import HashIndex
from penchant.safety.detection.pdq import BYTES, Hashes
from penchant.safety.detection.views import ClipHashes

QUEUE_FROM: Final = 400
"""Thousandths of one clip that are in the other: from here on somebody ought to look."""
ACT_FROM: Final = 800
"""From here on a bank that acts alone does."""
_LONE_PICTURE: Final = 500
"""The most that one matching picture of a longer clip counts for: chance can make one, hardly two."""
_MOST_TIMES: Final = 8


class Known(NamedTuple):
    """A picture or video that shall be found again."""

    name: str
    hashes: Hashes
    """(F, V, 32): V views of each of F pictures."""


class Match(NamedTuple):
    """A known entry that is in the clip, or the clip in it."""

    entry: int
    """Its place in the gallery."""
    name: str
    share: int
    """Thousandths: the greater of the share of the clip's pictures and that of the entry's."""
    frames: int
    """Pictures of the clip that match."""
    asked: int
    """Of how many."""
    bits: int
    """Of the closest pair."""
    times_ms: tuple[int, ...]
    """When in the clip, the first few."""


class Gallery:
    """Entries to be found again; never changed."""

    def __init__(self, entries: Sequence[Known]) -> None:
        self._names = [entry.name for entry in entries]
        self._sizes = np.array([len(entry.hashes) for entry in entries], np.int64)
        flat = [entry.hashes.reshape(-1, BYTES) for entry in entries]
        self._entry = np.repeat(np.arange(len(entries)), [len(hashes) for hashes in flat])
        frames = [np.repeat(np.arange(entry.hashes.shape[0]), entry.hashes.shape[1]) for entry in entries]
        self._frame = np.concatenate([np.zeros(0, np.intp), *frames])
        self._index = HashIndex(np.concatenate([np.zeros((0, BYTES), np.uint8), *flat]))

    def __len__(self) -> int:
        return len(self._names)

    def matches(self, clip: ClipHashes, least: int = QUEUE_FROM) -> list[Match]:
        """Entries that share at least `least` thousandths with the clip, the surest first."""
        asked, views = clip.asked.shape[:2]
        near = self._index.near(clip.asked.reshape(-1, BYTES))
        frame, entry = near.asked // max(views, 1), self._entry[near.known]
        found = []
        for number in np.unique(entry):
            own = entry == number
            here, there = np.unique(frame[own]), np.unique(self._frame[near.known[own]])
            share = round(1000 * max(len(here) / asked, len(there) / self._sizes[number]))
            if len(here) < 2:
                share = min(share, _LONE_PICTURE)
            if share >= least:
                times = tuple(int(at) for at in clip.times_ms[here[:_MOST_TIMES]])
                bits = int(near.bits[own].min())
                found.append(Match(int(number), self._names[number], share, len(here), asked, bits, times))
        return sorted(found, key=lambda match: (-match.share, match.bits, match.entry))
