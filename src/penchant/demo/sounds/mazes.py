"""Mazes sound like steps on wood: a walking line on a marimba that keeps turning corners."""

from __future__ import annotations

from functools import partial

from penchant.demo.sounds.instruments import bass, marimba, tick
from penchant.demo.sounds.score import Piece, Score, pitch


def walk(score: Score, root: int, scale: str, step: float, leap: int, echo: bool) -> None:
    """The line goes on a step, or turns; at the loop's end it is back where it began."""
    count = round(score.beats / step)
    degree, way, line = 4, 1, []
    for _ in range(count):
        line.append(degree)
        if score.rng.random() < 0.35 or not 0 <= degree + way <= 11:
            way = -way
        degree += way * (leap if score.rng.random() < 0.25 else 1)
        degree = min(max(degree, 0), 12)
    for place, degree in enumerate(line):
        accent = 0.75 if place % 4 == 0 else 0.5
        score.play(place * step, marimba(pitch(root, scale, degree)), accent, 0.5 * (-1) ** place, 0.25)
        if echo:
            score.play(place * step + 0.75 * step * 2, marimba(pitch(root + 12, scale, degree)), accent * 0.3, 0, 0.4)
    for beat in range(score.beats):
        score.play(beat, bass(pitch(root - 24, scale, (0, 4, 2, 5)[beat // 2 % 4]), 0.4), 0.55, 0, 0.05)
        score.play(beat + 0.5, tick(420, 0.06), 0.35, 0.3, 0.2)


PIECES = {
    "minotaur": Piece(100, partial(walk, root=57, scale="minor", step=0.5, leap=3, echo=False), 1.2),
    "hedge-walk": Piece(112, partial(walk, root=62, scale="dorian", step=0.5, leap=2, echo=True), 1.2),
    "thread": Piece(88, partial(walk, root=55, scale="hirajoshi", step=0.5, leap=2, echo=True), 1.6),
    "dead-end": Piece(126, partial(walk, root=60, scale="minor pentatonic", step=0.25, leap=2, echo=False), 0.9),
    "way-out": Piece(106, partial(walk, root=64, scale="pentatonic", step=0.5, leap=3, echo=False), 1.3),
}
