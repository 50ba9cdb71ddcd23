"""The side that gives: looks who asks, answers what is allowed, tells the ledger before anything goes out."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec

from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Connection, Engine
from penchant.core.errors import Invalid, NotFound
from penchant.core.objects import ObjectStore
from penchant.ledger.leaves import Crossing
from penchant.ledger.record import append
from penchant.markets import gateway_rows
from penchant.markets.envelope import Door, Sign, answer_text
from penchant.markets.messages import (
    ALLOWED,
    AskCounts,
    AskMedia,
    AskVideos,
    Change,
    CountsAnswer,
    Message,
    VideosAnswer,
    decode,
    encode,
)
from penchant.markets.peers import Peer
from penchant.operations.crossings import public

MOST_CHANGES: Final = 50
MOST_COUNTS: Final = 5_000
_ENOUGH_BYTES: Final = 4_000_000
M = TypeVar("M", bound=Message)


@dataclass(frozen=True)
class Given:
    """An answer on its way out."""

    body: Iterator[bytes]
    size_bytes: int
    content_type: str
    signed: str
    """What the header says: our signature over the request's nonce and the body's digest."""


class TableNonces:
    """What was used, for every process of a cell and across starts."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def spend(self, nonce: str, until_ms: int) -> bool:
        with self._engine.begin() as connection:
            return gateway_rows.spend(connection, nonce, as_datetime(until_ms))


class Giving:
    """Answers other markets. There is no other way in for them, and nothing here but the kinds of `ALLOWED`."""

    def __init__(self, engine: Engine, objects: ObjectStore, clock: Clock, door: Door, sign: Sign) -> None:
        self._engine = engine
        self._objects = objects
        self._clock = clock
        self._door = door
        self._sign = sign

    def answer(self, kind: str, header: str, body: bytes) -> Given:
        """The answer to a request as it came.

        Raises:
            Refused: who asks is not who they say, or asks again; see `Door.let_in`.
            NotFound: unknown_kind, not_offered.
            Invalid: the request is of another shape.
        """
        peer, nonce = self._door.let_in(f"/gateway/{kind}", header, body)
        if kind not in ALLOWED:
            raise NotFound("nothing of that kind crosses between markets", code="unknown_kind")
        if kind == "videos":
            return self._videos(peer, nonce, _read(body, AskVideos))
        if kind == "counts":
            return self._counts(peer, nonce, _read(body, AskCounts))
        return self._media(peer, nonce, _read(body, AskMedia))

    def _videos(self, peer: Peer, nonce: str, asked: AskVideos) -> Given:
        with self._engine.begin() as connection:
            last = gateway_rows.bring_up_to_date(connection, public.digests())
            rows = gateway_rows.offered_after(connection, asked.after, MOST_CHANGES + 1)
            now = public.told(connection, [video for _, video in rows[:MOST_CHANGES]])
            changes = _fitting(Change(number, video, now.get(video)) for number, video in rows[:MOST_CHANGES])
            body = encode(VideosAnswer(changes, len(rows) > len(changes), asked.after > last))
            if changes:
                # That there is no news says nothing of anybody; each minute's would fill the log.
                self._note(connection, peer, "videos", len(changes), hashlib.sha256(body).digest())
        return self._given(iter((body,)), len(body), "application/json", nonce, hashlib.sha256(body).hexdigest())

    def _counts(self, peer: Peer, nonce: str, asked: AskCounts) -> Given:
        with self._engine.begin() as connection:
            found = public.counts_after(connection, asked.after, MOST_COUNTS + 1)
            told = tuple(found[:MOST_COUNTS])
            body = encode(CountsAnswer(told, len(found) > len(told)))
            if told:
                self._note(connection, peer, "counts", len(told), hashlib.sha256(body).digest())
        return self._given(iter((body,)), len(body), "application/json", nonce, hashlib.sha256(body).hexdigest())

    def _media(self, peer: Peer, nonce: str, asked: AskMedia) -> Given:
        with self._engine.begin() as connection:
            found = public.file_key(connection, asked.video, asked.name, asked.sha256)
            if found is None:
                raise NotFound("there is no such public file", code="not_offered")
            file, key = found
            self._note(connection, peer, "media", 1, bytes.fromhex(file.sha256))
        return self._given(self._objects.read(key), file.size_bytes, file.content_type, nonce, file.sha256)

    def _note(self, connection: Connection, peer: Peer, kind: str, count: int, digest: bytes) -> None:
        append(connection, Crossing(self._clock.now_ms(), kind.encode(), peer.id.encode(), count, digest))

    def _given(self, body: Iterator[bytes], size_bytes: int, content_type: str, nonce: str, digest: str) -> Given:
        return Given(body, size_bytes, content_type, self._sign(answer_text(nonce, digest)))


def _fitting(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The first changes, as many as make an answer of bearable size; one at least."""
    kept: list[Change] = []
    size_bytes = 0
    for change in changes:
        size_bytes += len(encode(change))
        if kept and size_bytes > _ENOUGH_BYTES:
            break
        kept.append(change)
    return tuple(kept)


def _read(body: bytes, type_: type[M]) -> M:
    try:
        found: M = decode(body, type_)
    except msgspec.DecodeError as error:
        raise Invalid(f"this is no such request: {error}", code="wrong_shape") from error
    return found
