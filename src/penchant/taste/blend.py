"""The learned blend: a small listwise network over the columns of a candidate list, that serves in integers.

A list goes in as integer rows (K, C), base-2 logarithms in Q16, best first by the first stage. What the network sees
of a candidate: every column on its own scale, less the list's mean, and as a rank within the list; its rank by the
first stage; the page's context. One hidden layer and a way around it, several networks side by side:

    score = relu(x @ hidden + bias) @ out + x @ skip

It is trained in floats, as the softmax of the list against the one that was watched long (Cao et al. 2007, "Learning
to rank: from pairwise approach to listwise approach", ListNet, equation 2, with one relevant entry). It serves in
fixed point: inputs in Q10, weights in Q12, every product and sum an integer below 2**53, so that doubles add them
exactly, in whatever order a machine's matrix product takes them. From the rows of a page record anyone has the scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from penchant.taste.fixed import Int64s, log2_q16
from penchant.taste.ranker import Features

Float32s: TypeAlias = npt.NDArray[np.float32]
Floats: TypeAlias = npt.NDArray[np.float64]

HIDDEN: Final = 32
"""64 win nothing on KuaiRand, 16 lose 0.002 of HR@10."""
INPUT_BITS: Final = 10
WEIGHT_BITS: Final = 12
INPUT_AT_MOST: Final = 6
"""Standard deviations (inputs) beyond which a column says no more."""
WEIGHT_AT_MOST: Final = 8
_ONE: Final = 1 << INPUT_BITS
_NAT_Q12: Final = 5909
"""log2(e) in Q12: the network's logits are natural, the ranker's odds double."""
_RANKS: Final = 4096
_RANK_INPUTS: Final = (2 << 42) // (log2_q16(np.arange(_RANKS, dtype=np.int64) + 2) << 16) - _ONE // 2
"""2 / log2(rank + 2) - 1/2 in Q10: 1.5 for the first, falling as its chance to be looked at."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Where each column lies: input = (column - centre) / spread."""

    centre_q16: Int64s
    """(C,)"""
    spread_q16: Int64s
    """(C,) standard deviations, at least 1/16."""

    @classmethod
    def of(cls, rows: npt.NDArray[np.integer]) -> Scale:
        """From many rows, (N, C) Q16: rounded mean and standard deviation."""
        values = rows.astype(np.float64)
        spread = np.maximum(np.rint(values.std(axis=0)), 1 << 12)
        return cls(np.rint(values.mean(axis=0)).astype(np.int64), spread.astype(np.int64))

    def inputs(self, rows: Features) -> Int64s:
        """The columns on their own scales in Q10, not yet cut: (K, C) → (K, C)."""
        return ((rows.astype(np.int64) - self.centre_q16) << INPUT_BITS) // self.spread_q16


@dataclass(frozen=True, slots=True)
class Weights:
    """The network's weights. Shapes: I = `inputs(C, X)`, H hidden units."""

    hidden: Float32s
    """(I, H)"""
    bias: Float32s
    """(H,)"""
    out: Float32s
    """(H,)"""
    skip: Float32s
    """(I,)"""

    def arrays(self) -> tuple[Float32s, ...]:
        return (self.hidden, self.bias, self.out, self.skip)


def inputs(columns: int, context: int) -> int:
    """How many numbers the network sees of a candidate."""
    return 3 * columns + 1 + context


def new_weights(columns: int, context: int, seed: int, hidden: int = HIDDEN) -> Weights:
    """A network that adds next to nothing yet; the same for the same seed."""
    rng = np.random.default_rng(seed)
    size = inputs(columns, context)
    return Weights(
        hidden=(rng.normal(size=(size, hidden)) / size**0.5).astype(np.float32),
        bias=np.zeros(hidden, dtype=np.float32),
        out=(0.1 * rng.normal(size=hidden)).astype(np.float32),
        skip=np.zeros(size, dtype=np.float32),
    )


def joined(members: Sequence[Weights]) -> Weights:
    """One network whose logits are the mean of those of M: their hidden layers side by side, M * H units."""
    share = np.float32(1 / len(members))
    return Weights(
        hidden=np.concatenate([member.hidden for member in members], axis=1),
        bias=np.concatenate([member.bias for member in members]),
        out=np.concatenate([member.out for member in members]) * share,
        skip=np.sum([member.skip for member in members], axis=0) * share,
    )


def list_inputs(rows: Features, context: Int64s, scale: Scale) -> Int64s:
    """What the network sees, in Q10: (K, C) int32 rows, the best of the first stage first, and (X,) context in Q10.

    Returns (K, I) int64, each within ± `INPUT_AT_MOST`.
    """
    count = len(rows)
    own = scale.inputs(rows)
    # The mean of a list is rounded down; that of an empty one is not asked for.
    centred = own - own.sum(axis=0) // max(count, 1)
    first = _RANK_INPUTS[np.minimum(np.arange(count), _RANKS - 1)]
    limit = INPUT_AT_MOST * _ONE
    parts = (own, centred, _places(rows), first[:, None], np.broadcast_to(context, (count, len(context))))
    seen: Int64s = np.clip(np.concatenate(parts, axis=1), -limit, limit)
    return seen


def _places(rows: Features) -> Int64s:
    """Where each stands in its list by each column, Q10: 1.5 for the largest down to -1.5; equal ones in list order."""
    count = len(rows)
    order = np.argsort(-rows.astype(np.int64), axis=0, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(count)[:, None], axis=0)
    return 3 * _ONE // 2 - 3 * _ONE * ranks // max(count, 1)


def quantised(weights: Weights) -> tuple[Floats, ...]:
    """The weights as `whole_numbers`."""
    return whole_numbers(weights.arrays())


def whole_numbers(arrays: Sequence[Float32s]) -> tuple[Floats, ...]:
    """Weights as whole numbers of 2**-12 in doubles, cut at ± `WEIGHT_AT_MOST`."""
    limit = WEIGHT_AT_MOST << WEIGHT_BITS
    return tuple(np.clip(np.rint(array.astype(np.float64) * (1 << WEIGHT_BITS)), -limit, limit) for array in arrays)


def hidden_layer(values: Floats, hidden: Floats, bias: Floats) -> Floats:
    """The active hidden units in Q10 from inputs in Q10, cut to 2**20: (K, I) whole numbers in doubles → (K, H)."""
    raised = (values @ hidden).astype(np.int64) + (bias.astype(np.int64) << INPUT_BITS)
    active: Floats = np.clip(raised >> WEIGHT_BITS, 0, 1 << 20).astype(np.float64)
    return active


def score(seen: Int64s, whole: tuple[Floats, ...]) -> Int64s:
    """Scores in Q16, base-2 logarithms of odds, from `list_inputs` and `quantised`: (K, I) → (K,).

    Largest sums: 6 * 2**10 * 8 * 2**12 * I < 2**37 for the hidden layer; that is cut to 2**20 before the last one.
    """
    hidden, bias, out, skip = whole
    values = seen.astype(np.float64)
    active = hidden_layer(values, hidden, bias)
    logits = (active @ out).astype(np.int64) + (values @ skip).astype(np.int64)
    return doublings(logits)


def doublings(logits: Int64s) -> Int64s:
    """Natural logits in Q22 → doublings of odds in Q16."""
    total: Int64s = ((logits >> 4) * _NAT_Q12) >> (INPUT_BITS + WEIGHT_BITS - 4 + 12 - 16)
    return total


@dataclass(frozen=True)
class Stages:
    """Both stages as they serve: what anyone needs, beside the rows of a page, to have its order."""

    prior: Floats
    """(C,) what the first stage weighs the columns with before it has learned: a product of parts."""
    scale: Scale | None
    """None before anything is learned."""
    union_weights: Float32s
    """(C,) those of the first stage afterwards."""
    weights: Weights | None
    """Those of the blend; None while the first stage orders what it keeps."""

    def first(self, rows: Features) -> Int64s:
        """Scores of everything that was brought, (K, C) → (K,) Q16, doublings of odds."""
        if self.scale is None:
            return (rows.astype(np.float64) @ self.prior).astype(np.int64)
        # Whole numbers below 2**53 in doubles: exact in any order of adding.
        per_column = np.rint(self.union_weights * (1 << WEIGHT_BITS)).astype(np.float64)
        limit = INPUT_AT_MOST << INPUT_BITS
        inputs = np.clip(self.scale.inputs(rows), -limit, limit).astype(np.float64)
        return doublings((inputs @ per_column).astype(np.int64))

    def second(self, rows: Features, context: Int64s, first: Int64s) -> Int64s:
        """Scores of what was kept in Q16, doublings of odds: (K, C) rows, best first, with (K,) `first` → (K,)."""
        if self.scale is None or self.weights is None:
            return first
        return score(list_inputs(rows, context, self.scale), self._whole)

    def shares(
        self, rows: Features, context: Int64s, places: Sequence[int], groups: Sequence[Int64s]
    ) -> npt.NDArray[np.int64]:
        """How much of some candidates' scores comes from knowing a group of columns.

        Args:
            rows: (K, C) of the list, best first.
            places: S of the list.
            groups: G times (c,) columns.

        Returns:
            (S, G) Q16: the score less what it would be if the group's columns were those of the list's mean.
        """
        count, columns = rows.shape
        if self.scale is None or self.weights is None:
            changed = np.repeat(rows[list(places)][:, None], len(groups) + 1, axis=1)
            mean = rows.mean(axis=0).astype(np.int32) if count else rows[:0]
            for number, group in enumerate(groups):
                changed[:, number, group] = mean[group]
            scores = self.first(changed.reshape(-1, columns)).reshape(len(places), -1)
        else:
            seen = list_inputs(rows, context, self.scale)
            own_mean = seen[:, :columns].sum(axis=0) // max(count, 1)
            inputs_ = np.repeat(seen[list(places)][:, None], len(groups) + 1, axis=1)
            for number, group in enumerate(groups):
                inputs_[:, number, group] = own_mean[group]
                # Neither above nor below the others: no difference to the mean, the middle of the ranks.
                inputs_[:, number, group + columns] = inputs_[:, number, group + 2 * columns] = 0
            scores = score(inputs_.reshape(-1, seen.shape[1]), self._whole).reshape(len(places), -1)
        shares: Int64s = scores[:, -1:] - scores[:, :-1]
        return shares

    @cached_property
    def _whole(self) -> tuple[Floats, ...]:
        assert self.weights is not None
        return quantised(self.weights)


def forward(seen: Float32s, weights: Weights) -> tuple[Float32s, Float32s]:
    """Natural logits in floats and the hidden layer before it is cut: (B, L, I) → (B, L), (B, L, H)."""
    raised = seen @ weights.hidden + weights.bias
    logits: Float32s = np.maximum(raised, 0) @ weights.out + seen @ weights.skip
    return logits, raised


def loss_and_gradients(seen: Float32s, targets: Int64s, weights: Weights) -> tuple[float, tuple[Float32s, ...]]:
    """Mean of -log softmax of the target within its list, and its gradients in the order of `Weights.arrays`.

    Args:
        seen: (B, L, I).
        targets: (B,) places in the lists.
    """
    logits, raised = forward(seen, weights)
    count = len(seen)
    logits = logits - logits.max(axis=1, keepdims=True)
    odds = np.exp(logits)
    chances = odds / odds.sum(axis=1, keepdims=True)
    at = np.arange(count)
    loss = float(-np.log(chances[at, targets] + 1e-12).mean())
    chances[at, targets] -= 1
    push = (chances / count).reshape(-1)
    flat = seen.reshape(len(push), -1)
    before = raised.reshape(len(push), -1)
    back = (push[:, None] * weights.out) * (before > 0)
    return loss, (flat.T @ back, back.sum(axis=0), np.maximum(before, 0).T @ push, flat.T @ push)
