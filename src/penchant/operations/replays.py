"""A page held against everything that it was made from: the ledger, the epoch, the weights, its own numbers."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from penchant.core.database import Engine
from penchant.core.errors import NotFound
from penchant.core.ids import PageId, format_id
from penchant.feed.effects.record import read_record
from penchant.feed.records import PageRecords, PageRow
from penchant.feed.rescore import CannotRescore, differences
from penchant.ledger import repository
from penchant.ledger.leaves import Boost, Epoch, File, Page, commitment, decode
from penchant.ledger.service import LedgerService, Proof
from penchant.ledger.verify import Fault
from penchant.operations.ledgered import Ledgered
from penchant.taste.folders import FolderCorrupt
from penchant.taste.values import parse_values


@dataclass(frozen=True)
class Replay:
    """A page, and what of it does not follow."""

    row: PageRow
    fields: dict[str, Any]
    proof: Proof
    faults: tuple[Fault, ...]


class Replays:
    """Makes pages again."""

    def __init__(self, engine: Engine, records: PageRecords, ledger: LedgerService, ledgered: Ledgered) -> None:
        self._engine = engine
        self._records = records
        self._ledger = ledger
        self._ledgered = ledgered

    def replay(self, page: PageId) -> Replay:
        """Holds a page against the ledger and itself.

        Raises:
            NotFound: there is no such page any more, or none of its epoch.
            NotYetLogged: it waits for its place.
            CannotRescore: it was made by another version.
        """
        with self._engine.connect() as connection:
            row = self._records.page(connection, page)
            if row.entry is None:
                raise CannotRescore("it was made before there was a ledger")
            proof = self._ledger.prove(connection, row.entry)
        fields = read_record(row.record)
        faults = [*self._committed(row, proof), *self._named(fields, proof.index), *self._follows(fields)]
        return Replay(row, fields, proof, tuple(faults))

    def _committed(self, row: PageRow, proof: Proof) -> list[Fault]:
        leaf = decode(proof.entry)
        if isinstance(leaf, Page) and leaf.commitment == commitment(row.salted):
            return []
        return [Fault("altered_record", "the page's record is not the one that the ledger holds", proof.index)]

    def _named(self, fields: dict[str, Any], before: int) -> list[Fault]:
        """What the record names by digest has to stand in the log, and before the page."""
        faults = []
        with self._engine.connect() as connection:
            epoch = (
                repository.by_name(connection, Epoch.kind, bytes.fromhex(fields["epoch"])) if fields["epoch"] else None
            )
            files = {
                leaf.digest.hex()
                for entry in repository.of_kinds(connection, [File.kind])
                if entry.place < before and isinstance(leaf := decode(entry.leaf), File)
            }
        if fields["epoch"] and (epoch is None or epoch.place >= before):
            faults.append(
                Fault("unlogged_epoch", f"epoch {fields['epoch'][:12]} stands in the log after the page, or not")
            )
        faults += self._lent(fields, before)
        if fields["values"] not in files:
            faults.append(
                Fault("unlogged_file", f"the weights {fields['values'][:12]} were in the log nowhere before it")
            )
        return faults

    def _lent(self, fields: dict[str, Any], before: int) -> list[Fault]:
        """Boosts: the record has those that the ledger had at the time, and no others."""
        ids = np.frombuffer(fields["candidates"], "<i8").tolist()
        recorded = {ids[place]: amount for place, amount in fields["lent"]}
        with self._engine.connect() as connection:
            leaves = [(entry.place, decode(entry.leaf)) for entry in repository.of_kinds(connection, [Boost.kind])]
        told: dict[int, int] = {}
        for place, leaf in leaves:
            assert isinstance(leaf, Boost)
            if place < before and leaf.from_ms <= fields["as_of_ms"] + 1_000:
                told[leaf.video] = leaf.amount if fields["as_of_ms"] < leaf.until_ms else 0
        return [
            Fault("hidden_boost", f"video {format_id(video)} was lent something that the ledger had not then")
            for video, amount in recorded.items()
            if told.get(video, 0) != amount
        ]

    def _follows(self, fields: dict[str, Any]) -> list[Fault]:
        try:
            stages, heads, *_ = self._ledgered.unpacked(fields["epoch"])
            values = parse_values(self._ledgered.file(fields["values"]))
        except FolderCorrupt as problem:
            return [Fault("swapped_epoch", problem.message)]
        except NotFound as problem:
            raise NotFound(
                f"what the page was ranked with is not kept any more (replay_days): {problem.message}"
            ) from problem
        return [
            Fault(f"altered_{one.what}", f"the recorded {one.what} do not follow from the recorded rows")
            for one in differences(fields, stages, heads, values)
        ]
