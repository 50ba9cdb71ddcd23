"""Asks other markets, and the directory, in the name of this one."""

import hashlib
from typing import Any, BinaryIO, Final

import msgspec

from penchant.core.clock import Clock
from penchant.core.errors import PenchantError, Unavailable
from penchant.core.outbound import Answer, Bounds, Outbound
from penchant.markets.envelope import ANSWER_HEADER, Sign, Verify, answer_text, seal
from penchant.markets.messages import ALLOWED, AskMedia, Message, decode, encode
from penchant.markets.peers import Peer

_BOUNDS: Final = Bounds(seconds=20.0, size_bytes=32_000_000, redirects=0)
_BYTES_A_SECOND: Final = 250_000
"""A file that comes more slowly than this is given up."""


class PeerAway(Unavailable):
    """Another market, or the directory, does not answer."""

    code = "peer_away"


class PeerRefused(PenchantError):
    """It answered that it will not."""

    code = "peer_refused"


class AnswerWrong(PenchantError):
    """What came is not what was asked for: cut off, altered, signed by nobody we know, or of another shape."""

    code = "answer_wrong"


class Caller:
    """One market's voice."""

    def __init__(self, market: str, sign: Sign, verify: Verify, clock: Clock) -> None:
        self._market = market
        self._sign = sign
        self._verify = verify
        self._clock = clock
        # The operator named these addresses: they may well lie in a network of their own.
        self._outbound = Outbound(permits=lambda _: True, schemes=frozenset({"http", "https"}), ports=None)

    def ask(self, peer: Peer, kind: str, asked: Message) -> Any:
        """The answer to one of `ALLOWED`, of its type.

        Raises:
            PeerAway, PeerRefused, AnswerWrong: there is none that counts.
        """
        answered = ALLOWED[kind].answered
        assert answered is not None
        answer, nonce = self.post(peer.address, f"/gateway/{kind}", peer.id, encode(asked), _BOUNDS)
        self._check(peer, answer, nonce, hashlib.sha256(answer.body).hexdigest())
        try:
            return decode(answer.body, answered)
        except msgspec.DecodeError as error:
            raise AnswerWrong(f"{peer.id} answered in another shape: {error}") from error

    def fetch(self, peer: Peer, asked: AskMedia, size_bytes: int, into: BinaryIO) -> None:
        """Write the bytes of a file, as large as it was announced and with the digest that was asked for.

        Raises:
            PeerAway, PeerRefused, AnswerWrong: they did not come, or others did; what was written is worth nothing.
        """
        bounds = Bounds(20.0 + size_bytes / _BYTES_A_SECOND, size_bytes, 0)
        counted = _Digesting(into)
        answer, nonce = self.post(peer.address, "/gateway/media", peer.id, encode(asked), bounds, counted)
        self._check(peer, answer, nonce, asked.sha256)
        if (counted.digest.hexdigest(), counted.size_bytes) != (asked.sha256, size_bytes):
            raise AnswerWrong(f"{peer.id} sent another file than the one it told of")

    def get(self, address: str, bounds: Bounds) -> str | None:
        """What an address says in public, one word of text; None where it knows nothing.

        Raises:
            PeerAway: no whole answer.
        """
        try:
            answer = self._outbound.get(address, bounds=bounds)
        except PenchantError as error:
            raise PeerAway(f"no answer: {error.message}") from error
        if answer.status not in (200, 404):
            raise PeerAway(f"no answer at the moment ({answer.status})")
        return answer.body.decode(errors="replace").strip() if answer.status == 200 else None

    def post(
        self, address: str, path: str, receiver: str, body: bytes, bounds: Bounds, into: "_Digesting | None" = None
    ) -> tuple[Answer, str]:
        """A signed request, and the nonce that it had.

        Raises:
            PeerAway: no whole answer.
            PeerRefused: an answer that is a refusal.
        """
        header, nonce = seal(self._sign, self._clock, path, self._market, receiver, body)
        headers = {"Penchant-Envelope": header, "Content-Type": "application/json"}
        try:
            answer = self._outbound.post(f"{address}{path}", body, headers, bounds, into=into)
        except PenchantError as error:
            raise PeerAway(f"{receiver} does not answer: {error.message}") from error
        if answer.status in (502, 503, 504):
            raise PeerAway(f"{receiver} does not answer at the moment ({answer.status})")
        if answer.status != 200:
            raise PeerRefused(f"{receiver} refused: {_why(answer)}", code=_why(answer))
        return answer, nonce

    def _check(self, peer: Peer, answer: Answer, nonce: str, digest: str) -> None:
        signature = answer.headers.get(ANSWER_HEADER.lower(), "")
        if not self._verify(peer.gateway_key, answer_text(nonce, digest), signature):
            raise AnswerWrong(f"{peer.id} did not sign this answer")


class _Digesting:
    """A file that counts and hashes what is written to it."""

    def __init__(self, into: BinaryIO) -> None:
        self._into = into
        self.digest = hashlib.sha256()
        self.size_bytes = 0

    def write(self, piece: bytes) -> int:
        self.digest.update(piece)
        self.size_bytes += len(piece)
        return self._into.write(piece)


class _Error(msgspec.Struct):
    code: str = "failed"


class _Body(msgspec.Struct):
    error: _Error


def _why(answer: Answer) -> str:
    """The code of a refusal, in letters that a log can bear."""
    try:
        code = msgspec.json.decode(answer.body, type=_Body).error.code
    except msgspec.DecodeError:
        code = ""
    return code if code.isidentifier() and len(code) <= 40 else f"status_{answer.status}"
