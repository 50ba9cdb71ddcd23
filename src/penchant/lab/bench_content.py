"""How well new clips are ranked by their content alone, for people who like clips of one kind, and what a clip costs.

Somebody has played a few clips of their kind and left as many of others. All other clips are new: nobody has played
them. They are ranked by the column `content` of a page (`lab.cold.by_content`), and ought to begin with the kind.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from penchant.lab.cold import by_content, comparable_of
from penchant.lab.metrics import Floats
from penchant.media.encoder import FRAME_SIDE, GROUPS, SOUND_RATE, VIEW_SIDE, VIEWS, Clip, ClipEncoder
from penchant.taste.fixed import Int64s

PAST: Final = 4
"""Clips that were played, and as many that were left."""
PEOPLE: Final = 20
"""For each kind."""
FIRST: Final = 10

Tell = Callable[[str, int, int], None]


class Ranking(msgspec.Struct, frozen=True):
    """New clips ranked by some of the vector."""

    by: str
    auc: float
    """Chance that a new clip of the kind stands before one of another; 0.5 knows nothing."""
    auc_se: float
    first: float
    """Share of the first `FIRST` that are of the kind."""
    first_se: float


class Report(msgspec.Struct, frozen=True):
    """What was found; errors over people."""

    clips: int
    kinds: int
    people: int
    chance: float
    """Share of new clips that are of the kind."""
    rankings: list[Ranking]
    encode_ms: float
    """Processor time of one clip of 8 s, median; and of it, all but the learned network."""
    encode_without_network_ms: float


def measure(vectors: npt.NDArray[np.int8], kinds: Sequence[str], seed: int, tell: Tell) -> Report:
    """(V, D) vectors of V clips of named kinds, by `ClipEncoder`."""
    names = sorted(set(kinds))
    kind_of = np.array([names.index(kind) for kind in kinds])
    people = list(_people(kind_of, len(names), seed))
    rankings = []
    parts = list(_parts(vectors.astype(np.float32)))
    for number, (by, part) in enumerate(parts):
        tell("ranking", number, len(parts))
        comparable = comparable_of(part)
        found = [
            _ranked(by_content(comparable, liked, new, left), kind_of[new] == kind) for kind, liked, left, new in people
        ]
        auc, first = np.array(found).T
        rankings.append(Ranking(by, *_mean(auc), *_mean(first)))
    share = float(np.mean([(kind_of[new] == kind).mean() for kind, _, _, new in people]))
    return Report(len(vectors), len(names), len(people), round(share, 4), rankings, *_costs(seed))


def _people(kind_of: Int64s, kinds: int, seed: int) -> Iterator[tuple[int, Int64s, Int64s, Int64s]]:
    """A kind, what was played of it, what was left of others, and the rest."""
    rng = np.random.default_rng((seed, 3))
    for kind in range(kinds):
        own, others = np.flatnonzero(kind_of == kind), np.flatnonzero(kind_of != kind)
        for _ in range(PEOPLE):
            liked, left = rng.choice(own, PAST, replace=False), rng.choice(others, PAST, replace=False)
            yield kind, liked, left, np.setdiff1d(np.arange(len(kind_of)), np.concatenate([liked, left]))


def _parts(vectors: npt.NDArray[np.float32]) -> Iterator[tuple[str, npt.NDArray[np.float32]]]:
    yield "nothing", np.zeros((len(vectors), 1), np.float32)
    yield "everything", vectors
    starts = np.cumsum([0, *(group.size for group in GROUPS)])
    for group, start in zip(GROUPS, starts, strict=False):
        yield f"{group.name} alone", vectors[:, start : start + group.size]
    for group, start in zip(GROUPS, starts, strict=False):
        yield f"all but {group.name}", np.delete(vectors, np.s_[start : start + group.size], axis=1)


def _ranked(scores: Floats, right: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Equal scores share their places."""
    better = (scores[right][:, None] > scores[~right]).mean()
    equal = (scores[right][:, None] == scores[~right]).mean()
    first = min(FIRST, len(scores))
    edge = np.sort(scores)[-first]
    above, at = scores > edge, scores == edge
    share = (first - above.sum()) / at.sum()
    return float(better + equal / 2), float((right[above].sum() + share * right[at].sum()) / first)


def _mean(values: Floats) -> tuple[float, float]:
    return round(float(values.mean()), 4), round(float(values.std(ddof=1) / np.sqrt(len(values))), 4)


def _costs(seed: int) -> tuple[float, float]:
    rng = np.random.default_rng((seed, 4))
    frames = rng.integers(0, 256, (64, FRAME_SIDE, FRAME_SIDE, 3), dtype=np.uint8)
    views = rng.integers(0, 256, (VIEWS, VIEW_SIDE, VIEW_SIDE, 3), dtype=np.uint8)
    sound = rng.normal(0, 0.1, 8 * SOUND_RATE).astype(np.float32)
    whole = Clip(frames, np.arange(64) / 8, sound, views, "a title of some words", ("tag",))
    encoder = ClipEncoder()
    found = []
    for clip in (whole, whole._replace(views=views[:0])):
        encoder.encode(clip)
        times = []
        for _ in range(7):
            began = time.process_time()
            encoder.encode(clip)
            times.append(time.process_time() - began)
        found.append(round(1000 * float(np.median(times)), 1))
    return found[0], found[1]
