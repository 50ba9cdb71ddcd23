"""What showing a video is worth: one small file of weights, which viewers can read.

    worth = sum of weight * chance, over the heads
    score = the blend's score + log2(worth / (weight of a long view * its chance))

So where nothing but long views had a weight, the blend's order would stand as it is; what else a viewer gets from a
video moves it by as many doublings as it multiplies its worth.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np

from penchant.core.errors import SettingWrong
from penchant.taste.fixed import Int64s, log2_q16
from penchant.taste.heads import HEADS, LONG

WEIGHT_BITS: Final = 8
WEIGHT_AT_MOST: Final = 100
MOVES_AT_MOST: Final = 2 << 16
"""Doublings of odds in Q16 by which worth moves a score at most."""


@dataclass(frozen=True, slots=True)
class Values:
    """Weights as a file says them."""

    version: int
    weights: tuple[float, ...]
    """(N) of each head: multiples of 1/256."""
    digest: str
    """SHA-256 of the file, hexadecimal: page records name it."""

    def worth(self, chances_q24: Int64s) -> Int64s:
        """Doublings of odds in Q16 that worth adds to scores: (K, N) chances in Q24 → (K,)."""
        whole = np.array([round(weight * (1 << WEIGHT_BITS)) for weight in self.weights], dtype=np.int64)
        of_long = chances_q24[:, LONG] * whole[LONG]
        moved = log2_q16(np.maximum(chances_q24 @ whole, 1)) - log2_q16(of_long)
        worth: Int64s = np.clip(moved, -MOVES_AT_MOST, MOVES_AT_MOST)
        return worth


def values_file(path: Path | None = None) -> bytes:
    """The file of weights as it is; without a path that which comes with this version. Raises OSError."""
    return path.read_bytes() if path is not None else files("penchant.taste").joinpath("values.toml").read_bytes()


def read_values(path: Path | None = None) -> Values:
    """The weights of a file; without one those that come with this version.

    Raises:
        SettingWrong: it cannot be read, or is not a file of weights.
    """
    try:
        raw = values_file(path)
    except OSError as problem:
        raise SettingWrong(f"the file of value weights cannot be read: {problem}") from problem
    return parse_values(raw, path)


def parse_values(raw: bytes, path: Path | None = None) -> Values:
    """The weights that a file's bytes say.

    Raises:
        SettingWrong: it is no file of weights; `path` is named.
    """
    try:
        said = tomllib.loads(raw.decode("utf-8"))
    except ValueError as problem:
        raise SettingWrong(f"the file of value weights cannot be read: {problem}") from problem
    if problems := _problems(said):
        raise SettingWrong(f"the file of value weights {path or ''}: {'; '.join(problems)}".replace("  ", " "))
    return Values(
        said["version"], tuple(float(said["weights"][head]) for head in HEADS), hashlib.sha256(raw).hexdigest()
    )


@cache
def standard_values() -> Values:
    """The weights that come with this version."""
    return read_values()


def _problems(said: dict[str, Any]) -> list[str]:
    problems = []
    if not isinstance(said.get("version"), int) or said["version"] < 1:
        problems.append("version must be a whole number from 1 on")
    weights = said.get("weights")
    if not isinstance(weights, dict):
        return [*problems, "there is no table [weights]"]
    problems += [f"there is no weight of {head}" for head in HEADS if head not in weights]
    problems += [f"nothing is known of {name}" for name in sorted(weights.keys() - set(HEADS))]
    for name, weight in weights.items():
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not abs(weight) <= WEIGHT_AT_MOST:
            problems.append(f"{name} must be a number from -{WEIGHT_AT_MOST} to {WEIGHT_AT_MOST}")
    long = weights.get("long", 1)
    if isinstance(long, int | float) and not long >= 1 / (1 << WEIGHT_BITS):
        problems.append("long must be above 0: everything else is weighed against it")
    return problems
