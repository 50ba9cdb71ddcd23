"""Which frame stands for a clip: sharp, contrasty, neither black nor burnt out. Pure NumPy."""

import numpy as np
from numpy.typing import NDArray


def frame_quality(luma: NDArray[np.uint8]) -> float:
    """How well one frame would serve as a poster, ≥ 0; only comparable within a clip.

    luma: (H, W) uint8, small (about 200 px a side is enough).
    The product of sharpness (mean absolute Laplacian), contrast (10 to 90 % range) and exposure (distance of
    the mean from black and white), so that a frame lacking one of them cannot win by another.
    """
    y = luma.astype(np.float32) / 255.0
    if min(y.shape) < 3:
        return 0.0
    inner = y[1:-1, 1:-1]
    laplacian = 4.0 * inner - y[:-2, 1:-1] - y[2:, 1:-1] - y[1:-1, :-2] - y[1:-1, 2:]
    sharpness = float(np.abs(laplacian).mean())
    low, high = np.quantile(y, [0.1, 0.9])
    mean = float(y.mean())
    exposure = min(1.0, mean / 0.15, (1.0 - mean) / 0.1)
    # Sharpness by its root: film grain and noise must not beat a clear picture.
    return max(0.0, float(np.sqrt(sharpness)) * (0.05 + float(high - low)) * max(exposure, 0.01))


def pick_covers(qualities: list[float], count: int) -> list[int]:
    """Indices of the `count` best candidates in the order of time, the first frame only where the others are fewer."""
    order = sorted(range(1, len(qualities)), key=lambda at: (-qualities[at], at))
    return sorted([*order, 0][:count])


def pick_poster(qualities: list[float]) -> int:
    """Index of the best candidate; the first frame (index 0) only if it is alone. Ties go to the earlier."""
    if not qualities:
        raise ValueError("a clip without frames has no poster")
    if len(qualities) == 1:
        return 0
    later = qualities[1:]
    return 1 + max(range(len(later)), key=lambda at: (later[at], -at))
