"""Licences as this market keeps them: signed notes of issuers that the settings name, recorded once, in the ledger."""

from collections.abc import Sequence

from penchant.core.clock import Clock, as_datetime, as_ms
from penchant.core.database import Engine
from penchant.core.errors import Conflict, SettingWrong
from penchant.ledger.leaves import Licence as LicenceLeaf
from penchant.ledger.notes import NoteWrong, Verifier, open_note, read_verifier
from penchant.ledger.record import append
from penchant.markets import repository
from penchant.markets.licences import Licence, LicenceWrong, read_licence, what_allows


def read_issuers(text: str) -> tuple[Verifier, ...]:
    """Whose licences count, as the setting says it: vkeys, separated by commas.

    Raises:
        SettingWrong: one is none.
    """
    try:
        return tuple(read_verifier(one) for one in text.split(",") if one.strip())
    except NoteWrong as error:
        raise SettingWrong(f"PENCHANT_LICENCE_ISSUERS: {error.message}") from error


class Licences:
    """The licences of one market."""

    def __init__(self, engine: Engine, clock: Clock, issuers: Sequence[Verifier]) -> None:
        self._engine = engine
        self._clock = clock
        self._issuers = issuers

    def record(self, note: str) -> Licence:
        """Keep a licence, and say so in the ledger.

        Raises:
            LicenceWrong: it cannot be read, nobody who counts signed it, or it replaces one that is not here.
            Conflict: it is here already.
        """
        licence = self._opened(note)
        with self._engine.begin() as connection:
            known = repository.licence_digests(connection)
            if bytes.fromhex(licence.digest) in known:
                raise Conflict("this licence is recorded already")
            if licence.replaces and licence.replaces not in {one.hex() for one in known}:
                raise LicenceWrong(f"it replaces {licence.replaces[:16]}, which was never recorded here")
            now = as_datetime(self._clock.now_ms())
            repository.add_licence(connection, bytes.fromhex(licence.digest), note, now)
            leaf = LicenceLeaf(
                at_ms=as_ms(now),
                digest=bytes.fromhex(licence.digest),
                issuer=licence.issuer.encode(),
                scope=f"{licence.of} from {','.join(licence.markets)} to {','.join(licence.to)}".encode(),
                from_ms=as_ms(licence.effective_from),
                until_ms=as_ms(licence.valid_until),
            )
            append(connection, leaf)
        return licence

    def all(self) -> list[Licence]:
        """Those whose issuers count today, in the order of their recording."""
        with self._engine.connect() as connection:
            notes = repository.licence_notes(connection)
        found = []
        for note in notes:
            try:
                found.append(self._opened(note))
            except LicenceWrong:
                # Its issuer counts no more: it allows nothing.
                continue
        return found

    def allowing_epochs(self, market: str, to: Sequence[str]) -> Licence | None:
        """The licence by which what was learned may go from here to some receivers now."""
        return what_allows(self.all(), as_datetime(self._clock.now_ms()), "epochs", market, to)

    def _opened(self, note: str) -> Licence:
        try:
            opened = open_note(note, self._issuers)
        except NoteWrong as error:
            raise LicenceWrong(f"no issuer of PENCHANT_LICENCE_ISSUERS signed this licence: {error.message}") from error
        licence = read_licence(opened.text)
        if licence.issuer not in {one.by.name for one in opened.signed}:
            raise LicenceWrong(f"it says that {licence.issuer} issues it, and {licence.issuer} did not sign it")
        return licence
