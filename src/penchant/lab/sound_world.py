"""Sounds that are drawn, for measuring fingerprints: tunes and voices that are hard to tell apart, and noise.

The same seed draws the same samples: (N,) float32 within ±1, mono, `RATE` a second.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE: Final = 16_000
Wave = NDArray[np.float32]

_SCALE = (0, 2, 4, 5, 7, 9, 11)
_BEATS_PER_MINUTE = (100, 120)
"""Two tempos and one scale for all tunes: what differs is what is played."""


def tune(seed: int, seconds: float) -> Wave:
    """A melody over broken chords, bass and drums, in C major."""
    rng = np.random.default_rng([1, seed])
    beat = 60 / _BEATS_PER_MINUTE[seed % 2]
    colour = rng.uniform(0.2, 0.8, 8) ** np.arange(8)
    out = np.zeros(int(seconds * RATE), np.float32)
    for start in np.arange(0, seconds, 4 * beat):
        root = int(rng.choice([0, 3, 4, 5]))
        _note(out, start, 4 * beat, _hertz(root - 14), colour * 0.5, 0.5)
        for place in range(8):
            _note(out, start + place * beat / 2, beat / 2, _hertz(root + (0, 2, 4)[place % 3] - 7), colour, 0.25)
            if rng.random() < 0.7:
                _note(
                    out,
                    start + place * beat / 2,
                    beat * rng.choice([0.5, 1.0]),
                    _hertz(int(rng.integers(0, 14))),
                    colour,
                    0.5,
                )
            _drum(out, start + place * beat / 2, 0.25 if place % 2 else 0.5, rng)
    return _level(out)


def voice(seed: int, seconds: float) -> Wave:
    """Syllables: a gliding pitch through three formants, now and then a hiss. Like speech, not speech."""
    rng = np.random.default_rng([2, seed])
    pitch = rng.uniform(90, 230)
    out = np.zeros(int(seconds * RATE), np.float32)
    at = 0.0
    while at < seconds:
        length = rng.uniform(0.12, 0.35)
        if rng.random() < 0.2:
            _drum(out, at, 0.15, rng, length / 3)
        count = int(length * RATE)
        glide = pitch * np.linspace(rng.uniform(0.85, 1.2), rng.uniform(0.85, 1.2), count)
        phase = 2 * np.pi * np.cumsum(glide) / RATE
        formants = rng.uniform((300, 900, 2200), (850, 2200, 3200))
        syllable = np.zeros(count)
        for harmonic in range(1, int(3800 / pitch)):
            height = np.exp(-(((harmonic * pitch - formants) / 150) ** 2)).sum() + 0.02
            syllable += height * np.sin(harmonic * phase)
        _add(out, at, (syllable * np.hanning(count)).astype(np.float32))
        at += length + (rng.uniform(0.2, 0.6) if rng.random() < 0.15 else rng.uniform(0.0, 0.05))
    return _level(out)


def noise(seed: int, seconds: float) -> Wave:
    """White noise."""
    return _level(np.random.default_rng([3, seed]).normal(0, 1, int(seconds * RATE)).astype(np.float32))


def hum(hertz: float, seconds: float) -> Wave:
    """One tone, pulsing three times a second."""
    at = np.arange(int(seconds * RATE)) / RATE
    return _level((np.sin(2 * np.pi * hertz * at) * (1 + np.sin(2 * np.pi * 3 * at))).astype(np.float32))


def mixed(sound: Wave, other: Wave, ratio_db: float) -> Wave:
    """`sound` with `other` so many decibels below it, as a mean of their power."""
    other = np.resize(other, len(sound))
    gain = np.sqrt(np.mean(sound**2) / np.mean(other**2)) * 10 ** (-ratio_db / 20)
    return _level(sound + other * np.float32(gain))


def faster(sound: Wave, rate: float) -> Wave:
    """As a record that turns faster: tempo and pitch together."""
    at = np.arange(0, len(sound) - 1, rate)
    return np.asarray(np.interp(at, np.arange(len(sound)), sound), np.float32)


def samples(sound: Wave, gain_db: float = 0.0) -> NDArray[np.int16]:
    """As the media child hands sound out; what is too loud is clipped."""
    return np.asarray(np.clip(sound * 10 ** (gain_db / 20) * 32_767, -32_768, 32_767), np.int16)


def _hertz(step: int) -> float:
    octave, degree = divmod(int(step), 7)
    return float(261.63 * 2 ** (octave + _SCALE[degree] / 12))


def _note(out: Wave, start_s: float, length_s: float, hertz: float, colour: NDArray[np.float64], volume: float) -> None:
    at = np.arange(int((length_s + 0.1) * RATE)) / RATE
    parts = [level * np.sin(2 * np.pi * hertz * (number + 1) * at) for number, level in enumerate(colour)]
    shape = np.minimum(at / 0.01, 1) * np.exp(-3 * at / length_s)
    _add(out, start_s, (volume * shape * np.sum(parts, axis=0)).astype(np.float32))


def _drum(out: Wave, start_s: float, volume: float, rng: np.random.Generator, length_s: float = 0.08) -> None:
    at = np.arange(int(length_s * RATE)) / RATE
    _add(out, start_s, (volume * rng.normal(0, 0.5, len(at)) * np.exp(-at / length_s * 5)).astype(np.float32))


def _add(out: Wave, start_s: float, part: Wave) -> None:
    start = int(start_s * RATE)
    part = part[: max(len(out) - start, 0)]
    out[start : start + len(part)] += part


def _level(sound: Wave) -> Wave:
    return (sound * (0.1 / max(float(np.sqrt(np.mean(sound**2))), 1e-9))).clip(-1, 1).astype(np.float32)
