"""Encryption to the receivers' keys and back, piece by piece. Source: age (age-encryption.org/v1), by `pyrage`."""

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

import pyrage

from penchant.core.errors import Invalid, Unavailable
from penchant.operations.handover.model import HandOverWrong, Part

Moved = Callable[[int], None]
"""Called with the plain bytes that went through, piece by piece."""


def recipient_from(text: str) -> "pyrage.x25519.Recipient":
    """A receiver's public key.

    Raises:
        Invalid: it is none.
    """
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError as error:
        raise Invalid(f"'{text[:80]}' is neither an age recipient (age1…) nor a receiver's file") from error


def identity_from(path: Path) -> "pyrage.x25519.Identity":
    """A receiver's secret key, from its file; comments as `age-keygen` writes them are passed over.

    Raises:
        Invalid: there is none.
    """
    try:
        lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
        keys = [line for line in lines if line and not line.startswith("#")]
        return pyrage.x25519.Identity.from_str(keys[0] if keys else "")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{path} cannot be read; --identity names the file that 'receive --prepare' made") from error
    except pyrage.IdentityError as error:
        raise Invalid(f"{path} holds no age identity (AGE-SECRET-KEY-1…)") from error


def seal(source: Path, start: int, size_bytes: int, target: Path, name: str, to: Sequence[str], moved: Moved) -> Part:
    """Encrypt a piece of a file into a file of its own, which appears whole or not at all.

    Raises:
        Unavailable: it could not be read or written, as where the disk is full.
    """
    draft = target.with_name(f".{target.name}.new")
    with source.open("rb") as plain, draft.open("wb") as file:
        plain.seek(start)
        reader, writer = _Reader(plain, size_bytes, moved), _Writer(file)
        try:
            pyrage.encrypt_io(reader, writer, [recipient_from(one) for one in to])
        except pyrage.EncryptError as error:
            raise Unavailable(f"{name} could not be made ({error}): mend that and run it again") from error
        file.flush()
        os.fsync(file.fileno())
    draft.rename(target)
    return Part(name, writer.size_bytes, writer.digest.hexdigest(), size_bytes, reader.digest.hexdigest())


def unseal(source: Path, part: Part, identity: "pyrage.x25519.Identity", file: BinaryIO, moved: Moved) -> None:
    """Decrypt a part onto the end of a file.

    Raises:
        HandOverWrong: not encrypted to this identity, or not what was written; the message names the part.
    """
    writer = _Writer(file, moved)
    try:
        with source.open("rb") as sealed:
            pyrage.decrypt_io(_Reader(sealed, part.size_bytes, lambda _: None), writer, [identity])
    except pyrage.DecryptError as error:
        raise HandOverWrong(f"{part.name} is not encrypted to this identity ({error})") from error
    except OSError as error:
        raise HandOverWrong(f"{part.name} cannot be decrypted ({error})") from error
    if (writer.size_bytes, writer.digest.hexdigest()) != (part.plain_bytes, part.plain_sha256):
        raise HandOverWrong(f"{part.name} holds other content than its manifest says")


def digest_of(path: Path, moved: Moved = lambda _: None) -> tuple[int, str]:
    """Size and SHA-256 of a file."""
    size_bytes = path.stat().st_size
    return size_bytes, digest_of_piece(path, 0, size_bytes, moved)


def digest_of_piece(path: Path, start: int, size_bytes: int, moved: Moved = lambda _: None) -> str:
    """SHA-256 of so many bytes of a file."""
    with path.open("rb") as file:
        file.seek(start)
        reader = _Reader(file, size_bytes, moved)
        while reader.read(1 << 20):
            pass
    return reader.digest.hexdigest()


class _Reader:
    """So many bytes of a file, hashed as they go."""

    def __init__(self, file: BinaryIO, size_bytes: int, moved: Moved) -> None:
        self._file = file
        self._left = size_bytes
        self._moved = moved
        self.digest = hashlib.sha256()

    def read(self, most: int = -1) -> bytes:
        piece = self._file.read(self._left if most < 0 else min(most, self._left))
        self._left -= len(piece)
        self.digest.update(piece)
        self._moved(len(piece))
        return piece


class _Writer:
    """A file that is hashed as it is written."""

    def __init__(self, file: BinaryIO, moved: Moved = lambda _: None) -> None:
        self._file = file
        self._moved = moved
        self.digest = hashlib.sha256()
        self.size_bytes = 0

    def write(self, piece: bytes) -> int:
        self._file.write(piece)
        self.digest.update(piece)
        self.size_bytes += len(piece)
        self._moved(len(piece))
        return len(piece)

    def flush(self) -> None:
        self._file.flush()
