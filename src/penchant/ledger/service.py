"""What is asked of the ledger: whether something is in it, and proofs."""

import base64
import hashlib
from dataclasses import dataclass

from penchant.core.clock import Clock
from penchant.core.database import Connection, Engine
from penchant.core.errors import Conflict, Unavailable
from penchant.core.objects import ObjectStore
from penchant.ledger import repository
from penchant.ledger.notes import Checkpoint, NoteWrong, Signer, open_checkpoint
from penchant.ledger.repository import Entry
from penchant.ledger.sequencer import CHECKPOINT, LedgerSetBack, Sequencer
from penchant.ledger.tiles import TileReader
from penchant.ledger.tree import includes, inclusion_proof, leaf_hash

PROOF_HEAD = "c2sp.org/tlog-proof@v1"


class NotYetLogged(Conflict):
    """A leaf waits for its place."""

    code = "not_yet_logged"

    def __init__(self) -> None:
        super().__init__("this is not in the ledger yet; it takes a second", retry_after_s=1)


class LedgerDamaged(Unavailable):
    """What the database holds is not what was signed."""

    code = "ledger_damaged"


@dataclass(frozen=True)
class Proof:
    """That an entry is in the log: what it takes to check it without asking anybody."""

    index: int
    entry: bytes
    path: tuple[bytes, ...]
    checkpoint: str

    def file(self, extra: bytes) -> str:
        """As C2SP tlog-proof; `extra`: what the entry is made from.

        Source: c2sp.org/tlog-proof.
        """
        lines = [PROOF_HEAD, f"extra {_base64(extra)}", f"index {self.index}", *map(_base64, self.path)]
        return "\n".join(lines) + "\n\n" + self.checkpoint


def signer_of(market: str, seed: bytes) -> Signer:
    """Who signs the log of a market. Another key is another origin: no two keys ever sign for one log."""
    unnamed = Signer(market, seed)
    return Signer(f"{market}.penchant/{hashlib.sha256(unnamed.verifier.key).hexdigest()[:8]}", seed)


class LedgerService:
    """The ledger of one cell."""

    def __init__(self, engine: Engine, objects: ObjectStore, clock: Clock, signer: Signer) -> None:
        self.verifier = signer.verifier
        self.sequencer = Sequencer(engine, objects, clock, signer)
        self._engine = engine

    def checkpoint(self) -> tuple[Checkpoint, str] | None:
        """The last checkpoint of this cell's key, with the note that it stands in; None before the first.

        One of another key, of before a restore or a hand-over, or a damaged one is none: the next round writes it anew.
        """
        content = self.sequencer.fetch(CHECKPOINT)
        if content is None:
            return None
        note = content.decode(errors="replace")
        try:
            return open_checkpoint(note, [self.verifier])[0], note
        except NoteWrong:
            return None

    def prove(self, connection: Connection, number: int) -> Proof:
        """The proof of the leaf with a number of `record.append`.

        Raises:
            NotYetLogged: it waits.
            TileWrong: the log is damaged.
        """
        entry = repository.by_number(connection, number)
        if entry is None:
            raise NotYetLogged
        return self._prove(entry)

    def has(self, kind: int, name: bytes) -> bool:
        """Whether a leaf with this name is in the log, by proof; orders what waits first, where it is not there yet."""
        for attempt in range(2):
            with self._engine.connect() as connection:
                entry = repository.by_name(connection, kind, name)
            if entry is not None:
                try:
                    self._prove(entry)
                    return True
                except NotYetLogged:
                    pass
            if not attempt:
                try:
                    self.sequencer.round()
                except LedgerSetBack:
                    # Whoever keeps the log says so; here it only means that nothing comes to it any more.
                    return False
        return False

    def _prove(self, entry: Entry) -> Proof:
        found = self.checkpoint()
        if found is None or found[0].size <= entry.place:
            raise NotYetLogged
        checkpoint, note = found
        reader = TileReader(self.sequencer.fetch, checkpoint.size)
        path = inclusion_proof(entry.place, checkpoint.size, reader.perfect)
        if not includes(checkpoint.root, checkpoint.size, entry.place, leaf_hash(entry.leaf), path):
            raise LedgerDamaged(f"leaf {entry.place:,} of the database is not the one that was signed")
        return Proof(entry.place, entry.leaf, tuple(path), note)


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
