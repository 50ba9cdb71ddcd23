"""A sequence encoder: what a viewer watched long, in order, to a point near what they may watch next.

Only what viewers did goes in, never what they were shown. This is inference, in NumPy; `encoder_training` learns the
parameters, in JAX, by this same `states`, and is all that the extra `deep` is needed for.

Source: Kang, McAuley 2018, "Self-attentive sequential recommendation" (SASRec), arXiv 1808.09781, section III; layers
normalise what they read, Xiong et al. 2020, arXiv 2002.04745, section 3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

Float32s: TypeAlias = npt.NDArray[np.float32]
Parameters: TypeAlias = Mapping[str, Any]
"""By name, arrays of NumPy or of JAX. N layers, D dimensions, L positions, V videos.

`videos` (V + 1, D), the last row for a place where there is none; `positions` (L, D); `query`, `key`, `value`,
`mix`, `widen`, `narrow` (N, D, D); `norms` (N, 2, 2, D) scale and shift before each half of a layer; `last` (2, D).
"""

DIMENSIONS: Final = 64
LAYERS: Final = 2
LENGTH: Final = 32
"""Newest long views that are read. The mean profile on KuaiRand has 15."""
_NORM_FLOOR: Final = 1e-6
_MASKED: Final = -1e9


def new_parameters(videos: int, seed: int) -> dict[str, Float32s]:
    """Before anything is learned."""
    rng = np.random.default_rng((seed, 21))

    def drawn(*shape: int, size: float) -> Float32s:
        return (rng.normal(size=shape) * size).astype(np.float32)

    square = (LAYERS, DIMENSIONS, DIMENSIONS)
    matrices = {
        name: drawn(*square, size=DIMENSIONS**-0.5) for name in ("query", "key", "value", "mix", "widen", "narrow")
    }
    flat = np.zeros((LAYERS, 2, 2, DIMENSIONS), dtype=np.float32)
    flat[:, :, 0] = 1
    return matrices | {
        "videos": drawn(videos + 1, DIMENSIONS, size=0.02),
        "positions": drawn(LENGTH, DIMENSIONS, size=0.02),
        "norms": flat,
        "last": np.stack([np.ones(DIMENSIONS), np.zeros(DIMENSIONS)]).astype(np.float32),
    }


def _same(values: Any) -> Any:
    return values


def states(arrays: Any, parameters: Parameters, places: Any, drop: Callable[[Any], Any] = _same) -> Any:
    """What is known after each of the watched videos: (B, L) places → (B, L, D).

    Args:
        arrays: `numpy` or `jax.numpy`, whichever the parameters are of.
        places: the newest last; V where there is none.
        drop: what is done to what enters a sum, in training.
    """
    length, nothing = places.shape[1], parameters["videos"].shape[0] - 1
    order = np.arange(length)
    there = places != nothing
    allowed = (order[:, None] >= order[None, :])[None] & there[:, None, :]
    values = parameters["videos"][places] * np.float32(DIMENSIONS**0.5) + parameters["positions"][-length:]
    values = drop(values) * there[:, :, None]
    for layer in range(LAYERS):
        heard = _normal(arrays, values, parameters["norms"][layer, 0])
        query, key, value = (heard @ parameters[name][layer] for name in ("query", "key", "value"))
        weights = query @ key.swapaxes(1, 2) * np.float32(DIMENSIONS**-0.5)
        weights = arrays.where(allowed, weights, np.float32(_MASKED))
        weights = arrays.exp(weights - weights.max(axis=2, keepdims=True))
        weights = weights / weights.sum(axis=2, keepdims=True)
        values = values + drop(weights @ value @ parameters["mix"][layer])
        heard = _normal(arrays, values, parameters["norms"][layer, 1])
        values = values + drop(arrays.maximum(heard @ parameters["widen"][layer], 0) @ parameters["narrow"][layer])
    return _normal(arrays, values, parameters["last"])


def _normal(arrays: Any, values: Any, norm: Any) -> Any:
    centred = values - values.mean(axis=-1, keepdims=True)
    spread = arrays.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(_NORM_FLOOR))
    return centred / spread * norm[0] + norm[1]


def padded(sequences: Sequence[Sequence[int]], length: int, nothing: int) -> npt.NDArray[np.int32]:
    """(B, length): the newest of each at the end, `nothing` before its first."""
    rows = np.full((len(sequences), length), nothing, dtype=np.int32)
    for row, sequence in zip(rows, sequences, strict=True):
        if kept := sequence[-length:]:
            row[-len(kept) :] = kept
    return rows


@dataclass(frozen=True, slots=True)
class Encoder:
    """What was learned, ready to score."""

    parameters: Mapping[str, Float32s]

    @property
    def videos(self) -> int:
        """V, the size of the catalogue that it was made for."""
        return len(self.parameters["videos"]) - 1

    def scores(self, watched: Sequence[int]) -> Float32s:
        """(V,) for whoever watched these places long, the oldest first; zeros for nobody in particular."""
        if not len(watched):
            return np.zeros(self.videos, dtype=np.float32)
        own = list(watched[-LENGTH:])
        # Positions count from the newest, so what is not there needs no row.
        state = states(np, self.parameters, np.array([own], dtype=np.int64))[0, -1]
        scores: Float32s = self.parameters["videos"][:-1] @ state
        return scores
