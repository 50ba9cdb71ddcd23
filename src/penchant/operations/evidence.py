"""What an outsider can see at a glance of how far a place can be checked: counts and ages, about nobody."""

from collections import Counter
from dataclasses import dataclass

from penchant.core.clock import Clock
from penchant.core.database import Connection, Engine
from penchant.core.ids import PageId, first_id_at
from penchant.feed import repository as pages
from penchant.feed.boosts import Boosts
from penchant.ledger import repository
from penchant.ledger.cosigning import Cosigning
from penchant.ledger.leaves import Crossing, File, PartnerRead, Running, decode
from penchant.ledger.service import LedgerService
from penchant.operations.partner.service import Partners, Stop

_DAY_MS = 24 * 3_600_000
DAYS = 30
"""Of crossings and looks."""


@dataclass(frozen=True)
class Evidence:
    """What there is to check, and by whom it was."""

    origin: str
    key: str
    leaves: int
    root: str
    pages: int
    """Of the last 24 hours."""
    pages_with_receipt: int
    witnesses: tuple[str, ...]
    quorum: int
    """So many have to have cosigned lately, or the feed knows no profile."""
    cosigned_s_ago: float | None
    crossings: dict[str, int]
    """By kind, in the last `DAYS` days."""
    looks: int
    """Of partners, likewise."""
    boosts: int
    """Standing now."""
    stop: Stop | None
    version: str
    code: str
    lock: str
    files: dict[int, str]
    """What is in force: number of the kind → SHA-256."""


class EvidenceOf:
    """Collects it."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        ledger: LedgerService,
        cosigning: Cosigning,
        partners: Partners,
        boosts: Boosts,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._ledger = ledger
        self._cosigning = cosigning
        self._partners = partners
        self._boosts = boosts

    def now(self) -> Evidence:
        """As it is."""
        now_ms = self._clock.now_ms()
        checkpoint = self._ledger.checkpoint()
        with self._engine.connect() as connection:
            count, with_leaf = pages.count_since(connection, PageId(first_id_at(now_ms - _DAY_MS)))
            running = _running(connection)
            told = list(_since(connection, now_ms - DAYS * _DAY_MS))
            files = _in_force(connection)
        age_s = self._cosigning.age_s()
        return Evidence(
            origin=self._ledger.verifier.name,
            key=self._ledger.verifier.written(),
            leaves=checkpoint[0].size if checkpoint else 0,
            root=checkpoint[0].root.hex() if checkpoint else "",
            pages=count,
            pages_with_receipt=with_leaf,
            witnesses=tuple(one.verifier.name for one in self._cosigning.witnesses),
            quorum=self._cosigning.quorum if self._cosigning.witnesses else 0,
            cosigned_s_ago=None if age_s is None else max(age_s, 0.0),
            crossings=dict(
                sum((Counter({one.what.decode(): one.count}) for one in told if isinstance(one, Crossing)), Counter())
            ),
            looks=sum(isinstance(one, PartnerRead) for one in told),
            boosts=len(self._boosts.at(now_ms)),
            stop=self._partners.standing(),
            version=running.version.decode() if running else "",
            code=running.code.hex() if running else "",
            lock=running.lock.hex() if running else "",
            files=files,
        )


def _running(connection: Connection) -> Running | None:
    entry = repository.newest(connection, Running.kind)
    leaf = decode(entry.leaf) if entry is not None else None
    return leaf if isinstance(leaf, Running) else None


def _in_force(connection: Connection) -> dict[int, str]:
    leaves = (decode(entry.leaf) for entry in repository.of_kinds(connection, [File.kind]))
    return {leaf.what: leaf.digest.hex() for leaf in leaves if isinstance(leaf, File)}


def _since(connection: Connection, from_ms: int) -> list[Crossing | PartnerRead]:
    leaves = (decode(entry.leaf) for entry in repository.of_kinds(connection, [Crossing.kind, PartnerRead.kind]))
    return [leaf for leaf in leaves if isinstance(leaf, Crossing | PartnerRead) and leaf.at_ms >= from_ms]
