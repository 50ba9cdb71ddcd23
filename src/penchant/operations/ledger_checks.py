"""Whether the database still says what the ledger says that it said."""

from collections.abc import Callable, Iterator

from penchant.accounts.security import acts
from penchant.accounts.security.acts import admin_actions
from penchant.core.clock import as_ms
from penchant.core.database import Connection, Engine
from penchant.core.ids import format_id
from penchant.feed.boosts import all_lent
from penchant.feed.records import PageRecords
from penchant.ledger import repository
from penchant.ledger.leaves import AdminAction, Boost, Decision, Page, commitment, decode
from penchant.ledger.service import LedgerService
from penchant.ledger.tiles import WIDTH, TileReader, TileWrong
from penchant.ledger.tree import leaf_hash
from penchant.ledger.verify import Fault
from penchant.safety import committed
from penchant.safety import repository as safety

Progress = Callable[[int, int], None]


class LedgerChecks:
    """Holds rows against leaves."""

    def __init__(self, engine: Engine, ledger: LedgerService, records: PageRecords) -> None:
        self._engine = engine
        self._ledger = ledger
        self._records = records

    def faults(self, progress: Progress = lambda *_: None) -> list[Fault]:
        """What is not as the ledger says: leaves, page records, decisions, acts of administrators."""
        with self._engine.connect() as connection:
            size = self._tiled()
            found = list(self._leaves(connection, size, progress))
            found += self._pages(connection)
            found += self._decisions(connection)
            found += self._acts(connection)
            found += self._boosts(connection)
        return found

    def _tiled(self) -> int:
        checkpoint = self._ledger.checkpoint()
        return checkpoint[0].size if checkpoint is not None else 0

    def _leaves(self, connection: Connection, size: int, progress: Progress) -> Iterator[Fault]:
        reader = TileReader(self._ledger.sequencer.fetch, size)
        for n in range(-(-size // WIDTH)):
            leaves = repository.leaves(connection, n * WIDTH, min((n + 1) * WIDTH, size))
            try:
                hashes = reader.hashes(0, n)
            except TileWrong as error:
                yield Fault("missing_tile", error.message)
                return
            for place, (leaf, hash_) in enumerate(zip(leaves, hashes, strict=False), n * WIDTH):
                if leaf_hash(leaf) != hash_:
                    yield Fault("altered_entry", "the database holds another leaf than the one that was signed", place)
            if len(leaves) < len(hashes):
                yield Fault("deleted_leaf", "leaves are gone from the database", n * WIDTH + len(leaves))
            reader.forget()
            progress(min((n + 1) * WIDTH, size), size)

    def _pages(self, connection: Connection) -> Iterator[Fault]:
        for row in self._records.of_experiment(connection, None):
            if row.entry is not None:
                yield from _held(
                    connection, row.entry, Page, commitment(row.salted), "altered_record", "a page's record"
                )

    def _decisions(self, connection: Connection) -> Iterator[Fault]:
        told = 0
        for row in safety.decisions_told(connection):
            told += 1
            content = row["salt"] + committed.content_of(dict(row))
            yield from _held(connection, row["entry"], Decision, commitment(content), "altered_decision", "a decision")
        leaves = sum(1 for _ in repository.of_kinds(connection, [Decision.kind]))
        waiting = told - leaves
        if waiting < 0:
            yield Fault("deleted_decision", f"{-waiting} decisions of the ledger are not in the database any more")

    def _acts(self, connection: Connection) -> Iterator[Fault]:
        for row in connection.execute(admin_actions.select()):
            if row.account_id is None and row.what not in acts.ABOUT_NOBODY:
                # Whom it was about was erased.
                continue
            content = row.salt + acts.content_of(row.what, row.account_id, as_ms(row.at))
            yield from _held(
                connection, row.entry, AdminAction, commitment(content), "altered_act", "an administrator's act"
            )

    def _boosts(self, connection: Connection) -> Iterator[Fault]:
        for one in all_lent(connection):
            entry = repository.by_number(connection, one.entry)
            leaf = decode(entry.leaf) if entry is not None else None
            told = (leaf.video, leaf.amount, leaf.from_ms) if isinstance(leaf, Boost) else None
            if told != (one.video, one.amount, one.begins_ms) and not repository.waits(connection, one.entry):
                yield Fault("hidden_boost", f"video {format_id(one.video)} is lent what the ledger does not say")


def _held(
    connection: Connection, number: int, kind: type[Page | Decision | AdminAction], wanted: bytes, name: str, what: str
) -> Iterator[Fault]:
    entry = repository.by_number(connection, number)
    if entry is None:
        if not repository.waits(connection, number):
            yield Fault("deleted_leaf", f"{what} has no leaf in the ledger any more")
        return
    leaf = decode(entry.leaf)
    if not isinstance(leaf, kind) or leaf.commitment != wanted:
        yield Fault(name, f"{what} is not the one that the ledger holds", entry.place)
