"""Heads beside the blend: how likely each outcome of showing a video is, if it is shown.

The blend orders a list by long views alone. The heads say of one candidate by itself, with which chance it is watched
long, liked, shared, skipped …, so that what else a viewer gets from it can count (`values`), can be told, and can be
held against what happened. They learn from shown videos only, one example for each: a video that nobody saw has no
outcome.

One hidden layer, and a way around it, to N logits:

    logits = relu(x @ hidden + bias) @ out + x @ skip + base

where x are the candidate's columns on the blend's scales and the page's context. The loss is binary cross-entropy, of a
quantile too: its minimum is the expected one. It serves in integers as the blend does (`blend.score`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from penchant.taste.blend import INPUT_AT_MOST, INPUT_BITS, Float32s, Floats, Scale, hidden_layer, whole_numbers
from penchant.taste.blend import doublings as to_doublings
from penchant.taste.fixed import Q30, Int64s, exp2_q30
from penchant.taste.ranker import Features

HEADS: Final = ("long", "watch", "like", "share", "follow", "skip", "dislike")
"""What each says: watched long; which quantile of watch times of videos of its length it reaches; liked; shared; its
creator followed; left at once; "not interested" (in it or its creator), reported or blocked."""
LONG: Final = HEADS.index("long")
HIDDEN: Final = 16
CHANCE_BITS: Final = 24
_FARTHEST: Final = 20 << 16
"""Doublings of odds in Q16 beyond which a chance is as good as none or certain."""


@dataclass(frozen=True, slots=True)
class HeadWeights:
    """Shapes: I inputs (columns and context), H hidden units, N heads."""

    hidden: Float32s
    """(I, H)"""
    bias: Float32s
    """(H,)"""
    out: Float32s
    """(H, N)"""
    skip: Float32s
    """(I, N)"""
    base: Float32s
    """(N,)"""

    def arrays(self) -> tuple[Float32s, ...]:
        return (self.hidden, self.bias, self.out, self.skip, self.base)

    @classmethod
    def new(cls, inputs: int, seed: int) -> HeadWeights:
        """A network that says nothing yet; the same for the same seed."""
        rng = np.random.default_rng(seed)
        return cls(
            hidden=(rng.normal(size=(inputs, HIDDEN)) / inputs**0.5).astype(np.float32),
            bias=np.zeros(HIDDEN, dtype=np.float32),
            out=(0.1 * rng.normal(size=(HIDDEN, len(HEADS)))).astype(np.float32),
            skip=np.zeros((inputs, len(HEADS)), dtype=np.float32),
            base=np.zeros(len(HEADS), dtype=np.float32),
        )


def inputs_of(rows: Features, context: Int64s, scale: Scale) -> Int64s:
    """What the heads see of candidates in Q10: (K, C) rows and (X,) context → (K, C + X), within ± `INPUT_AT_MOST`."""
    limit = INPUT_AT_MOST << INPUT_BITS
    own = scale.inputs(rows)
    around = np.broadcast_to(context, (len(rows), len(context)))
    seen: Int64s = np.clip(np.concatenate([own, around], axis=1), -limit, limit)
    return seen


@dataclass(frozen=True)
class Heads:
    """The heads as they serve."""

    scale: Scale
    weights: HeadWeights

    def chances(self, rows: Features, context: Int64s) -> Int64s:
        """The chance of each outcome of each candidate in Q24: (K, C) rows, (X,) context → (K, N)."""
        hidden, bias, out, skip, base = self._whole
        values = inputs_of(rows, context, self.scale).astype(np.float64)
        active = hidden_layer(values, hidden, bias)
        logits = (active @ out).astype(np.int64) + (values @ skip).astype(np.int64)
        return chances_q24(to_doublings(logits + (base.astype(np.int64) << INPUT_BITS)))

    @cached_property
    def _whole(self) -> tuple[Floats, ...]:
        return whole_numbers(self.weights.arrays())


def chances_q24(odds_q16: Int64s) -> Int64s:
    """From doublings of odds in Q16 to chances in Q24: 2**54 // (2**30 + exp2(-odds)), any shape."""
    against = exp2_q30(-np.clip(odds_q16, -_FARTHEST, _FARTHEST))
    chances: Int64s = (np.int64(1) << np.int64(30 + CHANCE_BITS)) // (Q30 + against)
    return chances


def forward(seen: Float32s, weights: HeadWeights) -> tuple[Float32s, Float32s]:
    """Natural logits in floats and the hidden layer before it is cut: (B, I) → (B, N), (B, H)."""
    raised = seen @ weights.hidden + weights.bias
    logits: Float32s = np.maximum(raised, 0) @ weights.out + seen @ weights.skip + weights.base
    return logits, raised


def loss_and_gradients(seen: Float32s, labels: Float32s, weights: HeadWeights) -> tuple[Floats, tuple[Float32s, ...]]:
    """Mean binary cross-entropy of each head in nats, and the gradients of their sum in the order of `arrays`.

    Args:
        seen: (B, I).
        labels: (B, N) within [0, 1]; not a number where nothing is known.

    Returns:
        (N,) losses, and gradients.
    """
    logits, raised = forward(seen, weights)
    known = np.isfinite(labels)
    wanted = np.where(known, labels, 0).astype(np.float32)
    # log(1 + exp(x)) - label * x, without overflow.
    losses = np.where(known, np.maximum(logits, 0) - logits * wanted + np.log1p(np.exp(-np.abs(logits))), 0)
    chances = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
    push = (np.where(known, chances - wanted, 0) / len(seen)).astype(np.float32)
    back = (push @ weights.out.T) * (raised > 0)
    gradients = (seen.T @ back, back.sum(axis=0), np.maximum(raised, 0).T @ push, seen.T @ push, push.sum(axis=0))
    return losses.mean(axis=0, dtype=np.float64), gradients
