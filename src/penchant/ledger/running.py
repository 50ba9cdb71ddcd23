"""What runs: the digests of the code and of its lock of dependencies."""

import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

import penchant

_LOCK: Final = "requirements.lock"
_KINDS: Final = frozenset({".py", ".toml"})


@cache
def code_digest() -> bytes:
    """SHA-256 over `path, newline, SHA-256 of the file` of all code and rules of the package, by path."""
    package = Path(str(files(penchant)))
    found = hashlib.sha256()
    for path in sorted(path for path in package.rglob("*") if path.suffix in _KINDS):
        found.update(path.relative_to(package).as_posix().encode() + b"\n" + hashlib.sha256(path.read_bytes()).digest())
    return found.digest()


@cache
def lock_digest() -> bytes:
    """SHA-256 of the lock that the package came with; empty where it came without."""
    package = Path(str(files(penchant)))
    for folder in (package, package.parents[1]):
        if (path := folder / _LOCK).is_file():
            return hashlib.sha256(path.read_bytes()).digest()
    return b""
