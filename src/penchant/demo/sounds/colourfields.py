"""Colour fields sound like one chord that slowly becomes another."""

from __future__ import annotations

from functools import partial

from penchant.demo.sounds.instruments import pad
from penchant.demo.sounds.score import Piece, Score, pitch


def field(score: Score, root: int, scale: str, chords: tuple[tuple[int, ...], ...], warmth: float) -> None:
    """Chords of long tones; each begins while the one before still sounds."""
    seconds = score.beats / len(chords) * score.beat_seconds
    for place, chord in enumerate(chords):
        beat = place * score.beats / len(chords)
        for voice, degree in enumerate(chord):
            pan = (voice / max(1, len(chord) - 1) - 0.5) * 1.2
            score.play(beat, pad(pitch(root, scale, degree), seconds * 1.7, warmth, 0.5), 0.6, pan, 0.5)
        score.play(beat, pad(pitch(root - 12, scale, chord[0]), seconds * 1.7, 2.6, 0.5), 0.8, 0, 0.1)


PIECES = {
    "ochre": Piece(60, partial(field, root=50, scale="major", chords=((0, 2, 4, 8), (3, 5, 7, 9)), warmth=1.7), 3.0),
    "ultramarine": Piece(
        66, partial(field, root=45, scale="lydian", chords=((0, 4, 6, 9), (1, 3, 5, 8)), warmth=2.0), 3.2
    ),
    "vermilion": Piece(
        72, partial(field, root=52, scale="dorian", chords=((0, 2, 6), (3, 5, 8), (4, 6, 9)), warmth=1.3), 2.6
    ),
    "titanium-white": Piece(
        54, partial(field, root=57, scale="pentatonic", chords=((0, 2, 5, 8), (1, 4, 7)), warmth=1.5), 3.4
    ),
    "chapel": Piece(58, partial(field, root=43, scale="minor", chords=((0, 4, 7, 9), (5, 7, 9, 11)), warmth=1.9), 3.6),
}
