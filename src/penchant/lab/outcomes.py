"""The heads in a replay: they learn from every impression, are held against it first, and weigh the order as live."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

import numpy as np
import numpy.typing as npt

from penchant.lab.dataset import Events
from penchant.lab.metrics import group_auc, rounded
from penchant.taste.blend import Float32s
from penchant.taste.context import CONTEXT
from penchant.taste.engine import Engine, Page, Ranker
from penchant.taste.fixed import Int64s
from penchant.taste.head_trainer import HeadTrainer
from penchant.taste.heads import CHANCE_BITS, HEADS
from penchant.taste.labels import Outcome, outcome
from penchant.taste.values import Values, standard_values
from penchant.taste.watch_times import WatchTimes

_NOBODY: Final = UUID(int=0)
"""Nothing is amended here: all that became of an impression stands in its row."""


@dataclass
class Outcomes:
    """Heads of one ranker's columns, and what they said of each measured impression."""

    name: str
    """Under which the ranker's order, with what videos are worth, is reported."""
    ranker: Ranker
    values: Values = field(default_factory=standard_values)
    said: list[npt.NDArray[np.int64]] = field(default_factory=list)
    """(N,) chances in Q24 of each measured impression, before it was learned."""
    became: list[Float32s] = field(default_factory=list)
    """(N,) its labels."""

    def __post_init__(self) -> None:
        self._trainer = HeadTrainer(len(self.ranker.recipe.columns), CONTEXT)
        self._times = WatchTimes()

    @property
    def unweighed(self) -> str:
        """Under which the order by long views alone is reported."""
        return f"{self.name}-long-views"

    def weigh(self, page: Page) -> tuple[Page, Int64s]:
        """The page as it is served, and what other outcomes than long views added to its scores: (K,) Q16."""
        heads = self._trainer.heads()
        if heads is None:
            return page, np.zeros(len(page.places), dtype=np.int64)
        worth = self.values.worth(heads.chances(page.rows, page.context))
        return replace(page, scores=page.scores + worth), worth

    def take(self, engine: Engine, events: Events, number: int, place: int, *, measured: bool) -> None:
        """An impression, with the state just before it."""
        scale = self.ranker.trainer.stages().scale
        if scale is None:
            return
        viewer, surface, at_ms = (int(column[number]) for column in (events.viewers, events.surfaces, events.time_ms))
        reading, context = engine.read(viewer, surface, at_ms, self.ranker.wanted, np.array([place]))
        row = reading.rows(np.array([0]), self.ranker.recipe.columns)
        labels = self._labels(events, number)
        heads = self._trainer.heads()
        if measured and heads is not None:
            self.said.append(heads.chances(row, context)[0])
            self.became.append(labels)
        self._trainer.learn((_NOBODY, number), row[0], context, labels, scale)

    def figures(self) -> dict[str, dict[str, float]]:
        """Of each head: mean label, mean chance, AUC over all impressions, expected calibration error."""
        if not self.said:
            return {}
        said, became = np.array(self.said) / (1 << CHANCE_BITS), np.array(self.became, dtype=np.float64)
        errors = self._trainer.calibration.error()
        figures = {}
        for place, head in enumerate(HEADS):
            known = np.isfinite(became[:, place])
            chances, labels = said[known, place], became[known, place]
            middle = np.median(labels) if head == "watch" else 0.5
            figures[head] = {
                "rate": rounded(labels.mean()),
                "chance": rounded(chances.mean()),
                "auc": rounded(group_auc(chances, labels > middle)),
                "calibration_error": rounded(errors[place]),
            }
        return figures

    def _labels(self, events: Events, number: int) -> Float32s:
        watched_ms, duration_ms = int(events.watch_ms[number]), int(events.duration_ms[number])
        share = self._times.add(watched_ms, duration_ms)
        known = {
            "long": events.long_views[number],
            "watch": np.nan if share is None else share,
            "like": events.likes[number],
            "share": events.shares[number],
            "follow": events.follows[number],
            "skip": outcome(watched_ms, duration_ms) is Outcome.SKIPPED and not events.long_views[number],
            "dislike": events.refusals[number],
        }
        return np.array([float(known[head]) for head in HEADS], dtype=np.float32)
