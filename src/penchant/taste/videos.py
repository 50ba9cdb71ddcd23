"""What the log says of every video, as columns: a million of them are saved and published without a walk over each.

Here it is also decided where the catalogue's base is cut: by the log alone. What a video was at the cut is kept where
that changed since, so the base itself can be made later, when an epoch needs it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from penchant.taste.fixed import Int64s

BASE_SHARE: Final = 64
"""A new base of the catalogue is cut when more than a 64th of it was published, changed or withdrawn."""
_FACTS: Final = ("creator", "published_at_ms", "duration_ms", "encoder")
_COUNTS: Final = ("shown", "played", "long", "liked")
_COLUMNS: Final = ("id", *_FACTS, "listed", *_COUNTS)


class Video(NamedTuple):
    """One of them. Counts are of viewers."""

    creator: int
    published_at_ms: int
    duration_ms: int
    encoder: str
    vector: bytes
    listed: bool
    shown: int
    played: int
    long: int
    liked: int


class _Was(NamedTuple):
    """The facts of a video as it was listed at the cut."""

    facts: list[int]
    """As `_FACTS`."""
    vector: bytes


@dataclass(frozen=True, slots=True)
class Facts:
    """Some listed videos. Shapes: V."""

    video_ids: Int64s
    """(V,) ascending."""
    creators: Int64s
    published_at_ms: Int64s
    durations_ms: Int64s
    encoders: Int64s
    """Numbers that only these columns know."""
    vectors: list[bytes]
    """V content vectors, as published."""

    @property
    def sizes(self) -> Int64s:
        """(V,) bytes of each vector."""
        return _sizes(self.vectors)


@dataclass(frozen=True, slots=True)
class Few:
    """Listed videos that few were shown. Shapes: (F,) each, in no order."""

    video_ids: Int64s
    creators: Int64s
    published_at_ms: Int64s
    shown: Int64s
    long: Int64s


class Videos(Mapping[int, Video]):
    """All videos that the log knows of, by id."""

    def __init__(self) -> None:
        self._place_of: dict[int, int] = {}
        self._columns = {name: array("q") for name in _COLUMNS}
        self._vectors: list[bytes] = []
        self._encoders: list[str] = [""]
        self._was: dict[int, _Was | None] = {}
        """What moved since the cut: as it was then, None where it was not listed."""
        self._listed = self._listed_at_cut = 0
        self.version = self.cuts = 0
        """Count changes of the catalogue, and cuts, since the start of this object."""

    def __len__(self) -> int:
        return len(self._vectors)

    def __iter__(self) -> Iterator[int]:
        return iter(self._place_of)

    def __contains__(self, video: object) -> bool:
        return video in self._place_of

    def __getitem__(self, video: int) -> Video:
        place = self._place_of[video]
        creator, published, duration, encoder = (self._columns[name][place] for name in _FACTS)
        listed = bool(self._columns["listed"][place])
        counts = self.counts(video)
        return Video(creator, published, duration, self._encoders[encoder], self._vectors[place], listed, *counts)

    def add(self, video: int) -> int:
        """Its place, a new one where the log had not named it before."""
        place = self._place_of.get(video)
        if place is None:
            place = self._place_of[video] = len(self._vectors)
            for column in self._columns.values():
                column.append(0)
            self._columns["id"][place] = video
            self._vectors.append(b"")
        return place

    def duration_ms(self, video: int) -> int:
        """How long it is, 0 where the log does not say."""
        return self._columns["duration_ms"][self._place_of[video]]

    def counts(self, video: int) -> tuple[int, int, int, int]:
        """Viewers who were shown it, played it, watched it long, liked it."""
        place, columns = self._place_of[video], self._columns
        return columns["shown"][place], columns["played"][place], columns["long"][place], columns["liked"][place]

    def count(self, video: int, moved: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        """Moves these counts; returns what they are now."""
        place = self._place_of[video]
        for name, by in zip(_COUNTS, moved, strict=True):
            if by:
                self._columns[name][place] += by
        return self.counts(video)

    def publish(self, video: int, creator: int, at_ms: int, duration_ms: int, encoder: str, vector: bytes) -> None:
        """It is listed from here on; one that was published before keeps its time."""
        place, columns = self.add(video), self._columns
        self._move(video, place)
        self._listed += not columns["listed"][place]
        columns["listed"][place] = 1
        columns["creator"][place] = creator
        columns["published_at_ms"][place] = columns["published_at_ms"][place] or at_ms
        columns["duration_ms"][place] = duration_ms
        if encoder not in self._encoders:
            self._encoders.append(encoder)
        columns["encoder"][place] = self._encoders.index(encoder)
        self._vectors[place] = vector
        self._cut_where_due()

    def withdraw(self, video: int) -> None:
        """It is not listed any more."""
        place = self._place_of.get(video)
        if place is None:
            return
        self._move(video, place)
        self._listed -= self._columns["listed"][place]
        self._columns["listed"][place] = 0
        self._cut_where_due()

    def _move(self, video: int, place: int) -> None:
        self.version += 1
        if video not in self._was:
            columns = self._columns
            facts = [columns[name][place] for name in _FACTS]
            self._was[video] = _Was(facts, self._vectors[place]) if columns["listed"][place] else None

    def _cut_where_due(self) -> None:
        if BASE_SHARE * len(self._was) > self._listed_at_cut:
            self._was = {}
            self._listed_at_cut = self._listed
            self.cuts += 1

    def at_cut(self) -> Facts:
        """The catalogue as it was at the last cut."""
        columns = {name: np.array(self._columns[name], dtype=np.int64) for name in ("id", *_FACTS, "listed")}
        vectors = list(self._vectors)
        for video, was in self._was.items():
            place = self._place_of[video]
            columns["listed"][place] = was is not None
            if was is not None:
                for name, fact in zip(_FACTS, was.facts, strict=True):
                    columns[name][place] = fact
                vectors[place] = was.vector
        return _facts(columns, vectors, np.flatnonzero(columns["listed"]))

    def moved(self) -> tuple[Facts, Int64s]:
        """What moved since the last cut and is listed, and (G,) ascending ids of what was listed then, now no more."""
        columns = self._columns
        places = [self._place_of[video] for video in self._was]
        listed = np.array([place for place in places if columns["listed"][place]], dtype=np.int64)
        gone = [
            id_ for (id_, was), at in zip(self._was.items(), places, strict=True) if was and not columns["listed"][at]
        ]
        views = {name: np.frombuffer(columns[name], dtype=np.int64) for name in ("id", *_FACTS)}
        return _facts(views, self._vectors, listed), np.array(sorted(gone), dtype=np.int64)

    def shown_to_fewer_than(self, most: int) -> Few:
        """Listed videos that fewer viewers were shown."""
        views = {name: np.frombuffer(column, dtype=np.int64) for name, column in self._columns.items()}
        few = np.flatnonzero((views["listed"] > 0) & (views["shown"] < most))
        return Few(*(views[name][few] for name in ("id", "creator", "published_at_ms", "shown", "long")))

    def arrays(self) -> tuple[dict[str, npt.NDArray[Any]], dict[str, int | str]]:
        """Everything, as named arrays and single values: sorted, so that they say what is known, not how it came."""
        table = np.array([self._columns[name] for name in _COLUMNS], dtype=np.int64)
        order = np.argsort(table[0])
        vectors = [self._vectors[place] for place in order.tolist()]
        was = sorted(self._was.items())
        facts = [(id_, 1, *one.facts) if one else (id_, 0, 0, 0, 0, 0) for id_, one in was]
        moved = np.array(facts, dtype=np.int64).reshape(len(was), 6).T
        names = self._name_encoders(table[_ENCODER], moved[_WAS_ENCODER])
        were = [one.vector if one else b"" for _, one in was]
        arrays: dict[str, npt.NDArray[Any]] = {"videos": np.vstack([table[:, order], _sizes(vectors)])}
        arrays |= {"vectors": _joined(vectors), "moved": np.vstack([moved, _sizes(were)]), "were": _joined(were)}
        return arrays, {"encoders": "\n".join(names), "listed_at_cut": self._listed_at_cut}

    def _name_encoders(self, *columns: Int64s) -> list[str]:
        """Numbers them anew, in the order of the names of those that occur."""
        names = sorted({self._encoders[number] for column in columns for number in np.unique(column).tolist()} | {""})
        numbers = np.array([names.index(name) if name in names else 0 for name in self._encoders], dtype=np.int64)
        for column in columns:
            column[:] = numbers[column]
        return names

    @classmethod
    def of(cls, arrays: Mapping[str, npt.NDArray[Any]], about: Mapping[str, int | str]) -> Videos:
        """The inverse of `arrays`."""
        videos = cls()
        *columns, sizes = arrays["videos"]
        videos._columns = {name: array("q", column.tobytes()) for name, column in zip(_COLUMNS, columns, strict=True)}
        videos._place_of = {id_: place for place, id_ in enumerate(columns[0].tolist())}
        videos._vectors = _split(arrays["vectors"], sizes)
        videos._encoders = str(about["encoders"]).split("\n")
        videos._listed, videos._listed_at_cut = sum(videos._columns["listed"]), int(about["listed_at_cut"])
        for (id_, listed, *facts, _), vector in zip(
            arrays["moved"].T.tolist(), _split(arrays["were"], arrays["moved"][-1]), strict=True
        ):
            videos._was[id_] = _Was(facts, vector) if listed else None
        return videos


_ENCODER: Final = _COLUMNS.index("encoder")
_WAS_ENCODER: Final = 2 + _FACTS.index("encoder")


def _facts(columns: Mapping[str, Int64s], vectors: list[bytes], places: Int64s) -> Facts:
    ids: Int64s = columns["id"][places]
    places = places[np.argsort(ids)]
    creators, published, durations, encoders = (columns[name][places] for name in _FACTS)
    own = [vectors[place] for place in places.tolist()]
    return Facts(np.sort(ids), creators, published, durations, encoders, own)


def _sizes(vectors: list[bytes]) -> Int64s:
    return np.fromiter(map(len, vectors), dtype=np.int64, count=len(vectors))


def _joined(vectors: list[bytes]) -> npt.NDArray[np.uint8]:
    return np.frombuffer(b"".join(vectors), dtype=np.uint8)


def _split(joined: npt.NDArray[Any], sizes: Int64s) -> list[bytes]:
    raw, ends = joined.tobytes(), np.cumsum(sizes).tolist()
    return [raw[end - size : end] for size, end in zip(sizes.tolist(), ends, strict=True)]
