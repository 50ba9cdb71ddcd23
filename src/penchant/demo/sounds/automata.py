"""Cellular automata play themselves: every row of a rule is a chord of a chip's square waves."""

from __future__ import annotations

from functools import partial

import numpy as np

from penchant.demo.sounds.instruments import bass, hat, kick, square
from penchant.demo.sounds.score import Piece, Score, pitch


def rows(score: Score, rule: int, root: int, scale: str, step: float, drums: bool) -> None:
    """A row of eight cells per step; at most three of its live cells are heard."""
    outcome = [rule >> bits & 1 for bits in range(8)]
    row = score.rng.random(8) < 0.5
    row[3] = True
    for place in range(round(score.beats / step)):
        live = np.flatnonzero(row)[:3]
        for voice, cell in enumerate(live):
            note = square(pitch(root, scale, int(cell)), 0.2 if step >= 0.5 else 0.12, 11)
            score.play(place * step, note, 0.34, (int(cell) - 3.5) / 5, 0.12 if voice else 0.22)
        row = np.array([outcome[4 * row[cell - 1] + 2 * row[cell] + row[(cell + 1) % 8]] for cell in range(8)], bool)
        if not row.any():
            row[place % 8] = True
    for beat in range(score.beats):
        score.play(beat, bass(pitch(root - 24, scale, (0, 0, 3, 4)[beat // 2 % 4]), 0.3), 0.5, 0, 0.05)
        if drums:
            score.play(beat, kick(), 0.55, 0, 0.02)
            score.play(beat + 0.5, hat(score.rng), 0.35, 0.3, 0.05)


PIECES = {
    "rule-thirty": Piece(120, partial(rows, rule=30, root=60, scale="minor pentatonic", step=0.5, drums=True), 0.8),
    "rule-ninety": Piece(132, partial(rows, rule=90, root=64, scale="pentatonic", step=0.25, drums=False), 1.0),
    "glider": Piece(108, partial(rows, rule=110, root=57, scale="dorian", step=0.5, drums=True), 0.8),
    "petri-dish": Piece(96, partial(rows, rule=150, root=67, scale="lydian", step=0.5, drums=False), 1.3),
    "checkerboard": Piece(144, partial(rows, rule=105, root=55, scale="minor", step=0.5, drums=True), 0.7),
}
