"""Sums of which everything halves with time, one row per video.

Forward decay: what happens at t adds 2**((t - landmark) / half_life), and a reader divides by the same of now. So
adding costs one number, nothing has to be walked over as time goes by, and the order of videos by one sum does not
depend on when it is read.

Source: Cormode, Shkapenyuk, Srivastava, Xu 2009, "Forward decay", ICDE, section III.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Float32s: TypeAlias = npt.NDArray[np.float32]
Floats: TypeAlias = npt.NDArray[np.float64]

HOUR_MS: Final = 3_600_000
_FURTHEST: Final = 40
"""Doublings after which the landmark moves: far inside the range of float32, where sums are kept."""


class Decayed:
    """(V, H, *shape) sums, one for each of H half-lives."""

    def __init__(self, half_lives_h: Sequence[float], shape: tuple[int, ...] = (), *, precise: bool = False) -> None:
        """`precise`: keep float64 (counts); float32 is enough for sums of vectors, which are large."""
        self.half_lives_ms = np.array(half_lives_h, dtype=np.float64) * HOUR_MS
        self._half_lives = self.half_lives_ms.tolist()
        self._inner = (1,) * len(shape)
        self._settled: dict[int, Float32s] = {}
        self.landmark_ms = 0
        """What happened then adds 1."""
        self.sums: npt.NDArray[np.floating] = np.zeros(
            (0, len(half_lives_h), *shape), dtype=np.float64 if precise else np.float32
        )

    def grow(self, videos: int) -> None:
        """Makes room for so many rows."""
        if videos > len(self.sums):
            more = np.zeros((max(videos, 2 * len(self.sums)) - len(self.sums), *self.sums.shape[1:]), self.sums.dtype)
            self.sums = np.concatenate([self.sums, more])

    def add(self, place: int, amount: float | Float32s | Floats, at_ms: int) -> None:
        """Adds an amount (a number, or an array of `shape`) that happened at `at_ms` to every half-life of a row."""
        if (at_ms - self.landmark_ms) / self._half_lives[0] > _FURTHEST:
            self._move(at_ms)
        # Plain numbers: there are a few half-lives only, and an array for them costs ten times as much.
        weights = [2.0 ** ((at_ms - self.landmark_ms) / half_life) for half_life in self._half_lives]
        row = self.sums[place]
        for number, weight in enumerate(weights):
            row[number] += weight * amount

    def factors(self, as_of_ms: int) -> Floats:
        """(H,) what to multiply `sums` by for their value at a time."""
        # Of a time before the landmark more is not known than that it was more.
        return np.exp2(np.minimum((self.landmark_ms - as_of_ms) / self.half_lives_ms, _FURTHEST))

    def at(self, places: npt.NDArray[np.intp] | slice, as_of_ms: int) -> Floats:
        """(K, H, *shape) values at a time."""
        values: Floats = self.sums[places] * self.factors(as_of_ms).reshape(-1, *self._inner)
        return values

    def settle(self, half_lives: Sequence[int]) -> None:
        """These sums stay as they are: `along` some half-lives will be asked for again and again."""
        # A product with the transposed table takes a quarter of the time of one with every third row of it.
        self._settled = {place: np.ascontiguousarray(self.sums[:, place].T) for place in half_lives}

    def along(self, direction: Float32s, half_life: int, at: npt.NDArray[np.intp] | slice) -> Floats:
        """Sums of vectors, times a direction, as of the landmark: (D,) → (K,) at K rows.

        Each of a few rows is added up by itself, so that it does not depend on which others are asked for.
        """
        if not isinstance(at, slice):
            products = np.einsum("kd,d->k", self.sums[at, half_life], direction)
        elif (settled := self._settled.get(half_life)) is not None:
            products = (direction @ settled)[at]
        else:
            products = self.sums[at, half_life] @ direction
        wide: Floats = products.astype(np.float64)
        return wide

    def state(self, videos: int) -> tuple[npt.NDArray[np.floating], int]:
        """The first rows, and the landmark they are of."""
        return self.sums[:videos], self.landmark_ms

    def restore(self, sums: npt.NDArray[np.floating], landmark_ms: int) -> None:
        """The inverse of `state`; the array is used as it is."""
        self.sums, self.landmark_ms = sums, landmark_ms

    def keep(self, places: npt.NDArray[np.intp]) -> None:
        """Only these rows stay, in this order."""
        self.sums = self.sums[places]

    def turn(self, moved: Float32s) -> None:
        """Carries sums of vectors into another space: (…, D) @ (D, D')."""
        self.sums = self.sums @ moved

    def _move(self, at_ms: int) -> None:
        """A later landmark: everything is scaled down at once."""
        scale = np.exp2((self.landmark_ms - at_ms) / self.half_lives_ms) if self.landmark_ms else 0 * self.half_lives_ms
        self.sums *= scale.astype(self.sums.dtype).reshape(-1, *self._inner)
        self.landmark_ms = at_ms
