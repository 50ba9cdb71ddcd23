"""Mazes as graphs: carved at random, measured in steps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Cells = NDArray[np.int32]
Ways = list[list[tuple[int, int]]]
"""Open neighbours (row, column) of each cell; index row * columns + column."""


def carve(rng: np.random.Generator, rows: int, columns: int, ring: bool = False) -> tuple[Ways, Cells]:
    """A perfect maze by the recursive backtracker.

    Returns the open neighbours (row, column) of each cell (index row * columns + column) and the order (R, C)
    in which the cells were entered. `ring` joins the left edge to the right one.
    """
    order = np.full((rows, columns), -1, np.int32)
    open_to: Ways = [[] for _ in range(rows * columns)]
    trail = [(int(rng.integers(rows)), int(rng.integers(columns)))]
    order[trail[0]] = count = 0
    dice = rng.integers(0, 24, rows * columns * 6)
    rolls = 0
    while trail:
        row, column = trail[-1]
        free = []
        for down, right in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            to_row, to_column = row + down, column + right
            if ring:
                to_column %= columns
            if 0 <= to_row < rows and 0 <= to_column < columns and order[to_row, to_column] < 0:
                free.append((to_row, to_column))
        if not free:
            trail.pop()
            continue
        chosen = free[int(dice[rolls % dice.size]) % len(free)]
        rolls += 1
        count += 1
        order[chosen] = count
        open_to[row * columns + column].append(chosen)
        open_to[chosen[0] * columns + chosen[1]].append((row, column))
        trail.append(chosen)
    return open_to, order


def steps_from(open_to: Ways, rows: int, columns: int, start: tuple[int, int]) -> Cells:
    """Steps from `start` to every cell along the open ways: (R, C)."""
    steps = np.full((rows, columns), -1, np.int32)
    steps[start] = 0
    edge = [start]
    while edge:
        following = []
        for row, column in edge:
            for cell in open_to[row * columns + column]:
                if steps[cell] < 0:
                    steps[cell] = steps[row, column] + 1
                    following.append(cell)
        edge = following
    return steps
