"""Trains both stages of the blend on the stream: one example for each long view, against the list it was chosen from.

Everything is decided by the number of examples seen: when a step is taken, what is replayed, what is sampled. So the
weights are a function of the examples in their order, whatever size the batches of the log had.

Adam: Kingma, Ba 2015, arXiv 1412.6980, algorithm 1; with decoupled weight decay, Loshchilov, Hutter 2019, arXiv
1711.05101, algorithm 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from penchant.taste import blend
from penchant.taste.blend import Float32s, Scale, Weights
from penchant.taste.fixed import Int64s
from penchant.taste.ranker import Features

BATCH: Final = 32
REPLAYS: Final = 8
"""Batches drawn from the buffer beside each new one: against forgetting. On KuaiRand 6 are 0.002 of HR@10 above 3."""
BUFFER: Final = 20_000
SAMPLED: Final = 63
"""Others of the list that an example keeps; the whole list wins nothing."""
UNION_SAMPLED: Final = 63
WARM_UP: Final = 256
"""Examples from which the columns' scales are taken; before that the blend is not used."""
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
    others: Int64s | None = None
    """Places in the list that alone are held against it; None: all others are."""

    @classmethod
    def of(
        cls,
        target: int,
        union: tuple[Int64s, Features],
        kept: tuple[Int64s, Features],
        context: Int64s,
        number: int,
        left: Int64s | None = None,
    ) -> Example | None:
        """From everything that was brought and the list that was kept of it, each as places and rows.

        None where the target was not brought, or nothing that was `left` stands against it. `number` of the example
        keys what is sampled.
        """
        (everything, union_rows), (places, rows) = union, kept
        at = np.flatnonzero(everything == target)
        if not len(at):
            return None
        against = np.arange(len(everything)) if left is None else np.flatnonzero(np.isin(everything, left))
        if not len(against):
            return None
        others = against[np.random.default_rng((7, number)).integers(0, len(against), UNION_SAMPLED)]
        own = np.flatnonzero(places == target)
        sampled = union_rows[np.concatenate([at, others])]
        in_list = None if left is None else np.flatnonzero(np.isin(places, left))
        return cls(sampled, rows if len(own) else rows[:0], context, int(own[0]) if len(own) else -1, in_list)


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

    def __init__(self, columns: int, context: int, prior: Sequence[float], seed: int = 1) -> None:
        """`prior`: (C,) what the first stage weighs the columns with before it has learned: a product of parts."""
        self._seed = seed
        self.prior = np.array(prior, dtype=np.float64)
        self.weights = blend.new_weights(columns, context, seed)
        self.union_weights = np.zeros(columns, dtype=np.float32)
        self.scale: Scale | None = None
        self.examples = 0
        self.losses: list[float] = []
        """Of each batch before it was learned from: the prequential loss, newest last."""
        self.rolled_back: list[RollBack] = []
        self._best = (float("inf"), self.weights)
        size = blend.inputs(columns, context)
        self._adam = Adam([array.shape for array in self.weights.arrays()])
        self._union_adam = Adam([(columns,)])
        self._seen: Halves = np.zeros((0, SAMPLED + 1, size), dtype=np.float16)
        self._union: Halves = np.zeros((0, UNION_SAMPLED + 1, columns), dtype=np.float16)
        self._buffered = 0
        self._unions = 0
        self._waiting: list[Example] = []
        self._new: list[int] = []
        self._new_unions: list[int] = []

    def union_scores(self, rows: Features) -> Int64s:
        """The first stage: (K, C) → (K,) int64, larger is better; the prior product until it has learned."""
        if self.scale is None:
            return (rows.astype(np.float64) @ self.prior).astype(np.int64)
        # Whole numbers below 2**53 in doubles: exact in any order of adding.
        per_column = np.rint(self.union_weights * (1 << 12)).astype(np.float64)
        own = self.scale.inputs(rows)
        limit = blend.INPUT_AT_MOST << blend.INPUT_BITS
        total: Int64s = (np.clip(own, -limit, limit).astype(np.float64) @ per_column).astype(np.int64)
        return total

    def learn(self, example: Example) -> None:
        """Takes an example in; every `BATCH` examples a step is taken."""
        self.examples += 1
        if self.scale is None:
            self._waiting.append(example)
            if len(self._waiting) == WARM_UP:
                self.scale = Scale.of(np.concatenate([kept.union for kept in self._waiting]))
                waiting, self._waiting = self._waiting, []
                for kept in waiting:
                    self._keep(kept)
            return
        self._keep(example)

    def _keep(self, example: Example) -> None:
        number = self._unions
        rng = np.random.default_rng((self._seed, number))
        scale = self.scale
        assert scale is not None
        own = scale.inputs(example.union)
        place = number % BUFFER
        self._union = _room(self._union, place)
        self._union[place] = np.clip(own / (1 << blend.INPUT_BITS), -blend.INPUT_AT_MOST, blend.INPUT_AT_MOST)
        self._unions += 1
        self._new_unions.append(place)
        if len(self._new_unions) == BATCH:
            self._step_union()
        count = len(example.rows)
        if example.target < 0 or count <= SAMPLED:
            return
        if example.others is None:
            others = rng.permutation(count - 1)[:SAMPLED]
            others += others >= example.target
        elif len(example.others):
            # A batch needs lists of one length. Drawing those few again and again shifts the target's odds alone.
            others = example.others[rng.integers(0, len(example.others), SAMPLED)]
        else:
            return
        seen = blend.list_inputs(example.rows, example.context, scale)[np.concatenate([[example.target], others])]
        place = self._buffered % BUFFER
        self._seen = _room(self._seen, place)
        self._seen[place] = seen / (1 << blend.INPUT_BITS)
        self._buffered += 1
        self._new.append(place)
        if len(self._new) == BATCH:
            self._step()

    def _step(self) -> None:
        new, self._new = np.array(self._new), []
        rate = max(RATE_AT_LEAST, RATE * 0.5 ** (self._buffered / RATE_HALF_LIFE))
        rng = np.random.default_rng((self._seed, 1, self._buffered))
        filled = min(self._buffered, BUFFER)
        targets = np.zeros(BATCH, dtype=np.int64)
        for turn in range(REPLAYS + 1):
            drawn = rng.integers(0, filled, BATCH) if turn else new
            loss, gradients = blend.loss_and_gradients(self._seen[drawn].astype(np.float32), targets, self.weights)
            if not turn:
                self.losses.append(loss)
            self.weights = Weights(*self._adam.step(self.weights.arrays(), gradients, rate))
        if len(self.losses) % WATCHED == 0 or not np.isfinite(self.losses[-1]):
            self._watch()

    def _watch(self) -> None:
        """Keeps the best weights, and takes them back when what came after is no number or much worse.

        Afterwards the worse loss is the measure: the world may have changed, and then learning has to go on.
        """
        loss = float(np.mean(self.losses[-WATCHED:]))
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
        filled = min(self._unions, BUFFER)
        for turn in range(3):
            drawn = rng.integers(0, filled, BATCH) if turn else new
            lists = self._union[drawn].astype(np.float32)
            logits = lists @ self.union_weights
            odds = np.exp(logits - logits.max(axis=1, keepdims=True))
            push = odds / odds.sum(axis=1, keepdims=True)
            push[:, 0] -= 1
            gradient = np.einsum("bk,bkc->c", push, lists) / np.float32(BATCH)
            (self.union_weights,) = self._union_adam.step([self.union_weights], [gradient], rate)


def _room(buffer: Halves, place: int) -> Halves:
    """The buffer with a row at `place`; it doubles up to `BUFFER` rows."""
    if place < len(buffer):
        return buffer
    more = np.zeros((min(max(2 * len(buffer), 256), BUFFER), *buffer.shape[1:]), dtype=np.float16)
    more[: len(buffer)] = buffer
    return more
