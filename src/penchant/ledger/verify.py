"""Everything that can be checked of a log by who has its files and its keys: the tree, the leaves, what they say.

Faults have names, so that a monitor's alarm says what happened:

* `bad_signature` nobody who counts signed the checkpoint;
* `missing_tile`, `altered_entry`, `altered_tile`, `wrong_root` the files are not those that were signed;
* `not_canonical` an entry is no leaf;
* `rewound`, `split_view`, `forked` the log is smaller than it was, shows another tree of the same size, or did not
  grow from what it was;
* `swapped_epoch` an epoch goes on from one that the log never had; `swapped_file` so does a policy, recipe or file of
  weights; `backdated` a leaf says an earlier time than one before it; `of_the_future` or a later one than now;
* `not_cosigned` too few witnesses signed lately.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from penchant.ledger.leaves import Epoch, File, Leaf, LeafWrong, Page, decode
from penchant.ledger.notes import COSIGNATURE, Checkpoint, Note, NoteWrong, Signed, Verifier, open_checkpoint
from penchant.ledger.tiles import WIDTH, Fetch, TileReader, TileWrong
from penchant.ledger.tree import consistency_proof, extends, leaf_hash, root

LATE_MS: Final = 600_000
"""Leaves of one cell come from several processes and wait for their places: so far may a time lie behind another."""
_PARENTS: Final = 1_000
"""Epochs that a new one may go on from: the learner may have been killed before it pointed to the last ones."""

Progress = Callable[[int, int], None]


class Fault(NamedTuple):
    """Something that is not as it has to be."""

    name: str
    what: str
    place: int | None = None
    """The leaf that it is about."""

    def __str__(self) -> str:
        return f"{self.name}: {self.what}" + ("" if self.place is None else f" (leaf {self.place:,})")


@dataclass
class Rules:
    """What leaves say, held against what leaves before them said. Goes on where it was left: a monitor's memory."""

    latest_ms: int = 0
    epochs: deque[bytes] = field(default_factory=lambda: deque(maxlen=_PARENTS))
    files: dict[int, bytes] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def look(self, leaf: Leaf, now_ms: int) -> Iterator[Fault]:
        """What is wrong with the next leaf."""
        self.counts[type(leaf).__name__] += 1
        if not isinstance(leaf, Page):
            yield from self._when(leaf.at_ms, now_ms)
        if isinstance(leaf, Epoch):
            if leaf.parent and leaf.parent not in self.epochs:
                yield Fault("swapped_epoch", f"epoch {leaf.digest.hex()[:12]} goes on from one that is not in the log")
            self.epochs.append(leaf.digest)
        if isinstance(leaf, File):
            if leaf.previous != self.files.get(leaf.what, b""):
                yield Fault("swapped_file", f"file {leaf.digest.hex()[:12]} follows one that was not in force")
            self.files[leaf.what] = leaf.digest

    def _when(self, at_ms: int, now_ms: int) -> Iterator[Fault]:
        if at_ms < self.latest_ms - LATE_MS:
            yield Fault(
                "backdated", f"it says a time {(self.latest_ms - at_ms) // 1000:,} s before one that stands earlier"
            )
        if at_ms > now_ms + LATE_MS:
            yield Fault("of_the_future", f"it says a time {(at_ms - now_ms) // 1000:,} s from now")
        self.latest_ms = max(self.latest_ms, min(at_ms, now_ms))


@dataclass(frozen=True)
class Trust:
    """Whose word counts."""

    log: Sequence[Verifier]
    witnesses: Sequence[Verifier] = ()
    quorum: int = 0
    """So many witnesses have to have signed …"""
    fresh_s: int = 0
    """… within so many seconds; 0: ever."""


@dataclass
class Report:
    """What was found."""

    checkpoint: Checkpoint | None = None
    cosigned_by: tuple[str, ...] = ()
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)


def verify(fetch: Fetch, note: str, trust: Trust, now_ms: int, progress: Progress = lambda *_: None) -> Report:
    """The whole log against a checkpoint: every entry, every tile, every leaf."""
    report = Report()
    opened = _opened(note, trust, now_ms, report)
    if opened is None:
        return report
    rules = Rules(counts=report.counts)
    report.faults += look_at(fetch, opened, 0, rules, now_ms, progress)
    return report


def follow(
    fetch: Fetch, note: str, before: Checkpoint | None, rules: Rules, trust: Trust, now_ms: int
) -> tuple[Checkpoint | None, Report]:
    """What is new since a checkpoint: that the log only grew, and what it grew by. Returns where to go on from.

    Where it did not only grow, the checkpoint before stays what others are held against.
    """
    report = Report()
    opened = _opened(note, trust, now_ms, report)
    if opened is None:
        return before, report
    if before is not None and (fault := grown_from(before, opened, fetch)) is not None:
        report.faults.append(fault)
        return before, report
    report.faults += look_at(fetch, opened, before.size if before else 0, rules, now_ms)
    report.counts = rules.counts
    return opened, report


def grown_from(old: Checkpoint, new: Checkpoint, fetch: Fetch) -> Fault | None:
    """Why a tree is not one that grew from an older one; None where it is."""
    if new.size < old.size:
        return Fault("rewound", f"the log has {new.size:,} leaves, and had {old.size:,} before")
    if new.size == old.size:
        return None if new.root == old.root else Fault("split_view", f"two trees of {new.size:,} leaves were signed")
    try:
        proof = consistency_proof(old.size, new.size, TileReader(fetch, new.size).perfect)
    except TileWrong as error:
        return Fault("missing_tile", error.message)
    if extends(old.root, old.size, new.root, new.size, proof):
        return None
    return Fault("forked", f"the tree of {new.size:,} leaves does not begin with the {old.size:,} that were signed")


def look_at(
    fetch: Fetch, checkpoint: Checkpoint, start: int, rules: Rules, now_ms: int, progress: Progress = lambda *_: None
) -> Iterator[Fault]:
    """The leaves from `start` on; and, from the first on, whether all files together are what was signed."""
    size = checkpoint.size
    reader = TileReader(fetch, size)
    try:
        for n in range(start // WIDTH, -(-size // WIDTH)):
            entries, hashes = reader.entries(n), reader.hashes(0, n)
            for place, entry, hash_ in zip(range(n * WIDTH, size), entries, hashes, strict=False):
                if place < start:
                    continue
                if leaf_hash(entry) != hash_:
                    yield Fault("altered_entry", "an entry is not the one that was signed", place)
                    continue
                try:
                    yield from (fault._replace(place=place) for fault in rules.look(decode(entry), now_ms))
                except LeafWrong as error:
                    yield Fault("not_canonical", error.message, place)
            yield from _tile_above(reader, n)
            reader.forget()
            progress(min((n + 1) * WIDTH, size), size)
        if root(size, reader.perfect) != checkpoint.root:
            yield Fault("wrong_root", f"the {size:,} leaves in the tiles do not give the root that was signed")
    except TileWrong as error:
        yield Fault("missing_tile", error.message)


def _tile_above(reader: TileReader, n: int) -> Iterator[Fault]:
    """Each tile that is full now, against its hash in the tile above, as far up as something became full."""
    level = 0
    while (n + 1) * WIDTH <= reader.size >> 8 * level:
        whole = reader.perfect_of_tile(level, n)
        if reader.hashes(level + 1, n // WIDTH)[n % WIDTH] != whole:
            yield Fault("altered_tile", f"tile {n:,} of level {level} is not what the tile above it says")
        if (n + 1) % WIDTH:
            return
        level, n = level + 1, n // WIDTH


def _opened(note: str, trust: Trust, now_ms: int, report: Report) -> Checkpoint | None:
    try:
        report.checkpoint, opened = open_checkpoint(note, trust.log, trust.witnesses)
    except NoteWrong as error:
        report.faults.append(Fault("bad_signature", error.message))
        return None
    report.cosigned_by = tuple(sorted({one.by.name for one in _fresh(opened, trust, now_ms)}))
    if len(report.cosigned_by) < trust.quorum:
        within = f" in the last {trust.fresh_s} s" if trust.fresh_s else ""
        report.faults.append(
            Fault(
                "not_cosigned", f"{len(report.cosigned_by)} of {trust.quorum} witnesses signed this checkpoint{within}"
            )
        )
    return report.checkpoint


def _fresh(note: Note, trust: Trust, now_ms: int) -> Iterator[Signed]:
    for one in note.by(COSIGNATURE):
        if not trust.fresh_s or one.at_s >= now_ms // 1000 - trust.fresh_s:
            yield one
