"""What a market loses that begins again without what was learned, and how soon it has it back.

At a moment the stream goes to four receivers, and all are asked the same: each long view after it by a viewer who had
a profile before, among all videos.

* `kept`: parameters and people's history went along (a licence allows it). A receiver that folds the handed-over log
  and page records anew has the same, once it is through (`penchant bench taste`: events a second).
* `untrained`: history went along, the blend's weights did not.
* `own_log`: nothing went along; it knows what happens from then on. Who has no profile there yet counts as missed.
"""

from __future__ import annotations

from dataclasses import replace as with_changes
from typing import Final

import msgspec
import numpy as np

from penchant.lab.dataset import Dataset, Events
from penchant.lab.metrics import Floats, hit
from penchant.lab.replay import Progress, Replay, prepare, replay
from penchant.taste.engine import Ranker
from penchant.taste.recipe import Recipe

KEPT: Final = "kept"
UNTRAINED: Final = "untrained"
OWN_LOG: Final = "own_log"
BUCKET_MS: Final = 12 * 3_600_000
_NEVER_MS: Final = 1 << 62


class Stretch(msgspec.Struct, frozen=True):
    """Half a day of targets."""

    from_hours: int
    """After the beginning."""
    targets: int
    hr_at_10: dict[str, float]
    standard_error: float
    """Of each, at most."""
    known_to_own_log: float
    """Share of the targets whose viewer has a profile in `own_log` by then."""


class FreshStart(msgspec.Struct, frozen=True):
    """Of all targets after the beginning, and of each half day."""

    measured_from_ms: int
    targets: int
    hr_at_10: dict[str, float]
    lost: dict[str, float]
    """Share of the quality of `kept` that a receiver has not, over all of it."""
    stretches: list[Stretch]


def fresh_start(data: Dataset, events: Events, start_ms: int, progress: Progress, seed: int = 1) -> FreshStart:
    """Runs the receivers over the events from `start_ms` on."""
    before, after = events.between(None, start_ms), events.between(start_ms, None)
    kept = Ranker(Recipe(), seed)
    engine = prepare(data)
    replay(data, before, {KEPT: kept}, progress, measure_from_ms=_NEVER_MS, engine=engine, baselines=False)
    both = replay(
        data, after, {KEPT: kept, UNTRAINED: Ranker(Recipe(), seed)}, progress, engine=engine, baselines=False
    )
    bare = with_changes(data, history={})
    alone = replay(bare, after, {OWN_LOG: Ranker(Recipe(), seed)}, progress, baselines=False)
    numbers = np.array(both.numbers)
    hits = {name: hit(np.array(both.models[name].ranks), 10) for name in (KEPT, UNTRAINED)}
    hits[OWN_LOG], known = _on_the_same(alone, numbers)
    means = {name: _mean(values) for name, values in hits.items()}
    return FreshStart(
        measured_from_ms=start_ms,
        targets=len(numbers),
        hr_at_10=means,
        lost={name: round(1 - mean / means[KEPT], 3) for name, mean in means.items() if name != KEPT},
        stretches=list(_stretches(after.time_ms[numbers] - start_ms, hits, known)),
    )


def _on_the_same(alone: Replay, numbers: np.ndarray) -> tuple[Floats, Floats]:
    """Hits of the receiver with nothing, on the targets of the others; and which of them it was asked at all."""
    own = dict(zip(alone.numbers, hit(np.array(alone.models[OWN_LOG].ranks), 10).tolist(), strict=True))
    asked = numbers.tolist()
    hits = np.array([own.get(number, 0.0) for number in asked])
    return hits, np.array([number in own for number in asked], dtype=np.float64)


def _stretches(after_ms: np.ndarray, hits: dict[str, Floats], known: Floats) -> list[Stretch]:
    found = []
    for number in range(int(after_ms.max(initial=0)) // BUCKET_MS + 1):
        own = after_ms // BUCKET_MS == number
        if not own.any():
            continue
        errors = [float(values[own].std()) / float(np.sqrt(own.sum())) for values in hits.values()]
        found.append(
            Stretch(
                number * BUCKET_MS // 3_600_000,
                int(own.sum()),
                {name: _mean(values[own]) for name, values in hits.items()},
                round(max(errors), 4),
                round(float(known[own].mean()), 3),
            )
        )
    return found


def _mean(values: Floats) -> float:
    return round(float(values.mean()), 4) if len(values) else 0.0
