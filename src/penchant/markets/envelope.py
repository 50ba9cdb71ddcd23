"""The envelope of what crosses: who asks whom for what, when, once. Signed by the asker, and the answer by who gives.

A signature is over a text of lines, as that of a signed note; keys and signatures are the ledger's kind, by two ports.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Final, Protocol

from penchant.core.clock import Clock
from penchant.core.errors import Forbidden, NotFound
from penchant.markets.peers import Peer, Peers

HEADER: Final = "Penchant-Envelope"
ANSWER_HEADER: Final = "Penchant-Answer"
MOST_SKEW_MS: Final = 60_000
MOST_BODY_BYTES: Final = 16_000
_NONCE_LETTERS: Final = 32

Sign = Callable[[str], str]
"""The signature of a text by our own gateway key, in base64."""
Verify = Callable[[str, str, str], bool]
"""Whether a key signed a text: (key as a vkey, text, signature in base64)."""


class Refused(Forbidden):
    """A request that does not come from a market of the house, as it was sent, now and for the first time."""

    code = "wrong_envelope"


class Nonces(Protocol):
    """What was used, for as long as it could be used again."""

    def spend(self, nonce: str, until_ms: int) -> bool:
        """False where it was spent before. until_ms: nothing as old as this is let in after."""
        ...


@dataclass
class MemoryNonces:
    """For one process. What was signed before it began is refused: that may be a replay of which it knows nothing."""

    began_at_ms: int
    _spent: dict[str, int] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def spend(self, nonce: str, until_ms: int) -> bool:
        signed_at_ms = until_ms - 2 * MOST_SKEW_MS
        with self._lock:
            self._spent = {one: until for one, until in self._spent.items() if until >= signed_at_ms}
            if nonce in self._spent or signed_at_ms < self.began_at_ms:
                return False
            self._spent[nonce] = until_ms
            return True


@dataclass(frozen=True)
class Envelope:
    """What a market signs of a request."""

    path: str
    sender: str
    receiver: str
    at_ms: int
    nonce: str

    def text(self, body: bytes) -> str:
        """What is signed."""
        digest = hashlib.sha256(body).hexdigest()
        lines = ("penchant gateway v1", f"POST {self.path}", f"{self.sender} {self.receiver}")
        return "\n".join([*lines, f"{self.at_ms} {self.nonce}", digest, ""])


def seal(sign: Sign, clock: Clock, path: str, sender: str, receiver: str, body: bytes) -> tuple[str, str]:
    """(header, nonce) of a request."""
    envelope = Envelope(path, sender, receiver, clock.now_ms(), secrets.token_hex(_NONCE_LETTERS // 2))
    signature = sign(envelope.text(body))
    return f"{sender} {envelope.at_ms} {envelope.nonce} {signature}", envelope.nonce


def answer_text(nonce: str, digest: str) -> str:
    """What is signed of an answer: to which request, and the SHA-256 of its body in hexadecimal."""
    return f"penchant gateway answer v1\n{nonce}\n{digest}\n"


class Door:
    """Lets in what another market of the house signed; one for each process that answers."""

    def __init__(self, own: str, peers: Peers, nonces: Nonces, verify: Verify, clock: Clock) -> None:
        """`own`: whom requests have to be addressed to."""
        self._own = own
        self._peers = peers
        self._nonces = nonces
        self._verify = verify
        self._clock = clock

    def let_in(self, path: str, header: str, body: bytes) -> tuple[Peer, str]:
        """Who asks, and the nonce that the answer has to name.

        Raises:
            Refused: wrong_envelope, unknown_market, wrong_signature, wrong_time, replayed.
        """
        parts = header.split(" ")
        if len(parts) != 4 or not parts[1].isascii() or not parts[1].isdigit() or len(parts[1]) > 15:
            raise Refused(f"{HEADER} has to be: market, Unix milliseconds, nonce, signature")
        sender, at, nonce, signature = parts
        if len(nonce) != _NONCE_LETTERS or not nonce.isascii() or not nonce.isalnum():
            raise Refused("the nonce has to be 32 letters and digits")
        try:
            peer = self._peers.get(sender)
        except NotFound as error:
            raise Refused(error.message, code=error.code) from error
        envelope = Envelope(path, sender, self._own, int(at), nonce)
        if sender == self._own or not self._verify(peer.gateway_key, envelope.text(body), signature):
            raise Refused(f"the market {sender} did not sign this request", code="wrong_signature")
        if abs(self._clock.now_ms() - envelope.at_ms) > MOST_SKEW_MS:
            raise Refused("the request is more than a minute old, or of the future", code="wrong_time")
        if not self._nonces.spend(nonce, envelope.at_ms + 2 * MOST_SKEW_MS):
            raise Refused("this request was here before", code="replayed")
        return peer, nonce
