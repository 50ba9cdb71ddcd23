"""Impression ranking: of what each viewer was shown in a window, which did they watch long.

GAUC is the area under the curve within each viewer, weighted by their long views, over viewers with both outcomes;
nDCG@5 is over all viewers, 0 where nothing was watched long; `primary` is their mean. The viewer's side is frozen at
the beginning of the window: what they did in it says what they will have done. The video's side goes on.

The recipe is its own, not that of the feed: what was shown is given, so what brings candidates has nothing to say.
Strengths are fitted within the lists of the folder's history; a few small networks are then trained within viewers on
the days before, cut into windows as long as the measured one with the viewer's side frozen at the beginning of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from penchant.lab.dataset import Dataset, Events
from penchant.lab.impressions import COLUMNS, Impressions
from penchant.lab.metrics import Floats, group_auc, ndcg_of_group, rounded, standard_error
from penchant.lab.replay import Progress
from penchant.taste import blend
from penchant.taste.blend import Float32s, Weights
from penchant.taste.fixed import Int64s
from penchant.taste.trainer import Adam

LENGTH: Final = 5
HIDDEN: Final = 16
NETWORKS: Final = 5
"""Trained from different beginnings; the score is their mean."""
PASSES: Final = 12
VIEWERS: Final = 256
"""In a step."""
AT_MOST: Final = 60
"""Impressions of a viewer in a step; of more, so many are drawn."""
RATE: Final = 2e-3
_CUT: Final = 5.0
"""Standard deviations beyond which a column says no more."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """What came of one window."""

    models: dict[str, dict[str, float]]
    viewers: int
    impressions: int


@dataclass(frozen=True, slots=True)
class Lists:
    """The N impressions of some viewers, each viewer's in one window side by side."""

    rows: Float32s
    """(N, C)"""
    long: npt.NDArray[np.bool_]
    """(N,)"""
    starts: Int64s
    """(G + 1,) where each viewer's begin."""

    @classmethod
    def of(cls, rows: Float32s, long: npt.NDArray[np.bool_], viewers: Int64s, windows: Int64s) -> Lists:
        """From impressions in any order."""
        order = np.lexsort((viewers, windows))
        changes = (np.diff(viewers[order], prepend=-1) != 0) | (np.diff(windows[order], prepend=-1) != 0)
        return cls(rows[order], long[order], np.append(np.flatnonzero(changes), len(order)))

    def both(self) -> list[Int64s]:
        """Places of each list in which something was watched long and something was not."""
        found = [np.arange(start, end) for start, end in zip(self.starts[:-1], self.starts[1:], strict=True)]
        return [places for places in found if 0 < self.long[places].sum() < len(places)]


def loss_and_gradients(
    seen: Float32s, long: Float32s, lists: Int64s, weights: Weights
) -> tuple[float, tuple[Float32s, ...]]:
    """Mean over lists of -log softmax, summed over what was watched long, and its gradients as `Weights.arrays`.

    Source: Cao et al. 2007, "Learning to rank: from pairwise approach to listwise approach", ListNet, equation 2.

    Args:
        seen: (N, I).
        long: (N,) 1 or 0.
        lists: (N,) the number of each one's list, ascending from 0 on.
    """
    logits, raised = blend.forward(seen[None], weights)
    starts = np.flatnonzero(np.diff(lists, prepend=-1))
    odds = np.exp(logits[0] - np.maximum.reduceat(logits[0], starts)[lists])
    chances = odds / np.add.reduceat(odds, starts)[lists]
    loss = -float((long * np.log(chances + 1e-12)).sum()) / len(starts)
    push = ((chances * np.add.reduceat(long, starts)[lists] - long) / np.float32(len(starts))).astype(np.float32)
    back = (push[:, None] * weights.out) * (raised[0] > 0)
    return loss, (seen.T @ back, back.sum(axis=0), np.maximum(raised[0], 0).T @ push, seen.T @ push)


class Scorer:
    """A network over standardised columns."""

    def __init__(self, lists: Lists, seed: int, progress: Progress, words: str) -> None:
        """Raises ValueError where no viewer has both outcomes."""
        both = lists.both()
        if not both:
            raise ValueError("no viewer has both outcomes")
        every = lists.rows[np.concatenate(both)]
        self._centre, self._spread = every.mean(axis=0), np.maximum(every.std(axis=0), 1e-3)
        size = every.shape[1]
        rng = np.random.default_rng(seed)
        self._weights = Weights(
            (rng.normal(size=(size, HIDDEN)) / size**0.5).astype(np.float32),
            np.zeros(HIDDEN, np.float32),
            (0.1 * rng.normal(size=HIDDEN)).astype(np.float32),
            np.zeros(size, np.float32),
        )
        adam = Adam([array.shape for array in self._weights.arrays()])
        per_pass = -(-len(both) // VIEWERS)
        for done in range(PASSES * per_pass):
            if done % per_pass == 0:
                progress(words, done, PASSES * per_pass)
                order = rng.permutation(len(both))
            drawn = [both[at] for at in order[done % per_pass * VIEWERS :][:VIEWERS].tolist()]
            drawn = [own if len(own) <= AT_MOST else rng.choice(own, AT_MOST, replace=False) for own in drawn]
            numbers = np.repeat(np.arange(len(drawn)), [len(own) for own in drawn])
            places = np.concatenate(drawn)
            seen, long = self._seen(lists.rows[places]), lists.long[places].astype(np.float32)
            _, gradients = loss_and_gradients(seen, long, numbers, self._weights)
            rate = RATE * 0.5 * (1 + np.cos(np.pi * done / (PASSES * per_pass)))
            self._weights = Weights(*adam.step(self._weights.arrays(), gradients, rate))

    def scores(self, rows: Float32s) -> Floats:
        """(N, C) → (N,), larger is better."""
        logits, _ = blend.forward(self._seen(rows)[None], self._weights)
        scores: Floats = logits[0].astype(np.float64)
        return scores

    def _seen(self, rows: Float32s) -> Float32s:
        seen: Float32s = np.clip((rows - self._centre) / self._spread, -_CUT, _CUT).astype(np.float32)
        return seen


def ranking(data: Dataset, events: Events, progress: Progress, *, start_ms: int, seed: int = 1) -> Ranking:
    """All models over the impressions from `start_ms` on.

    Raises:
        ValueError: before it no viewer has both outcomes.
    """
    windows = _windows(events, start_ms)
    progress("strengths within the lists of the history", 0, 1)
    side = Impressions(data)
    rows = side.rows(events, windows, progress)
    measured = windows == windows.max(initial=0)
    before = Lists.of(rows[~measured], events.long_views[~measured], events.viewers[~measured], windows[~measured])
    scorers = [
        Scorer(before, seed + 1_000 * number, progress, f"network {number + 1} of {NETWORKS}")
        for number in range(NETWORKS)
    ]
    after = Lists.of(rows[measured], events.long_views[measured], events.viewers[measured], windows[measured])
    scored = {
        "penchant": np.mean([scorer.scores(after.rows) for scorer in scorers], axis=0),
        "quality": after.rows[:, COLUMNS.index("rate")].astype(np.float64),
        "penchant-history": after.rows[:, COLUMNS.index("strength")].astype(np.float64),
    }
    cuts = after.starts[1:-1]
    labels = np.split(after.long, cuts)
    models = {name: _figures(np.split(scores, cuts), labels) for name, scores in scored.items()}
    return Ranking(models, len(labels), int(measured.sum()))


def _windows(events: Events, start_ms: int) -> Int64s:
    """(E,) which window each event is in: as long as the measured one, the last, which begins at `start_ms`."""
    length_ms = max(int(events.time_ms[-1]) - start_ms + 1, 1) if len(events) else 1
    earlier = (start_ms - 1 - events.time_ms) // length_ms + 1
    earlier = np.maximum(earlier, 0)
    numbers: Int64s = earlier.max(initial=0) - earlier
    return numbers


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
