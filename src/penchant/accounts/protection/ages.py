"""Proofs of age: a question that only one account can answer, and of the answer nothing kept but yes or no."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import Final, NamedTuple

from penchant.accounts.model import Account, AgeBand
from penchant.accounts.protection import repository
from penchant.accounts.protection.ports import AttestationReader, AttestationRefused
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Engine
from penchant.markets.model import Market

_ASKED_S: Final = 600
"""So long a question may be answered."""
_MAC_BYTES: Final = 16


class Challenge(NamedTuple):
    """What an issuer has to sign besides the claim."""

    nonce: str
    audience: str
    claim: str


class AgeProofs:
    """Takes statements that somebody has, or has not, reached the age of adults here."""

    def __init__(
        self, engine: Engine, clock: Clock, market: Market, key: bytes, readers: Sequence[AttestationReader]
    ) -> None:
        """
        Args:
            key: signs the questions, so that none of them has to be kept.
            readers: none where no issuer is known.
        """
        self._engine = engine
        self._clock = clock
        self._market = market
        self._key = key
        self._readers = tuple(readers)

    @property
    def offered(self) -> bool:
        """Whether there is anybody whose word on an age counts."""
        return bool(self._readers)

    def ask(self, me: Account, audience: str) -> Challenge:
        """A question for this account, good for ten minutes. `audience`: the address of this place."""
        return Challenge(self._nonce(me, self._clock.now_ms() // 1000 + _ASKED_S), audience, self._claim)

    def prove(self, me: Account, audience: str, attestation: str) -> bool:
        """Take an answer; returns whether they are an adult, which holds from now on whatever they declared.

        Raises:
            AttestationRefused: it proves nothing about this account.
        """
        attestation = attestation.strip()
        reader = next((reader for reader in self._readers if reader.knows(attestation)), None)
        if reader is None:
            raise AttestationRefused("this is no proof of age that is known here")
        attested = reader.read(attestation, self._claim)
        if attested.audience != audience:
            raise AttestationRefused("this proof of age is for another place")
        if attested.expires_at <= as_datetime(self._clock.now_ms()):
            raise AttestationRefused("this proof of age has run out")
        if not self._asked(me, attested.nonce):
            raise AttestationRefused("this proof of age answers another question; ask for a new one")
        self.take_word(me, adult=attested.claim)
        return attested.claim

    def take_word(self, account: Account, *, adult: bool) -> None:
        """Believe it: a proof said so, or an operator who has seen one."""
        band: AgeBand = "adult" if adult else "minor"
        with self._engine.begin() as connection:
            repository.set_age(connection, account.id, account.subject, band, adult)

    @property
    def _claim(self) -> str:
        return f"age_over_{self._market.adult_age}"

    def _nonce(self, me: Account, until_s: int) -> str:
        said = f"penchant age\0{me.id}\0{until_s}".encode()
        mac = hmac.digest(self._key, said, hashlib.sha256)[:_MAC_BYTES]
        return f"{until_s}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"

    def _asked(self, me: Account, nonce: str) -> bool:
        until, _, _ = nonce.partition(".")
        if not (until.isascii() and until.isdecimal() and len(until) <= 12):
            return False
        right = self._nonce(me, int(until))
        return hmac.compare_digest(right.encode(), nonce.encode()) and int(until) > self._clock.now_ms() // 1000
