"""Orders what was appended, writes tiles, signs: one at a time in a cell, in whichever process comes first.

A round goes in this order, and may be cut off anywhere:

1. waiting leaves get their places, in one transaction of the database, which is the truth;
2. tiles are written, which only say what the database says;
3. a checkpoint is signed, of a tree that is in the database and in tiles, and kept in the database;
4. the checkpoint is published among the tiles.

So what is signed is never larger than what is kept, and the next round finds everything that one cut off left undone.
A database that was set back is found at the first round: then a published checkpoint is ahead of it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock

from penchant.core.clock import Clock
from penchant.core.database import Connection, Engine
from penchant.core.errors import NotFound, PenchantError
from penchant.core.objects import ObjectStore
from penchant.ledger import repository
from penchant.ledger.leaves import Leaf, Log, encode
from penchant.ledger.notes import Checkpoint, NoteWrong, Signer, open_checkpoint, read_checkpoint, split_note
from penchant.ledger.repository import State
from penchant.ledger.tiles import WIDTH, TileReader, TileWrong, bundle, grown
from penchant.ledger.tree import leaf_hash, root, root_of

PREFIX = "ledger/"
CHECKPOINT, COSIGNED = "checkpoint", "cosigned"
_MOST = 4_096
"""Leaves that one round orders."""
_AT_ONCE = 16 * WIDTH
"""Leaves in memory at once, while tiles are written."""


class LedgerSetBack(PenchantError):
    """The database holds less of the log, or another one, than was signed: nothing is signed until that is mended."""

    code = "ledger_set_back"


class Sequencer:
    """Makes the log of one cell grow."""

    def __init__(self, engine: Engine, objects: ObjectStore, clock: Clock, signer: Signer) -> None:
        self._engine = engine
        self._objects = objects
        self._clock = clock
        self._signer = signer
        self._lock = Lock()
        self._edge = Edge([])
        """Of the tree as it is in tiles; whoever else ordered meanwhile makes it old."""
        self._checked = False

    def round(self, *, wait: bool = False) -> bool:
        """One round, if there is anything to do; True where it did something or another process is at it.

        Args:
            wait: until whoever else is at it has done; otherwise that is left to them.

        Raises:
            LedgerSetBack: see there.
            OSError: the object store takes nothing; the next round goes on.
        """
        with self._lock, self._alone(wait) as connection:
            if connection is None:
                return True
            with connection.begin():
                state = repository.read_state(connection)
                began = state is None or state.origin != self._signer.verifier.name
                if state is None or began:
                    state = self._begin(connection, state)
            if state.stopped:
                raise LedgerSetBack(state.stopped)
            self._check(connection, state)
            with connection.begin():
                size = repository.order(connection, state.size, _MOST)
            if size == state.tiled and state.checkpoint and self._published() == state.checkpoint:
                return began
            self._publish(connection, state.origin, size)
            return True

    def run_empty(self) -> None:
        """Rounds until nothing waits."""
        while self.round(wait=True) and self._waits():
            pass

    def end(self, leaf: Leaf, why: str) -> None:
        """Make a leaf the log's last under this key; what waits, or comes later, waits for the key after it.

        Args:
            why: said to whoever wants to go on; cut off, `end` goes on with the same words.

        Raises:
            LedgerSetBack: the log was stopped for another reason.
        """
        if not self._is_stopped(why):
            self.run_empty()
        with self._lock, self._alone(wait=True) as connection:
            assert connection is not None
            with connection.begin():
                state = repository.read_state(connection)
                assert state is not None
                if state.stopped not in ("", why):
                    raise LedgerSetBack(state.stopped)
            self._check(connection, state)
            if not state.stopped:
                with connection.begin():
                    number = repository.add(connection, leaf.kind, encode(leaf), None)
                    state = state._replace(size=repository.order(connection, state.size, 1, only=number))
                    repository.stop(connection, why)
            self._publish(connection, state.origin, state.size)

    @contextmanager
    def still(self) -> Iterator[None]:
        """Nothing is ordered and nothing is signed meanwhile, so that database and tiles say the same."""
        with self._alone(wait=True):
            yield

    def _is_stopped(self, why: str) -> bool:
        with self._engine.connect() as connection:
            state = repository.read_state(connection)
        return state is not None and state.stopped == why

    def _publish(self, connection: Connection, origin: str, size: int) -> None:
        self._grow(connection, self._edge, size)
        note = self._sign(origin, size)
        with connection.begin():
            repository.mark_tiled(connection, size, note)
        self.put(CHECKPOINT, note)

    def _waits(self) -> bool:
        with self._engine.connect() as connection:
            return repository.is_pending(connection)

    @contextmanager
    def _alone(self, wait: bool) -> Iterator[Connection | None]:
        with self._engine.connect() as connection:
            with connection.begin():
                if wait:
                    repository.wait_for_lock(connection)
                elif not repository.lock(connection):
                    yield None
                    return
            try:
                yield connection
            finally:
                if not connection.invalidated:
                    with connection.begin():
                        repository.unlock(connection)

    def _begin(self, connection: Connection, before: State | None) -> State:
        """A new log, or the same tree under another key: which one, is its next leaf."""
        origin = self._signer.verifier.name
        previous = read_checkpoint(split_note(before.checkpoint)[0]) if before and before.checkpoint else None
        state = State(origin, before.size if before else 0, before.tiled if before else 0, "")
        repository.write_state(connection, state)
        leaf = Log(
            at_ms=self._clock.now_ms(),
            origin=origin.encode(),
            previous=previous.origin.encode() if previous else b"",
            size=previous.size if previous else 0,
            root=previous.root if previous else b"",
        )
        number = repository.add(connection, Log.kind, encode(leaf), None)
        return state._replace(size=repository.order(connection, state.size, 1, only=number))

    def _check(self, connection: Connection, state: State) -> None:
        """Once: whether what was published under this key is a beginning of what we hold; and take up the edge."""
        if self._checked and self._edge.size == state.tiled:
            return
        published = self._published()
        if published:
            try:
                signed, _ = open_checkpoint(published, [self._signer.verifier])
            except NoteWrong:
                signed = None  # Of the key before; it is ours to go on from, not to contradict.
            if signed is not None and signed.size > state.size:
                raise LedgerSetBack(
                    f"the ledger was signed up to leaf {signed.size:,}, and the database holds {state.size:,}: it was "
                    f"set back. Restore into a new folder with 'penchant restore', which begins a new key"
                )
            if signed is not None and self._root_at(connection, signed.size) != signed.root:
                raise LedgerSetBack(f"the {signed.size:,} leaves in the database are not those that were signed")
        self._edge = self._read_edge(connection, state.tiled)
        self._checked = True

    def _published(self) -> str | None:
        content = self.fetch(CHECKPOINT)
        return content.decode(errors="replace") if content is not None else None

    def _root_at(self, connection: Connection, size: int) -> bytes:
        try:
            return root(size, TileReader(self.fetch, size).perfect)
        except TileWrong:
            with connection.begin():
                return root_of([leaf_hash(leaf) for leaf in repository.leaves(connection, 0, size)])

    def _read_edge(self, connection: Connection, size: int) -> "Edge":
        """From the tiles; from the leaves where one is missing."""
        reader = TileReader(self.fetch, size)
        try:
            levels, level = [], 0
            while count := size >> 8 * level:
                levels.append(reader.hashes(level, count // WIDTH) if count % WIDTH else [])
                level += 1
            return Edge(levels, size)
        except TileWrong:
            self._grow(connection, edge := Edge([]), size)
            return edge

    def _grow(self, connection: Connection, edge: "Edge", size: int) -> None:
        while edge.size < size:
            self._write(connection, edge, min(edge.size + _AT_ONCE, size))

    def _write(self, connection: Connection, edge: "Edge", new: int) -> None:
        """The tiles up to a size, bundles before tiles, so that whoever sees a hash finds its entry."""
        old = edge.size
        first = old - old % WIDTH
        with connection.begin():
            entries = repository.leaves(connection, first, new)
        if len(entries) != new - first:
            raise LedgerSetBack(f"leaves between {first:,} and {new:,} are gone from the database")
        hashes = edge.grow([leaf_hash(entry) for entry in entries[old - first :]])
        for tile in grown(old, new):
            if tile.level == 0:
                at = tile.n * WIDTH - first
                self._objects.put_bytes(PREFIX + tile.entries_path, bundle(entries[at : at + tile.width]))
            self._objects.put_bytes(PREFIX + tile.path, b"".join(hashes[tile.level, tile.n][: tile.width]))

    def _sign(self, origin: str, size: int) -> str:
        text = Checkpoint(origin, size, self._edge.root()).text()
        return f"{text}\n{self._signer.sign(text)}"

    def put(self, path: str, note: str) -> None:
        """Publish a signed note among the files of the log."""
        self._objects.put_bytes(PREFIX + path, note.encode())

    def fetch(self, path: str) -> bytes | None:
        """A file of the log as it lies among the objects."""
        try:
            return b"".join(self._objects.read(PREFIX + path))
        except NotFound:
            return None


class Edge:
    """The right edge of a tree: the hashes of each level's last, partial tile. All it takes to grow it."""

    def __init__(self, levels: list[list[bytes]], size: int = 0) -> None:
        self._levels = levels
        self.size = size

    def grow(self, leaves: Sequence[bytes]) -> dict[tuple[int, int], list[bytes]]:
        """Adds leaf hashes; returns the tiles that are new or longer: (level, n) → their hashes."""
        touched: dict[tuple[int, int], list[bytes]] = {}
        for leaf in leaves:
            self._add(0, leaf, touched)
            self.size += 1
        return touched

    def root(self) -> bytes:
        """Of the whole tree: all perfect subtrees that it is split into end in a partial tile."""
        return root(self.size, self._perfect)

    def _perfect(self, level: int, n: int) -> bytes:
        of_tile, within = divmod(level, 8)
        at = (n << within) % WIDTH
        return root_of(self._levels[of_tile][at : at + (1 << within)])

    def _add(self, level: int, hash_: bytes, touched: dict[tuple[int, int], list[bytes]]) -> None:
        """`size` does not yet count the leaf that this hash is of, or completes."""
        if level == len(self._levels):
            self._levels.append([])
        tile = self._levels[level]
        tile.append(hash_)
        touched[level, (self.size >> 8 * level) // WIDTH] = tile
        if len(tile) == WIDTH:
            self._levels[level] = []
            self._add(level + 1, root_of(tile), touched)
