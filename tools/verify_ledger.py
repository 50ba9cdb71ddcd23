#!/usr/bin/env python3
"""Check a Penchant transparency log, a receipt of it, or that it only grew. One file, to be read whole before use.

    verify_ledger.py log PREFIX --key VKEY                  every entry, tile, signature and rule of a log
    verify_ledger.py proof FILE --key VKEY                  one receipt, without network
    verify_ledger.py consistent OLD NEW PREFIX --key VKEY   that the log only grew between two kept checkpoints

PREFIX is a folder or an address. Exit status: 0 all holds; 1 faults, one a line, its name first; 2 a wrong command.
No code of Penchant's: written from RFC 6962 (trees), RFC 8949 section 4.2.1 (CBOR) and the tlog formats of C2SP.
"""

import argparse
import base64
import re
import sys
import time
import urllib.request
from collections import namedtuple
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SLACK_MS = 600_000  # how far two clocks may disagree
LEAF, NODE = b"\x00", b"\x01"  # what stands before the content of a hash
LOG_KEY, WITNESS_KEY = 1, 4
PAGE, EPOCH, FILE, LOG = 1, 2, 3, 14
PAGE_HEAD = bytes.fromhex("a300010101035820")  # {0: 1, 1: 1, 3: 32 bytes}
Key = namedtuple("Key", "name id kind public")
Checkpoint = namedtuple("Checkpoint", "origin size root signers")


class Fault(Exception):
    """What is wrong: a name for programs, words for people."""


def hashed(*parts: bytes) -> bytes:
    return sha256(b"".join(parts)).digest()


def root_of(hashes: list[bytes]) -> bytes:
    """The root over neighbours of one height; the last of them may stand for a smaller tree."""
    while len(hashes) > 1:
        odd = hashes[len(hashes) & ~1 :]
        hashes = [hashed(NODE, *pair) for pair in zip(hashes[::2], hashes[1::2], strict=False)] + odd
    return hashes[0] if hashes else hashed()


def root_by_inclusion(index: int, size: int, leaf: bytes, path: list[bytes]) -> bytes:
    """Where a leaf and its path lead. Raises ValueError where paths have another length. Section 2.1.1."""
    if (index, size, path) == (0, 1, []):
        return leaf
    if not path or size < 2 or not 0 <= index < size:
        raise ValueError("the path is not one of this place")
    half = 1 << (size - 1).bit_length() - 1
    if index < half:
        return hashed(NODE, root_by_inclusion(index, half, leaf, path[:-1]), path[-1])
    return hashed(NODE, path[-1], root_by_inclusion(index - half, size - half, leaf, path[:-1]))


def decode(entry: bytes) -> dict[int, Any]:
    """The fields of an entry. Raises Fault for all but the one encoding that canonical CBOR allows."""
    at = 0

    def item(depth: int) -> Any:  # of a map its keys and values in a row
        nonlocal at
        major, short = divmod(entry[at], 32)
        size = 1 << short - 24 if short > 23 else 0
        number = int.from_bytes(entry[at + 1 : at + 1 + size], "big") if size else short
        at += 1 + size
        if major not in ((0, 1, 2, 4) if depth else (5,)) or short > 27 or number < (size and max(24, 1 << 4 * size)):
            raise ValueError("it is no map of integers, byte strings and arrays, each in its shortest form")
        if major < 2:
            return -1 - number if major else number
        if major == 2:
            at += number
            return entry[at - number : at]
        return tuple(item(depth + 1) for _ in range(number * (major - 3)))

    try:
        items = item(0)
        keys = list(items[::2])
        if at != len(entry) or any(not isinstance(key, int) or key < 0 for key in keys) or keys != sorted(set(keys)):
            raise ValueError("its keys are not integers that ascend, or it ends elsewhere")
    except (IndexError, RecursionError, ValueError) as error:
        raise Fault("not_canonical", str(error)) from None
    return dict(zip(keys, items[1::2], strict=True))


def unbase64(text: str) -> bytes:
    """Of one text only: the spare bits at its end are zero. Raises ValueError."""
    content = base64.b64decode(text, validate=True)
    if base64.b64encode(content).decode() != text:
        raise ValueError("its base64 has spare bits")
    return content


def parse_vkey(text: str) -> Key:
    name, key_id, body = text.split("+", 2)
    content = unbase64(body)
    if len(content) != 33 or key_id != sha256(f"{name}\n".encode() + content).hexdigest()[:8]:
        raise argparse.ArgumentTypeError(f"{text} is mistyped: its id is not that of its name and key")
    return Key(name, key_id, content[0], content[1:])


def open_note(note: bytes, keys: list[Key]) -> tuple[str, dict[Key, int]]:
    """A note's text, and which of the keys signed it; of a witness also when (s). ValueError, InvalidSignature."""
    shape = "\\A((?:[^\x00-\x1f]*\n)+)\n((?:— [^\\s+\x00-\x1f]+ [A-Za-z0-9+/]+=*\n)+)\\Z"
    [(text, lines)], signers = re.findall(shape, note.decode()), dict[Key, int]()
    for line in lines.splitlines():
        _, name, body = line.split(" ")
        signature = unbase64(body)
        for key in (key for key in keys if (key.name, key.id) == (name, signature[:4].hex())):
            timed = key.kind == WITNESS_KEY
            at_s = int.from_bytes(signature[4:12], "big") if timed else 0
            message = f"cosignature/v1\ntime {at_s}\n{text}" if timed else text
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature[12 if timed else 4 :], message.encode())
            signers[key] = at_s
    return text, signers


def open_checkpoint(note: bytes | None, asked: argparse.Namespace) -> Checkpoint:
    """The signed state of a log. Raises Fault where it is not signed as asked for."""
    try:
        text, signers = open_note(note or b"", [*asked.key, *asked.witness])
        shape = r"\A(.+)\n(0|[1-9]\d{0,17})\n([A-Za-z0-9+/]{43}=)\n(?:.+\n)*\Z"
        [(origin, size, root)] = re.findall(shape, text, re.ASCII)
        state = Checkpoint(origin, int(size), unbase64(root), signers)
    except InvalidSignature:
        raise Fault("bad_signature", "somebody whose key was given has not signed this") from None
    except ValueError:
        raise Fault("bad_checkpoint", "it is no signed origin, size and root, or not in its one form") from None
    if not any(key.kind == LOG_KEY and key.name == state.origin for key in signers):
        raise Fault("bad_signature", f"no key given has signed for {state.origin}")
    ages_s = {key.public: time.time() - at_s for key, at_s in signers.items() if key.kind == WITNESS_KEY}
    fresh = sum(-SLACK_MS / 1000 <= age_s <= asked.fresh for age_s in ages_s.values())
    if fresh < asked.quorum:
        raise Fault("too_few_witnesses", f"{asked.quorum} wanted, {len(ages_s)} have signed, {fresh} in time")
    return state


def fetch(place: str) -> bytes | None:
    """The content of a file or an address; None where there is none. Raises Fault."""
    url = place if re.match("(https?|file)://", place) else Path(place).absolute().as_uri()
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - of three schemes
            return bytes(answer.read(256 * (2 + 0xFFFF) + 1))  # more than 256 of the longest entries is no tile
    except (OSError, HTTPException) as error:
        if getattr(error, "code", 0) in (403, 404, 410) or isinstance(getattr(error, "reason", 0), FileNotFoundError):
            return None
        raise Fault("unreachable", f"{place}: {error}") from None


def tile_path(level: int | str, index: int, width: int = 256) -> str:
    *above, last = (group.zfill(3) for group in f"{index:,}".split(","))
    return "/".join([f"tile/{level}", *(f"x{group}" for group in above), last]) + f".p/{width}" * (width < 256)


class Log:
    """The files under a prefix, as they must be at a signed state. `faults` is what is wrong with them."""

    def __init__(self, prefix: str, state: Checkpoint, faults: list[Fault]) -> None:
        self.prefix, self.state, self.size, self.faults = prefix, state, state.size, faults
        self.chains: dict[str, set[Any]] = {}
        self.latest_ms, self.goes_on = 0, False  # where a log goes on another, the parents of what is first lie there

    def tile(self, level: int, index: int, kind: str = "") -> list[bytes]:
        """A tile's hashes, or the entries that they are of; nothing where they are at fault."""
        width, kind = min(256, (self.size >> 8 * level) - index * 256), kind or str(level)
        path, at, items = tile_path(kind, index, width), 0, list[bytes]()
        content = fetch(f"{self.prefix}/{path}")
        if content is None:  # a partial tile may be gone once there is the full one
            content = fetch(f"{self.prefix}/{tile_path(kind, index)}")
        while content and at < len(content):
            length, at = (int.from_bytes(content[at : at + 2], "big"), at + 2) if kind == "entries" else (32, at)
            items.append(content[at : at + length])
            at += length
        if content is not None and at == len(content) and len(items) in (width, 256):
            return items[:width]
        self.faults.append(Fault("missing_tile" if content is None else "altered_tile", path))
        return []

    def audit(self) -> None:
        """Every entry and every tile, which holds the hashes of what stands below it; a tile at a time."""
        places = ((level, index) for level in range(8) for index in range((self.size >> 8 * level) + 255 >> 8))
        for level, index in places:
            if len(self.faults) > 1000:  # a log may claim any size and lack everything
                raise Fault("too_many_faults", "the rest was not read")
            tile = self.tile(level, index)
            if level and tile != [root_of(self.tile(level - 1, index * 256 + at)) for at in range(len(tile))]:
                self.faults.append(Fault("altered_tile", f"{tile_path(level, index)} does not follow from those below"))
            for at, entry in enumerate([] if level else self.tile(0, index, "entries")):
                try:
                    self.follow(entry, tile[at] if tile else hashed(LEAF, entry))
                except Fault as fault:
                    self.faults.append(Fault(fault.args[0], f"entry {index * 256 + at}: {fault.args[1]}"))
        if self.root_at(self.size) != self.state.root:
            self.faults.append(Fault("wrong_root", "the tiles do not lead to the signed root"))

    def follow(self, entry: bytes, hash_: bytes) -> None:
        """What must hold in an entry, and from one to the next. Raises Fault."""
        if hashed(LEAF, entry) != hash_:
            raise Fault("altered_entry", "its tile holds the hash of another")
        fields = decode(entry)
        kind, at_ms = fields.get(1), fields.get(2, self.latest_ms)
        if fields.get(0) != 1 or not isinstance(kind, int) or not isinstance(at_ms, int):
            raise Fault("bad_entry", "it has another format version, no kind or no time")
        if kind == LOG and fields.get(4):
            self.chains, self.goes_on = {}, True
        if kind in (EPOCH, FILE):  # an epoch follows on any earlier one or on none, a file on the one before it
            chain, own, parent = ("epoch", 3, 4) if kind == EPOCH else (f"file {fields.get(3)}", 4, 5)
            earlier = self.chains.get(chain, {b""})
            known = fields.get(parent) in earlier or (self.goes_on and chain not in self.chains)
            self.chains[chain] = earlier if kind == EPOCH else set()
            self.chains[chain].add(fields.get(own))
            if not known:
                raise Fault(f"swapped_{chain.split()[0]}", f"it does not follow on the {chain} before it")
        if at_ms > time.time() * 1000 + SLACK_MS:
            raise Fault("of_the_future", f"it says {at_ms} ms")
        if at_ms < self.latest_ms - SLACK_MS:
            raise Fault("backdated", f"it says {at_ms} ms, an earlier one {self.latest_ms} ms")
        self.latest_ms = max(self.latest_ms, at_ms)

    def root_at(self, size: int) -> bytes:
        """The root over the first entries; a full tile on the way is held against the one above it, and so up."""
        rest: list[bytes] = []
        for level in range(8):
            count, index = size >> 8 * level, size >> 8 * level + 8
            tile = self.tile(level, index) if self.size >> 8 * level > index * 256 else []
            if len(tile) == 256 and self.tile(level + 1, index >> 8)[index % 256 :][:1] != [root_of(tile)]:
                self.faults.append(Fault("altered_tile", f"the one above {tile_path(level, index)} is not of it"))
            if count % 256:
                rest = [root_of(tile[: count % 256] + rest)]
        return root_of(rest)

    def compare(self, old: Checkpoint) -> None:
        """Whether this log began as it was at an older signed state. Raises Fault."""
        name = "rewound" if old.size > self.size else "split_view" if old.size == self.size else "forked"
        name = name if old.origin == self.state.origin else "other_origin"
        grew = name == "forked" and (self.root_at(old.size), self.root_at(self.size)) == (old.root, self.state.root)
        if not grew and not self.faults and old[:3] != self.state[:3]:
            raise Fault(name, f"{old.origin} had {old.size:,} entries, and {self.state.origin} has {self.size:,}")


def open_proof(proof: bytes, asked: argparse.Namespace) -> tuple[Checkpoint, str]:
    """The state that a receipt is of, and what stands in it. Raises Fault where it proves nothing."""
    try:
        shape = rb"\Ac2sp\.org/tlog-proof@v1\nextra (\S+)\nindex (0|[1-9]\d{0,17})\n((?:\S+\n)*)\n(.*)\Z"
        [(carried, place, siblings, note)] = re.findall(shape, proof, re.DOTALL)
        state, index = open_checkpoint(note, asked), int(place)
        extra, *path = (unbase64(text.decode()) for text in (carried, *siblings.split()))
        page = PAGE_HEAD + hashed(extra)  # of a page `extra` is the salt and the record, of all else the entry
        held = [e for e in (page, extra) if root_by_inclusion(index, state.size, hashed(LEAF, e), path) == state.root]
    except ValueError as error:
        raise Fault("bad_proof", f"it is no receipt, or not one of its place: {error}") from None
    if not held or (held[0] is page) != (decode(held[0]).get(1) == PAGE):
        raise Fault("not_included", f"entry {index} of this log is something else")
    return state, f"entry {index} is {'a page' if held[0] is page else 'this'}: {held[0].hex()}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("log", "proof", "consistent"))
    parser.add_argument("places", nargs="+", metavar="PLACE", help="folders, files or addresses, as above")
    parser.add_argument("--key", action="append", required=True, type=parse_vkey, help="of the log; once for each")
    parser.add_argument("--witness", action="append", default=[], type=parse_vkey, help="who else must have signed")
    parser.add_argument("--quorum", type=int, metavar="N", help="how many of the witnesses must have; by default all")
    parser.add_argument("--fresh", type=float, default=float("inf"), metavar="SECONDS", help="how long ago at most")
    asked = parser.parse_args(arguments)
    asked.quorum = len(asked.witness) if asked.quorum is None else asked.quorum
    if len(asked.places) != (3 if asked.command == "consistent" else 1):
        parser.error("too few or too many places: see --help")
    faults, verdict = list[Fault](), "all holds"
    try:
        if asked.command == "proof":
            state, verdict = open_proof(fetch(asked.places[0]) or b"", asked)
        else:
            *checkpoints, prefix = (place.rstrip("/") for place in asked.places)
            state = open_checkpoint(fetch((checkpoints or [f"{prefix}/checkpoint"])[-1]), asked)
            if checkpoints:
                asked.quorum = 0  # an older state need not be fresh
                Log(prefix, state, faults).compare(open_checkpoint(fetch(checkpoints[0]), asked))
            else:
                Log(prefix, state, faults).audit()
        by = ", ".join(f"{key.name}+{key.id}" for key in state.signers)
        alone = "" if any(state.signers.values()) else "; no witness was asked for: others may be shown another history"
        summary = [f"{state.origin}: {verdict}", f"  entries    {state.size:,}", f"  signed by  {by}{alone}"]
    except Fault as fault:
        faults.append(fault)
    for line in dict.fromkeys(": ".join(fault.args) for fault in faults) or summary:
        print(line.encode("ascii", "backslashreplace").decode())  # a log's words must not steer the terminal
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
