"""Immutable folders of arrays, named by the SHA-256 of what is in them.

A folder holds `manifest.json` and one `.npy` file per array. The manifest has the SHA-256 of every file and the
folder's name is the SHA-256 of the manifest, so a name vouches for every byte. A folder is written beside its place,
synced and renamed: it is there completely or not at all.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from penchant.core.errors import PenchantError

Arrays: TypeAlias = Mapping[str, npt.NDArray[Any]]

MANIFEST: Final = "manifest.json"


class FolderCorrupt(PenchantError):
    """A folder is missing, incomplete, or not what its name says."""

    code = "folder_corrupt"


class Manifest(msgspec.Struct, frozen=True):
    """What stands in `manifest.json`, keys in order."""

    about: dict[str, int | str]
    """Single values that belong to the arrays."""
    files: dict[str, str]
    """Array name → SHA-256 of its file."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that was read and found to be what its name says."""

    digest: str
    about: dict[str, int | str]
    arrays: dict[str, npt.NDArray[Any]]

    def number(self, name: str) -> int:
        """A number of `about`. Raises FolderCorrupt if it is not there."""
        value = self.about.get(name)
        if not isinstance(value, int):
            raise FolderCorrupt(f"{self.digest[:12]} has no number named {name}")
        return value

    def text(self, name: str) -> str:
        """A text of `about`. Raises FolderCorrupt if it is not there."""
        value = self.about.get(name)
        if not isinstance(value, str):
            raise FolderCorrupt(f"{self.digest[:12]} has no text named {name}")
        return value

    def array(self, name: str) -> npt.NDArray[Any]:
        """One of the arrays. Raises FolderCorrupt if it is not there."""
        if name not in self.arrays:
            raise FolderCorrupt(f"{self.digest[:12]} has no array named {name}")
        return self.arrays[name]


def write_folder(root: Path, arrays: Arrays, about: Mapping[str, int | str]) -> str:
    """Writes a folder under `root`, unless it is there already; returns its name. Durable on return."""
    files = {name: _npy(array) for name, array in sorted(arrays.items())}
    manifest = _manifest_bytes(about, {name: hashlib.sha256(data).hexdigest() for name, data in files.items()})
    digest = hashlib.sha256(manifest).hexdigest()
    place = root / digest
    if place.exists():
        return digest
    root.mkdir(parents=True, exist_ok=True)
    half = root / f".half-{secrets.token_hex(8)}"
    half.mkdir()
    try:
        for name, data in files.items():
            _write_synced(half / f"{name}.npy", data)
        _write_synced(half / MANIFEST, manifest)
        _sync_folder(half)
        half.rename(place)
    except OSError:
        shutil.rmtree(half, ignore_errors=True)
        if not place.exists():  # else another writer was faster with the same bytes
            raise
    _sync_folder(root)
    return digest


def digest_of(arrays: Arrays, about: Mapping[str, int | str]) -> str:
    """The name that `write_folder` would give."""
    files = {name: hashlib.sha256(_npy(array)).hexdigest() for name, array in sorted(arrays.items())}
    return hashlib.sha256(_manifest_bytes(about, files)).hexdigest()


def read_folder(root: Path, digest: str) -> Folder:
    """Maps a folder read-only, after every byte was held against its name.

    Raises:
        FolderCorrupt: something is missing or not as it was written.
    """
    place = root / digest
    try:
        raw = (place / MANIFEST).read_bytes()
        if hashlib.sha256(raw).hexdigest() != digest:
            raise FolderCorrupt(f"the manifest of {digest[:12]} is not the one that its name says")
        manifest = msgspec.json.decode(raw, type=Manifest)
        arrays = {}
        for name, expected in manifest.files.items():
            path = place / f"{name}.npy"
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != expected:
                    raise FolderCorrupt(f"{name} of {digest[:12]} is not as it was written")
            # An empty array cannot be mapped.
            mapped = path.stat().st_size > 128
            array = np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False)
            arrays[name] = array.view(np.ndarray)
    except (OSError, ValueError) as problem:
        raise FolderCorrupt(f"{digest[:12]} cannot be read: {problem}") from problem
    return Folder(digest, manifest.about, arrays)


def point_to(pointer: Path, digest: str) -> None:
    """Replaces a pointer file in one step; durable on return."""
    pointer.parent.mkdir(parents=True, exist_ok=True)
    half = pointer.with_name(f".{pointer.name}-{secrets.token_hex(8)}")
    _write_synced(half, f"{digest}\n".encode())
    half.replace(pointer)
    _sync_folder(pointer.parent)


def sweep(root: Path, kept: set[str]) -> int:
    """Deletes all folders but the kept ones, and halves that a crash left; returns how many went.

    Whoever has one mapped keeps it: the system holds the bytes until they let go.
    """
    gone = 0
    for place in root.iterdir() if root.exists() else ():
        if place.name not in kept:
            shutil.rmtree(place, ignore_errors=True)
            gone += 1
    return gone


def _manifest_bytes(about: Mapping[str, int | str], files: dict[str, str]) -> bytes:
    return msgspec.json.encode(Manifest(dict(sorted(about.items())), files))


def _npy(array: npt.NDArray[Any]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
