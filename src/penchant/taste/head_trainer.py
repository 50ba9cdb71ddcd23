"""Trains the heads on the stream: one example for each shown video, amended while it is kept.

As in `trainer`, everything is decided by the number of examples. A like that comes an hour later changes the label of
the example it belongs to; from then on it is replayed with the new one (Ktena et al. 2019, arXiv 1907.06558, section 3,
weigh late labels; here the first answer is simply taken back).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import numpy as np
import numpy.typing as npt

from penchant.taste.blend import INPUT_BITS, Float32s, Floats, Scale
from penchant.taste.fixed import Int64s
from penchant.taste.heads import HEADS, Heads, HeadWeights, forward, inputs_of, loss_and_gradients
from penchant.taste.ranker import Features
from penchant.taste.trainer import Adam, Halves, room

BATCH: Final = 32
REPLAYS: Final = 3
"""Batches drawn from the buffer beside each new one."""
BUFFER: Final = 20_000
READY: Final = 1_024
"""Examples before the heads count in pages."""
RATE: Final = 2e-3
RATE_AT_LEAST: Final = 3e-4
RATE_HALF_LIFE: Final = 16_000
BINS: Final = 12
"""Of predicted chances, to hold them against what happened: above a half, above a quarter, above an eighth …"""
FORGETS: Final = 1 / 2_000
"""Share by which what is held against each other gives way to each new example."""
_SEED: Final = 2

Key = tuple[UUID, int]
"""Subject and video: a viewer's first time with a video is one example."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was predicted of the last examples before they were learned, against what became of them. N heads."""

    count: Floats
    """(N, BINS) examples by predicted chance, of late."""
    predicted: Floats
    """(N, BINS) sums of their predicted chances."""
    observed: Floats
    """(N, BINS) sums of their labels."""

    def error(self) -> Floats:
        """(N,) expected calibration error: mean distance of predicted from observed, by how many are in a bin.

        Source: Naeini, Cooper, Hauskrecht 2015, "Obtaining well calibrated probabilities using Bayesian binning".
        """
        total = np.maximum(self.count.sum(axis=1), 1e-9)
        error: Floats = np.abs(self.predicted - self.observed).sum(axis=1) / total
        return error


class HeadTrainer:
    """Weights, and what is needed to go on from here."""

    def __init__(self, columns: int, context: int) -> None:
        self.weights = HeadWeights.new(columns + context, _SEED)
        self.examples = 0
        self._adam = Adam([array.shape for array in self.weights.arrays()])
        self._seen: Halves = np.zeros((0, columns + context), dtype=np.float16)
        self._labels: Halves = np.zeros((0, len(HEADS)), dtype=np.float16)
        self._keys: list[Key | None] = []
        self._place_of: dict[Key, int] = {}
        self._held = np.zeros((3, len(HEADS), BINS))
        self._scale: Scale | None = None
        self._heads: Heads | None = None

    def heads(self) -> Heads | None:
        """As they serve now; None before they are `READY`."""
        if self._heads is None and self._scale is not None and self.examples >= READY:
            self._heads = Heads(self._scale, self.weights)
        return self._heads

    @property
    def calibration(self) -> Calibration:
        """Of the last few thousand examples."""
        return Calibration(*self._held.copy())

    def learn(self, key: Key, row: Features, context: Int64s, labels: Float32s, scale: Scale) -> None:
        """Takes an example in; every `BATCH` examples a step is taken.

        Args:
            row: (C,) of the shown video.
            labels: (N,) within [0, 1]; not a number where nothing is known.
            scale: of the columns; the same each time.
        """
        self._scale = scale
        place = self.examples % BUFFER
        self._seen, self._labels = room(self._seen, place, BUFFER), room(self._labels, place, BUFFER)
        self._seen[place] = inputs_of(row[None], context, scale)[0] / (1 << INPUT_BITS)
        self._labels[place] = labels
        self._name(key, place)
        self.examples += 1
        if self.examples % BATCH == 0:
            self._step(np.arange(place - BATCH + 1, place + 1) % BUFFER)

    def amend(self, key: Key, head: int, label: float) -> bool:
        """Something came later; False where the example is not kept any more."""
        place = self._place_of.get(key)
        if place is None:
            return False
        self._labels[place, head] = label
        return True

    def knows(self, key: Key) -> bool:
        """Whether the example is kept."""
        return key in self._place_of

    def forget(self, subject: UUID) -> None:
        """No example is known as theirs any more; what was learned goes with the next rebuild."""
        for key in [key for key in self._place_of if key[0] == subject]:
            self._keys[self._place_of.pop(key)] = None

    def arrays(self) -> tuple[dict[str, npt.NDArray[Any]], dict[str, int]]:
        """Everything that is needed to go on from here, as named arrays and single numbers."""
        named = [(place, key) for place, key in enumerate(self._keys) if key is not None]
        count = min(self.examples, BUFFER)
        arrays: dict[str, npt.NDArray[Any]] = {
            "seen": self._seen[:count],
            "labels": self._labels[:count],
            "held": self._held,
            "subjects": np.frombuffer(b"".join(key[0].bytes for _, key in named), dtype=np.uint8).reshape(-1, 16),
            "keys": np.array([(place, key[1]) for place, key in named], dtype=np.int64).reshape(-1, 2),
        }
        if self._scale is not None:
            arrays |= {"centre_q16": self._scale.centre_q16, "spread_q16": self._scale.spread_q16}
        for name, values in (
            ("weights", self.weights.arrays()),
            ("adam_first", self._adam.first),
            ("adam_second", self._adam.second),
        ):
            arrays |= {f"{name}_{place}": value for place, value in enumerate(values)}
        return arrays, {"examples": self.examples, "steps": self._adam.steps}

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]], about: Mapping[str, int]) -> None:
        """The inverse of `arrays`, on one that was made alike."""
        own = {name: array.copy() for name, array in arrays.items()}

        def each(name: str) -> list[Float32s]:
            return [own[f"{name}_{place}"] for place in range(5)]

        self.weights = HeadWeights(*each("weights"))
        self._adam.first, self._adam.second, self._adam.steps = each("adam_first"), each("adam_second"), about["steps"]
        self._seen, self._labels, self._held = own["seen"], own["labels"], own["held"]
        self.examples = about["examples"]
        self._scale = Scale(own["centre_q16"], own["spread_q16"]) if "centre_q16" in own else None
        self._heads = None
        self._keys, self._place_of = [None] * min(self.examples, BUFFER), {}
        for raw, (place, video) in zip(own["subjects"], own["keys"].tolist(), strict=True):
            self._name((UUID(bytes=raw.tobytes()), video), place)

    def _name(self, key: Key, place: int) -> None:
        if place == len(self._keys):
            self._keys.append(None)
        if (before := self._keys[place]) is not None:
            del self._place_of[before]
        if (older := self._place_of.get(key)) is not None:
            self._keys[older] = None
        self._keys[place] = key
        self._place_of[key] = place

    def _step(self, new: npt.NDArray[np.intp]) -> None:
        self._hold(new)
        rate = max(RATE_AT_LEAST, RATE * 0.5 ** (self.examples / RATE_HALF_LIFE))
        rng = np.random.default_rng((_SEED, self.examples))
        filled = min(self.examples, BUFFER)
        for turn in range(REPLAYS + 1):
            drawn = rng.integers(0, filled, BATCH) if turn else new
            seen, labels = self._seen[drawn].astype(np.float32), self._labels[drawn].astype(np.float32)
            _, gradients = loss_and_gradients(seen, labels, self.weights)
            self.weights = HeadWeights(*self._adam.step(self.weights.arrays(), gradients, rate))
        self._heads = None

    def _hold(self, new: npt.NDArray[np.intp]) -> None:
        """What is predicted of a batch, before it is learned, goes beside what became of it."""
        if self._scale is None or self.examples < READY:
            return
        logits = forward(self._seen[new].astype(np.float32), self.weights)[0].astype(np.float64)
        chances, labels = 1 / (1 + np.exp(-logits)), self._labels[new].astype(np.float64)
        known = np.isfinite(labels)
        bins = np.minimum(-np.log2(np.maximum(chances, 1e-9)), BINS - 1).astype(np.int64)
        self._held *= (1 - FORGETS) ** len(new)
        for head in range(len(HEADS)):
            of, own = bins[known[:, head], head], known[:, head]
            for place, values in enumerate((np.ones(len(of)), chances[own, head], labels[own, head])):
                self._held[place, head] += np.bincount(of, values, minlength=BINS)
