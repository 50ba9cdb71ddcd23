"""The log's side of its witnesses: asks them to cosign, keeps what they signed, hears when they know of more."""

import base64
from collections.abc import Sequence
from typing import Final, NamedTuple

import structlog

from penchant.core.clock import Clock, as_datetime, as_ms
from penchant.core.database import Engine
from penchant.core.errors import Forbidden, SettingWrong, Unavailable
from penchant.core.outbound import Bounds, Outbound
from penchant.ledger import repository
from penchant.ledger.notes import (
    COSIGNATURE,
    NoteWrong,
    Signed,
    Verifier,
    open_note,
    read_checkpoint,
    read_verifier,
    split_note,
)
from penchant.ledger.repository import Cosigned
from penchant.ledger.sequencer import COSIGNED, LedgerSetBack, Sequencer
from penchant.ledger.tiles import TileReader
from penchant.ledger.tree import consistency_proof

_BOUNDS: Final = Bounds(seconds=5.0, size_bytes=64_000, redirects=0)
_log = structlog.get_logger("ledger")


class WitnessAt(NamedTuple):
    """A witness, and where it listens."""

    verifier: Verifier
    address: str


def read_witnesses(text: str) -> tuple[WitnessAt, ...]:
    """`key address, key address, …` as the setting has it.

    Raises:
        SettingWrong: one of them is not right.
    """
    found = []
    for one in filter(None, (part.strip() for part in text.split(","))):
        key, _, address = one.partition(" ")
        try:
            verifier = read_verifier(key)
        except NoteWrong as error:
            raise SettingWrong(f"witnesses: {error.message}") from error
        if verifier.kind != COSIGNATURE or not address.startswith(("http://", "https://")):
            raise SettingWrong(f"witnesses: {one[:60]!r} has to be the key of a witness, a blank and its address")
        found.append(WitnessAt(verifier, address.strip().rstrip("/")))
    return tuple(found)


class Cosigning:
    """Gathers cosignatures."""

    def __init__(
        self, engine: Engine, sequencer: Sequencer, clock: Clock, witnesses: Sequence[WitnessAt], quorum: int
    ) -> None:
        """`quorum`: so many witnesses have to sign for a checkpoint to count as cosigned."""
        self.quorum = max(quorum, 1)
        self.witnesses = tuple(witnesses)
        self._engine = engine
        self._sequencer = sequencer
        self._clock = clock
        # The operator named these addresses: they may well lie in a network of their own.
        self._outbound = Outbound(permits=lambda _: True, schemes=frozenset({"http", "https"}), ports=None)
        self._old: dict[str, int] = {}
        """By witness: the size that it signed last, as far as we know."""

    def round(self) -> int:
        """Ask every witness for the last checkpoint; returns how many cosigned.

        Raises:
            LedgerSetBack: a witness has signed for more than there is, or for another tree.
        """
        with self._engine.connect() as connection:
            state = repository.read_state(connection)
        if state is None or not state.checkpoint or not self.witnesses:
            return 0
        try:
            asked = [self._ask(witness, state.checkpoint) for witness in self.witnesses]
        except LedgerSetBack as contradiction:
            with self._engine.begin() as connection:
                repository.stop(connection, contradiction.message)
            raise
        signed = [one for one in asked if one is not None]
        if len(signed) >= self.quorum:
            note = state.checkpoint + "".join(one.line for one in signed)
            oldest = as_datetime(min(one.at_s for one in signed) * 1000)
            with self._engine.begin() as connection:
                repository.write_cosigned(connection, Cosigned(note, oldest))
            self._sequencer.put(COSIGNED, note)
        return len(signed)

    def age_s(self) -> float | None:
        """Seconds since enough witnesses last cosigned; None where they never did."""
        with self._engine.connect() as connection:
            found = repository.read_cosigned(connection)
        return None if found is None else (self._clock.now_ms() - as_ms(found.at)) / 1000

    def _ask(self, witness: WitnessAt, note: str) -> Signed | None:
        text, _ = split_note(note)
        checkpoint = read_checkpoint(text)
        name = witness.verifier.name
        for _ in range(2):
            old = self._old.get(name, 0)
            reader = TileReader(self._sequencer.fetch, checkpoint.size)
            lines = [base64.b64encode(one).decode() for one in consistency_proof(old, checkpoint.size, reader.perfect)]
            body = "".join(f"{line}\n" for line in [f"old {old}", *lines, ""]) + note
            try:
                answer = self._outbound.post(f"{witness.address}/add-checkpoint", body.encode(), bounds=_BOUNDS)
            except (Unavailable, Forbidden) as error:
                _log.warning("witness_silent", witness=name, problem=error.message)
                return None
            said = answer.body.decode(errors="replace")
            if answer.status == 200:
                self._old[name] = checkpoint.size
                return _cosignature(text, said, witness.verifier)
            if answer.status == 409 and said.strip().isdigit():
                known = int(said)
                if known > checkpoint.size:
                    raise LedgerSetBack(
                        f"the witness {name} has signed for {known:,} leaves, and the log has {checkpoint.size:,}"
                    )
                self._old[name] = known
                continue
            if answer.status in (409, 422):
                raise LedgerSetBack(f"the witness {name} has signed for another tree: {said.strip()[:200]}")
            break
        _log.warning("witness_refused", witness=name, status=answer.status, said=said.strip()[:200])
        return None


def _cosignature(text: str, lines: str, verifier: Verifier) -> Signed | None:
    try:
        return open_note(f"{text}\n{lines}", [verifier]).signed[0]
    except NoteWrong as error:
        _log.warning("witness_wrong", witness=verifier.name, problem=error.message)
        return None
