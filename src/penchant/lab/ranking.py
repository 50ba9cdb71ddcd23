"""Impression ranking: of what each viewer was shown in a window, which did they watch long.

GAUC is the area under the curve within each viewer, weighted by their long views, over viewers with both outcomes;
nDCG@5 is over all viewers, 0 where nothing was watched long; `primary` is their mean. The viewer's side is frozen at
the beginning of the window: what they did in it says what they will have done. The video's side goes on.

Two small networks, each trained within viewers (one watched long against others of the same viewer that were not):
the first on the folder's history, by what fits say; the second on the days before the window, by the first one's
score and the live columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from penchant.lab.dataset import Dataset, Events
from penchant.lab.metrics import Floats, group_auc, ndcg_of_group, rounded, standard_error
from penchant.lab.replay import Progress, impression, places_of, prepare
from penchant.taste import blend
from penchant.taste.blend import Float32s, Weights
from penchant.taste.engine import Engine
from penchant.taste.fixed import Int64s
from penchant.taste.parts import TABLE
from penchant.taste.trainer import BATCH, Adam

LENGTH: Final = 5
OTHERS: Final = 15
"""Not watched long, beside each that was."""
PASSES: Final = 4
_LASTING: Final = ("rows_short", "rows", "rows_lasting", "walk", "held", "newest", "duration", "duration_gap")
_LIVE: Final = (
    *("rows", "walk", "place", "place_short", "crowd", "crowd_long", "crowd_pure", "played_1d", "played_3d", "lift"),
    *("quality", "like_rate", "held", "newest", "creator", "tag", "duration", "duration_gap", "since_played"),
)
_WANTED: Final = frozenset((*_LASTING, *_LIVE))
_FLOORS: Final = {column.name: column.floor for column in TABLE}


@dataclass(frozen=True, slots=True)
class Ranking:
    """What came of one window."""

    models: dict[str, dict[str, float]]
    viewers: int
    impressions: int


@dataclass
class _Lists:
    """Rows of many viewers' impressions."""

    rows: list[Float32s]
    """Each (L, C)."""
    long: list[npt.NDArray[np.bool_]]


class _Scorer:
    """One network over standardised columns."""

    def __init__(self, lists: _Lists, seed: int, progress: Progress, words: str) -> None:
        both = [at for at, own in enumerate(lists.long) if 0 < own.sum() < len(own)]
        if not both:
            raise ValueError("no viewer has both outcomes")
        every = np.concatenate([lists.rows[at] for at in both])
        self._centre, self._spread = every.mean(axis=0), np.maximum(every.std(axis=0), 1e-3)
        size = every.shape[1]
        rng = np.random.default_rng(seed)
        self._weights = Weights(
            (rng.normal(size=(size, blend.HIDDEN)) / size**0.5).astype(np.float32),
            np.zeros(blend.HIDDEN, np.float32),
            (0.1 * rng.normal(size=blend.HIDDEN)).astype(np.float32),
            np.zeros(size, np.float32),
        )
        adam = Adam([array.shape for array in self._weights.arrays()])
        pairs = [(at, place) for at in both for place in np.flatnonzero(lists.long[at]).tolist()]
        steps = PASSES * (len(pairs) // BATCH)
        done = 0
        for _ in range(PASSES):
            order = rng.permutation(len(pairs))
            for start in range(0, len(order) - BATCH + 1, BATCH):
                drawn = [pairs[at] for at in order[start : start + BATCH].tolist()]
                seen = np.stack([self._example(lists, at, place, rng) for at, place in drawn])
                _, gradients = blend.loss_and_gradients(seen, np.zeros(BATCH, dtype=np.int64), self._weights)
                rate = 2e-3 * 0.5 * (1 + np.cos(np.pi * done / max(steps, 1)))
                self._weights = Weights(*adam.step(self._weights.arrays(), gradients, rate))
                done += 1
                if done % 100 == 0:
                    progress(words, done, steps)

    def _example(self, lists: _Lists, at: int, place: int, rng: np.random.Generator) -> Float32s:
        others = rng.choice(np.flatnonzero(~lists.long[at]), OTHERS)
        return self._seen(lists.rows[at][[place, *others]])

    def _seen(self, rows: Float32s) -> Float32s:
        seen: Float32s = np.clip((rows - self._centre) / self._spread, -6, 6).astype(np.float32)
        return seen

    def scores(self, rows: Float32s) -> Floats:
        logits, _ = blend.forward(self._seen(rows)[None], self._weights)
        scores: Floats = logits[0].astype(np.float64)
        return scores


def ranking(data: Dataset, events: Events, progress: Progress, *, start_ms: int, seed: int = 1) -> Ranking:
    """All models over the impressions from `start_ms` on."""
    engine = prepare(data)
    engine.fit()
    of_history = _of_history(data, engine, progress)
    # Without a history of what was shown the days before the window have to do.
    lasting = _Scorer(of_history, seed, progress, "learning from history") if of_history.rows else None
    before = events.between(None, start_ms)
    live = _Scorer(_of_days(data, before, engine, lasting, progress), seed, progress, "learning from days before")
    window = events.between(start_ms, None)
    engine.fit()
    rows: dict[int, list[Float32s]] = {}
    known: dict[int, list[Floats]] = {}
    long: dict[int, list[bool]] = {}
    places = places_of(data, window.videos)
    for number in range(len(window)):
        if number % 500 == 0:
            progress("window", number, len(window))
        viewer, at = int(window.viewers[number]), np.array([places[number]])
        of_lasting, of_live = _rows(engine, viewer, at, int(window.time_ms[number]), int(window.surfaces[number]))
        if lasting is not None:
            known.setdefault(viewer, []).append(lasting.scores(of_lasting))
        rows.setdefault(viewer, []).append(_with_score(lasting, of_lasting, of_live))
        long.setdefault(viewer, []).append(bool(window.long_views[number]))
        # The video's side goes on, the viewer's does not.
        engine.count(impression(window, number, int(places[number])))
    progress("window", len(window), len(window))
    groups = list(rows)
    labels = [np.array(long[viewer]) for viewer in groups]
    quality = 1 + _LIVE.index("quality")
    scored = {
        "penchant": [live.scores(np.concatenate(rows[viewer])) for viewer in groups],
        "quality": [np.concatenate(rows[viewer])[:, quality].astype(np.float64) for viewer in groups],
    }
    if known:
        scored["penchant-history"] = [np.concatenate(known[viewer]) for viewer in groups]
    return Ranking({name: _figures(scores, labels) for name, scores in scored.items()}, len(groups), len(window))


def _of_history(data: Dataset, engine: Engine, progress: Progress) -> _Lists:
    """What each viewer was shown, by what the fits say without the pair itself: rows and walks have no diagonal."""
    shown = data.history["shown"]
    places = places_of(data, shown.videos)
    starts = np.flatnonzero(np.diff(shown.viewers, prepend=-1))
    ends = np.append(starts[1:], len(places))[: len(starts)]
    lists = _Lists([], [])
    for number, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        if number % 200 == 0:
            progress("history", number, len(starts))
        viewer = int(shown.viewers[start])
        own = places[start:end]
        known = engine.profile(viewer).known
        long = np.array([place in known for place in own.tolist()], dtype=bool)
        if 0 < long.sum() < len(long):
            lists.rows.append(_rows(engine, viewer, own, 0, 0, long)[0])
            lists.long.append(long)
    return lists


def _of_days(data: Dataset, events: Events, engine: Engine, lasting: _Scorer | None, progress: Progress) -> _Lists:
    """What each viewer was shown in the days before the window, each with the state just before; lets the days in."""
    rows: dict[int, list[Float32s]] = {}
    long: dict[int, list[bool]] = {}
    places = places_of(data, events.videos)
    for number in range(len(events)):
        if number % 500 == 0:
            progress("days before", number, len(events))
        viewer, place = int(events.viewers[number]), int(places[number])
        of_lasting, of_live = _rows(
            engine, viewer, np.array([place]), int(events.time_ms[number]), int(events.surfaces[number])
        )
        rows.setdefault(viewer, []).append(_with_score(lasting, of_lasting, of_live))
        long.setdefault(viewer, []).append(bool(events.long_views[number]))
        engine.take(impression(events, number, place))
    return _Lists([np.concatenate(own) for own in rows.values()], [np.array(own) for own in long.values()])


def _rows(
    engine: Engine,
    viewer: int,
    places: Int64s,
    at_ms: int,
    surface: int,
    counted: npt.NDArray[np.bool_] | None = None,
) -> tuple[Float32s, Float32s]:
    """Columns of a viewer's impressions, the lasting and the live ones: (L, C) each.

    Args:
        counted: which of these pairs are long views that the fits and counters hold; each is taken out of its own row.
    """
    reading, _ = engine.read(viewer, surface, at_ms, _WANTED)
    own = np.zeros(len(places)) if counted is None else counted.astype(np.float64)
    met = 0 if counted is None else 1
    shown, long = engine.signals.shown[places] - met, engine.signals.long[places] - own
    everywhere = (int(engine.signals.long.sum()) + 1) / (int(engine.signals.shown.sum()) + 2)
    rate = np.log2((long + 10 * everywhere) / (shown + 10))
    corrected = {"held": engine.fits.held[places] - own, "newest": np.maximum(engine.fits.newest[places] - own, 0)}
    columns = {}
    for name in _WANTED:
        value = corrected.get(name, reading.values[name][places])
        floor = _FLOORS[name]
        columns[name] = np.log2(np.maximum(value, 0) + floor) if floor else value
    lasting = np.stack([rate, *(columns[name] for name in _LASTING)], axis=1)
    live = np.stack([columns[name] for name in _LIVE], axis=1)
    return lasting.astype(np.float32), live.astype(np.float32)


def _with_score(lasting: _Scorer | None, of_lasting: Float32s, of_live: Float32s) -> Float32s:
    score = np.zeros(len(of_live)) if lasting is None else lasting.scores(of_lasting)
    return np.concatenate([score[:, None].astype(np.float32), of_live], axis=1)


def _figures(scores: Sequence[Floats], labels: Sequence[npt.NDArray[np.bool_]]) -> dict[str, float]:
    areas = [(group_auc(own, long), int(long.sum())) for own, long in zip(scores, labels, strict=True)]
    kept = [(area, weight) for area, weight in areas if not np.isnan(area)]
    values, weights = (np.array([entry[place] for entry in kept], dtype=np.float64) for place in (0, 1))
    gauc = float((values * weights).sum() / max(weights.sum(), 1))
    # The error of a weighted mean, by its terms.
    gauc_se = float(np.sqrt((weights**2 * (values - gauc) ** 2).sum()) / max(weights.sum(), 1))
    gains = np.array([ndcg_of_group(own, long, LENGTH) for own, long in zip(scores, labels, strict=True)])
    gains_se = standard_error(gains)
    return {
        "gauc": rounded(gauc),
        "gauc_se": rounded(gauc_se),
        f"ndcg_at_{LENGTH}": rounded(gains.mean()),
        f"ndcg_at_{LENGTH}_se": rounded(gains_se),
        "primary": rounded((gauc + gains.mean()) / 2),
        "primary_se": rounded(np.hypot(gauc_se, gains_se) / 2),
    }
