"""Trains both stages of the blend on the stream: one example for each long view, against the list it was chosen from.

Everything is decided by the number of examples seen: when a step is taken, what is replayed, what is sampled. So the
weights are a function of the examples in their order, whatever size the batches of the log had.

Adam: Kingma, Ba 2015, arXiv 1412.6980, algorithm 1; with decoupled weight decay, Loshchilov, Hutter 2019, arXiv
1711.05101, algorithm 2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from penchant.taste import blend
from penchant.taste.blend import Float32s, Scale, Stages, Weights
from penchant.taste.curve import Curve
from penchant.taste.fixed import Int64s
from penchant.taste.ranker import Features

BATCH: Final = 32
REPLAYS: Final = 8
"""Batches drawn from the buffer beside each new one: against forgetting. On KuaiRand 6 are 0.002 of HR@10 above 3."""
BUFFER: Final = 20_000
SAMPLED: Final = 63
"""Others that an example keeps, of the list and of everything that was brought; all of them win nothing."""
WARM_UP: Final = 256
"""Examples from which the columns' scales are taken; before that the blend is not used."""
READY: Final = 1_024
"""Examples before the blend orders pages; until then the first stage does."""
RATE: Final = 2e-3
RATE_AT_LEAST: Final = 4e-4
RATE_HALF_LIFE: Final = 8_000
"""The step size halves after so many examples, down to `RATE_AT_LEAST`: it never stops learning."""
UNION_RATE: Final = 1e-2
UNION_RATE_AT_LEAST: Final = 1e-3
DECAY: Final = 1e-3
NORM_AT_MOST: Final = 10.0
WATCHED: Final = 20
"""Batches over which the prequential loss is looked at."""
WORSE_AT_MOST: Final = 0.5
"""Nats by which that loss may lie above its best before the weights of then are taken back."""

Halves: TypeAlias = npt.NDArray[np.float16]


class Adam:
    """First-order steps with their own size for each weight."""

    def __init__(self, shapes: Sequence[tuple[int, ...]]) -> None:
        self.first = [np.zeros(shape, dtype=np.float32) for shape in shapes]
        self.second = [np.zeros(shape, dtype=np.float32) for shape in shapes]
        self.steps = 0

    def step(self, values: Sequence[Float32s], gradients: Sequence[Float32s], rate: float) -> list[Float32s]:
        """New values. A gradient that is longer than `NORM_AT_MOST` in all is shortened to it."""
        self.steps += 1
        length = float(np.sqrt(sum(float((gradient * gradient).sum()) for gradient in gradients)))
        shorten = np.float32(min(1.0, NORM_AT_MOST / max(length, 1e-12)))
        moved = []
        for value, gradient, first, second in zip(values, gradients, self.first, self.second, strict=True):
            scaled = gradient * shorten
            first += np.float32(0.1) * (scaled - first)
            second += np.float32(0.01) * (scaled * scaled - second)
            direction = first / np.float32(1 - 0.9**self.steps)
            size = np.sqrt(second / np.float32(1 - 0.99**self.steps)) + np.float32(1e-8)
            moved.append((value - np.float32(rate) * (direction / size + np.float32(DECAY) * value)).astype(np.float32))
        return moved


@dataclass(frozen=True, slots=True)
class Example:
    """A list and which of it was watched long."""

    union: Features
    """(U, C) rows of a sample of everything that was brought, the target's first."""
    rows: Features
    """(K, C) rows of the list, best of the first stage first; empty where the target is not in it."""
    context: Int64s
    """(X,) Q10."""
    target: int
    """Place in the list; -1 where it is not in it."""
    among: Int64s | None = None
    """Places in the list of what it was preferred to; None: to everything else in it."""

    @classmethod
    def of(
        cls,
        target: int,
        union: tuple[Int64s, Features],
        kept: tuple[Int64s, Features],
        context: Int64s,
        number: int,
    ) -> Example | None:
        """From everything that was brought and the list that was kept of it, each as places and rows.

        None where the target was not brought. `number` of the example keys what is sampled.
        """
        (everything, union_rows), (places, rows) = union, kept
        at = np.flatnonzero(everything == target)
        if not len(at):
            return None
        others = np.random.default_rng((7, number)).integers(0, len(everything), SAMPLED)
        own = np.flatnonzero(places == target)
        sampled = union_rows[np.concatenate([at, others])]
        return cls(sampled, rows if len(own) else rows[:0], context, int(own[0]) if len(own) else -1)

    @classmethod
    def shown(
        cls, rows: Features, context: Int64s, target: int, left: Int64s, number: int, sampled: int = SAMPLED
    ) -> Example | None:
        """From a page: the one watched long against those (L,) that were shown on it and left. None without any.

        What was never shown could not be watched: to hold that against it would teach what was shown, not what is
        liked.
        """
        if not len(left):
            return None
        drawn = left[np.random.default_rng((7, number)).integers(0, len(left), sampled)]
        return cls(rows[np.concatenate([[target], drawn])], rows, context, target, left)


@dataclass(frozen=True, slots=True)
class RollBack:
    """What the watchdog did."""

    examples: int
    """After how many examples."""
    loss: float
    """Mean prequential loss of the last `WATCHED` batches; not a number where the weights were none."""
    best: float
    """That of the weights which were taken back."""


class Trainer:
    """Weights, and what is needed to go on from here."""

    def __init__(
        self,
        columns: int,
        context: int,
        prior: Sequence[float],
        seed: int = 1,
        *,
        sampled: int = SAMPLED,
        buffer: int = BUFFER,
    ) -> None:
        """Nothing learned yet.

        Args:
            prior: (C,) what the first stage weighs the columns with before it has learned: a product of parts.
            sampled: others of the list that an example keeps.
            buffer: examples that are kept to be replayed.
        """
        self._seed = seed
        self._sampled = sampled
        self._buffer = buffer
        self.prior = np.array(prior, dtype=np.float64)
        self.weights = blend.new_weights(columns, context, seed)
        self.union_weights = np.zeros(columns, dtype=np.float32)
        self.scale: Scale | None = None
        self.examples = 0
        self.losses: list[float] = []
        """Of the last `WATCHED` batches before they were learned from: the prequential loss, newest last."""
        self.curve = Curve()
        """Of all of them."""
        self._batches = 0
        self.rolled_back: list[RollBack] = []
        self._rolled_back_before = 0
        self._best = (float("inf"), self.weights)
        size = blend.inputs(columns, context)
        self._adam = Adam([array.shape for array in self.weights.arrays()])
        self._union_adam = Adam([(columns,)])
        self._seen: Halves = np.zeros((0, sampled + 1, size), dtype=np.float16)
        self._union: Halves = np.zeros((0, sampled + 1, columns), dtype=np.float16)
        self._buffered = 0
        self._unions = 0
        self._stages: Stages | None = None
        self._waiting: list[Example] = []
        self._new: list[int] = []
        self._new_unions: list[int] = []

    @property
    def roll_backs(self) -> int:
        """How often the watchdog took weights back, before a restart too."""
        return len(self.rolled_back) + self._rolled_back_before

    def stages(self) -> Stages:
        """Both stages as they serve now."""
        if self._stages is None:
            ready = self.scale is not None and self.examples >= READY
            self._stages = Stages(self.prior, self.scale, self.union_weights, self.weights if ready else None)
        return self._stages

    def learn(self, example: Example) -> None:
        """Takes an example in; every `BATCH` examples a step is taken."""
        self.examples += 1
        self._stages = None
        if self.scale is None:
            self._waiting.append(example)
            if len(self._waiting) == WARM_UP:
                self.scale = Scale.of(np.concatenate([kept.union for kept in self._waiting]))
                waiting, self._waiting = self._waiting, []
                for kept in waiting:
                    self._keep(kept)
            return
        self._keep(example)

    def arrays(self) -> tuple[dict[str, npt.NDArray[Any]], dict[str, int]]:
        """Everything that is needed to go on from here, as named arrays and single numbers."""
        waiting = self._waiting
        lengths = [len(example.rows) for example in waiting]
        among = [example.among if example.among is not None else np.zeros(0, dtype=np.int64) for example in waiting]
        arrays: dict[str, npt.NDArray[Any]] = {
            "seen": self._seen[: min(self._buffered, self._buffer)],
            "union": self._union[: min(self._unions, self._buffer)],
            "new": np.array(self._new, dtype=np.int64),
            "new_unions": np.array(self._new_unions, dtype=np.int64),
            "losses": np.array(self.losses, dtype=np.float64),
            **self.curve.arrays(),
            "best_loss": np.array([self._best[0]]),
            "union_weights": self.union_weights,
            "waiting_union": _stacked([example.union for example in waiting]),
            "waiting_rows": _joined([example.rows for example in waiting]),
            "waiting_context": _stacked([example.context for example in waiting]),
            "waiting_among": _joined(among),
            "waiting": np.array(
                [
                    (length, example.target, len(own), example.among is None)
                    for length, example, own in zip(lengths, waiting, among, strict=True)
                ],
                dtype=np.int64,
            ).reshape(-1, 4),
        }
        for name, values in (
            ("weights", self.weights.arrays()),
            ("best", self._best[1].arrays()),
            ("adam_first", self._adam.first),
            ("adam_second", self._adam.second),
            ("union_adam_first", self._union_adam.first),
            ("union_adam_second", self._union_adam.second),
        ):
            arrays |= {f"{name}_{place}": value for place, value in enumerate(values)}
        if self.scale is not None:
            arrays |= {"centre_q16": self.scale.centre_q16, "spread_q16": self.scale.spread_q16}
        about = {
            "examples": self.examples,
            "batches": self._batches,
            "buffered": self._buffered,
            "unions": self._unions,
            "steps": self._adam.steps,
            "union_steps": self._union_adam.steps,
            "rolled_back": self.roll_backs,
        }
        return arrays, about

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]], about: Mapping[str, int]) -> None:
        """The inverse of `arrays`, on a trainer that was made alike."""
        self._seen, self._union = arrays["seen"].copy(), arrays["union"].copy()
        self._new, self._new_unions = arrays["new"].tolist(), arrays["new_unions"].tolist()
        self.losses = arrays["losses"].tolist()
        self.curve.restore(arrays)
        self.union_weights = arrays["union_weights"].copy()

        def each(name: str, count: int) -> list[Float32s]:
            return [arrays[f"{name}_{place}"].copy() for place in range(count)]

        self.weights = Weights(*each("weights", 4))
        self._best = float(arrays["best_loss"][0]), Weights(*each("best", 4))
        self._adam.first, self._adam.second = each("adam_first", 4), each("adam_second", 4)
        self._union_adam.first, self._union_adam.second = each("union_adam_first", 1), each("union_adam_second", 1)
        self._adam.steps, self._union_adam.steps = about["steps"], about["union_steps"]
        if "centre_q16" in arrays:
            self.scale = Scale(arrays["centre_q16"].copy(), arrays["spread_q16"].copy())
        self.examples, self._batches = about["examples"], about["batches"]
        self._buffered, self._unions = about["buffered"], about["unions"]
        self._rolled_back_before = about["rolled_back"]
        self._stages = None
        self._waiting = []
        row = other = 0
        for number, (length, target, left, everything) in enumerate(arrays["waiting"].tolist()):
            among = None if everything else arrays["waiting_among"][other : other + left].copy()
            own = arrays["waiting_rows"][row : row + length].copy()
            union, context = arrays["waiting_union"][number].copy(), arrays["waiting_context"][number].copy()
            self._waiting.append(Example(union, own, context, target, among))
            row, other = row + length, other + left

    def _keep(self, example: Example) -> None:
        number = self._unions
        rng = np.random.default_rng((self._seed, number))
        scale = self.scale
        assert scale is not None
        own = scale.inputs(example.union)
        place = number % self._buffer
        self._union = room(self._union, place, self._buffer)
        self._union[place] = np.clip(own / (1 << blend.INPUT_BITS), -blend.INPUT_AT_MOST, blend.INPUT_AT_MOST)
        self._unions += 1
        self._new_unions.append(place)
        if len(self._new_unions) == BATCH:
            self._step_union()
        count = len(example.rows)
        if example.among is not None:
            others = example.among[rng.integers(0, len(example.among), self._sampled)]
        elif example.target < 0 or count <= self._sampled:
            return
        else:
            others = rng.permutation(count - 1)[: self._sampled]
            others += others >= example.target
        seen = blend.list_inputs(example.rows, example.context, scale)[np.concatenate([[example.target], others])]
        place = self._buffered % self._buffer
        self._seen = room(self._seen, place, self._buffer)
        self._seen[place] = seen / (1 << blend.INPUT_BITS)
        self._buffered += 1
        self._new.append(place)
        if len(self._new) == BATCH:
            self._step()

    def _step(self) -> None:
        new, self._new = np.array(self._new), []
        rate = max(RATE_AT_LEAST, RATE * 0.5 ** (self._buffered / RATE_HALF_LIFE))
        rng = np.random.default_rng((self._seed, 1, self._buffered))
        filled = min(self._buffered, self._buffer)
        targets = np.zeros(BATCH, dtype=np.int64)
        for turn in range(REPLAYS + 1):
            drawn = rng.integers(0, filled, BATCH) if turn else new
            loss, gradients = blend.loss_and_gradients(self._seen[drawn].astype(np.float32), targets, self.weights)
            if not turn:
                self.losses = [*self.losses[1 - WATCHED :], loss]
                if np.isfinite(loss):
                    self.curve.add(loss)
                self._batches += 1
            self.weights = Weights(*self._adam.step(self.weights.arrays(), gradients, rate))
        if self._batches % WATCHED == 0 or not np.isfinite(self.losses[-1]):
            self._watch()

    def _watch(self) -> None:
        """Keeps the best weights, and takes them back when what came after is no number or much worse.

        Afterwards the worse loss is the measure: the world may have changed, and then learning has to go on.
        """
        loss = float(np.mean(self.losses))
        best, weights = self._best
        if np.isfinite(loss) and loss <= best + WORSE_AT_MOST:
            if loss < best:
                self._best = loss, self.weights
            return
        self.rolled_back.append(RollBack(self.examples, loss, best))
        self.weights = weights
        self._adam = Adam([array.shape for array in weights.arrays()])
        self._best = (loss if np.isfinite(loss) else best), weights

    def _step_union(self) -> None:
        new, self._new_unions = np.array(self._new_unions), []
        rate = max(UNION_RATE_AT_LEAST, UNION_RATE * 0.5 ** (self._unions / RATE_HALF_LIFE))
        rng = np.random.default_rng((self._seed, 2, self._unions))
        filled = min(self._unions, self._buffer)
        for turn in range(3):
            drawn = rng.integers(0, filled, BATCH) if turn else new
            lists = self._union[drawn].astype(np.float32)
            logits = lists @ self.union_weights
            odds = np.exp(logits - logits.max(axis=1, keepdims=True))
            push = odds / odds.sum(axis=1, keepdims=True)
            push[:, 0] -= 1
            gradient = np.einsum("bk,bkc->c", push, lists) / np.float32(BATCH)
            (self.union_weights,) = self._union_adam.step([self.union_weights], [gradient], rate)


def _stacked(arrays: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    return np.stack(arrays) if arrays else np.zeros((0, 0), dtype=np.int64)


def _joined(arrays: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    return np.concatenate(arrays) if arrays else np.zeros((0, 0), dtype=np.int64)


def room(buffer: Halves, place: int, most: int) -> Halves:
    """A buffer with a row at `place`; it doubles up to `most` rows."""
    if place < len(buffer):
        return buffer
    more = np.zeros((min(max(2 * len(buffer), 256), most), *buffer.shape[1:]), dtype=np.float16)
    more[: len(buffer)] = buffer
    return more
