"""A curve of any length in bounded room: means over equal stretches; when it is full, neighbours are joined."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

POINTS: Final = 256
"""Most points of a curve; from there on it has between half as many and all."""


class Curve:
    """Values in their order, told as means of `stride` values each: a function of the values alone."""

    def __init__(self, points: int = POINTS) -> None:
        """`points`: an even number."""
        self._most = points
        self.means: list[float] = []
        self.stride = 1
        """Values that each mean is of."""
        self._sum, self._count = 0.0, 0

    def add(self, value: float) -> None:
        """One more."""
        self._sum += value
        self._count += 1
        if self._count < self.stride:
            return
        self.means.append(self._sum / self._count)
        self._sum, self._count = 0.0, 0
        if len(self.means) == self._most:
            self.means = [(one + other) / 2 for one, other in zip(self.means[::2], self.means[1::2], strict=True)]
            self.stride *= 2

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything that is needed to go on."""
        return {
            "curve": np.array(self.means, dtype=np.float64),
            "curve_state": np.array([self.stride, self._count, self._sum], dtype=np.float64),
        }

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """The inverse of `arrays`."""
        self.means = arrays["curve"].tolist()
        stride, count, self._sum = arrays["curve_state"].tolist()
        self.stride, self._count = int(stride), int(count)
