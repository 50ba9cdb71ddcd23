"""The sounds, one file per theme: played by NumPy, looping without a seam, used by several clips each."""

from penchant.demo.sounds import automata, clocks, colourfields, fractals, kinetic, mazes, particles, waves
from penchant.demo.sounds.score import SAMPLE_RATE, Piece

PIECES: dict[str, dict[str, Piece]] = {
    "fractals": fractals.PIECES,
    "automata": automata.PIECES,
    "waves": waves.PIECES,
    "particles": particles.PIECES,
    "kinetic": kinetic.PIECES,
    "clocks": clocks.PIECES,
    "mazes": mazes.PIECES,
    "colourfields": colourfields.PIECES,
}

__all__ = ["PIECES", "SAMPLE_RATE", "Piece"]
