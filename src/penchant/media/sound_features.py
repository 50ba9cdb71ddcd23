"""What a clip sounds like, in 14 numbers: statistics of its log-mel spectrum. Pure NumPy."""

import numpy as np
from numpy.typing import NDArray

SOUND_RATE = 16_000
"""Samples a second that `sound` expects, mono."""

_WINDOW = 512
_HOP = 256
_BANDS = 24
_LOWEST_HZ, _HIGHEST_HZ = 60.0, 7600.0
_FLOOR = 1e-7


def sound(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """(14,): shape of the mean spectrum (8), loudness, its spread, attacks, brightness, tonality, silence.

    samples: (N,) float32, within ±1, mono at `SOUND_RATE`. All zero when there is no sound worth the name.
    """
    mel = log_mel(samples)
    if not len(mel) or float(np.abs(samples).max()) < 1e-3:
        return np.zeros(14, np.float32)
    mean = mel.mean(axis=0)
    level = mel.mean(axis=1)
    shape = (mean - mean.mean()).reshape(8, -1).mean(axis=1)
    rise = np.maximum(np.diff(mel, axis=0), 0.0).mean(axis=1) if len(mel) > 1 else np.zeros(1)
    weights = np.exp(mean - mean.max())
    brightness = float((weights * np.arange(_BANDS)).sum() / weights.sum()) / _BANDS
    tonality = float(np.mean(mel.max(axis=1) - mel.mean(axis=1)))
    silence = float((level < level.max() - 5.0).mean())
    statistics = [
        level.mean(),
        level.std(),
        rise.mean(),
        float(np.quantile(rise, 0.95)),
        brightness,
        tonality - silence,
    ]
    return np.array([*shape, *statistics], np.float32)


def log_mel(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """(F, 24) float32: natural logarithm of the power in 24 mel bands, a row each 16 ms.

    Source: O'Shaughnessy, Speech Communication (1987), mel = 2595 log10(1 + f / 700).
    """
    if len(samples) < _WINDOW:
        return np.zeros((0, _BANDS), np.float32)
    rows = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_HOP]
    power = np.abs(np.fft.rfft(rows * np.hanning(_WINDOW).astype(np.float32), axis=1)) ** 2 / _WINDOW
    return np.log(power @ _mel_filters().T + _FLOOR).astype(np.float32)


def _mel_filters() -> NDArray[np.float64]:
    """(24, 257): triangles, evenly spaced on the mel scale, each of sum 1."""
    mels = np.linspace(_to_mel(_LOWEST_HZ), _to_mel(_HIGHEST_HZ), _BANDS + 2)
    edges = 700.0 * (10.0 ** (mels / 2595.0) - 1.0)
    hertz = np.fft.rfftfreq(_WINDOW, 1.0 / SOUND_RATE)
    rising = (hertz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - hertz) / (edges[2:] - edges[1:-1])[:, None]
    filters = np.maximum(0.0, np.minimum(rising, falling))
    return np.asarray(filters / np.maximum(filters.sum(axis=1, keepdims=True), 1e-9))


def _to_mel(hertz: float) -> float:
    return float(2595.0 * np.log10(1.0 + hertz / 700.0))
