"""Kinetic type needs a beat: drums, a bass line and stabs."""

from __future__ import annotations

from functools import partial

from penchant.demo.sounds.instruments import bass, hat, kick, pad, snare
from penchant.demo.sounds.score import Piece, Score, pitch


def groove(score: Score, root: int, scale: str, kicks: str, snares: str, hats: str, line: tuple[int, ...]) -> None:
    """Patterns over four beats in sixteenths: `x` strikes, `o` strikes softly or opens, `.` rests."""
    for place in range(score.beats * 4):
        beat, step = place / 4, place % 16
        if kicks[step] != ".":
            score.play(beat, kick(), 1.0 if kicks[step] == "x" else 0.6, 0, 0.02)
        if snares[step] != ".":
            score.play(beat, snare(score.rng), 0.8 if snares[step] == "x" else 0.3, 0.1, 0.12)
        if hats[step] != ".":
            score.play(beat, hat(score.rng, 0.05 if hats[step] == "x" else 0.2), 0.5, -0.25, 0.04)
        degree = line[place // 2 % len(line)]
        if place % 2 == 0 and degree >= 0:
            score.play(beat, bass(pitch(root, scale, degree), 0.9 * score.beat_seconds / 2), 0.7, 0, 0.02)
    for place, degree in enumerate((2, 4, 6)):
        for beat in range(0, score.beats, 4):
            score.play(beat + 1.5, pad(pitch(root + 24, scale, degree), 0.5, 1.2, 0.02), 0.32, place * 0.5 - 0.5, 0.3)


PIECES = {
    "four-to-the-floor": Piece(
        120,
        partial(
            groove,
            root=33,
            scale="minor",
            kicks="x...x...x...x...",
            snares="....x.......x...",
            hats="..o...o...o...o.",
            line=(0, 0, -1, 0, 3, -1, 4, 2),
        ),
        0.8,
    ),
    "headline": Piece(
        92,
        partial(
            groove,
            root=36,
            scale="dorian",
            kicks="x..o..x...x.....",
            snares="....x.......x..o",
            hats="x.x.x.x.x.x.x.x.",
            line=(0, -1, -1, 0, -1, 4, 3, -1),
        ),
        0.9,
    ),
    "half-time": Piece(
        140,
        partial(
            groove,
            root=31,
            scale="minor pentatonic",
            kicks="x.......o.x.....",
            snares="........x.......",
            hats="x.xxx.x.x.xox.x.",
            line=(0, -1, 0, -1, 2, -1, -1, 1),
        ),
        1.2,
    ),
    "boulevard": Piece(
        104,
        partial(
            groove,
            root=38,
            scale="major",
            kicks="x.....x.x.....o.",
            snares="....x..o....x...",
            hats="..x...x...x...xo",
            line=(0, 2, 4, -1, 3, -1, 4, 5),
        ),
        0.8,
    ),
    "press-run": Piece(
        132,
        partial(
            groove,
            root=35,
            scale="hirajoshi",
            kicks="x..x..x.x..x..x.",
            snares="....x.......x.o.",
            hats="xxxxxxxoxxxxxxxo",
            line=(0, 0, 1, 0, -1, 0, 3, 4),
        ),
        0.6,
    ),
}
