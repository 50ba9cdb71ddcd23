"""Colours: smooth ramps through a palette, mixed in OKLab so that no step turns grey or jumps in lightness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Frame = NDArray[np.uint8]
Field = NDArray[np.floating]

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def rgb(colour: str) -> NDArray[np.uint8]:
    """`#rrggbb` as (3,) uint8."""
    return np.frombuffer(bytes.fromhex(colour.lstrip("#")), dtype=np.uint8)


def to_oklab(colours: NDArray[np.uint8]) -> NDArray[np.float64]:
    """sRGB (N, 3) uint8 → OKLab (N, 3). Source: B. Ottosson, "A perceptual color space for image processing"."""
    part = colours.astype(np.float64) / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ _TO_LMS.T) @ _TO_LAB.T)


def from_oklab(lab: NDArray[np.float64]) -> NDArray[np.uint8]:
    """OKLab (N, 3) → sRGB (N, 3) uint8, clipped into the gamut."""
    lms = (lab @ np.linalg.inv(_TO_LAB).T) ** 3
    linear = np.clip(lms @ np.linalg.inv(_TO_LMS).T, 0, 1)
    part = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(part * 255), dtype=np.uint8)


@dataclass(frozen=True)
class Ramp:
    """A table of colours; looking a field up in it paints a frame.

    Packed as one uint32 per colour: one gather of 4 bytes is three times as fast as three of one byte.
    """

    packed: NDArray[np.uint32]

    @classmethod
    def of(cls, colours: NDArray[np.uint8]) -> Ramp:
        """A ramp from (N, 3) uint8."""
        table = np.zeros((len(colours), 4), dtype=np.uint8)
        table[:, :3] = colours
        return cls(table.view(np.uint32)[:, 0].copy())

    @property
    def size(self) -> int:
        return len(self.packed)

    @property
    def colours(self) -> NDArray[np.uint8]:
        """(N, 3) uint8."""
        return self.packed.view(np.uint8).reshape(-1, 4)[:, :3]

    def at(self, position: NDArray[np.integer]) -> Frame:
        """Index (H, W) in [0, size) → (H, W, 3) uint8."""
        picked = np.take(self.packed, position, mode="clip")
        return picked.view(np.uint8).reshape(*position.shape, 4)[..., :3]

    def paint(self, field: Field) -> Frame:
        """Field (H, W) in [0, 1], clipped → (H, W, 3) uint8."""
        return self.at((field * (self.size - 1)).astype(np.int32))

    def through(self, field: Field) -> Ramp:
        """The ramp that paints place n as this one paints `field[n]`; field (N,) in [0, 1], clipped."""
        place = np.clip(field * (self.size - 1), 0, self.size - 1).astype(np.int32)
        return Ramp(self.packed[place])

    def paint_around(self, field: Field) -> Frame:
        """Field (H, W) of any value, taken modulo 1: for cyclic ramps, whose size is a power of two."""
        return self.at((field * self.size).astype(np.int32) & (self.size - 1))


def ramp(stops: Sequence[str], size: int = 1024, cyclic: bool = False) -> Ramp:
    """A smooth ramp through `stops` (`#rrggbb`), equally spaced; `cyclic` walks there and back so that it closes."""
    if cyclic:
        stops = [*stops, *reversed(stops[1:-1]), stops[0]]
    lab = to_oklab(np.stack([rgb(stop) for stop in stops]))
    where = np.linspace(0, len(stops) - 1, size)
    left = np.minimum(where.astype(int), len(stops) - 2)
    # Eased between stops: the corner of a linear ramp shows as a band.
    part = (where - left)[:, None]
    part = 0.5 * part + 0.5 * part * part * (3 - 2 * part)
    return Ramp.of(from_oklab(lab[left] * (1 - part) + lab[left + 1] * part))


def shaded(stops: Sequence[str], hues: int = 256, shades: int = 64, cyclic: bool = False) -> Ramp:
    """A two-way table: hue along the stops, shade from dark (0) over the colour itself (middle) to light.

    Look up `hue_index * shades + shade_index`.
    """
    lab = to_oklab(ramp(stops, hues, cyclic).colours)
    shade = np.linspace(-1, 1, shades)[None, :, None]
    dark = lab[:, None, :] * np.array([1, 1, 1]) * (1 + np.minimum(shade, 0) * 0.85)
    white = np.array([1.0, 0.0, 0.0])
    table = dark + np.maximum(shade, 0) * 0.8 * (white - dark)
    return Ramp.of(from_oklab(table.reshape(-1, 3)))


def mix(one: str, other: str, part: float) -> str:
    """The colour `part` of the way from `one` to `other`, through OKLab."""
    lab = to_oklab(np.stack([rgb(one), rgb(other)]))
    return "#" + bytes(from_oklab(lab[:1] * (1 - part) + lab[1:] * part)[0]).hex()


def lightness(colour: str) -> float:
    """OKLab lightness in [0, 1]."""
    return float(to_oklab(rgb(colour)[None, :])[0, 0])
