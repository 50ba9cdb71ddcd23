"""What would go: looked at before anything is written, and whether it may go at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from penchant.core.errors import Conflict, Invalid
from penchant.ledger import repository as ledger
from penchant.ledger.notes import Signer
from penchant.ledger.service import LedgerService
from penchant.markets.lifecycle import RANK, Standing
from penchant.operations import manifest as m
from penchant.operations import repository
from penchant.operations.backup import Installation
from penchant.operations.handover.excluded import goes
from penchant.operations.handover.model import MarketPlan, Plan
from penchant.operations.pins import files_below


@dataclass(frozen=True)
class Giving:
    """A running cell that is handed over."""

    installation: Installation
    ledger: LedgerService
    signer: Signer
    standing: Standing
    licence: str = ""
    """Digest of the licence by which what was learned may go to these receivers now."""

    @property
    def market(self) -> str:
        return self.installation.market


def make_plan(
    cells: Sequence[Giving], recipients: tuple[str, ...], next_keys: Mapping[str, str], *, rehearsal: bool
) -> Plan:
    """Look at every market; nothing is changed.

    Raises:
        Invalid: two of them are the same market, or one is not the market that its settings say.
        Conflict: one is not read-only yet, or its keys are gone.
        LedgerSetBack: the ledger of one has ended already, by another hand-over.
    """
    names = [cell.market for cell in cells]
    if twice := {name for name in names if names.count(name) > 1}:
        raise Invalid(f"two folders hold the market {', '.join(sorted(twice))}: each goes once")
    for cell in cells:
        _check_name(cell)
    check_states(cells, rehearsal=rehearsal)
    markets = tuple(_look(cell) for cell in cells)
    return Plan(markets, recipients, dict(next_keys), rehearsal, licences_of(cells))


def licences_of(cells: Sequence[Giving]) -> dict[str, str]:
    """Market → the licence by which what was learned goes along."""
    return {cell.market: cell.licence for cell in cells if cell.licence}


def check_states(cells: Sequence[Giving], *, rehearsal: bool) -> None:
    """Asked at each start: a stay of its order may have opened a market again.

    Raises:
        Conflict: one is not read-only, or its keys are gone.
    """
    for cell in cells:
        _check_state(cell, rehearsal=rehearsal)


def _check_name(cell: Giving) -> None:
    """Before anything is signed: under a wrong name another log would begin."""
    with cell.installation.engine.connect() as connection:
        state = ledger.read_state(connection)
    if state is not None and state.origin != cell.ledger.verifier.name:
        raise Invalid(
            f"{cell.installation.data} keeps the ledger {state.origin}, and its settings say that it is the market "
            f"{cell.market}: put its settings into {cell.installation.data}/penchant.toml"
        )


def _check_state(cell: Giving, *, rehearsal: bool) -> None:
    if cell.standing.keys_destroyed_at is not None:
        raise Conflict(f"the keys of {cell.market} were destroyed: there is nothing left to hand over")
    if not rehearsal and RANK[cell.standing.state] < RANK["read_only"]:
        raise Conflict(
            f"{cell.market} is {cell.standing.state}, and people would lose what they add while it moves: plan "
            f"read_only with 'penchant market plan' first, or try everything with --rehearsal"
        )


def _look(cell: Giving) -> MarketPlan:
    cell.ledger.sequencer.run_empty()
    with cell.installation.engine.connect() as connection:
        rows = repository.count_rows(connection)
        open_cases = repository.count_open_cases(connection)
    folder = cell.installation.data / "objects"
    sizes = [
        path.stat().st_size
        for path in files_below(folder)
        if goes(m.OBJECTS + path.relative_to(folder).as_posix(), licensed=bool(cell.licence))
    ]
    found = cell.ledger.checkpoint()
    return MarketPlan(
        market=cell.market,
        people=rows["accounts"],
        videos=rows["videos"],
        events=rows["event_log"],
        open_cases=open_cases,
        objects=len(sizes),
        objects_bytes=sum(sizes),
        ledger_key=cell.ledger.verifier.written(),
        ledger_size=found[0].size if found else 0,
        ledger_root=found[0].root.hex() if found else "",
    )
