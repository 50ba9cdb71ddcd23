"""Files that a backup still needs: held by a second name, so that whoever deletes the first one hurts nothing."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

_PIECE_BYTES = 1 << 20


class Pins:
    """A folder of hard links beside the files; gone with `release`, and with the next backup after a kill."""

    def __init__(self, data: Path) -> None:
        self._folder = data / ".backup"
        self.release()

    def pin_folder(self, name: str, folder: Path) -> dict[str, Path]:
        """Hold every file in `folder`; returns its path below `folder` → where it is held."""
        pinned = {}
        for path in sorted(files_below(folder)):
            key = path.relative_to(folder).as_posix()
            held = self._folder / name / key
            # Deleted between listing and linking: whether that matters, the database's snapshot says.
            with contextlib.suppress(FileNotFoundError):
                _hold(path, held)
                pinned[key] = held
        return pinned

    def release(self) -> None:
        """Let go of everything."""
        shutil.rmtree(self._folder, ignore_errors=True)


def pieces_of(path: Path, size_bytes: int | None = None) -> Iterator[bytes]:
    """A file's bytes, at most its first `size_bytes`."""
    left = size_bytes
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES if left is None else min(_PIECE_BYTES, left)):
            if left is not None:
                left -= len(piece)
            yield piece


def files_below(folder: Path) -> Iterator[Path]:
    """Every whole file of a folder of objects or uploads."""
    for parent, _, names in os.walk(folder):
        for name in names:
            # obstore writes an object as `key#1` before it renames it into place.
            if "#" not in name:
                yield Path(parent, name)


def _hold(path: Path, held: Path) -> None:
    held.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.link(path, held)
    except FileNotFoundError:
        raise
    except OSError:
        # A file system without hard links (some shared folders): slower, but the same in the end.
        shutil.copyfile(path, held)
