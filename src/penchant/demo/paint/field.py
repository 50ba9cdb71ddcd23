"""Fields: float arrays over the picture, that a ramp turns into colours."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from penchant.demo.paint.colour import Field


def grid(height: int, width: int) -> tuple[Field, Field]:
    """Coordinates of the pixel centres: y (H, 1) and x (1, W) float32; x runs from -1 to 1, y by the same unit."""
    y = (np.arange(height, dtype=np.float32) + 0.5 - height / 2) * (2 / width)
    x = (np.arange(width, dtype=np.float32) + 0.5 - width / 2) * (2 / width)
    return y[:, None], x[None, :]


def smoothstep(low: float, high: float, value: Field) -> Field:
    """0 below `low`, 1 above `high`, an S between them."""
    part = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(part * part * (3 - 2 * part))


@lru_cache(maxsize=32)
def _spline(source: int, target: int, wrap: bool) -> NDArray[np.float32]:
    """(target, source): cubic B-spline weights; smooth in value, slope and curvature."""
    weights = np.zeros((target, source), dtype=np.float32)
    place = (np.arange(target) + 0.5) * source / target - 0.5
    first = np.floor(place).astype(int) - 1
    t = place - first - 1
    basis = ((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3)
    for tap, weight in enumerate(basis):
        column = first + tap
        column = column % source if wrap else np.clip(column, 0, source - 1)
        np.add.at(weights, (np.arange(target), column), weight / 6)
    return weights


def enlarge(small: Field, height: int, width: int, wrap: bool = False) -> Field:
    """A small field (h, w) as a smooth one of (height, width): two thin matrix products."""
    rows = _spline(small.shape[0], height, wrap)
    columns = _spline(small.shape[1], width, wrap)
    return np.asarray((rows @ small.astype(np.float32)) @ columns.T)


def clouds(rng: np.random.Generator, height: int, width: int, cells: float) -> Field:
    """Smooth random hills (H, W), about 0 with deviation 1; `cells` hills across the width."""
    down = max(2, round(cells * height / width))
    hills = enlarge(rng.standard_normal((down + 2, max(2, round(cells)) + 2)), height, width)
    return np.asarray((hills - hills.mean()) / (hills.std() + 1e-6), dtype=np.float32)


@dataclass
class Light:
    """Points of light gathered on a picture, fading from frame to frame: trails for nothing."""

    height: int
    width: int
    fading: float
    energy: Field = field(init=False)
    warmth: Field = field(init=False)

    def __post_init__(self) -> None:
        self.energy = np.zeros((self.height, self.width), dtype=np.float32)
        self.warmth = np.zeros((self.height, self.width), dtype=np.float32)

    def fade(self) -> None:
        self.energy *= self.fading
        self.warmth *= self.fading

    def add(self, y: Field, x: Field, weight: Field, hue: Field) -> None:
        """Adds points at pixel places y, x (P,), shared over the four pixels around; hue (P,) in [0, 1]."""
        row = np.floor(y).astype(np.int64)
        column = np.floor(x).astype(np.int64)
        inside = (row >= 0) & (row < self.height - 1) & (column >= 0) & (column < self.width - 1)
        row, column, weight, hue = row[inside], column[inside], weight[inside], hue[inside]
        down, right = y[inside] - row, x[inside] - column
        flat = row * self.width + column
        where = np.concatenate([flat, flat + 1, flat + self.width, flat + self.width + 1])
        share = np.concatenate([(1 - down) * (1 - right), (1 - down) * right, down * (1 - right), down * right])
        share *= np.tile(weight, 4)
        pixels = self.height * self.width
        self.energy += np.bincount(where, share, pixels).reshape(self.energy.shape)
        self.warmth += np.bincount(where, share * np.tile(hue, 4), pixels).reshape(self.energy.shape)

    def developed(self, exposure: float, bloom: float = 0.6) -> tuple[Field, Field]:
        """Brightness and hue (H, W) in [0, 1]: bloom added, then a film curve, so that no light burns out flat."""
        light, warmth = self.energy, self.warmth
        hue = warmth / (light + 1e-4)
        if bloom:
            quarter = light[: self.height // 4 * 4, : self.width // 4 * 4]
            small = quarter.reshape(self.height // 4, 4, self.width // 4, 4).mean(axis=(1, 3))
            small = (small + np.roll(small, 1, 0) + np.roll(small, -1, 0)) / 3
            small = (small + np.roll(small, 1, 1) + np.roll(small, -1, 1)) / 3
            light = light + bloom * enlarge(small, self.height, self.width)
        return np.asarray(1 - np.exp(-exposure * light)), np.asarray(hue)
