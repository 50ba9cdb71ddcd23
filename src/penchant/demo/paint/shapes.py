"""Shapes by their distance: coverage comes from the distance to an edge, so every edge is smooth."""

from __future__ import annotations

import numpy as np

from penchant.demo.paint.colour import Field, rgb


def ink(distance: Field) -> Field:
    """Coverage in [0, 1] of a shape whose edge is `distance` pixels away, negative inside."""
    return np.asarray(np.clip(0.5 - distance, 0, 1))


def capsule(y: Field, x: Field, y0: float, x0: float, y1: float, x1: float) -> Field:
    """Distance of the points y (H, 1), x (1, W) to the line from (y0, x0) to (y1, x1): (H, W)."""
    down, right = np.float32(y1 - y0), np.float32(x1 - x0)
    length = down * down + right * right + np.float32(1e-12)
    part = np.clip(((y - np.float32(y0)) * down + (x - np.float32(x0)) * right) / length, 0, 1)
    off_y, off_x = y - np.float32(y0) - part * down, x - np.float32(x0) - part * right
    return np.asarray(np.sqrt(off_y * off_y + off_x * off_x))


def over(frame: Field, colour: str | tuple[int, ...], coverage: Field) -> None:
    """Lays a colour over a float frame (H, W, 3) in place, by its coverage (H, W)."""
    paint = rgb(colour).astype(np.float32) if isinstance(colour, str) else np.array(colour, np.float32)
    frame += coverage[..., None].astype(np.float32) * (paint - frame)
