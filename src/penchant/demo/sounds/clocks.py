"""Clocks tick, and some carry a music box."""

from __future__ import annotations

from functools import partial

from penchant.demo.sounds.instruments import bell, music_box, tick
from penchant.demo.sounds.score import Piece, Score, pitch


def works(score: Score, low: float, root: int, scale: str, tune: tuple[int, ...], chime: bool) -> None:
    """Tick and tock on the half beats; a tune in beats (-1 rests); a chime at the start of the loop."""
    for half in range(score.beats * 2):
        score.play(
            half / 2, tick(low if half % 2 else low * 1.26), 0.9 if half % 2 == 0 else 0.6, 0.25 * (-1) ** half, 0.12
        )
        if half % 4 == 3:
            score.play(half / 2 + 0.25, tick(low * 2.1, 0.03), 0.25, 0.5, 0.1)
    for beat in range(score.beats):
        degree = tune[beat % len(tune)]
        if degree >= 0:
            score.play(beat, music_box(pitch(root, scale, degree)), 0.4, -0.2 + 0.06 * degree, 0.4)
            if beat % 2:
                score.play(beat + 0.5, music_box(pitch(root, scale, degree + 2)), 0.22, 0.3, 0.4)
    if chime:
        score.play(0, bell(pitch(root - 24, scale, 0), 3.5, 2.0), 0.7, 0, 0.6)


PIECES = {
    "grandmother": Piece(60, partial(works, low=900, root=72, scale="major", tune=(-1,), chime=True), 2.2),
    "watchmaker": Piece(
        120, partial(works, low=2100, root=79, scale="pentatonic", tune=(0, 2, 4, 3, 1, -1, 2, -1), chime=False), 1.2
    ),
    "station": Piece(
        90, partial(works, low=1300, root=67, scale="lydian", tune=(0, -1, 4, -1, 2, -1, 1, -1), chime=True), 2.4
    ),
    "music-box": Piece(
        100, partial(works, low=1700, root=76, scale="major", tune=(4, 2, 0, 2, 4, 5, 4, -1), chime=False), 1.6
    ),
    "midnight": Piece(
        72, partial(works, low=700, root=69, scale="minor", tune=(0, -1, 2, 1, -1, 4, 3, -1), chime=True), 2.8
    ),
}
