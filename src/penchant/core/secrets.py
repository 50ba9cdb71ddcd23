"""Secrets of one installation: made once, kept in files that only their owner can read."""

import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from penchant.core.errors import SettingWrong

KEY_BYTES = 32
_NONCE_BYTES = 12


def secret_file(folder: Path, name: str, size_bytes: int = KEY_BYTES) -> bytes:
    """The secret called `name`, made with mode 0600 where it does not exist yet.

    Raises:
        SettingWrong: the file is readable by others or holds something else; nothing is overwritten.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    if path.exists():
        return _read(path, size_bytes)
    # Written beside and linked when whole: neither a crash nor a second process leaves half a secret.
    content = secrets.token_bytes(size_bytes)
    draft = path.with_name(f".{name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return _read(path, size_bytes)
    finally:
        draft.unlink()
    return content


def _read(path: Path, size_bytes: int) -> bytes:
    if path.stat().st_mode & 0o077:
        raise SettingWrong(f"{path} can be read by others; make it private: chmod 600 {path}")
    content = path.read_bytes()
    if len(content) != size_bytes:
        raise SettingWrong(f"{path} holds {len(content)} bytes instead of {size_bytes}; restore it from a backup")
    return content


def derive(secret: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose (HKDF-SHA256, RFC 5869), so that no two uses share a key."""
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(secret)


def seal(key: bytes, content: bytes, context: bytes) -> bytes:
    """Encrypt with AES-256-GCM; `context` must be the same when opening. Returns nonce + ciphertext + tag."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, context)


def open_sealed(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """The inverse of `seal`.

    Raises:
        cryptography.exceptions.InvalidTag: another key, another context, or altered bytes.
    """
    return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context)
