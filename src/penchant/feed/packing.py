"""How a page record rests: the same record in a third of its bytes, and back to the byte.

A record is canonical CBOR. What it says of each of its K candidates is taken out as one table (K, C) of integers and
encoded by `core.columns`, where columns that resemble each other cost little; what is left is compressed with a
dictionary. The table's columns, in this order, of what the record has:

* `candidates`: each id less the one before it; the first one, 0 here, stands by itself;
* `creators`, `sounds`: how far a number is below the next one that was not there yet; 0 for that itself;
* `order`, turned around: the place of each candidate;
* `pressure`;
* `beliefs`: alpha and alpha + beta, each as two columns, what is above its lowest eight bits and those;
* `rows`, a column for each of `columns`; then `turned_rows` likewise.

What is left has nothing of that, and of each of `sources` [name, threshold, bits]: a bit is set where the candidate is
not as the rule says. The rule: a source that has a column of its own name brought every candidate that has at least
its threshold there; any other brought none.

What is kept is the byte `FORMAT` and CBOR of: the salt; what is left, compressed; the first id; the encoded table. A
record whose `order` is none, like all before version 7, is kept as one frame of Zstandard with its salt.
"""

from collections.abc import Sequence
from typing import Any, Final

import cbor2
import numpy as np
import numpy.typing as npt

from penchant.core.columns import Int64s, decode, encode
from penchant.core.compression import compress, decompress
from penchant.feed.typical import TYPICAL

FORMAT: Final = b"\x01"
"""A frame of Zstandard begins with another byte."""
_MOST_BYTES: Final = 4 << 20
_SINCE: Final = 7
_NEVER: Final = 1 << 15
"""A threshold that nothing in 16 bits reaches."""
_TYPES: Final = {
    "candidates": "<i8",
    "creators": "<u2",
    "sounds": "<u2",
    "order": "<u2",
    "pressure": "<i8",
    "beliefs": "<i4",
    "rows": "<i2",
    "turned_rows": "<i2",
}


def pack(salt: bytes, record: bytes) -> bytes:
    """Salt and record as they rest."""
    fields = cbor2.loads(record)
    if fields["version"] < _SINCE or not _is_permutation(fields["order"]):
        return compress(salt + record)
    return FORMAT + cbor2.dumps([salt, *_apart(fields)])


def unpack(packed: bytes) -> bytes:
    """Salt and record, one after the other.

    Raises:
        ValueError: this is nothing that `pack` gives.
    """
    if not packed.startswith(FORMAT):
        return decompress(packed, _MOST_BYTES)
    salt, *parts = cbor2.loads(packed[len(FORMAT) :])
    return bytes(salt) + cbor2.dumps(_together(*parts), canonical=True)


def _apart(fields: dict[str, Any]) -> tuple[bytes, int, list[Any]]:
    count = len(fields["candidates"]) // 8
    numbers = {
        name: np.frombuffer(fields[name], type_).astype(np.int64).reshape(count, -1)
        for name, type_ in _TYPES.items()
        if fields[name] and len(fields[name]) == count * _width(name, fields) * np.dtype(type_).itemsize
    }
    left = {name: value for name, value in fields.items() if name not in numbers}
    left["sources"] = _by_rule(fields, numbers, count)
    first = int(numbers["candidates"][0, 0]) if count else 0
    table = [_told(name, own) for name, own in numbers.items()] or [np.zeros((0, 0), dtype=np.int64)]
    return (
        compress(cbor2.dumps(left, canonical=True), dictionary=TYPICAL),
        first,
        encode(np.concatenate(table, axis=1)),
    )


def _together(compressed: bytes, first: int, encoded: list[Any]) -> dict[str, Any]:
    fields: dict[str, Any] = cbor2.loads(decompress(compressed, _MOST_BYTES, TYPICAL))
    table, at, numbers = decode(encoded), 0, {}
    for name, type_ in _TYPES.items():
        if name not in fields:
            width = _width(name, fields) + 2 * (name == "beliefs")
            numbers[name] = _heard(name, table[:, at : at + width], first)
            fields[name] = numbers[name].astype(type_).tobytes()
            at += width
    fields["sources"] = _brought(fields["sources"], fields, numbers)
    return fields


def _by_rule(fields: dict[str, Any], numbers: dict[str, Int64s], count: int) -> list[list[Any]]:
    """[name, threshold, bits] of each source."""
    if not fields["sources"] or not count:
        return [[name, _NEVER, bits] for name, bits in fields["sources"]]
    names, bits = zip(*fields["sources"], strict=True)
    brought = _unpacked(bits, count)
    like = _like(names, fields, numbers, count)
    least = np.where(brought, like, _NEVER).min(axis=1)
    odd = np.packbits(brought ^ (like >= least[:, None]), axis=1)
    return [[*one, own.tobytes()] for *one, own in zip(names, least.tolist(), odd, strict=True)]


def _brought(told: list[list[Any]], fields: dict[str, Any], numbers: dict[str, Int64s]) -> list[list[Any]]:
    """The inverse: [name, bits] of each source."""
    count = len(next(iter(numbers.values()), ()))
    if not told or not count:
        return [[name, bits] for name, _, bits in told]
    names, least, odd = zip(*told, strict=True)
    by_rule = _like(names, fields, numbers, count) >= np.array(least)[:, None]
    bits = np.packbits(_unpacked(odd, count) ^ by_rule, axis=1)
    return [[name, own.tobytes()] for name, own in zip(names, bits, strict=True)]


def _width(name: str, fields: dict[str, Any]) -> int:
    return len(fields["columns"]) if name.endswith("rows") else 2 if name == "beliefs" else 1


def _unpacked(bits: Sequence[bytes], count: int) -> npt.NDArray[np.bool_]:
    """(S, K) from S times K bits."""
    joined = np.frombuffer(b"".join(bits), np.uint8).reshape(len(bits), -1)
    return np.unpackbits(joined, axis=1, count=count).astype(np.bool_)


def _like(names: Sequence[str], fields: dict[str, Any], numbers: dict[str, Int64s], count: int) -> Int64s:
    """(S, K) the column of each source's name; below any threshold where there is none."""
    like = np.full((len(names), count), _NEVER - 1, dtype=np.int64)
    for place, name in enumerate(names):
        if "rows" in numbers and name in fields["columns"]:
            like[place] = numbers["rows"][:, fields["columns"].index(name)]
    return like


def _is_permutation(order: bytes) -> bool:
    places = np.sort(np.frombuffer(order, _TYPES["order"]))
    return bool(np.array_equal(places, np.arange(len(places))))


def _told(name: str, numbers: Int64s) -> Int64s:
    """A field's columns of the table, from its own."""
    if name == "candidates":
        return np.diff(numbers, axis=0, prepend=numbers[:1])
    if name in ("creators", "sounds"):
        return np.maximum.accumulate(np.append(0, numbers[:-1]))[:, None] + 1 - numbers
    if name == "order":
        return np.argsort(numbers, axis=0, kind="stable")
    if name == "beliefs":
        both = np.cumsum(numbers, axis=1)
        return np.concatenate([both >> 8, both & 255], axis=1)
    return numbers


def _heard(name: str, columns: Int64s, first: int) -> Int64s:
    """The inverse."""
    if name == "candidates":
        return np.cumsum(columns, axis=0) + first
    if name in ("creators", "sounds"):
        most, found = 0, []
        for below in columns[:, 0].tolist():
            found.append(most + 1 - below)
            most = max(most, found[-1])
        return np.array(found, dtype=np.int64)[:, None]
    if name == "order":
        return np.argsort(columns, axis=0, kind="stable")
    if name == "beliefs":
        return np.diff((columns[:, :2] << 8) + columns[:, 2:], axis=1, prepend=0)
    return columns
