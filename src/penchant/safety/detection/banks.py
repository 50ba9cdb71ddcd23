"""Banks: hashes of pictures and videos that are known to be bad, imported or made of what was removed here."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec
import numpy as np

from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Connection, Engine
from penchant.core.errors import Invalid, NotFound
from penchant.core.ids import VideoId, format_id
from penchant.core.jobs import Jobs
from penchant.safety.detection import bank_rows
from penchant.safety.detection.bank_rows import EntryRow
from penchant.safety.detection.exchange import BadLine, Entry, ListedFrame, read_list, telling, write_list
from penchant.safety.detection.matching import Gallery, Known
from penchant.safety.detection.pdq import BYTES
from penchant.safety.detection.views import KNOWN, LAYOUT, ClipHashes, unpack

LOOK_AGAIN: Final = "safety.look_again"
QUEUE: Final = "safety"
"""A queue of its own: the next video becomes playable while older ones are looked at again."""
HOUSE: Final = "house"
"""The bank of what was removed here."""
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
_LABEL: Final = re.compile(r"[a-z][a-z_]{1,40}")
_MOST_TOLD: Final = 20

Report = Callable[[int], None]
"""How many entries were read."""


class Bank(msgspec.Struct, frozen=True):
    """A bank as admins see it."""

    name: str
    owner: str
    """Whose list it is."""
    label: str
    """What a match is called in the policy."""
    acts_alone: bool
    """Whether a sure match stops a video before anybody looked."""
    entries: int
    looked_at: int
    """Videos of before that were looked at again for this bank as it is now."""
    videos: int
    """Of how many."""


class Imported(msgspec.Struct, frozen=True):
    """What came of an import."""

    read: int
    added: int
    """The others were there, or all their pictures are too flat to be known by."""
    flat: int
    wrong: int
    told: list[str]
    """The first of the lines that could not be read, with reasons."""


class BankService:
    """Imports, exports and the galleries that detectors ask; a gallery is made anew once its bank has changed."""

    def __init__(self, engine: Engine, clock: Clock, jobs: Jobs) -> None:
        self._engine = engine
        self._clock = clock
        self._jobs = jobs
        self._galleries: dict[str, tuple[int, Gallery]] = {}

    def banks(self) -> list[Bank]:
        """Every bank, by name."""
        with self._engine.connect() as connection:
            videos = bank_rows.count_until(connection, bank_rows.newest_number(connection))
            return [
                Bank(
                    row.name,
                    row.owner,
                    row.label,
                    row.acts_alone,
                    row.entries,
                    bank_rows.count_until(connection, row.looked_until) if row.looked_revision == row.revision else 0,
                    videos,
                )
                for row in bank_rows.banks(connection)
            ]

    def create(self, connection: Connection, name: str, owner: str, label: str, *, acts_alone: bool) -> None:
        """Add a bank, or change whose it is, what its matches are called and whether they act alone.

        Raises:
            Invalid: a name or a label is none.
        """
        if not _NAME.fullmatch(name) or not _LABEL.fullmatch(label) or not 0 < len(owner.strip()) <= 100:
            fields = {
                "name": "lower-case letters, digits and -, at most 41",
                "label": "a name of the policy's vocabulary, such as known_bad",
                "owner": "1 to 100 characters",
            }
            raise Invalid("the bank is not right", fields=fields)
        now = as_datetime(self._clock.now_ms())
        bank_rows.put_bank(connection, name, owner.strip(), label, acts_alone, now)

    def import_list(self, name: str, lines: Iterable[str], report: Report = lambda read: None) -> Imported:
        """Add a list's entries to a bank, each once, however often it is imported; then look at older videos again.

        Raises:
            NotFound: there is no such bank.
        """
        rows: dict[str, EntryRow] = {}
        told: list[str] = []
        read = wrong = flat = 0
        for found in read_list(lines):
            if isinstance(found, BadLine):
                wrong += 1
                if len(told) < _MOST_TOLD:
                    told.append(f"line {found.number}: {found.reason}")
                continue
            read += 1
            report(read)
            if frames := telling(found):
                row = _row(found.name, frames)
                rows[row.digest] = row
            else:
                flat += 1
        with self._engine.begin() as connection:
            added = self._add(connection, name, list(rows.values()))
        return Imported(read, added, flat, wrong, told)

    def add_video(self, connection: Connection, name: str, video: VideoId) -> None:
        """Put what a video is known by into a bank, so that it is known again however it comes back.

        Raises:
            NotFound: there is no such bank, or the video was never hashed.
            Invalid: its pictures are too flat to be known by.
        """
        content = bank_rows.hashes_of(connection, video, LAYOUT)
        if content is None:
            raise NotFound("nobody hashed this video")
        clip = unpack(content)
        if not len(clip.known):
            raise Invalid("the pictures of this video are too flat to be known by")
        self._add(connection, name, [_row_of_clip(format_id(video), clip)])

    def remove(self, name: str) -> None:
        """Forget a bank with its entries.

        Raises:
            NotFound: there is no such bank.
        """
        with self._engine.begin() as connection:
            if not bank_rows.remove_bank(connection, name):
                raise NotFound("there is no such bank")

    def export(self, name: str) -> Iterator[str]:
        """The lines of a bank, for others: of each picture the hash of the whole.

        Raises:
            NotFound: there is no such bank.
        """
        with self._engine.connect() as connection:
            if bank_rows.bank(connection, name) is None:
                raise NotFound("there is no such bank")
            yield from write_list(_entry(row) for row in bank_rows.entries(connection, name))

    def gallery(self, connection: Connection, name: str) -> Gallery:
        """A bank's entries, ready to be looked for; one per process, made anew once the bank has changed."""
        row = bank_rows.bank(connection, name)
        revision = 0 if row is None else int(row.revision)
        known = self._galleries.get(name)
        if known is None or known[0] != revision:
            entries = [Known(row.name or row.digest[:16], _hashes(row)) for row in bank_rows.entries(connection, name)]
            known = self._galleries[name] = (revision, Gallery(entries))
        return known[1]

    def _add(self, connection: Connection, name: str, rows: list[EntryRow]) -> int:
        bank = bank_rows.bank(connection, name, lock=True)
        if bank is None:
            raise NotFound("there is no such bank")
        added = bank_rows.add_entries(connection, name, rows)
        if added:
            now = as_datetime(self._clock.now_ms())
            bank_rows.change_bank(connection, name, revision=bank.revision + 1, changed_at=now)
            self._jobs.defer(connection, LOOK_AGAIN, lock=f"bank-{name}", queue=QUEUE, bank=name)
        return added


def _row(name: str, frames: tuple[ListedFrame, ...]) -> EntryRow:
    hashes = b"".join(frame.hash for frame in frames)
    qualities, times = bytes(frame.quality for frame in frames), [frame.at_ms for frame in frames]
    return EntryRow(hashlib.sha256(hashes).hexdigest(), name[:200], 1, hashes, qualities, times)


def _row_of_clip(name: str, clip: ClipHashes) -> EntryRow:
    hashes = clip.known.tobytes()
    times = [int(at) for at in clip.times_ms]
    return EntryRow(hashlib.sha256(hashes).hexdigest(), name, KNOWN, hashes, clip.quality.tobytes(), times)


def _hashes(row: EntryRow) -> np.ndarray:
    return np.frombuffer(row.hashes, np.uint8).reshape(-1, row.views, BYTES)


def _entry(row: EntryRow) -> Entry:
    whole = _hashes(row)[:, 0]
    frames = zip(whole, row.qualities, row.times_ms, strict=True)
    return Entry(row.name, tuple(ListedFrame(hash_.tobytes(), quality, at_ms) for hash_, quality, at_ms in frames))
