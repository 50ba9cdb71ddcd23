"""A score: notes laid on a loop of sound. Whatever rings past the end rings on at the start, so the loop closes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 48_000
Samples = NDArray[np.float32]

SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "pentatonic": (0, 2, 4, 7, 9),
    "minor pentatonic": (0, 3, 5, 7, 10),
    "hirajoshi": (0, 2, 3, 7, 8),
    "whole": (0, 2, 4, 6, 8, 10),
}


class Score:
    """A stereo loop of a given length, cut into whole beats."""

    def __init__(self, length: int, tempo: float, rng: np.random.Generator) -> None:
        """`length` in samples; `tempo` in beats per minute, rounded so that the beats fill the loop."""
        self.length = length
        self.beats = max(1, round(length / SAMPLE_RATE * tempo / 60))
        self.rng = rng
        self.beat_seconds = length / SAMPLE_RATE / self.beats
        self._mix: NDArray[np.float32] = np.zeros((length, 2), np.float32)
        self._send: NDArray[np.float32] = np.zeros((length, 2), np.float32)

    def play(self, beat: float, note: Samples, gain: float = 1.0, pan: float = 0.0, room: float = 0.2) -> None:
        """Lays a mono note at a beat. `pan` from -1 (left) to 1 (right); `room` is the share sent into the hall."""
        angle = (pan + 1) * np.pi / 4
        sides = np.array([np.cos(angle), np.sin(angle)], np.float32) * np.float32(gain)
        start = round(beat / self.beats * self.length) % self.length
        done = 0
        while done < len(note):
            part = note[done : done + self.length - start, None] * sides
            self._mix[start : start + len(part)] += part
            if room:
                self._send[start : start + len(part)] += part * np.float32(room)
            done += len(part)
            start = 0

    def finished(self, hall_seconds: float = 1.4, loudness: float = 0.11) -> NDArray[np.float32]:
        """The loop (length, 2) float32 within [-1, 1], at the wanted root mean square."""
        mix: NDArray[np.floating] = self._mix
        if self._send.any():
            tail = min(self.length, int(hall_seconds * SAMPLE_RATE))
            decay = np.exp(-6.0 * np.arange(tail) / tail)[:, None]
            hall = np.zeros((self.length, 2))
            hall[:tail] = (
                np.random.default_rng(7).standard_normal((tail, 2)) * decay * np.linspace(0.2, 1, tail)[:, None]
            )
            spectrum = np.fft.rfft(self._send, axis=0) * np.fft.rfft(hall, axis=0)
            # Air swallows what is high.
            spectrum *= 1 / (1 + np.linspace(0, 9, len(spectrum))[:, None] ** 2)
            mix = mix + 0.045 * np.fft.irfft(spectrum, self.length, axis=0)
        mix = mix - mix.mean(axis=0)
        level = float(np.sqrt(np.mean(mix**2))) + 1e-9
        return np.asarray(0.95 * np.tanh(mix * (loudness / level) / 0.95), np.float32)


@dataclass(frozen=True)
class Piece:
    """A sound of a theme: a way of playing and its tempo in beats per minute."""

    tempo: float
    play: Callable[[Score], None]
    hall_seconds: float = 1.4

    def render(self, length: int, seed: int) -> NDArray[np.float32]:
        """(length, 2) float32 within [-1, 1] at 48 kHz; the same seed and length, the same samples."""
        score = Score(length, self.tempo, np.random.default_rng(seed))
        self.play(score)
        return score.finished(self.hall_seconds)


def pitch(root: float, scale: str, degree: int) -> float:
    """Hz of a degree of a scale above a MIDI root; degrees run on through the octaves, up and down."""
    steps = SCALES[scale]
    return float(440 * 2 ** ((root + 12 * (degree // len(steps)) + steps[degree % len(steps)] - 69) / 12))
