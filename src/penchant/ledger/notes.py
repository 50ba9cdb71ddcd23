"""Signed notes, checkpoints and cosignatures: text that carries who vouches for it.

Source: C2SP signed-note, tlog-checkpoint and tlog-cosignature (c2sp.org).
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from penchant.core.errors import PenchantError
from penchant.ledger.tree import HASH_BYTES

ED25519: Final = 1
COSIGNATURE: Final = 4
_DASH: Final = "\u2014 "
_NAME: Final = re.compile(r"[^\s+]+")
_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_MOST_BYTES: Final = 100_000


class NoteWrong(PenchantError):
    """A note cannot be read, or nobody whom we trust signed it."""

    code = "note_wrong"


@dataclass(frozen=True)
class Verifier:
    """Whose signatures count: a name, what kind of signature, an Ed25519 key."""

    name: str
    kind: int
    key: bytes

    @property
    def id(self) -> bytes:
        """The four bytes before each signature."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.key).digest()[:4]

    def written(self) -> str:
        """As people pass it on: `name+id+key`, a *vkey*."""
        return f"{self.name}+{self.id.hex()}+{_base64(bytes([self.kind]) + self.key)}"

    def verifies(self, text: str, signature: bytes) -> int | None:
        """None where it is not theirs; else when they signed, in Unix seconds, or 0 where the kind does not say."""
        message, at_s = text.encode(), 0
        if self.kind == COSIGNATURE:
            at_s, signature = int.from_bytes(signature[:8]), signature[8:]
            message = _cosigned(text, at_s)
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return None
        return at_s


def read_verifier(text: str) -> Verifier:
    """The inverse of `Verifier.written`.

    Raises:
        NoteWrong: it is none, or its id is not that of its key.
    """
    name, _, rest = text.strip().partition("+")
    id_, _, key = rest.partition("+")
    content = _from_base64(key)
    if not _NAME.fullmatch(name) or len(content) != 33 or content[0] not in (ED25519, COSIGNATURE):
        raise NoteWrong(f"{text[:80]!r} is no key of a log or a witness; it looks like name+1f2e3d4c+AbC…")
    found = Verifier(name, content[0], content[1:])
    if found.id.hex() != id_:
        raise NoteWrong(f"the key of {name} was changed on its way: its id is {found.id.hex()}, not {id_[:8]}")
    return found


class Signer:
    """Signs notes under a name with an Ed25519 key (the 32 bytes of RFC 8032)."""

    def __init__(self, name: str, seed: bytes, kind: int = ED25519) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(name, kind, self._key.public_key().public_bytes_raw())

    def sign(self, text: str, at_s: int = 0) -> str:
        """The signature line of a text; `at_s`, Unix seconds, only for cosignatures."""
        if self.verifier.kind == COSIGNATURE:
            signature = at_s.to_bytes(8) + self._key.sign(_cosigned(text, at_s))
        else:
            signature = self._key.sign(text.encode())
        return f"{_DASH}{self.verifier.name} {_base64(self.verifier.id + signature)}\n"


def _cosigned(text: str, at_s: int) -> bytes:
    return f"cosignature/v1\ntime {at_s}\n{text}".encode()


class Signed(NamedTuple):
    """A signature that counts."""

    by: Verifier
    at_s: int
    """Unix seconds; 0 where the kind of signature does not say."""
    line: str


class Note(NamedTuple):
    """A text with the signatures of those whom we know."""

    text: str
    signed: tuple[Signed, ...]

    def by(self, kind: int) -> tuple[Signed, ...]:
        """The signatures of one kind."""
        return tuple(one for one in self.signed if one.by.kind == kind)


def open_note(note: str, trusted: Iterable[Verifier]) -> Note:
    """Read a note and check it: signatures of others are ignored.

    Raises:
        NoteWrong: it is none, a signature of somebody we know is wrong, or there is none of anybody we know.
    """
    known = {(one.name, one.id): one for one in trusted}
    text, signatures = split_note(note)
    found = []
    for line in signatures:
        name, _, written = line.removeprefix(_DASH).partition(" ")
        content = _from_base64(written)
        by = known.get((name, content[:4]))
        if by is None:
            continue
        at_s = by.verifies(text, content[4:])
        if at_s is None:
            raise NoteWrong(f"the signature of {name} is not right")
        found.append(Signed(by, at_s, line + "\n"))
    if not found:
        raise NoteWrong("nobody whom we know signed this note")
    return Note(text, tuple(found))


def split_note(note: str) -> tuple[str, list[str]]:
    """A note's text, with its last newline, and its signature lines, without.

    Raises:
        NoteWrong: it is no signed note.
    """
    text, gap, rest = note.rpartition("\n\n")
    lines = rest.removesuffix("\n").split("\n")
    plain = all(letter >= " " or letter == "\n" for letter in note)
    if not gap or not plain or len(note.encode()) > _MOST_BYTES or not all(map(_is_signature, lines)):
        raise NoteWrong("this is no signed note")
    return text + "\n", lines


def _is_signature(line: str) -> bool:
    name, _, written = line.removeprefix(_DASH).partition(" ")
    return line.startswith(_DASH) and bool(_NAME.fullmatch(name)) and len(_from_base64(written)) > 4


class Checkpoint(NamedTuple):
    """A tree at a moment: whose, how large, which root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"


def read_checkpoint(text: str) -> Checkpoint:
    """The inverse of `Checkpoint.text`; what further lines say is not looked at.

    Raises:
        NoteWrong: it is no checkpoint.
    """
    lines = text.split("\n")
    if len(lines) < 4 or not all(lines[:-1]) or lines[-1] or not _DECIMAL.fullmatch(lines[1]):
        raise NoteWrong("this note is no checkpoint")
    root = _from_base64(lines[2])
    if len(root) != HASH_BYTES:
        raise NoteWrong("this note is no checkpoint: its root is no SHA-256")
    return Checkpoint(lines[0], int(lines[1]), root)


def open_checkpoint(note: str, log: Sequence[Verifier], witnesses: Sequence[Verifier] = ()) -> tuple[Checkpoint, Note]:
    """A checkpoint that one of a log's keys signed, under its own name as the origin, with who else signed.

    Raises:
        NoteWrong: it cannot be read, or none of the log's keys signed it.
    """
    opened = open_note(note, [*log, *witnesses])
    checkpoint = read_checkpoint(opened.text)
    if not any(one.by in log and one.by.name == checkpoint.origin for one in opened.signed):
        raise NoteWrong(f"the log {checkpoint.origin} did not sign this checkpoint itself")
    return checkpoint, opened


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _from_base64(text: str) -> bytes:
    """Strict; empty where it is none."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return content if _base64(content) == text else b""
