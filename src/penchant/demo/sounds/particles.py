"""Particles sound like sparks: many tiny, high, scattered notes over air."""

from __future__ import annotations

from functools import partial

import numpy as np

from penchant.demo.sounds.instruments import bell, kick, noise, pad, pluck
from penchant.demo.sounds.score import Piece, Score, pitch


def sparks(score: Score, root: int, scale: str, density: float, glassy: bool, boom: int) -> None:
    """`density` sparks a beat, denser after each accent; every `boom` beats a deep accent, 0 for none."""
    score.play(0, noise(score.rng, score.length / 48_000, 3000, 9000), 0.06, 0, 0.3)
    for degree in (0, 4, 8):
        seconds = score.beats * score.beat_seconds * 1.1
        score.play(0, pad(pitch(root - 24, scale, degree // 2), seconds, 2.4), 0.3, degree / 8 - 0.5, 0.3)
    for _ in range(int(score.beats * density)):
        place = score.rng.uniform(0, score.beats)
        if boom:
            place = place // boom * boom + boom * (place % boom / boom) ** 1.8
        # A grid of sixteenths holds the sparks together.
        place = np.floor(place * 4) / 4
        frequency = pitch(root + 12, scale, int(score.rng.integers(0, 12)))
        note = bell(frequency, 0.7, 1.2) if glassy else pluck(frequency, 0.5, 1.4)
        score.play(float(place), note, float(score.rng.uniform(0.1, 0.4)), float(score.rng.uniform(-0.9, 0.9)), 0.55)
    for beat in range(0, score.beats, boom) if boom else ():
        score.play(beat, kick(38), 0.9, 0, 0.5)


PIECES = {
    "star-dust": Piece(76, partial(sparks, root=69, scale="pentatonic", density=5, glassy=True, boom=0), 2.6),
    "bonfire": Piece(92, partial(sparks, root=62, scale="minor pentatonic", density=6, glassy=False, boom=2), 1.8),
    "perseids": Piece(84, partial(sparks, root=72, scale="lydian", density=3.5, glassy=True, boom=4), 3.0),
    "fourteenth-of-july": Piece(100, partial(sparks, root=65, scale="major", density=7, glassy=False, boom=4), 2.4),
    "pollen": Piece(112, partial(sparks, root=67, scale="whole", density=4, glassy=False, boom=0), 1.6),
}
