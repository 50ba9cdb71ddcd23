"""Epochs: what the learner publishes and feed workers map, immutable and named by their content.

An epoch names seven folders. `rows` (item-item rows) and `standing` (taste vectors) are new when they are. The listed
videos with their content vectors come as a base, `catalog`, and what has moved since, `catalog_delta`; the signals of
the active videos likewise as a `base` and a `delta`. The delta and the `blend` are new every few seconds while there is
news. One writer, any number of readers, no locks: the pointer file `CURRENT` is replaced in one step, and a mapped
folder lives as long as someone maps it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from penchant.taste import parts
from penchant.taste.blend import Scale, Stages, Weights
from penchant.taste.catalog import Base, Catalog, Listed
from penchant.taste.fixed import Int64s
from penchant.taste.folders import Folder, FolderCorrupt, point_to, read_folder, sweep, write_folder
from penchant.taste.heads import HEADS, Heads, HeadWeights
from penchant.taste.live import Live, Standing, Table, standing_arrays, standing_of
from penchant.taste.lookup import Lookup
from penchant.taste.parts import Fits
from penchant.taste.pressure import Price
from penchant.taste.publish import NEWEST
from penchant.taste.recipe import SERVED
from penchant.taste.signals import Signals
from penchant.taste.similar import ItemRows
from penchant.taste.trials import TRIED, Spent, Trials
from penchant.taste.walks import Walks

POINTER: Final = "CURRENT"
KEPT: Final = 20
"""Epochs that stay on disk, the newest first."""
Newest: TypeAlias = tuple[Int64s, npt.NDArray[np.float32]]
"""(N,) ids and (N, D) content vectors."""
_LISTED: Final = ("video_ids", "creators", "published_at_ms", "durations_ms", "unit")
_HEADS: Final = tuple(f"heads_{name}" for name in ("hidden", "bias", "out", "skip", "base"))
PARTS: Final = ("rows", "standing", "catalog", "catalog_delta", "base", "delta", "blend")


@dataclass(frozen=True, slots=True)
class Epoch:
    """One published set of parameters. Shapes: V videos are listed, A of all are active."""

    digest: str
    """Its name: SHA-256, hexadecimal; what page records say."""
    position: int
    """Log position of its signals, its blend and its catalogue; `rows.position` is that of its rows."""
    catalog: Catalog
    rows: ItemRows
    active: Int64s
    """(A,) ids of the videos with live signals, by place."""
    active_facts: parts.Catalog
    listed: npt.NDArray[np.bool_]
    """(A,) which of them are in the catalogue."""
    signals: Signals
    served: Price
    fits: Fits
    stages: Stages
    trials: Trials
    """Listed videos that few were shown, the newest first."""
    spent: Spent
    """What each creator had of the showings of videos with few viewers, as at the landmark of `signals.rates`."""
    heads: Heads | None
    """None before they have learned."""
    newest: Int64s
    """(N,) ascending ids of the newest videos that have a content vector."""
    newest_unit: npt.NDArray[np.float32]
    """(N, D) their vectors."""
    _lookup: Lookup
    """Of `active`."""

    def prepare(self) -> None:
        """Works out what depends on the epoch alone, which the first page would do otherwise."""
        _ = self.trials.pools

    def places(self, video_ids: Int64s) -> Int64s:
        """Places among the active videos, -1 for those that are not: (K,) → (K,)."""
        return self._lookup.places(video_ids)

    def spent_at(self, as_of_ms: int) -> Spent:
        """What each creator had lately of showings of videos with few viewers, halved every three days."""
        return self.spent.at(float(self.signals.rates.factors(as_of_ms)[0]))


def empty_epoch() -> Epoch:
    """Nothing learned, nothing listed: what there is before the first epoch."""
    return assemble("", 0, Catalog.empty(), ItemRows.empty(), Live(), Trials.empty())


def assemble(digest: str, position: int, catalog: Catalog, rows: ItemRows, live: Live, trials: Trials) -> Epoch:
    """An epoch straight from the learner's state, which must not go on changing."""
    all_served, landmark_ms = live.served.all.state(1)
    return _assemble(
        digest,
        position,
        catalog,
        rows,
        live.standing,
        live.table(),
        (all_served, landmark_ms),
        (live.trainer.stages(), live.heads.heads()),
        trials,
        newest_of(catalog),
    )


def newest_of(catalog: Catalog) -> Newest:
    """The newest videos that have a content vector."""
    ids, unit = catalog.newest(NEWEST)
    return ids, unit.astype(np.float32)


def _assemble(
    digest: str,
    position: int,
    catalog: Catalog,
    rows: ItemRows,
    standing: Standing,
    table: Table,
    all_served: tuple[npt.NDArray[Any], int],
    ranker: tuple[Stages, Heads | None],
    trials: Trials,
    newest: Newest,
) -> Epoch:
    active: Int64s = table.arrays["video_ids"]
    lookup = Lookup.of(active)
    signals, served = Signals.of(table.arrays, table.landmarks).settle(), Price(SERVED.spread)
    served.videos.restore(table.arrays["served"], table.landmarks["served"])
    served.all.restore(*all_served)
    listed_at = np.empty(len(active), dtype=np.int64)
    listed_at[lookup.order] = catalog.places(lookup.ascending)
    facts = catalog.facts(listed_at)
    factors = standing.factors
    places = lookup.places(factors.video_ids)
    known = places >= 0
    held, newest_held = np.zeros((2, len(active)))
    held[places[known]] = standing.held[known]
    newest_held[places[known]] = standing.newest_q16[known] / 65536
    return Epoch(
        digest,
        position,
        catalog,
        rows,
        active=active,
        active_facts=facts,
        listed=listed_at >= 0,
        signals=signals,
        served=served,
        fits=Fits(rows, Walks.empty(), factors, held, newest_held, lookup.places(rows.video_ids), places),
        stages=ranker[0],
        heads=ranker[1],
        trials=trials,
        spent=_spent(table, signals, facts.creators),
        newest=newest[0],
        newest_unit=newest[1],
        _lookup=lookup,
    )


@dataclass(frozen=True, slots=True)
class Published:
    """An epoch that is about to be read."""

    digest: str
    parent: str
    """The epoch before; empty for the first."""
    position: int


Announce: TypeAlias = Callable[[Published], None]
Admit: TypeAlias = Callable[[str], bool]
"""Whether the epoch of that name may be used."""


class EpochWriter:
    """Publishes epochs into a folder and keeps the newest ones."""

    def __init__(self, folder: Path, announce: Announce = lambda _: None) -> None:
        """`announce` hears of each epoch when it is whole, before anybody can read it."""
        self._folder = folder
        self._announce = announce
        self._written: dict[str, tuple[object, str]] = {}

    def publish(self, position: int, catalog: Catalog, rows: ItemRows, live: Live, trials: Trials) -> str:
        """Writes what is new of the parts, tells of the epoch, points to it and returns its name. Durable on return.

        Raises:
            OSError: the disk is full or gone; `CURRENT` still names the epoch before.
        """
        standing = live.standing
        about: dict[str, int | str] = {
            "position": position,
            "rows": self._once("rows", rows, _rows_arrays(rows), {"position": rows.position}),
            "catalog": self._once("catalog", catalog.base, *_base_arrays(catalog.base)),
            "catalog_delta": self._once("catalog_delta", catalog, *_moved_arrays(catalog)),
            "standing": self._once(
                "standing", standing, standing_arrays(standing), {"position": standing.factors.position}
            ),
            "base": self._once("base", live.base, live.base.arrays, live.base.landmarks),
            "delta": self._write(*_delta(live, trials)),
            "blend": self._write(*_blend(live)),
        }
        name = write_folder(self._folder / "epochs", {}, about)
        if name != (before := self.current()):
            self._announce(Published(name, before, position))
        point_to(self._folder / POINTER, name)
        return name

    def current(self) -> str:
        """The name of the epoch that is pointed to; empty before the first."""
        pointer = self._folder / POINTER
        return pointer.read_text("utf-8").strip() if pointer.exists() else ""

    def _once(self, part: str, source: object, arrays: Mapping[str, npt.NDArray[Any]], about: Mapping[str, int]) -> str:
        """The same object is the same bytes: the large parts are not made and hashed again every few seconds."""
        known = self._written.get(part)
        if known is None or known[0] is not source:
            known = self._written[part] = source, self._write(arrays, about)
        return known[1]

    def _write(self, arrays: Mapping[str, npt.NDArray[Any]], about: Mapping[str, int | str]) -> str:
        return write_folder(self._folder / "parts", arrays, about)

    def prune(self, kept: int = KEPT) -> int:
        """Deletes epochs beyond the newest ones, and parts that none of those names; returns how many epochs went."""
        epochs = self._folder / "epochs"
        current = self.current()
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
        named = {found.text(part) for found in staying for part in PARTS if part in found.about}
        sweep(self._folder / "parts", named)
        return gone


def _rows_arrays(rows: ItemRows) -> dict[str, npt.NDArray[Any]]:
    return {"video_ids": rows.video_ids, "neighbours": rows.neighbours, "weights_q24": rows.weights_q24}


def _base_arrays(base: Base) -> tuple[dict[str, npt.NDArray[Any]], dict[str, int]]:
    return {**_listed_arrays(base.listed), "newest": base.newest}, {"spread": base.spread_q16}


def _moved_arrays(catalog: Catalog) -> tuple[dict[str, npt.NDArray[Any]], dict[str, int]]:
    return {**_listed_arrays(catalog.moved), "gone": catalog.gone}, {}


def _listed_arrays(listed: Listed) -> dict[str, npt.NDArray[Any]]:
    return {name: getattr(listed, name) for name in _LISTED}


def _listed_of(part: Folder) -> Listed:
    return Listed(*(part.array(name) for name in _LISTED))


def _delta(live: Live, trials: Trials) -> tuple[dict[str, npt.NDArray[Any]], dict[str, int]]:
    table = live.table()
    changed = np.array(sorted(live.changed), dtype=np.int64)
    arrays = {name: array[changed] for name, array in table.arrays.items()}
    all_served, landmark_ms = live.served.all.state(1)
    more = {"places": changed, "all_served": all_served, "trials": _trials_array(trials)}
    return arrays | more, {"active": len(live.video_ids), "all_served_landmark_ms": landmark_ms}


def _spent(table: Table, signals: Signals, creators: Int64s) -> Spent:
    few = (table.arrays["shown"] < TRIED) & (creators >= 0)
    return Spent.of(creators[few], signals.rates.sums[: len(few)][few, 0, 0])


def _trials_array(trials: Trials) -> Int64s:
    """(4, T)"""
    return np.stack([trials.video_ids, trials.creators, trials.shown, trials.long])


def _blend(live: Live) -> tuple[dict[str, npt.NDArray[Any]], dict[str, int | str]]:
    stages = live.trainer.stages()
    arrays: dict[str, npt.NDArray[Any]] = {"prior": stages.prior, "union_weights": stages.union_weights}
    if stages.scale is not None:
        arrays |= {"centre_q16": stages.scale.centre_q16, "spread_q16": stages.scale.spread_q16}
    if stages.weights is not None:
        arrays |= dict(zip(("hidden", "bias", "out", "skip"), stages.weights.arrays(), strict=True))
    if (heads := live.heads.heads()) is not None:
        arrays |= dict(zip(_HEADS, heads.weights.arrays(), strict=True))
    # Not for pages: what people who look on may see of the learning (`learning`).
    held = live.heads.calibration
    arrays["curve"] = np.array(live.trainer.curve.means)
    arrays["calibration"] = np.stack([held.count, held.predicted, held.observed])
    about: dict[str, int | str] = {"examples": live.trainer.examples, "columns": " ".join(SERVED.names)}
    about |= {"curve_stride": live.trainer.curve.stride, "rolled_back": live.trainer.roll_backs}
    return arrays, about | {"heads": " ".join(HEADS)}


def ranker_of(part: Folder) -> tuple[Stages, Heads | None]:
    if part.text("columns") != " ".join(SERVED.names):
        raise FolderCorrupt(f"the blend of {part.digest[:12]} is of other columns than this version's")
    scale = weights = None
    if "centre_q16" in part.arrays:
        scale = Scale(part.array("centre_q16"), part.array("spread_q16"))
    if "hidden" in part.arrays:
        weights = Weights(*(part.array(name) for name in ("hidden", "bias", "out", "skip")))
    heads = None
    if scale is not None and _HEADS[0] in part.arrays:
        heads = Heads(scale, HeadWeights(*(part.array(name) for name in _HEADS)))
    return Stages(part.array("prior"), scale, part.array("union_weights"), weights), heads


def _table(base: Folder, delta: Folder) -> Table:
    """The base with the delta's rows in their places; a copy, so that the pages under way keep theirs."""
    places, count = delta.array("places"), delta.number("active")
    arrays = {}
    for name in delta.arrays.keys() - {"places", "all_served", "trials"}:
        changed = delta.array(name)
        array = np.zeros((count, *changed.shape[1:]), dtype=changed.dtype)
        if name in base.arrays:
            before = base.array(name)
            array[: len(before)] = before
        array[places] = changed
        arrays[name] = array
    return Table(arrays, {name: base.number(name) for name in base.about})


class EpochReader:
    """Follows the newest epoch. Each worker has its own; it never writes."""

    def __init__(self, folder: Path, admit: Admit = lambda _: True) -> None:
        """`admit` is asked of each epoch before it is used; of one that may not be used yet, again and again."""
        self._folder = folder
        self._admit = admit
        self._epoch: Epoch | None = None
        self._stamp: tuple[int, int, int] | None = None
        self._parts: dict[str, Folder] = {}
        self._catalog: tuple[tuple[str, str], Catalog, Newest] | None = None
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
        name = pointer.read_text("utf-8").strip()
        if not self._admit(name):
            return self._epoch
        try:
            self._epoch = self._open(name)
        except (FolderCorrupt, OSError):
            self.refused += 1
        # A bad epoch is refused once, not at every page: the next one has another stamp.
        self._stamp = stamp
        return self._epoch

    def _open(self, digest: str) -> Epoch:
        named = read_folder(self._folder / "epochs", digest)
        found = {name: self._part(named.text(name)) for name in PARTS}
        rows, standing, delta = (found[name] for name in ("rows", "standing", "delta"))
        catalog, newest = self._listed(found["catalog"], found["catalog_delta"])
        epoch = _assemble(
            digest,
            named.number("position"),
            catalog,
            ItemRows(
                position=rows.number("position"),
                video_ids=rows.array("video_ids"),
                neighbours=rows.array("neighbours"),
                weights_q24=rows.array("weights_q24"),
            ),
            standing_of(standing.arrays, standing.number("position")),
            _table(found["base"], delta),
            (delta.array("all_served"), delta.number("all_served_landmark_ms")),
            ranker_of(found["blend"]),
            Trials(*delta.array("trials")),
            newest,
        )
        self._parts = {part.digest: part for part in found.values()}
        return epoch

    def _listed(self, base: Folder, delta: Folder) -> tuple[Catalog, Newest]:
        known, digests = self._catalog, (base.digest, delta.digest)
        if known is None or known[0] != digests:
            whole = Base(_listed_of(base), base.array("newest"), base.number("spread"))
            catalog = Catalog(whole, _listed_of(delta), delta.array("gone"))
            known = self._catalog = digests, catalog, newest_of(catalog)
        return known[1:]

    def _part(self, digest: str) -> Folder:
        """A part that the epoch before had too is neither read nor checked again."""
        return self._parts.get(digest) or read_folder(self._folder / "parts", digest)
