"""What ranked, kept for who wants to rank again: the manifest of an epoch and its blend, without everything else.

An epoch's name is the SHA-256 of its manifest, which names the folder of its blend by the SHA-256 of *its* manifest,
which has that of every file: so a pack vouches for itself, wherever it comes from.
"""

import hashlib
import io
import zlib
from pathlib import Path
from typing import Any, Final, NamedTuple

import cbor2
import msgspec
import numpy as np

from penchant.taste.blend import Stages
from penchant.taste.epochs import ranker_of
from penchant.taste.folders import MANIFEST, Folder, FolderCorrupt, Manifest
from penchant.taste.heads import Heads

_MOST_BYTES: Final = 64 << 20


def pack(folder: Path, epoch: str) -> bytes:
    """The pack of an epoch that lies in a learner's folder: compressed CBOR of the two manifests and the blend's files.

    Raises:
        FolderCorrupt: it does not lie there.
    """
    try:
        manifest = (folder / "epochs" / epoch / MANIFEST).read_bytes()
        about = _read(manifest, epoch).about
        part = folder / "parts" / str(about["blend"])
        rows = (folder / "parts" / str(about["rows"]) / MANIFEST).read_bytes()
        files = {path.name: path.read_bytes() for path in sorted(part.iterdir())}
    except (OSError, KeyError) as problem:
        raise FolderCorrupt(f"the epoch {epoch[:12]} cannot be packed: {problem}") from problem
    # Of the rows only which they are: they are large, and a function of the log up to their position.
    return zlib.compress(cbor2.dumps({"epoch": manifest, "rows": rows, "blend": files}, canonical=True), 6)


class Unpacked(NamedTuple):
    """What is kept of an epoch."""

    stages: Stages
    heads: Heads | None
    position: int
    """Of the log, that it was learned up to."""
    rows_position: int
    """And that its item-item rows were learned up to."""


def unpack(content: bytes, epoch: str) -> Unpacked:
    """What an epoch ranks with.

    Raises:
        FolderCorrupt: the pack is not that of this epoch, or anything in it was altered.
    """
    try:
        inflater = zlib.decompressobj()
        packed: dict[str, Any] = cbor2.loads(inflater.decompress(content, _MOST_BYTES))
        manifest, files = packed["epoch"], packed["blend"]
        about = _read(manifest, epoch).about
        digest = str(about["blend"])
        rows = _read(packed["rows"], str(about["rows"])).about
        positions = int(about["position"]), int(rows["position"])
        said = _read(files[MANIFEST], digest)
        arrays = {name: _array(files[f"{name}.npy"], wanted) for name, wanted in said.files.items()}
    except (zlib.error, cbor2.CBORError, KeyError, TypeError, ValueError) as problem:
        raise FolderCorrupt(f"the pack of {epoch[:12]} cannot be read: {problem}") from problem
    return Unpacked(*ranker_of(Folder(digest, said.about, arrays)), *positions)


def _read(manifest: bytes, digest: str) -> Manifest:
    if hashlib.sha256(manifest).hexdigest() != digest:
        raise FolderCorrupt(f"a manifest is not that of {digest[:12]}")
    return msgspec.json.decode(manifest, type=Manifest)


def _array(content: bytes, digest: str) -> Any:
    if hashlib.sha256(content).hexdigest() != digest:
        raise FolderCorrupt("an array is not the one that its manifest names")
    return np.load(io.BytesIO(content), allow_pickle=False)
