"""Pictures and clips that are drawn from a number, for tests of perceptual hashes."""

import numpy as np
from numpy.typing import NDArray


def picture(seed: int, height: int, width: int, busy: int = 1) -> NDArray[np.uint8]:
    """(H, W, 3): waves and discs of colour."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    y, x = y / height, x / width
    out = np.zeros((height, width, 3))
    for channel in range(3):
        for _ in range(12):
            fx, fy = rng.integers(-6 * busy, 6 * busy + 1, 2)
            phase = rng.random() * 6.283
            out[..., channel] += rng.random() * np.sin(6.283 * (fx * x + fy * y) + phase)
        for _ in range(8 * busy**2):
            cy, cx, r = rng.random(3)
            r = (0.05 + 0.2 * r) / busy
            out[..., channel][(y - cy) ** 2 + (x - cx) ** 2 < r * r] += rng.normal() * 3
    out -= out.min()
    out *= 255 / out.max()
    return np.rint(out).astype(np.uint8)


def clip(seed: int, frames: int = 16) -> tuple[NDArray[np.uint8], tuple[int, ...]]:
    """(F, 228, 128, 3) with times: a large picture seen through a window that wanders."""
    large = picture(seed, 228 + 6 * frames, 128 + 6 * frames, busy=3)
    rng = np.random.default_rng(seed)
    down, across = rng.integers(2, 6, 2)
    seen = [large[down * at : down * at + 228, across * at : across * at + 128] for at in range(frames)]
    return np.stack(seen), tuple(250 * at for at in range(frames))
