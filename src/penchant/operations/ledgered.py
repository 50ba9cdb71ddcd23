"""What is told to the ledger beside people's own doings: epochs, the files in force, the version that runs."""

from penchant.core.clock import Clock
from penchant.core.database import Engine
from penchant.ledger.leaves import Epoch
from penchant.ledger.running import code_digest
from penchant.ledger.service import LedgerService
from penchant.taste.epochs import Published


class Ledgered:
    """Tells, and asks what was told."""

    def __init__(self, engine: Engine, clock: Clock, ledger: LedgerService) -> None:
        self._engine = engine
        self._clock = clock
        self._ledger = ledger

    def epoch(self, published: Published) -> None:
        """An epoch is about to be read."""
        digest = bytes.fromhex(published.digest)
        leaf = Epoch(
            at_ms=self._clock.now_ms(),
            digest=digest,
            parent=bytes.fromhex(published.parent),
            position=published.position,
            code=code_digest(),
        )
        with self._engine.begin() as connection:
            self._ledger.append(connection, leaf, name=digest)

    def has_epoch(self, name: str) -> bool:
        """Whether an epoch is in the log: one that is not ranks nothing."""
        try:
            return self._ledger.has(Epoch.kind, bytes.fromhex(name))
        except ValueError:
            return False
