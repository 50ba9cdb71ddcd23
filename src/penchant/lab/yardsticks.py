"""Models by their authors' packages on the very split of the evaluation: what they are told, and how they are measured.

They run elsewhere (`tools/yardsticks`), since their packages are no dependency of ours. What they may know goes there
as plain arrays: who watched what long and, for each question, what its viewer had watched by then. Neither targets nor
what is masked are told. A score for every video comes back, and is measured here, by the same code as our own.

A model learns at the beginning of the measured window and again every `REFIT_HOURS`; what a viewer watched since is
told with each question, for models that can use it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from penchant.lab.dataset import DataRefused, Dataset, Events
from penchant.lab.evaluate import figures
from penchant.lab.metrics import Lists, mean_with_error
from penchant.lab.replay import Progress, Result, measure_baseline, places_of, tag_numbers
from penchant.lab.topk import LENGTH, at_k
from penchant.taste.fixed import Int64s

Settings = Mapping[str, float | int | str]
Fitter = Callable[[str, Settings, Path, Path], Mapping[str, str]]
"""(model, settings, folder of a split, file for the scores) → versions of what was used; raises if it fails."""

GRID: Final[Mapping[str, Sequence[Settings]]] = {
    "als": (
        {"factors": 64, "regularization": 0.05, "alpha": 1.0},
        {"factors": 128, "regularization": 0.05, "alpha": 1.0},
        {"factors": 128, "regularization": 0.05, "alpha": 5.0},
        {"factors": 128, "regularization": 0.05, "alpha": 20.0},
    ),
    "bpr": (
        {"factors": 64, "learning_rate": 0.05, "iterations": 100},
        {"factors": 128, "learning_rate": 0.05, "iterations": 200},
    ),
    "item_knn": (
        {"likeness": "cosine", "neighbours": 200},
        {"likeness": "tfidf", "neighbours": 200},
        {"likeness": "bm25", "neighbours": 200},
    ),
    "sasrec": ({"factors": 64, "blocks": 2, "heads": 2, "length": 32, "batch": 64, "rate": 0.001},),
}
"""Settings from which the inner window chooses; those of the sequence model are its paper's, it stops by itself."""
REFIT_HOURS: Final = 12
INNER_DAYS: Final = 2
INNER_EVERY: Final = 4
"""Of the inner window every so many targets are looked at: enough to choose by, a quarter of the time."""
_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 24 * _HOUR_MS


@dataclass
class Split:
    """I interactions and Q questions. Viewers are numbers from 0 on, videos places of the catalogue."""

    videos: int
    interactions: list[tuple[int, int, int]] = field(default_factory=list)
    """(viewer, place, stage) in their order: fits of this stage and of later ones may know it."""
    viewers: list[int] = field(default_factory=list)
    """(Q,) who asks."""
    stages: list[int] = field(default_factory=list)
    """(Q,) which fit answers."""
    profiles: list[list[int]] = field(default_factory=list)
    """(Q,) what was watched long by then, the oldest first."""
    masked: list[Int64s] = field(default_factory=list)
    """(Q,) not told: what may not be in the list."""
    targets: list[list[int]] = field(default_factory=list)
    """(Q,) not told."""

    def ask(self, viewer: int, stage: int, profile: Sequence[int], masked: Int64s, targets: list[int]) -> None:
        """One more question."""
        self.viewers.append(viewer)
        self.stages.append(stage)
        self.profiles.append(list(profile))
        self.masked.append(masked)
        self.targets.append(targets)

    def every(self, step: int) -> Split:
        """The same with every so many questions."""
        kept = {name: getattr(self, name)[::step] for name in ("viewers", "stages", "profiles", "masked", "targets")}
        return replace(self, **kept)

    def write(self, folder: Path) -> None:
        """What a model is told, as `.npy` files."""
        told = np.array(self.interactions, dtype=np.int64).reshape(-1, 3)
        lengths = [len(profile) for profile in self.profiles]
        arrays = {
            "interaction_viewers": told[:, 0],
            "interaction_places": told[:, 1],
            "interaction_stages": told[:, 2],
            "question_viewers": self.viewers,
            "question_stages": self.stages,
            "profile_starts": np.concatenate([[0], np.cumsum(lengths)]),
            "profile_places": [place for profile in self.profiles for place in profile],
            "videos": [self.videos],
        }
        for name, values in arrays.items():
            np.save(folder / f"{name}.npy", np.asarray(values, dtype=np.int64))


@dataclass
class _Known:
    long: list[int] = field(default_factory=list)
    known: set[int] = field(default_factory=set)
    seen: set[int] = field(default_factory=set)


def stream_splits(data: Dataset, events: Events, start_ms: int, refit_hours: int = REFIT_HOURS) -> dict[str, Split]:
    """`replay` and `temporal` as the protocols of these names have them: targets, masks, profiles."""
    viewers = _Viewers()
    size = len(data.videos.ids)
    stream = Split(size)
    for kind, pairs in data.history.items():
        for viewer, place in zip(pairs.viewers.tolist(), places_of(data, pairs.videos).tolist(), strict=True):
            own = viewers.of(viewer)
            own.seen.add(place)
            if kind == "long_view" and place not in own.known:
                own.known.add(place)
                own.long.append(place)
                stream.interactions.append((viewers.number(viewer), place, 0))
    split = Split(size, stream.interactions)
    asked: set[int] = set()
    frozen: dict[int, _Known] = {}
    for viewer, place, at_ms, long in zip(
        events.viewers.tolist(),
        places_of(data, events.videos).tolist(),
        events.time_ms.tolist(),
        events.long_views.tolist(),
        strict=True,
    ):
        own, number = viewers.of(viewer), viewers.number(viewer)
        measured = at_ms >= start_ms
        stage = (at_ms - start_ms) // (refit_hours * _HOUR_MS) if measured else -1
        if measured and viewer not in frozen:
            frozen[viewer] = _Known(own.long.copy(), own.known.copy())
        if measured and long and own.long and place not in own.known:
            stream.ask(number, stage, own.long, _array(own.seen), [place])
        if measured and long and viewer not in asked and frozen[viewer].long and place not in frozen[viewer].known:
            asked.add(viewer)
            split.ask(number, 0, frozen[viewer].long, _array(frozen[viewer].known), [place])
        own.seen.add(place)
        if long and place not in own.known:
            own.known.add(place)
            own.long.append(place)
            stream.interactions.append((number, place, stage + 1))
    return {"replay": stream, "temporal": split}


def pair_splits(data: Dataset) -> dict[str, Split]:
    """`inner`: the last pair of each viewer of train is asked for; `topk`: those of validation, or of test.

    Undated pairs are told in an order drawn anew. That of the file may say what is asked for: on the TikTok data it is
    that of the ids, and what is asked for has the largest.
    """
    asked = data.test if len(data.test) else data.validation
    train: dict[int, list[int]] = {}
    wanted: dict[int, list[int]] = {}
    for pairs, places in ((data.train, train), (asked, wanted)):
        for viewer, place in zip(pairs.viewers.tolist(), places_of(data, pairs.videos).tolist(), strict=True):
            if place not in (own := places.setdefault(viewer, [])):
                own.append(place)
    numbers = {viewer: number for number, viewer in enumerate(dict.fromkeys([*train, *wanted]))}
    size = len(data.videos.ids)
    inner, outer = Split(size), Split(size)
    rng = np.random.default_rng(31)
    for viewer, own in train.items():
        drawn: list[int] = rng.permutation(own).tolist()
        outer.interactions += [(numbers[viewer], place, 0) for place in drawn]
        kept = [place for place in drawn if place != own[-1] or len(own) == 1]
        inner.interactions += [(numbers[viewer], place, 0) for place in kept]
        if len(own) > 1:
            inner.ask(numbers[viewer], 0, kept, _array(kept), own[-1:])
        train[viewer] = drawn
    for viewer, targets in wanted.items():
        own = train.get(viewer, [])
        outer.ask(numbers[viewer], 0, own, _array(own), targets)
    return {"inner": inner, "topk": outer}


def _joined(splits: Sequence[Split]) -> Split:
    whole = Split(splits[0].videos, splits[0].interactions)
    for split in splits:
        for name in ("viewers", "stages", "profiles", "masked", "targets"):
            getattr(whole, name).extend(getattr(split, name))
    return whole


def measured(data: Dataset, split: Split, scores: npt.NDArray[np.float32], protocol: str) -> dict[str, float]:
    """By the metrics of the evaluation, from (Q, V) scores."""
    if scores.shape != (len(split.viewers), split.videos):
        raise DataRefused(f"scores of the shape {scores.shape}, not {(len(split.viewers), split.videos)}")
    if protocol == "topk":
        pairs = np.array([_recall_and_gain(*one) for one in _each(split, scores)])
        named = zip((f"recall_at_{LENGTH}", f"ndcg_at_{LENGTH}"), pairs.T, strict=True)
        return {name: value for one, values in named for name, value in mean_with_error(one, values).items()}
    result, tags = Result(Lists(split.videos)), tag_numbers(data)
    for own, allowed, targets in _each(split, scores):
        measure_baseline(result, own, allowed, targets[0], tags)
    return figures(result)


def _each(split: Split, scores: npt.NDArray[np.float32]) -> Iterator[tuple[npt.NDArray[Any], Any, list[int]]]:
    for number, (masked, targets) in enumerate(zip(split.masked, split.targets, strict=True)):
        own = scores[number].astype(np.float64)
        if not np.isfinite(own).all():
            raise DataRefused(f"question {number}: a score is not a number")
        allowed = np.ones(split.videos, dtype=bool)
        allowed[masked] = False
        yield own, allowed, targets


def _recall_and_gain(scores: npt.NDArray[Any], allowed: npt.NDArray[np.bool_], targets: list[int]) -> Sequence[float]:
    relevant = np.zeros(len(scores), dtype=bool)
    relevant[targets] = True
    return at_k(np.where(allowed, scores, -np.inf), relevant, len(targets))


def compare(
    data: Dataset, events: Events, start_ms: int, models: Sequence[str], fit: Fitter, progress: Progress
) -> dict[str, Any]:
    """Chooses each model's settings on the inner window, then measures it on every protocol that the data is for."""
    if len(data.train):
        splits = pair_splits(data)
        inner = splits.pop("inner")
        kind, by = "topk", f"recall_at_{LENGTH}"
    else:
        splits = stream_splits(data, events, start_ms)
        until = events.between(None, start_ms)
        inner = stream_splits(data, until, start_ms - INNER_DAYS * _DAY_MS, 24 * INNER_DAYS)["replay"]
        kind, by = "replay", "hr_at_10"
    inner = inner.every(INNER_EVERY)
    if empty := [name for name, split in {"inner window": inner, **splits}.items() if not split.viewers]:
        raise DataRefused(f"{data.name}: no target in the {empty[0]}")
    found: dict[str, dict[str, Any]] = {protocol: {} for protocol in splits}
    tried: dict[str, list[dict[str, Any]]] = {}
    versions: dict[str, str] = {}

    def figures_of(model: str, settings: Settings, asked: Mapping[str, Split]) -> dict[str, dict[str, float]]:
        """Splits that share their interactions are asked together: one fit answers all."""
        with tempfile.TemporaryDirectory(prefix="penchant-yardsticks-") as folder:
            joined = _joined(list(asked.values()))
            joined.write(Path(folder))
            answer = Path(folder) / "scores.npy"
            versions.update(fit(model, settings, Path(folder), answer))
            scores = np.load(answer, mmap_mode="r", allow_pickle=False)
            if scores.shape != (len(joined.viewers), joined.videos):
                raise DataRefused(f"scores of the shape {scores.shape}, not {(len(joined.viewers), joined.videos)}")
            ends = np.cumsum([len(split.viewers) for split in asked.values()])
            parts = np.split(scores, ends[:-1])
            return {
                name: measured(data, split, part, name)
                for (name, split), part in zip(asked.items(), parts, strict=True)
            }

    for model in models:
        best, tried[model] = GRID[model][0], []
        # With one choice there is nothing to choose.
        for settings in GRID[model] if len(GRID[model]) > 1 else ():
            progress(f"{model} on the inner window", len(tried[model]), len(GRID[model]))
            figure = figures_of(model, settings, {kind: inner})[kind][by]
            if figure > max((one[by] for one in tried[model]), default=-1.0):
                best = settings
            tried[model].append({"settings": dict(settings), by: figure})
        progress(f"{model}: {' and '.join(splits)}", 0, 1)
        for protocol, figures_here in figures_of(model, best, splits).items():
            found[protocol][model] = {**figures_here, "settings": dict(best)}
    return {
        "targets": {name: len(split.viewers) for name, split in splits.items()},
        "refit_hours": REFIT_HOURS,
        "protocols": found,
        "tried": tried,
        "packages": versions,
    }


class _Viewers:
    """Numbers for the data's ids, and what each has watched."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        self._known: list[_Known] = []

    def number(self, viewer: int) -> int:
        if viewer not in self._numbers:
            self._numbers[viewer] = len(self._known)
            self._known.append(_Known())
        return self._numbers[viewer]

    def of(self, viewer: int) -> _Known:
        return self._known[self.number(viewer)]


def _array(places: Sequence[int] | set[int]) -> Int64s:
    return np.array(sorted(places), dtype=np.int64)
