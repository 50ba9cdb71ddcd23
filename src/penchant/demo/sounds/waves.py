"""Waves sound like a shore: noise that comes and goes, and slow chords that rise with it."""

from __future__ import annotations

from functools import partial

from penchant.demo.sounds.instruments import noise, pad, pluck, swell
from penchant.demo.sounds.score import Piece, Score, pitch


def shore(score: Score, root: int, scale: str, every: int, high: float, chords: tuple[int, ...], harp: bool) -> None:
    """A wave every few beats, each with the next chord under it."""
    count = max(1, round(score.beats / every))
    seconds = score.beats / count * score.beat_seconds
    score.play(0, noise(score.rng, score.length / 48_000, 120, 700), 0.16, 0, 0)
    for place in range(count):
        beat = place * score.beats / count
        score.play(beat, swell(score.rng, seconds * 1.25, 250, high), 0.8, 0.5 if place % 2 else -0.5, 0.2)
        chord = chords[place % len(chords)]
        for voice, degree in enumerate((chord, chord + 2, chord + 4)):
            score.play(beat, pad(pitch(root, scale, degree), seconds * 1.3, 1.8), 0.5, voice * 0.4 - 0.4, 0.4)
        if harp:
            for step in range(every * 2):
                degree = chord + (0, 2, 4, 7, 9, 7, 4, 2)[step % 8]
                score.play(
                    beat + step / 2, pluck(pitch(root + 12, scale, degree), 1.0, 0.7), 0.3, step % 3 * 0.3 - 0.3, 0.5
                )


PIECES = {
    "high-tide": Piece(60, partial(shore, root=50, scale="major", every=3, high=2600, chords=(0, 3), harp=False), 2.4),
    "grey-harbour": Piece(
        72, partial(shore, root=45, scale="minor", every=4, high=1600, chords=(0, 5), harp=True), 2.2
    ),
    "lighthouse": Piece(66, partial(shore, root=52, scale="lydian", every=4, high=3800, chords=(0, 1), harp=True), 2.6),
    "undertow": Piece(
        54, partial(shore, root=41, scale="dorian", every=3, high=1100, chords=(0, 3, 4), harp=False), 2.8
    ),
    "warm-current": Piece(
        80, partial(shore, root=55, scale="pentatonic", every=4, high=2100, chords=(0, 2), harp=True), 2.0
    ),
}
