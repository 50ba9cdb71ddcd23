"""What a clip looks like, in a few numbers per aspect: colour, texture, motion. Pure NumPy.

Every function takes frames (T, S, S, 3) uint8 RGB, T ≥ 1 square frames, and gives raw statistics,
each roughly within a known range; `media.encoder` centres and weighs them.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.uint8]
Features = NDArray[np.float32]

_ORIENTATIONS = 6


def colour(frames: Frames) -> Features:
    """(10,): mean and spread of lightness, red-green, yellow-blue; chroma; dark, bright, vivid shares."""
    rgb = frames[:, ::2, ::2].astype(np.float32) / 255.0
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    light = (red + green + blue) / 3.0
    red_green = red - green
    yellow_blue = (red + green) / 2.0 - blue
    chroma = np.hypot(red_green, yellow_blue)
    planes = (light, red_green, yellow_blue)
    return np.array(
        [
            *(plane.mean() for plane in planes),
            *(plane.std() for plane in planes),
            chroma.mean(),
            (light < 0.12).mean(),
            (light > 0.85).mean(),
            (chroma > 0.35).mean(),
        ],
        np.float32,
    )


def texture(frames: Frames) -> Features:
    """(14,): edge directions (6), edges at three scales, spectrum in four octaves, entropy of the greys."""
    luma = _luma(frames[:: max(1, len(frames) // 12)])
    down, across = luma[:, 1:, :-1] - luma[:, :-1, :-1], luma[:, :-1, 1:] - luma[:, :-1, :-1]
    strength = np.hypot(down, across)
    angle = np.mod(np.arctan2(down, across), np.pi)
    directions = np.bincount(
        np.minimum((angle * (_ORIENTATIONS / np.pi)).astype(np.intp), _ORIENTATIONS - 1).ravel(),
        weights=strength.ravel(),
        minlength=_ORIENTATIONS,
    )
    directions = directions / (directions.sum() + 1e-6)
    amounts = [
        np.log1p(40.0 * np.abs(_shrink(luma, step)[:, :, 1:] - _shrink(luma, step)[:, :, :-1]).mean())
        for step in (1, 2, 4)
    ]
    levels = np.bincount((luma * 31.99).astype(np.intp).ravel(), minlength=32) / luma.size
    entropy = -float((levels * np.log2(levels + 1e-9)).sum())
    return np.array([*directions, *amounts, *_octaves(luma), entropy], np.float32)


def motion(frames: Frames, times_s: NDArray[np.float64]) -> Features:
    """(10,): how much changes and how steadily, where, whether it returns, flicker and drift of colour.

    times_s: (T,) seconds; only neighbours closer than 0.4 s are compared, so windows may lie far apart.
    """
    luma = _luma(frames)
    near = np.diff(times_s) < 0.4
    if not near.any():
        return np.zeros(10, np.float32)
    change = np.abs(np.diff(luma, axis=0))[near]
    amount = change.mean(axis=(1, 2))
    where = change.mean(axis=0)
    side = where.shape[0]
    inner = where[side // 4 : -side // 4, side // 4 : -side // 4].mean()
    total = where.mean() + 1e-6
    rows, columns = where.mean(axis=1), where.mean(axis=0)
    lags = [_returns(luma, lag) for lag in (2, 4, 8)]
    tint = frames.reshape(len(frames), -1, 3).mean(axis=1) / 255.0
    return np.array(
        [
            np.log1p(50.0 * amount.mean()),
            float(amount.std() / (amount.mean() + 1e-3)),
            np.log(inner / total + 1e-2),
            (change > 0.06).mean(),
            float(rows.std() / total),
            float(columns.std() / total),
            *lags,
            np.log1p(50.0 * float(np.abs(np.diff(tint, axis=0)[near]).mean())),
        ],
        np.float32,
    )


def _luma(frames: Frames) -> NDArray[np.float32]:
    weights = np.array([0.2126, 0.7152, 0.0722], np.float32) / 255.0
    return np.asarray(frames.astype(np.float32) @ weights, np.float32)


def _shrink(luma: NDArray[np.float32], step: int) -> NDArray[np.float32]:
    count, side = luma.shape[0], luma.shape[1] // step
    return np.asarray(luma.reshape(count, side, step, side, step).mean(axis=(2, 4)), np.float32)


def _octaves(luma: NDArray[np.float32]) -> list[float]:
    """Share of the spectrum's energy in four octaves, as logarithms; their sum is 1 before."""
    side = luma.shape[1]
    window = np.hanning(side).astype(np.float32)
    tapered = (luma - luma.mean(axis=(1, 2), keepdims=True)) * window[:, None] * window
    energy = (np.abs(np.fft.rfft2(tapered)) ** 2).mean(axis=0)
    radius = np.hypot(np.minimum(np.arange(side), side - np.arange(side))[:, None], np.arange(side // 2 + 1))
    edges = [1.0, 4.0, 8.0, 16.0, side / 2.0]
    bands = [float(energy[(radius >= a) & (radius < b)].sum()) for a, b in pairwise(edges)]
    whole = sum(bands) + 1e-9
    return [float(np.log(band / whole + 1e-3)) for band in bands]


def _returns(luma: NDArray[np.float32], lag: int) -> float:
    """How alike the picture is `lag` frames later, 0 to 1; 1 for a still picture."""
    if len(luma) <= lag:
        return 1.0
    spread = luma.std() + 0.02
    return float(1.0 - np.tanh(np.abs(luma[lag:] - luma[:-lag]).mean() / spread))
