"""Epochs: what the learner publishes and feed workers map, immutable and named by their content.

An epoch names three folders: `rows` (item-item rows, on their own cadence), `catalog` (videos and vectors, new when
the catalogue is) and `counters` (new every few seconds while there is news). One writer, any number of readers, no
locks: the pointer file `CURRENT` is replaced in one step, and a mapped folder lives as long as someone maps it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from penchant.taste.content import Vectors
from penchant.taste.fixed import Int64s
from penchant.taste.folders import Arrays, Folder, FolderCorrupt, point_to, read_folder, sweep, write_folder
from penchant.taste.popularity import Counters
from penchant.taste.similar import ItemRows

POINTER: Final = "CURRENT"
KEPT: Final = 20
"""Epochs that stay on disk, the newest first."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """The listed videos of an epoch. Shapes: V videos, D dimensions of content vectors."""

    video_ids: Int64s
    """(V,) ascending."""
    creators: Int64s
    published_at_ms: Int64s
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class Epoch:
    """One published set of parameters."""

    digest: str
    """Its name: SHA-256, hexadecimal; what page records say."""
    position: int
    """Log position of its counters and its catalogue; `rows.position` is that of its rows."""
    catalog: Catalog
    counters: Counters
    """Of the catalogue's videos, in the same order."""
    rows: ItemRows
    row_of: Int64s
    """(V,) place of each video of the catalogue in `rows`, -1 where it has none."""
    listed_of: Int64s
    """(E,) place of each row's video in the catalogue, -1 where it is not listed."""

    def places(self, video_ids: Int64s) -> Int64s:
        """Places of ids in the catalogue, -1 for those it does not list: (K,) → (K,)."""
        return _places(self.catalog.video_ids, video_ids)


def _places(known: Int64s, wanted: Int64s) -> Int64s:
    if not len(known):
        return np.full(len(wanted), -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[at] == wanted, at, -1)


def empty_epoch() -> Epoch:
    """Nothing learned, nothing listed: what there is before the first epoch."""
    none = np.zeros(0, dtype=np.int64)
    vectors = Vectors(np.zeros((0, 0), dtype=np.int8), 1 << 16)
    return assemble("", 0, Catalog(none, none, none, vectors), Counters(none, none, none, none, 0), ItemRows.empty())


def assemble(digest: str, position: int, catalog: Catalog, counters: Counters, rows: ItemRows) -> Epoch:
    """An epoch from its parts, with the lookups between them."""
    return Epoch(
        digest,
        position,
        catalog,
        counters,
        rows,
        row_of=_places(rows.video_ids, catalog.video_ids),
        listed_of=_places(catalog.video_ids, rows.video_ids),
    )


class EpochWriter:
    """Publishes epochs into a folder and keeps the newest ones."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rows: tuple[ItemRows, str] | None = None
        self._catalog: tuple[Catalog, str] | None = None

    def publish(self, position: int, catalog: Catalog, counters: Counters, rows: ItemRows) -> str:
        """Writes what is new of the parts, points to the epoch and returns its name. Durable on return.

        Raises:
            OSError: the disk is full or gone; `CURRENT` still names the epoch before.
        """
        # The same object is the same bytes: the large parts are not made and hashed again every few seconds.
        if self._rows is None or self._rows[0] is not rows:
            self._rows = rows, self._write_rows(rows)
        if self._catalog is None or self._catalog[0] is not catalog:
            self._catalog = catalog, self._write_catalog(catalog)
        counted: Arrays = {
            "shown": counters.shown,
            "played": counters.played,
            "long": counters.long,
            "recent_q16": counters.recent_q16,
        }
        counters_name = write_folder(self._folder / "parts", counted, {"hour": counters.hour})
        about: dict[str, int | str] = {
            "position": position,
            "rows": self._rows[1],
            "catalog": self._catalog[1],
            "counters": counters_name,
        }
        name = write_folder(self._folder / "epochs", {}, about)
        point_to(self._folder / POINTER, name)
        return name

    def _write_rows(self, rows: ItemRows) -> str:
        return write_folder(
            self._folder / "parts",
            {"video_ids": rows.video_ids, "neighbours": rows.neighbours, "weights_q24": rows.weights_q24},
            {"position": rows.position, "floor_q24": rows.floor_q24},
        )

    def _write_catalog(self, catalog: Catalog) -> str:
        arrays: Arrays = {
            "video_ids": catalog.video_ids,
            "creators": catalog.creators,
            "published_at_ms": catalog.published_at_ms,
            "vectors": catalog.vectors.unit,
        }
        return write_folder(self._folder / "parts", arrays, {"spread_q16": catalog.vectors.spread_q16})

    def prune(self, kept: int = KEPT) -> int:
        """Deletes epochs beyond the newest ones, and parts that none of those names; returns how many epochs went."""
        epochs = self._folder / "epochs"
        current = (self._folder / POINTER).read_text("utf-8").strip()
        newest: list[tuple[bool, int, int, Folder]] = []
        for place in epochs.iterdir():
            try:
                found = read_folder(epochs, place.name)
            except FolderCorrupt:
                continue
            newest.append((place.name == current, place.stat().st_mtime_ns, found.number("position"), found))
        newest.sort(key=lambda entry: entry[:3], reverse=True)
        staying = [found for _, _, _, found in newest[:kept]]
        gone = sweep(epochs, {found.digest for found in staying})
        named = {found.text(part) for found in staying for part in ("rows", "catalog", "counters")}
        sweep(self._folder / "parts", named)
        return gone


class EpochReader:
    """Follows the newest epoch. Each worker has its own; it never writes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._epoch: Epoch | None = None
        self._stamp: tuple[int, int, int] | None = None
        self._parts: dict[str, Folder] = {}
        self.refused = 0
        """Epochs that were not what their name says; the last good one stayed in use."""

    def current(self) -> Epoch | None:
        """The newest good epoch, None before the first. One `stat` when nothing has changed."""
        pointer = self._folder / POINTER
        try:
            status = pointer.stat()
        except FileNotFoundError:
            return self._epoch
        stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
        if stamp == self._stamp:
            return self._epoch
        try:
            self._epoch = self._open(pointer.read_text("utf-8").strip())
        except (FolderCorrupt, OSError):
            self.refused += 1
        # A bad epoch is refused once, not at every page: the next one has another stamp.
        self._stamp = stamp
        return self._epoch

    def _open(self, digest: str) -> Epoch:
        named = read_folder(self._folder / "epochs", digest)
        parts = {name: self._part(named.text(name)) for name in ("rows", "catalog", "counters")}
        rows, catalog, counters = parts["rows"], parts["catalog"], parts["counters"]
        epoch = assemble(
            digest,
            named.number("position"),
            Catalog(
                video_ids=catalog.array("video_ids"),
                creators=catalog.array("creators"),
                published_at_ms=catalog.array("published_at_ms"),
                vectors=Vectors(catalog.array("vectors"), catalog.number("spread_q16")),
            ),
            Counters(
                shown=counters.array("shown"),
                played=counters.array("played"),
                long=counters.array("long"),
                recent_q16=counters.array("recent_q16"),
                hour=counters.number("hour"),
            ),
            ItemRows(
                position=rows.number("position"),
                video_ids=rows.array("video_ids"),
                neighbours=rows.array("neighbours"),
                weights_q24=rows.array("weights_q24"),
                floor_q24=rows.number("floor_q24"),
            ),
        )
        self._parts = {part.digest: part for part in parts.values()}
        return epoch

    def _part(self, digest: str) -> Folder:
        """A part that the epoch before had too is neither read nor checked again."""
        return self._parts.get(digest) or read_folder(self._folder / "parts", digest)
