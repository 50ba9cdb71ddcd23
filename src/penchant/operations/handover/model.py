"""What a bundle says about itself, what its making remembers, and what a receiver announces. JSON, all of it."""

import hashlib
from typing import Annotated, Final, TypeVar

import msgspec

from penchant.core.errors import PenchantError

FORMAT: Final = 1
MANIFEST, SIGNATURE, EXCLUDED = "manifest.json", "manifest.sig", "EXCLUDED.md"
_MARKET = r"^[a-z][a-z0-9-]{0,30}$"
_PART = r"^[a-z][a-z0-9-]{0,30}/[0-9]{4,}\.age$"
T = TypeVar("T")


class HandOverWrong(PenchantError):
    """A hand-over cannot go on: a wrong key, a bundle that was changed or is not whole, another plan."""

    code = "hand_over_wrong"


class Receiver(msgspec.Struct, frozen=True):
    """Public: who receives, and with which key each market's ledger goes on there."""

    recipient: str
    """The age recipient (`age1…`) that everything is encrypted to."""
    next_keys: dict[str, str]
    """Market → vkey."""
    format: int = FORMAT


class MarketPlan(msgspec.Struct, frozen=True):
    """One market as it is when its hand-over is planned; what people are told goes."""

    market: str
    people: int
    videos: int
    events: int
    open_cases: int
    objects: int
    objects_bytes: int
    ledger_key: str
    ledger_size: int
    ledger_root: str


class Plan(msgspec.Struct, frozen=True):
    """What a hand-over is about to do. Its digest stands in the old ledgers' last leaf."""

    markets: tuple[MarketPlan, ...]
    recipients: tuple[str, ...]
    next_keys: dict[str, str]
    rehearsal: bool
    licences: dict[str, str] = {}
    """Market → digest of the licence by which what was learned there goes along; without one it stays."""
    format: int = FORMAT

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).digest()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(one.market for one in self.markets)


class Part(msgspec.Struct, frozen=True):
    """A piece of a market's copy, encrypted. The pieces of one market in their order are one backup `.tar`."""

    name: Annotated[str, msgspec.Meta(pattern=_PART)]
    size_bytes: int
    sha256: str
    plain_bytes: int
    plain_sha256: str


class Counted(msgspec.Struct, frozen=True):
    """What the database held at the moment of the copy."""

    rows: dict[str, int]
    """Every table → how many rows."""
    open_cases: int
    format: int = FORMAT


class Log(msgspec.Struct, frozen=True):
    """The ledger as it ends here: what goes on elsewhere has to begin with it."""

    key: str
    origin: str
    size: int
    root: str
    note: str
    """The signed checkpoint."""


class Learned(msgspec.Struct, frozen=True):
    """What was learned and goes along: what it is, where it is from, by whose word."""

    of: str
    origin: str
    epoch: str
    """The newest: SHA-256."""
    licence: str
    """SHA-256 of its text; it stands in the ledger of the market."""


class Market(msgspec.Struct, frozen=True):
    """One market of a bundle."""

    market: Annotated[str, msgspec.Meta(pattern=_MARKET)]
    schema: str
    taken_at: str
    """RFC 3339: the moment of the copy."""
    counted: Counted
    objects: int
    objects_bytes: int
    missing: int
    """Objects that the database names and that were gone already before."""
    log: Log
    next_key: str
    """vkey that the ledger goes on under; empty where the receiver announced none."""
    parts: tuple[Part, ...]
    learned: Learned | None = None


class Manifest(msgspec.Struct, frozen=True):
    """Written last: a bundle without it is not whole."""

    penchant: str
    plan: Plan
    markets: tuple[Market, ...]
    format: int = FORMAT

    @property
    def size_bytes(self) -> int:
        return sum(part.plain_bytes for market in self.markets for part in market.parts)


class Draft(msgspec.Struct, frozen=True):
    """What the making of a bundle remembers from run to run: its plan, and the parts that are whole."""

    plan: Plan
    parts: dict[str, tuple[Part, ...]]
    format: int = FORMAT


def encode(value: msgspec.Struct) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value, order="deterministic")) + b"\n"


def decode(content: bytes, type_: type[T], what: str) -> T:
    """Read what this version wrote.

    Raises:
        HandOverWrong: it is of another format, or cannot be read.
    """
    try:
        said = msgspec.json.decode(content, type=_Format).format
        if said != FORMAT:
            raise HandOverWrong(f"{what} is of format {said}, and this Penchant knows format {FORMAT}")
        return msgspec.json.decode(content, type=type_)
    except msgspec.DecodeError as error:
        raise HandOverWrong(f"{what} cannot be read ({error})") from error


class _Format(msgspec.Struct):
    format: int
