"""Fractals sound like bells whose tune is made of smaller copies of itself."""

from __future__ import annotations

from functools import partial

from penchant.demo.sounds.instruments import bell, pad
from penchant.demo.sounds.score import Piece, Score, pitch


def nested(score: Score, root: int, scale: str, base: int, bright: float) -> None:
    """Each beat's degree is the sum of the digits of its number: the tune repeats itself at every power of `base`."""
    for level, (step, gain) in enumerate(((2.0, 0.5), (1.0, 0.42), (0.5, 0.26))):
        for place in range(int(score.beats / step)):
            digits, number = 0, place
            while number:
                digits, number = digits + number % base, number // base
            degree = digits * (2 if base > 2 else 3) % 11 + 3 * level
            pan = (-1) ** place * 0.3 * level
            score.play(place * step, bell(pitch(root, scale, degree), 1.8 / (1 + 0.4 * level), bright), gain, pan, 0.5)
    length = score.beats * score.beat_seconds
    for degree in (0, 4):
        score.play(0, pad(pitch(root - 12, scale, degree), length * 1.2, 2.0), 0.35, 0.2 - 0.1 * degree, 0.3)


PIECES = {
    "self-similar": Piece(84, partial(nested, root=62, scale="lydian", base=2, bright=2.2), 2.0),
    "spiral-stair": Piece(96, partial(nested, root=57, scale="minor pentatonic", base=3, bright=3.0), 2.0),
    "glass-fern": Piece(72, partial(nested, root=67, scale="pentatonic", base=2, bright=1.4), 2.4),
    "deep-valley": Piece(60, partial(nested, root=50, scale="hirajoshi", base=4, bright=2.6), 2.6),
    "every-scale": Piece(108, partial(nested, root=64, scale="dorian", base=3, bright=1.8), 1.8),
}
