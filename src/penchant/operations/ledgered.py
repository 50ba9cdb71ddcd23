"""What is told to the ledger beside people's own doings: epochs, the files in force, the version that runs."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from difflib import unified_diff
from pathlib import Path
from typing import Final, TypeVar

import structlog

import penchant
from penchant.core.clock import Clock
from penchant.core.database import Connection, Engine
from penchant.core.errors import NotFound
from penchant.core.ids import PageId, first_id_at
from penchant.core.objects import ObjectStore
from penchant.feed import repository as pages
from penchant.ledger import repository
from penchant.ledger.leaves import Epoch, File, Running, decode
from penchant.ledger.record import append
from penchant.ledger.running import code_digest, lock_digest
from penchant.ledger.sequencer import LedgerSetBack
from penchant.ledger.service import LedgerService
from penchant.taste.archive import Unpacked, pack, unpack
from penchant.taste.epochs import Published, empty_epoch

_PACKS: Final = "epochs/"
FILES: Final = "ledger/files/"
_NOW: Final = b"now"
_MOST_DIFFERENCE: Final = 32_000
_log = structlog.get_logger("ledger")
_HOUR_MS: Final = 3_600_000
_LOOK_BACK_MS: Final = 48 * _HOUR_MS


class Ledgered:
    """Tells, and asks what was told."""

    def __init__(
        self,
        engine: Engine,
        objects: ObjectStore,
        clock: Clock,
        ledger: LedgerService,
        taste: Path,
        files: Mapping[int, bytes],
    ) -> None:
        """`taste`: the learner's folder; `files`: what decides what people see, by its number among the leaves."""
        self._engine = engine
        self._objects = objects
        self._clock = clock
        self._ledger = ledger
        self._taste = taste
        self._files = files

    def begin(self) -> None:
        """Say which version runs and which files are in force, where they are not those that were said last."""
        try:
            self._ledger.sequencer.run_empty()
        except LedgerSetBack as problem:
            # People can go on watching; what is said waits until the log is mended.
            _log.error("ledger_set_back", problem=problem.message)
            return
        with self._engine.begin() as connection:
            repository.wait_to_begin(connection)
            self._run(connection)
            for what, content in self._files.items():
                self._put_in_force(connection, what, content)

    def _run(self, connection: Connection) -> None:
        now = Running(self._clock.now_ms(), penchant.__version__.encode(), code_digest(), lock_digest())
        last = _last(connection, Running, _NOW)
        if last is None or replace(last, at_ms=now.at_ms) != now:
            append(connection, now, name=_NOW)

    def _put_in_force(self, connection: Connection, what: int, content: bytes) -> None:
        name, digest = bytes([what]), hashlib.sha256(content).digest()
        last = _last(connection, File, name)
        if digest == (last.digest if last is not None else hashlib.sha256(b"").digest()):
            return
        self._objects.put_bytes(f"{FILES}{digest.hex()}", content)
        before = self._file(last.digest) if last is not None else b""
        leaf = File(self._clock.now_ms(), what, digest, last.digest if last else b"", _difference(before, content))
        append(connection, leaf, name=name)

    def file(self, digest: str) -> bytes:
        """A file that was in force, by its SHA-256.

        Raises:
            NotFound: there was none.
        """
        return b"".join(self._objects.read(FILES + digest))

    def _file(self, digest: bytes) -> bytes:
        try:
            return self.file(digest.hex())
        except NotFound:
            return b""

    def epoch(self, published: Published) -> None:
        """An epoch is about to be read: keep what it ranks with, and say so."""
        digest = bytes.fromhex(published.digest)
        self._objects.put_bytes(_PACKS + published.digest, pack(self._taste, published.digest))
        leaf = Epoch(
            at_ms=self._clock.now_ms(),
            digest=digest,
            parent=bytes.fromhex(published.parent),
            position=published.position,
            code=code_digest(),
        )
        with self._engine.begin() as connection:
            append(connection, leaf, name=digest)

    def has_epoch(self, name: str) -> bool:
        """Whether an epoch is in the log: one that is not ranks nothing."""
        try:
            return self._ledger.has(Epoch.kind, bytes.fromhex(name))
        except ValueError:
            return False

    def unpacked(self, epoch: str) -> Unpacked:
        """What an epoch ranked with; its name is empty before the first.

        Raises:
            NotFound: it is not kept any more.
            FolderCorrupt: it was altered.
        """
        if not epoch:
            return Unpacked(empty_epoch().stages, None, 0, 0)
        return unpack(b"".join(self._objects.read(_PACKS + epoch)), epoch)

    def let_go(self, days: int) -> int:
        """Delete packs that are older than so many days, or that no page was made with; returns how many went."""
        now_ms = self._clock.now_ms()
        with self._engine.connect() as connection:
            used = pages.epochs_since(connection, PageId(first_id_at(now_ms - _LOOK_BACK_MS)))
        gone = [
            one.key
            for one in self._objects.listing(_PACKS)
            if _goes(one.key.removeprefix(_PACKS) in used, now_ms - int(one.modified_at_s * 1000), days)
        ]
        for key in gone:
            self._objects.delete(key)
        return len(gone)


_Said = TypeVar("_Said", Running, File)


def _last(connection: Connection, type_: type[_Said], name: bytes) -> _Said | None:
    leaf = repository.last_leaf(connection, type_.kind, name)
    found = decode(leaf) if leaf is not None else None
    assert found is None or isinstance(found, type_)
    return found


def _difference(before: bytes, after: bytes) -> bytes:
    """What changed, line by line; empty where that is too long: the file itself is kept beside the log."""
    old, new = (content.decode(errors="replace").splitlines(keepends=True) for content in (before, after))
    found = "".join(unified_diff(old, new, n=1)).encode()
    return found if len(found) <= _MOST_DIFFERENCE else b""


def _goes(is_used: bool, age_ms: int, days: int) -> bool:
    # A page asks for its epoch before it is made and says so after: an hour is more than that takes.
    unused = not is_used and _HOUR_MS < age_ms < _LOOK_BACK_MS
    return unused or age_ms > days * 24 * _HOUR_MS
