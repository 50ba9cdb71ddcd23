"""Instruments: each gives one mono note (N,) float32 at 48 kHz, about as loud as the others."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from penchant.demo.sounds.score import SAMPLE_RATE, Samples


def _time(seconds: float) -> Samples:
    return np.arange(int(seconds * SAMPLE_RATE), dtype=np.float32) / np.float32(SAMPLE_RATE)


def _faded(note: NDArray[np.floating], attack: float = 0.003, release: float = 0.02) -> Samples:
    """Without clicks at its ends."""
    up, down = max(1, int(attack * SAMPLE_RATE)), max(1, int(release * SAMPLE_RATE))
    note = note.astype(np.float32)
    up, down = min(up, len(note)), min(down, len(note))
    note[:up] *= np.linspace(0, 1, up, dtype=np.float32)
    note[-down:] *= np.linspace(1, 0, down, dtype=np.float32)
    return note


@lru_cache(maxsize=256)
def bell(frequency: float, seconds: float = 1.8, bright: float = 3.0) -> Samples:
    """A bell by frequency modulation. Source: Chowning 1973, with the ratio 1 : 3.5 of its bell-like tones."""
    t = _time(seconds)
    shimmer = bright * np.exp(-3.2 * t) * np.sin(2 * np.pi * 3.5 * frequency * t)
    return _faded(0.5 * np.exp(-2.6 * t) * np.sin(2 * np.pi * frequency * t + shimmer))


@lru_cache(maxsize=256)
def pluck(frequency: float, seconds: float = 0.9, dull: float = 1.0) -> Samples:
    """A plucked string: partials that die the faster the higher they are."""
    t = _time(seconds)
    note = np.zeros_like(t)
    for partial in range(1, 8):
        if partial * frequency < 15_000:
            decay = np.float32(2.2 + 1.5 * dull * partial)
            note += np.exp(-decay * t) * np.sin(2 * np.pi * partial * frequency * t) / np.float32(partial**1.2)
    return _faded(0.5 * note, 0.002)


@lru_cache(maxsize=256)
def marimba(frequency: float, seconds: float = 0.7) -> Samples:
    """A wooden bar: its fundamental and the fourth partial to which bars are tuned."""
    t = _time(seconds)
    tone = np.exp(-6 * t) * np.sin(2 * np.pi * frequency * t)
    return _faded(0.7 * (tone + 0.35 * np.exp(-22 * t) * np.sin(2 * np.pi * 3.93 * frequency * t)), 0.0015)


@lru_cache(maxsize=256)
def music_box(frequency: float, seconds: float = 1.3) -> Samples:
    """A steel tooth, with its unharmonic overtone."""
    t = _time(seconds)
    tone = np.exp(-3.5 * t) * np.sin(2 * np.pi * frequency * t)
    return _faded(0.45 * (tone + 0.3 * np.exp(-9 * t) * np.sin(2 * np.pi * 6.27 * frequency * t)), 0.001)


@lru_cache(maxsize=256)
def square(frequency: float, seconds: float = 0.16, decay: float = 9.0) -> Samples:
    """A chip's square wave, without the partials that would alias."""
    t = _time(seconds)
    note = np.zeros_like(t)
    for partial in range(1, 16, 2):
        if partial * frequency < 12_000:
            note += np.sin(2 * np.pi * partial * frequency * t) / np.float32(partial)
    return _faded(0.4 * note * np.exp(-decay * t), 0.002, 0.01)


@lru_cache(maxsize=128)
def pad(frequency: float, seconds: float, warmth: float = 1.6, attack: float = 0.35) -> Samples:
    """A slow, wide tone: three detuned voices of soft partials that swell and sink."""
    t = _time(seconds)
    note = np.zeros_like(t)
    for detune in (-0.0028, 0.0, 0.0031):
        for partial in range(1, 6):
            turn = 2 * np.pi * frequency * (1 + detune) * partial
            note += np.sin(turn * t + np.float32(partial * 1.7 + detune * 900)) / np.float32(partial**warmth)
    edge = min(seconds * 0.45, attack * seconds)
    return _faded(0.16 * note, edge, seconds * 0.45)


@lru_cache(maxsize=64)
def bass(frequency: float, seconds: float = 0.35) -> Samples:
    """A round bass with a little growl at its start."""
    t = _time(seconds)
    growl = 1.6 * np.exp(-9 * t)
    tone = np.sin(2 * np.pi * frequency * t + growl * np.sin(2 * np.pi * frequency * t))
    return _faded(0.75 * tone * np.exp(-2.5 * t), 0.004, 0.05)


@lru_cache(maxsize=8)
def kick(depth: float = 46.0) -> Samples:
    """A bass drum: a tone that falls to `depth` Hz."""
    t = _time(0.32)
    phase = 2 * np.pi * (depth * t + 110 / 26 * (1 - np.exp(-26 * t)))
    return _faded(1.1 * np.sin(phase) * np.exp(-8.5 * t), 0.001)


def noise(rng: np.random.Generator, seconds: float, low: float, high: float) -> Samples:
    """Noise between two frequencies in Hz, with soft borders, root mean square about 0.3."""
    count = max(16, int(seconds * SAMPLE_RATE))
    spectrum = np.fft.rfft(rng.standard_normal(count))
    hertz = np.fft.rfftfreq(count, 1 / SAMPLE_RATE) + 1e-3
    spectrum *= 1 / (1 + (low / hertz) ** 4) / (1 + (hertz / high) ** 4)
    sound = np.fft.irfft(spectrum, count)
    return np.asarray(0.3 * sound / (np.sqrt(np.mean(sound**2)) + 1e-9), np.float32)


def hat(rng: np.random.Generator, seconds: float = 0.06) -> Samples:
    """A hi-hat, closed or, longer, open."""
    burst = noise(rng, seconds, 7000, 14000)
    return _faded(burst * np.exp(-np.linspace(0, 5, burst.size)), 0.0008)


def snare(rng: np.random.Generator) -> Samples:
    """A snare drum: a skin and the wires under it."""
    t = _time(0.2)
    skin = 0.5 * np.sin(2 * np.pi * 190 * t) * np.exp(-24 * t)
    return _faded(skin + 1.3 * noise(rng, 0.2, 1200, 9000)[: t.size] * np.exp(-17 * t), 0.001)


def tick(frequency: float, seconds: float = 0.05) -> Samples:
    """A clock's click: a short, hard, wooden knock."""
    t = _time(seconds)
    return _faded(
        np.exp(-90 * t) * (np.sin(2 * np.pi * frequency * t) + 0.6 * np.sin(2 * np.pi * 2.76 * frequency * t)), 0.0005
    )


def swell(rng: np.random.Generator, seconds: float, low: float, high: float) -> Samples:
    """A breaking wave: noise that comes, and goes more slowly."""
    sound = noise(rng, seconds, low, high)
    part = np.linspace(0, 1, sound.size, dtype=np.float32)
    return np.asarray(sound * np.sin(np.pi * part**0.7) ** 2, np.float32)
