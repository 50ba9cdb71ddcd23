#!/usr/bin/env python3
"""Check a Penchant transparency log, a receipt of it, or that it only grew. One file, to be read whole before use.

    verify_ledger.py log PREFIX --key VKEY                  every entry, tile, signature and rule of a log
    verify_ledger.py proof FILE --key VKEY                  one receipt, without network
    verify_ledger.py consistent OLD NEW PREFIX --key VKEY   that the log only grew between two kept checkpoints

PREFIX is a folder or an address. Exit status: 0 all holds; 1 faults, one a line, its name first; 2 a wrong command.

It shares no code with Penchant: both were written from the same published formats, so that an error in one is found by
the other. Beside Python 3.11 it needs only the package `cryptography`. Sources: RFC 6962 (trees, proofs), RFC 8949
section 4.2.1 (CBOR), and signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles and tlog-proof of C2SP.
"""

import argparse
import base64
import math
import re
import sys
import time
import urllib.request
import zlib
from collections import Counter
from datetime import UTC, datetime
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LARGEST_FILE_BYTES = 256 * (2 + 0xFFFF)
MOST_FAULTS = 1000  # a log may claim any size and lack everything
SLACK_MS = 600_000  # how far two clocks may disagree
LOG_KEY, WITNESS_KEY = 1, 4
PAGE, EPOCH, FILE, LOG = 1, 2, 3, 14
_KINDS = "page,epoch,file,decision,boost,admin action,erasure,order,licence,hand-over,version,crossing,partner read,log"
KINDS = dict(enumerate([*_KINDS.split(","), "life cycle step"], 1))
PAGE_HEAD = bytes.fromhex("a300010101035820")  # {0: 1, 1: 1, 3: 32 bytes}


class Fault(Exception):
    """What is wrong: a name for programs, words for people."""


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes: list[bytes]) -> bytes:
    """The root over neighbours of one height; the last of them may stand for a smaller tree."""
    while len(hashes) > 1:
        odd = hashes[len(hashes) & ~1 :]
        hashes = [node_hash(*pair) for pair in zip(hashes[::2], hashes[1::2], strict=False)] + odd
    return hashes[0] if hashes else sha256().digest()


def half_of(size: int) -> int:
    """Where RFC 6962 cuts a tree of more than one entry: at the largest power of two below its size."""
    return 1 << (size - 1).bit_length() - 1


def root_by_inclusion(index: int, size: int, leaf: bytes, path: list[bytes]) -> bytes:
    """Where a leaf and its path lead. Raises ValueError where paths have another length. Section 2.1.1."""
    if not 0 <= index < size or (size == 1) != (not path):
        raise ValueError("the path is not one of this place")
    if size == 1:
        return leaf
    half = half_of(size)
    if index < half:
        return node_hash(root_by_inclusion(index, half, leaf, path[:-1]), path[-1])
    return node_hash(path[-1], root_by_inclusion(index - half, size - half, leaf, path[:-1]))


def roots_by_consistency(cut: int, size: int, root: bytes | None, path: list[bytes]) -> tuple[bytes, bytes]:
    """The roots at `cut` (given, until that tree is cut itself) and `size` by a path. ValueError as above. 2.1.2."""
    if not 0 < cut <= size or (not path if cut < size else len(path) != (root is None)):
        raise ValueError("the path is not one of these sizes")
    if cut == size:
        return (root or path[0],) * 2
    half = half_of(size)
    if cut <= half:
        old, new = roots_by_consistency(cut, half, root, path[:-1])
        return old, node_hash(new, path[-1])
    old, new = roots_by_consistency(cut - half, size - half, None, path[:-1])
    return node_hash(path[-1], old), node_hash(path[-1], new)


def decode(entry: bytes) -> dict[int, Any]:
    """The fields of an entry. Raises ValueError for all but the one encoding that canonical CBOR allows."""
    at = 0

    def take(count: int) -> bytes:
        nonlocal at
        at += count
        if at > len(entry):
            raise ValueError("it ends early")
        return entry[at - count : at]

    def head() -> tuple[int, int]:
        major, number = divmod(take(1)[0], 32)
        if number > 27:
            raise ValueError("a length is indefinite or reserved")
        if number > 23:
            shortest = (24, 1 << 8, 1 << 16, 1 << 32)[number - 24]
            number = int.from_bytes(take(1 << number - 24), "big")
            if number < shortest:
                raise ValueError("a number is not in its shortest form")
        return major, number

    def value(depth: int) -> int | bytes | list[Any]:
        major, number = head()
        if major == 4 and depth < 8:
            return [value(depth + 1) for _ in range(number)]
        if major > 2:
            raise ValueError("it holds more than integers, byte strings and arrays of them")
        return take(number) if major == 2 else -1 - number if major else number

    fields: dict[int, Any] = {}
    major, count = head()
    for _ in range(count if major == 5 else 0):
        key_major, key = head()
        if key_major or (fields and key <= next(reversed(fields))):
            raise ValueError("its keys are not integers that ascend")
        fields[key] = value(0)
    if major != 5 or at != len(entry):
        raise ValueError("it is not one map and nothing else")
    return fields


def open_entry(entry: bytes) -> dict[int, Any]:
    """The fields of an entry that has those of its kind, as far as they matter here. Raises Fault."""
    try:
        fields = decode(entry)
    except ValueError as error:
        raise Fault("not_canonical", str(error)) from None
    kind, at_ms, third, fourth, fifth = (fields.get(number) for number in range(1, 6))
    if fields.get(0) != 1 or not isinstance(kind, int):
        raise Fault("bad_entry", "it has another format version, or no kind")
    own, parent = {PAGE: (third, b""), EPOCH: (third, fourth), FILE: (fourth, fifth)}.get(kind, (bytes(32), b""))
    if not (isinstance(own, bytes) and len(own) == 32 and isinstance(parent, bytes) and len(parent) in (0, 32)):
        raise Fault("bad_entry", "it lacks a digest")
    timed = isinstance(at_ms, int) and at_ms >= 0
    if fields.keys() != {0, 1, 3} if kind == PAGE else not timed and (kind in KINDS or 2 in fields):
        raise Fault("bad_entry", "pages hold a digest and nothing else, and all others a time")
    return fields


def unbase64(text: str) -> bytes:
    """Of one text only: the spare bits at its end are zero. Raises ValueError."""
    content = base64.b64decode(text, validate=True)
    if base64.b64encode(content).decode() != text:
        raise ValueError("its base64 has spare bits")
    return content


class Key(NamedTuple):
    name: str
    id: str
    kind: int
    public: bytes


def parse_vkey(text: str) -> Key:
    try:
        name, key_id, body = text.split("+", 2)
        content = unbase64(body)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no <name>+<id>+<key>") from None
    if len(content) != 33 or key_id != sha256(f"{name}\n".encode() + content).hexdigest()[:8]:
        raise argparse.ArgumentTypeError(f"{text} is mistyped: its id is not that of its name and key")
    return Key(name, key_id, content[0], content[1:])


def open_note(note: bytes, keys: list[Key]) -> tuple[str, dict[Key, int]]:
    """A note's text, and which of the keys have signed it; of a witness also when (s). Raises ValueError, Fault."""
    shape = re.fullmatch("((?:[^\x00-\x1f]*\n)+)\n((?:— [^\\s+\x00-\x1f]+ [A-Za-z0-9+/]+=*\n)+)", note.decode())
    if shape is None:
        raise ValueError("it is no signed note")
    text, signers = shape[1], dict[Key, int]()
    for line in shape[2].splitlines():
        _, name, body = line.split(" ")
        signature = unbase64(body)
        for key in (key for key in keys if (key.name, key.id) == (name, signature[:4].hex())):
            timed = key.kind == WITNESS_KEY
            signed_s = int.from_bytes(signature[4:12], "big") if timed else 0
            message = f"cosignature/v1\ntime {signed_s}\n{text}" if timed else text
            try:
                Ed25519PublicKey.from_public_bytes(key.public).verify(signature[12 if timed else 4 :], message.encode())
            except InvalidSignature:
                raise Fault("bad_signature", f"{name} has not signed this") from None
            signers[key] = signed_s
    return text, signers


class Checkpoint(NamedTuple):
    origin: str
    size: int
    root: bytes
    signers: dict[Key, int]

    def lines(self, verdict: str) -> list[str]:
        root = base64.b64encode(self.root).decode()
        times = [f", {utc(at_s * 1000)}" if at_s else "" for at_s in self.signers.values()]
        by = [f"  signed by  {key.name}+{key.id}{at}" for key, at in zip(self.signers, times, strict=True)]
        if not any(self.signers.values()):
            by.append("  witnesses  none were asked for: others may be shown another history")
        return [f"{self.origin}: {verdict}", f"  entries    {self.size:,}", f"  root       {root}", *by]


def open_checkpoint(note: bytes | None, asked: argparse.Namespace) -> Checkpoint:
    """The signed state of a log. Raises Fault where it is not signed as asked for."""
    try:
        if note is None:
            raise ValueError("there is none")
        text, signers = open_note(note, [*asked.key, *asked.witness])
        shape = re.fullmatch(r"(.+)\n(0|[1-9]\d{0,17})\n([A-Za-z0-9+/]{43}=)\n(?:.+\n)*", text, re.ASCII)
        if shape is None:
            raise ValueError("it is no origin, size and root")
        root = unbase64(shape[3])
    except ValueError as error:
        raise Fault("bad_checkpoint", str(error)) from None
    if not any(key.kind == LOG_KEY and key.name == shape[1] for key in signers):
        raise Fault("bad_signature", f"no key given has signed for {shape[1]}")
    ages_ms = {key.public: (time.time() - at_s) * 1000 for key, at_s in signers.items() if key.kind == WITNESS_KEY}
    fresh = sum(-SLACK_MS <= age_ms <= asked.fresh * 1000 for age_ms in ages_ms.values())
    if fresh < asked.quorum:
        raise Fault("too_few_witnesses", f"{asked.quorum} wanted, {len(ages_ms)} have signed, {fresh} in time")
    return Checkpoint(shape[1], int(shape[2]), root, signers)


def fetch(place: str) -> bytes | None:
    """The content of a file or an address; None where there is none. Raises OSError."""
    try:
        url = place if re.match("(https?|file)://", place) else Path(place).absolute().as_uri()
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - of three schemes
            content = bytes(answer.read(LARGEST_FILE_BYTES + 1))
            zipped = answer.headers.get("Content-Encoding") == "gzip"  # unasked for, which tlog-tiles allows
            return zlib.decompressobj(31).decompress(content, LARGEST_FILE_BYTES + 1) if zipped else content
    except (OSError, HTTPException, ValueError, zlib.error) as error:
        if getattr(error, "code", 0) in (403, 404, 410) or isinstance(getattr(error, "reason", 0), FileNotFoundError):
            return None
        raise OSError(f"{place}: {error}") from None


def tile_path(level: int | str, index: int, width: int = 256) -> str:
    *above, last = (group.zfill(3) for group in f"{index:,}".split(","))
    return "/".join([f"tile/{level}", *(f"x{group}" for group in above), last]) + f".p/{width}" * (width < 256)


class Log:
    """The files under a prefix, as they must be at a signed state. `faults` is what is wrong with them."""

    def __init__(self, prefix: str, state: Checkpoint) -> None:
        self.prefix, self.state, self.size = prefix, state, state.size
        self.faults: list[Fault] = []
        self.counts: Counter[int] = Counter()
        self.latest_ms, self.horizon_ms = 0, int(time.time() * 1000) + SLACK_MS
        self.parents: dict[str, set[Any]] = {}
        self.goes_on = False  # in a log that names a previous one, the parents of what is first lie there

    def fault(self, name: str, words: str) -> None:
        if len(self.faults) == MOST_FAULTS:
            raise Fault("too_many_faults", "the rest was not read")
        self.faults.append(Fault(name, words))

    def tile(self, level: int | str, index: int) -> list[bytes]:
        """A tile's hashes, or a bundle's entries; nothing where they are at fault."""
        width = min(256, (self.size >> 8 * (level if isinstance(level, int) else 0)) - index * 256)
        for wide in sorted({width, 256}):  # a partial tile may be gone once there is the full one
            path = tile_path(level, index, wide)
            if (content := fetch(f"{self.prefix}/{path}")) is not None:
                break
        else:
            self.fault("missing_tile", tile_path(level, index, width))
            return []
        items, at = [], 0
        while at < len(content):
            length, at = (32, at) if level != "entries" else (int.from_bytes(content[at : at + 2], "big"), at + 2)
            items.append(content[at : at + length])
            at += length
        if (at, len(items)) != (len(content), wide):
            self.fault("altered_tile", f"{path} is of another length")
            return []
        return items[:width]

    def audit(self) -> None:
        """Every entry and tile, a tile at a time."""
        rows: list[list[bytes]] = [[] for _ in range(9)]
        for start in range(0, self.size, 256):
            entries, tile = self.tile("entries", start >> 8), self.tile(0, start >> 8)
            hashes = [leaf_hash(entry) for entry in entries]
            for at, entry in enumerate(entries):
                if tile and tile[at] != hashes[at]:
                    self.fault("altered_entry", f"entry {start + at} is not what {tile_path(0, start >> 8)} holds")
                else:
                    self.read(start + at, entry)
            # The tile goes up: where it is right, an altered entry is named once, and at its place.
            rows[0] = tile or hashes or [bytes(32)] * min(256, self.size - start)
            for level, row in enumerate(rows[:8]):
                index, whole = start >> 8 * level + 8, len(row) == 256
                if level and row and (whole or start + 256 >= self.size) and self.tile(level, index) not in ([], row):
                    self.fault("altered_tile", f"{tile_path(level, index)} is not what the tiles below it lead to")
                if whole:
                    rows[level + 1].append(root_of(row))
                    rows[level] = []
        rest: list[bytes] = []
        for row in rows:
            rest = [root_of(row + rest)] if row else rest
        if root_of(rest) != self.state.root:
            self.fault("wrong_root", "the tiles do not lead to the signed root")

    def read(self, index: int, entry: bytes) -> None:
        """What must hold in an entry, and from one to the next."""
        try:
            fields = open_entry(entry)
        except Fault as fault:
            return self.fault(fault.args[0], f"entry {index}: {fault.args[1]}")
        kind, at_ms = fields[1], fields.get(2, self.latest_ms)
        self.counts[kind] += 1
        if at_ms > self.horizon_ms:
            self.fault("of_the_future", f"entry {index} says {utc(at_ms)}")
        elif at_ms < self.latest_ms - SLACK_MS:
            self.fault("backdated", f"entry {index} says {utc(at_ms)}, an earlier one {utc(self.latest_ms)}")
        else:
            self.latest_ms = max(self.latest_ms, at_ms)
        if kind == LOG:
            self.goes_on |= bool(fields.get(4))
        if kind in (EPOCH, FILE):
            own, parent, chain = fields[3], fields[4], "epoch"
            if kind == FILE:
                own, parent, chain = parent, fields[5], f"file {own}"
            earlier = self.parents.setdefault(chain, set())
            if parent not in earlier if earlier else parent and not self.goes_on:
                self.fault(f"swapped_{KINDS[kind]}", f"entry {index} does not follow on the {chain} before it")
            if kind == FILE:
                earlier.clear()
            earlier.add(own)
        return None

    def subtree(self, start: int, end: int) -> bytes:
        """The root over a part of the entries that RFC 6962 cuts off, from the tiles."""
        count = end - start
        if count & count - 1 == 0:
            level, height = divmod(count.bit_length() - 1, 8)
            first = start >> 8 * level
            return root_of(self.tile(level, first >> 8)[first % 256 :][: 1 << height])
        half = start + half_of(count)
        return node_hash(self.subtree(start, half), self.subtree(half, end))

    def consistency_path(self, cut: int, start: int, end: int) -> list[bytes]:
        """What proves that the first `cut` entries are a beginning. Section 2.1.2."""
        if cut == end:
            return [self.subtree(start, end)] if start else []
        half = start + half_of(end - start)
        if cut <= half:
            return [*self.consistency_path(cut, start, half), self.subtree(half, end)]
        return [*self.consistency_path(cut, half, end), self.subtree(start, half)]

    def compare(self, old: Checkpoint) -> None:
        """Whether this log began as it was at an older signed state."""
        if old.origin != self.state.origin:
            self.fault("other_origin", f"{old.origin} and {self.state.origin} are two logs")
        elif old.size > self.size:
            self.fault("rewound", f"there were {old.size:,} entries, and now there are {self.size:,}")
        elif old.size == self.size and old.root != self.state.root:
            self.fault("split_view", f"two histories of {self.size:,} entries are signed")
        elif 0 < old.size < self.size:
            path = self.consistency_path(old.size, 0, self.size)
            roots = roots_by_consistency(old.size, self.size, old.root, path)
            if not self.faults and roots != (old.root, self.state.root):
                self.fault("forked", f"nothing proves that the {self.size:,} entries begin with those {old.size:,}")


def utc(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(min(max(at_ms, 0), 1 << 47) // 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"


def open_proof(proof: bytes, asked: argparse.Namespace) -> list[str]:
    """What a receipt proves, in lines. Raises Fault where it proves nothing."""
    head, _, note = proof.partition(b"\n\n")
    shape = re.fullmatch(rb"c2sp\.org/tlog-proof@v1\nextra (\S+)\nindex (0|[1-9]\d{0,17})((?:\n\S+)*)", head)
    if shape is None:
        raise Fault("bad_proof", "it is no receipt, or does not carry what it is for")
    state, index = open_checkpoint(note, asked), int(shape[2])
    try:
        extra, *path = (unbase64(text.decode()) for text in (shape[1], *shape[3].split()))
        page = PAGE_HEAD + sha256(extra).digest()  # of a page `extra` is the salt and the record, of all else the entry
        held = [e for e in (page, extra) if root_by_inclusion(index, state.size, leaf_hash(e), path) == state.root]
    except ValueError as error:
        raise Fault("bad_proof", str(error)) from None
    for entry in held:
        fields = open_entry(entry)
        if (entry is page) == (fields[1] == PAGE):
            what = KINDS.get(fields[1], f"of kind {fields[1]}") + (f", {utc(fields[2])}" if 2 in fields else "")
            values = {key: value.hex() if isinstance(value, bytes) else value for key, value in fields.items()}
            own = [f"  field {key:<5}{value}" for key, value in values.items() if key > 2]
            return [*state.lines(f"holds this as entry {index}"), f"  it is      {what}", *own]
    raise Fault("not_included", f"entry {index} of this log is something else")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("log", "proof", "consistent"))
    parser.add_argument("places", nargs="+", metavar="PLACE", help="folders, files or addresses, as above")
    parser.add_argument("--key", action="append", required=True, type=parse_vkey, help="of the log; once for each")
    parser.add_argument("--witness", action="append", default=[], type=parse_vkey, help="who else must have signed")
    parser.add_argument("--quorum", type=int, metavar="N", help="how many of the witnesses must have; by default all")
    parser.add_argument("--fresh", type=float, default=math.inf, metavar="SECONDS", help="how long ago at most")
    asked = parser.parse_args(arguments)
    asked.quorum = len(asked.witness) if asked.quorum is None else asked.quorum
    if {key.kind for key in asked.key} != {LOG_KEY} or {key.kind for key in asked.witness} - {WITNESS_KEY}:
        parser.error("a --key is of type 1, a --witness of type 4")
    if len(asked.places) != (3 if asked.command == "consistent" else 1) or not 0 <= asked.quorum <= len(asked.witness):
        parser.error("too few or too many places or witnesses: see --help")
    faults, lines = list[Fault](), list[str]()
    try:
        if asked.command == "proof":
            lines = open_proof(fetch(asked.places[0]) or b"", asked)
        else:
            *checkpoints, prefix = (place.rstrip("/") for place in asked.places)
            new = open_checkpoint(fetch((checkpoints or [f"{prefix}/checkpoint"])[-1]), asked)
            log = Log(prefix, new)
            faults = log.faults
            if asked.command == "log":
                log.audit()
                lines = new.lines("all holds")
                lines += [f"{n:>12,} {KINDS.get(kind, f'of kind {kind}')}" for kind, n in sorted(log.counts.items())]
            else:
                asked.quorum = 0  # an older state need not be fresh
                old = open_checkpoint(fetch(checkpoints[0]), asked)
                log.compare(old)
                lines = new.lines(f"only grew, from {old.size:,} entries")
    except (Fault, OSError) as error:
        faults.append(error if isinstance(error, Fault) else Fault("unreachable", str(error)))
    for line in dict.fromkeys(": ".join(fault.args) for fault in faults) or lines:
        print(line.encode("ascii", "backslashreplace").decode())  # a log's words must not steer the terminal
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
