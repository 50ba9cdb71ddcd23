"""A folder of interaction data: read, checked, in one time order. What `penchant taste evaluate` is given.

Files, each `.csv` or `.csv.gz` with a header line: `events` (one shown video a row), `history` (what came before, in
order, without times), `videos`, or `train`, `validation`, `test` (pairs). Content features as `.npy`, a row per video.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, TextIO

import numpy as np
import numpy.typing as npt

from penchant.core.errors import PenchantError
from penchant.taste.fixed import Int64s
from penchant.taste.labels import long_threshold_ms

HISTORY_KINDS: Final = ("shown", "like", "long_view")
_NEEDED: Final = ("time_ms", "viewer_id", "video_id", "watch_ms")
_MAY_MISS: Final = ("duration_ms", "long_view", "like", "share", "follow", "not_interested", "tab")


class DataRefused(PenchantError):
    """The folder does not hold what a protocol needs; says which file, line or column."""

    code = "data_refused"


@dataclass(frozen=True, slots=True)
class Events:
    """E shown videos in the order of time. Shapes: (E,) each."""

    time_ms: Int64s
    viewers: Int64s
    videos: Int64s
    watch_ms: Int64s
    duration_ms: Int64s
    long_views: npt.NDArray[np.bool_]
    likes: npt.NDArray[np.bool_]
    shares: npt.NDArray[np.bool_]
    follows: npt.NDArray[np.bool_]
    refusals: npt.NDArray[np.bool_]
    """Not interested."""
    surfaces: Int64s
    """Where on the screen, as the data numbers it; 0 where it does not say."""

    def __len__(self) -> int:
        return len(self.time_ms)

    def between(self, start_ms: int | None, end_ms: int | None) -> Events:
        """Those from `start_ms` on and before `end_ms`; None leaves an end open."""
        first = 0 if start_ms is None else int(np.searchsorted(self.time_ms, start_ms))
        last = len(self) if end_ms is None else int(np.searchsorted(self.time_ms, end_ms))
        return self._at(slice(first, max(first, last)))

    def followed_by(self, later: Events) -> Events:
        """These and then those."""
        return Events(*(np.concatenate([getattr(self, name), getattr(later, name)]) for name in self.__slots__))

    def _at(self, where: slice | Int64s) -> Events:
        return Events(*(getattr(self, name)[where] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Pairs:
    """Undated pairs, in the order of the file. Shapes: (P,)."""

    viewers: Int64s
    videos: Int64s

    def __len__(self) -> int:
        return len(self.viewers)


@dataclass(frozen=True, slots=True)
class Videos:
    """V videos by ascending id. Shapes: (V,)."""

    ids: Int64s
    creators: Int64s
    """0 where unknown."""
    durations_ms: Int64s
    """0 where unknown."""
    tags: tuple[str, ...]
    """The first tag of each, "" where there is none."""
    published_ms: Int64s
    """Unix milliseconds; 0 where unknown."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """What a folder holds; empty parts where it holds nothing."""

    name: str
    videos: Videos
    events: Events
    history: Mapping[str, Pairs]
    """By kind (`HISTORY_KINDS`): pairs ordered by viewer, a viewer's oldest first."""
    train: Pairs
    validation: Pairs
    test: Pairs
    features: Mapping[str, npt.NDArray[np.float32]]
    """(V, D) of each `.npy` file, by its name without the ending."""

    @property
    def content(self) -> npt.NDArray[np.float32]:
        """(V, D) all features side by side; (V, 0) without any."""
        none = np.zeros((len(self.videos.ids), 0), dtype=np.float32)
        return np.concatenate([none, *self.features.values()], axis=1)


def read_dataset(folder: Path, names: Mapping[str, str] | None = None) -> Dataset:
    """Reads a folder.

    Args:
        names: our column name → the data's name, e.g. {"watch_ms": "playtime"}.

    Raises:
        DataRefused: there is no such folder, no usable file in it, a column is missing, or a value is not a number.
    """
    if not folder.is_dir():
        raise DataRefused(f"{folder} is not a folder")
    names = names or {}
    events = _events(folder, names)
    pairs = {name: _pairs(folder, name, names) for name in ("train", "validation", "test")}
    history = _history(folder, names)
    known = _videos(folder, names)
    if not len(events) and not any(map(len, pairs.values())) and not any(map(len, history.values())):
        raise DataRefused(f"{folder} has none of events, history, train, validation, test (.csv or .csv.gz)")
    used = np.unique(
        np.concatenate([events.videos, *(part.videos for part in (*pairs.values(), *history.values())), known.ids])
    )
    features = _features(folder)
    rows = max(map(len, features.values()), default=0)
    if rows and (not len(known.ids)) and used.max(initial=-1) < rows:
        # A feature file without a list of videos: row = video id, so videos that nobody met are in it too.
        used = np.arange(rows, dtype=np.int64)
    videos = _with_durations(_all_videos(used, known), events)
    if features and rows != len(videos.ids):
        raise DataRefused(f"{folder}: the .npy files have {rows} rows for {len(videos.ids)} videos")
    return Dataset(folder.name, videos, events, history, pairs["train"], pairs["validation"], pairs["test"], features)


def read_events(path: Path, names: Mapping[str, str] | None = None) -> Events:
    """Reads one events file. Raises DataRefused like `read_dataset`."""
    if not path.is_file():
        raise DataRefused(f"{path} is not a file")
    return _events_of(path, names or {})


def read_pairs(path: Path, names: Mapping[str, str] | None = None) -> Pairs:
    """Reads one file of pairs. Raises DataRefused like `read_dataset`."""
    if not path.is_file():
        raise DataRefused(f"{path} is not a file")
    return _pairs_of(path, names or {})


def day_ms(text: str) -> int:
    """A date (2022-04-29) as the Unix millisecond of its beginning in UTC. Raises DataRefused."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise DataRefused(f"{text!r} is not a date like 2022-04-29") from None
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def with_videos(data: Dataset, events: Events) -> Dataset:
    """The folder with a catalogue that has the videos of further events too; they bring their ids and durations."""
    ids = np.union1d(data.videos.ids, events.videos)
    features = {name: np.zeros((len(ids), part.shape[1]), dtype=np.float32) for name, part in data.features.items()}
    for name, part in data.features.items():
        features[name][np.searchsorted(ids, data.videos.ids)] = part
    return replace(data, videos=_with_durations(_all_videos(ids, data.videos), events), features=features)


def _file(folder: Path, name: str) -> Path | None:
    for ending in (".csv", ".csv.gz"):
        if (path := folder / f"{name}{ending}").is_file():
            return path
    return None


def _open(path: Path) -> TextIO:
    return gzip.open(path, "rt", encoding="utf-8", newline="") if path.suffix == ".gz" else path.open(encoding="utf-8")


def _columns(path: Path, names: Mapping[str, str], needed: Sequence[str], more: Sequence[str]) -> dict[str, list[str]]:
    """The wanted columns as text. `more` may be missing."""
    with _open(path) as file:
        rows: Iterator[list[str]] = csv.reader(file)
        header = next(rows, [])
        places = {
            name: header.index(names.get(name, name)) for name in (*needed, *more) if names.get(name, name) in header
        }
        if gone := [name for name in needed if name not in places]:
            missing = [f"{names[name]} (for {name})" if name in names else name for name in gone]
            hint = "; --map tells other names, e.g. --map watch_ms=playtime" if header else ""
            raise DataRefused(
                f"{path.name}: no column {', '.join(missing)}; it has {', '.join(header) or 'nothing'}{hint}"
            )
        columns: dict[str, list[str]] = {name: [] for name in places}
        adders = [(columns[name].append, place) for name, place in places.items()]
        for line, row in enumerate(rows, start=2):
            try:
                for add, place in adders:
                    add(row[place])
            except IndexError:
                raise DataRefused(
                    f"{path.name}, line {line}: {len(row)} values, the header has {len(header)}"
                ) from None
    return columns


def _numbers(path: Path, name: str, values: list[str]) -> Int64s:
    try:
        return np.array(values, dtype=np.int64)
    except (ValueError, OverflowError):
        pass
    numbers = np.empty(len(values), dtype=np.int64)
    for place, value in enumerate(values):
        try:
            numbers[place] = int(float(value)) if value else 0
        except (ValueError, OverflowError):
            raise DataRefused(f"{path.name}, line {place + 2}, {name}: {value!r} is not a number") from None
    return numbers


def _events(folder: Path, names: Mapping[str, str]) -> Events:
    path = _file(folder, "events")
    if path is None:
        nothing = np.zeros(0, dtype=np.int64)
        no = np.zeros(0, dtype=bool)
        return Events(nothing, nothing, nothing, nothing, nothing, no, no, no, no, no, nothing)
    return _events_of(path, names)


def _events_of(path: Path, names: Mapping[str, str]) -> Events:
    text = _columns(path, names, _NEEDED, _MAY_MISS)
    found = {name: _numbers(path, name, values) for name, values in text.items()}
    nothing = np.zeros(len(found["time_ms"]), dtype=np.int64)
    durations = found.get("duration_ms", nothing)
    watched = found["watch_ms"]
    if (watched < 0).any():
        raise DataRefused(f"{path.name}, line {int(np.argmax(watched < 0)) + 2}, watch_ms: below zero")
    long_views = found.get("long_view")
    if long_views is None:
        # The same rule as live: 90 % of the video, or 18 s of a longer one (`labels`).
        thresholds = np.array([long_threshold_ms(duration) for duration in durations.tolist()], dtype=np.int64)
        long_views = (watched >= thresholds).astype(np.int64)
    events = Events(
        time_ms=found["time_ms"],
        viewers=found["viewer_id"],
        videos=found["video_id"],
        watch_ms=watched,
        duration_ms=durations,
        long_views=long_views.astype(bool),
        likes=found.get("like", nothing).astype(bool),
        shares=found.get("share", nothing).astype(bool),
        follows=found.get("follow", nothing).astype(bool),
        refusals=found.get("not_interested", nothing).astype(bool),
        surfaces=found.get("tab", nothing),
    )
    return events._at(np.argsort(events.time_ms, kind="stable"))


def _pairs(folder: Path, name: str, names: Mapping[str, str]) -> Pairs:
    path = _file(folder, name)
    return _pairs_of(path, names) if path else Pairs(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))


def _pairs_of(path: Path, names: Mapping[str, str]) -> Pairs:
    text = _columns(path, names, ("viewer_id", "video_id"), ())
    return Pairs(*(_numbers(path, name, text[name]) for name in ("viewer_id", "video_id")))


def _history(folder: Path, names: Mapping[str, str]) -> dict[str, Pairs]:
    path = _file(folder, "history")
    if path is None:
        nothing = np.zeros(0, dtype=np.int64)
        return {kind: Pairs(nothing, nothing) for kind in HISTORY_KINDS}
    text = _columns(path, names, ("viewer_id", "kind", "position", "video_id"), ())
    kinds = np.array(text.pop("kind"))
    if len(unknown := np.setdiff1d(kinds, HISTORY_KINDS)):
        raise DataRefused(f"{path.name}: kind {str(unknown[0])!r} is none of {', '.join(HISTORY_KINDS)}")
    found = {name: _numbers(path, name, values) for name, values in text.items()}
    history = {}
    for kind in HISTORY_KINDS:
        rows = np.flatnonzero(kinds == kind)
        rows = rows[np.lexsort((found["position"][rows], found["viewer_id"][rows]))]
        history[kind] = Pairs(found["viewer_id"][rows], found["video_id"][rows])
    return history


def _videos(folder: Path, names: Mapping[str, str]) -> Videos:
    path = _file(folder, "videos")
    if path is None:
        nothing = np.zeros(0, dtype=np.int64)
        return Videos(nothing, nothing, nothing, (), nothing)
    text = _columns(path, names, ("video_id",), ("creator_id", "duration_ms", "tags", "published_on"))
    ids = _numbers(path, "video_id", text["video_id"])
    order = np.argsort(ids, kind="stable")
    if (np.diff(ids[order]) == 0).any():
        raise DataRefused(f"{path.name}: a video_id stands there twice")
    creators, durations = (
        _numbers(path, name, text[name]) if name in text else np.zeros_like(ids)
        for name in ("creator_id", "duration_ms")
    )
    tags = [value.split("|")[0] for value in text["tags"]] if "tags" in text else [""] * len(ids)
    dates = text.get("published_on", [""] * len(ids))
    published = np.array([day_ms(value) if value else 0 for value in dates], dtype=np.int64)
    of_tags = tuple(tags[place] for place in order)
    return Videos(ids[order], creators[order], durations[order], of_tags, published[order])


def _all_videos(ids: Int64s, known: Videos) -> Videos:
    """Videos that events name and the list of videos does not are added without facts."""
    if len(ids) == len(known.ids):
        return known
    creators, durations, published = np.zeros((3, len(ids)), dtype=np.int64)
    tags = [""] * len(ids)
    places = np.searchsorted(ids, known.ids)
    creators[places], durations[places] = known.creators, known.durations_ms
    published[places] = known.published_ms
    for place, tag in zip(places.tolist(), known.tags, strict=True):
        tags[place] = tag
    return Videos(ids, creators, durations, tuple(tags), published)


def _with_durations(videos: Videos, events: Events) -> Videos:
    """Where the list of videos does not say how long one is, its events may."""
    longest = np.zeros(len(videos.ids), dtype=np.int64)
    np.maximum.at(longest, np.searchsorted(videos.ids, events.videos), events.duration_ms)
    durations = np.where(videos.durations_ms > 0, videos.durations_ms, longest)
    return replace(videos, durations_ms=durations)


def _features(folder: Path) -> dict[str, npt.NDArray[np.float32]]:
    parts: dict[str, npt.NDArray[np.float32]] = {}
    for path in sorted(folder.glob("*.npy")):
        try:
            part = np.load(path, allow_pickle=False)
        except (ValueError, OSError) as error:
            raise DataRefused(f"{path.name} is not a NumPy array: {error}") from None
        if part.ndim != 2:
            raise DataRefused(f"{path.name} has the shape {part.shape}, not (videos, features)")
        parts[path.stem] = part.astype(np.float32)
    if len({len(part) for part in parts.values()}) > 1:
        raise DataRefused(f"{folder.name}: the .npy files have different numbers of rows")
    return parts
