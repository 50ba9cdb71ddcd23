"""What stands in the ledger: one type a kind, canonical CBOR of integers and bytes.

A leaf is a map: 0 the format's version, 1 the kind, 2 when in Unix milliseconds (not for pages), from 3 on the fields
of its kind, in their order. Texts are UTF-8 bytes. Nothing in a leaf leads to a person: what is about somebody is a
*commitment*, the SHA-256 of 32 random bytes and the content, which says nothing until both are shown.

Source: RFC 8949, section 4.2.1, for the encoding.
"""

import hashlib
import secrets
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Final, TypeAlias

import cbor2

from penchant.core.errors import PenchantError
from penchant.ledger.tiles import MOST_ENTRY_BYTES

VERSION: Final = 1
SALT_BYTES: Final = 32
_VERSION, _KIND, _AT, _FIRST = range(4)


class LeafWrong(PenchantError):
    """An entry is not a leaf of this format."""

    code = "leaf_wrong"


@dataclass(frozen=True)
class Page:
    """A page was made: the commitment to its record. When is in the record."""

    kind: ClassVar = 1
    commitment: bytes


@dataclass(frozen=True)
class Epoch:
    """The learner published parameters, learned from the event log up to `position`; `parent`: the epoch before."""

    kind: ClassVar = 2
    at_ms: int
    digest: bytes
    parent: bytes
    position: int
    code: bytes


@dataclass(frozen=True)
class File:
    """A file that decides what people see came into force; `diff` against the one before, as far as there is room."""

    kind: ClassVar = 3
    at_ms: int
    what: int
    digest: bytes
    previous: bytes
    diff: bytes


RECIPE, VALUES, POLICY, EXPERIMENTS = 1, 2, 3, 4
WHAT: Final = {RECIPE: "recipe", VALUES: "values", POLICY: "policy", EXPERIMENTS: "experiments"}


@dataclass(frozen=True)
class Decision:
    """Moderation decided: the commitment to its statement of reasons."""

    kind: ClassVar = 4
    at_ms: int
    commitment: bytes
    action: bytes
    target_kind: bytes
    automated: int


@dataclass(frozen=True)
class Boost:
    """The operator lends a video `amount` in the order of the feed (Q16 doublings of odds); 0 takes it back."""

    kind: ClassVar = 5
    at_ms: int
    video: int
    amount: int
    from_ms: int
    until_ms: int
    reason: bytes


@dataclass(frozen=True)
class AdminAction:
    """An administrator did something: what, and the commitment to whom and how."""

    kind: ClassVar = 6
    at_ms: int
    what: bytes
    commitment: bytes


@dataclass(frozen=True)
class Erasure:
    """A person was erased: the commitment to their subject id, which they alone can open."""

    kind: ClassVar = 7
    at_ms: int
    commitment: bytes


@dataclass(frozen=True)
class Order:
    """Something was done about an order that markets are under: announced, extended, stayed, annulled, executed …; the
    new date where there is one, and what the order says where it is announced."""

    kind: ClassVar = 8
    at_ms: int
    order: int
    act: bytes
    until_ms: int
    issuer: bytes
    basis: bytes
    text: bytes
    markets: bytes


@dataclass(frozen=True)
class Licence:
    """A licence for recommendation technology was recorded, amended or taken back: its digest, and who let what go."""

    kind: ClassVar = 9
    at_ms: int
    digest: bytes
    issuer: bytes
    scope: bytes
    from_ms: int
    until_ms: int


@dataclass(frozen=True)
class HandOver:
    """The market went to other hands: the digest of the plan (markets, sizes, roots before this leaf; not of the
    bundle, which has it), the receivers, and the key with which the log goes on there. The last leaf under its key."""

    kind: ClassVar = 10
    at_ms: int
    bundle: bytes
    to: bytes
    next_key: bytes


@dataclass(frozen=True)
class Running:
    """Another version began to run: its name, the digests of its code and of its lock of dependencies."""

    kind: ClassVar = 11
    at_ms: int
    version: bytes
    code: bytes
    lock: bytes


@dataclass(frozen=True)
class Crossing:
    """Something went to another market by the gateway: what kind, whereto, how much of it, and its digest."""

    kind: ClassVar = 12
    at_ms: int
    what: bytes
    to: bytes
    count: int
    digest: bytes


@dataclass(frozen=True)
class PartnerRead:
    """The partner looked at something: which view, how many rows."""

    kind: ClassVar = 13
    at_ms: int
    view: bytes
    rows: int


@dataclass(frozen=True)
class Log:
    """The log's first leaf, and the first after its key was another; what came before, where something did."""

    kind: ClassVar = 14
    at_ms: int
    origin: bytes
    previous: bytes
    size: int
    root: bytes


@dataclass(frozen=True)
class Step:
    """A step of the market's life was planned, confirmed or revoked."""

    kind: ClassVar = 15
    at_ms: int
    step: int
    act: bytes
    state: bytes
    takes_effect_ms: int
    order: int


@dataclass(frozen=True)
class Certificate:
    """The keys of a closed market were destroyed: by which step, and of what how many, a line each."""

    kind: ClassVar = 16
    at_ms: int
    step: int
    destroyed: bytes


@dataclass(frozen=True)
class Switch:
    """The feed's use of profiles was stopped, or allowed again: by whom, and why."""

    kind: ClassVar = 17
    at_ms: int
    stopped: int
    by: bytes
    reason: bytes


Leaf: TypeAlias = (
    Page
    | Epoch
    | File
    | Decision
    | Boost
    | AdminAction
    | Erasure
    | Order
    | Licence
    | HandOver
    | Running
    | Crossing
    | PartnerRead
    | Log
    | Step
    | Certificate
    | Switch
)
KINDS: Final[dict[int, type[Leaf]]] = {type_.kind: type_ for type_ in Leaf.__args__}


def commit(content: bytes) -> tuple[bytes, bytes]:
    """(commitment, salt): says nothing of the content to who has not both."""
    salt = secrets.token_bytes(SALT_BYTES)
    return commitment(salt + content), salt


def commitment(salted: bytes) -> bytes:
    """The commitment to a content behind its salt."""
    return hashlib.sha256(salted).digest()


def encode(leaf: Leaf) -> bytes:
    """The entry of a leaf.

    Raises:
        LeafWrong: it has no room in a bundle.
    """
    values = [getattr(leaf, field.name) for field in fields(leaf) if field.name != "at_ms"]
    content: dict[int, int | bytes] = {_VERSION: VERSION, _KIND: leaf.kind}
    if not isinstance(leaf, Page):
        content[_AT] = leaf.at_ms
    content.update(enumerate(values, _FIRST))
    entry = cbor2.dumps(content, canonical=True)
    if len(entry) > MOST_ENTRY_BYTES:
        raise LeafWrong(f"a leaf of {len(entry)} bytes does not fit: {MOST_ENTRY_BYTES} is the most")
    return entry


def decode(entry: bytes) -> Leaf:
    """The leaf of an entry.

    Raises:
        LeafWrong: another format, another kind, other fields, or not canonical.
    """
    content = read_fields(entry)
    type_ = KINDS.get(content.pop(_KIND, 0))
    if content.pop(_VERSION, None) != VERSION or type_ is None:
        raise LeafWrong("an entry of a format or a kind that this version does not know")
    names = [field.name for field in fields(type_)]
    numbers = [_AT, *range(_FIRST, _FIRST + len(names) - 1)] if names[0] == "at_ms" else [_FIRST]
    if list(content) != numbers:
        raise LeafWrong(f"an entry of the kind {type_.__name__} with other fields")
    for field, value in zip(fields(type_), content.values(), strict=True):
        if type(value) is not field.type:
            raise LeafWrong(f"an entry of the kind {type_.__name__} whose {field.name} is of another type")
    return type_(*content.values())


def read_fields(entry: bytes) -> dict[int, Any]:
    """The numbered fields of an entry, of whatever kind.

    Raises:
        LeafWrong: it is no canonical CBOR map of numbers to numbers and bytes.
    """
    try:
        content: dict[int, Any] = cbor2.loads(entry)
        canonical = isinstance(content, dict) and cbor2.dumps(content, canonical=True) == entry
    except (cbor2.CBORError, ValueError, TypeError, RecursionError) as error:
        raise LeafWrong("an entry that is no CBOR") from error
    if not canonical or any(type(key) is not int or type(value) not in (int, bytes) for key, value in content.items()):
        raise LeafWrong("an entry that is no canonical map of numbers to numbers and bytes")
    return content
