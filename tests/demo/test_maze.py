"""A perfect maze: every cell is reached, by exactly one way."""

import numpy as np
import pytest

from penchant.demo.paint.maze import carve, steps_from


@pytest.mark.parametrize(("rows", "columns", "ring"), [(1, 1, False), (2, 3, False), (17, 9, False), (8, 24, True)])
def test_every_cell_is_reached_by_one_way(rows: int, columns: int, ring: bool) -> None:
    open_to, order = carve(np.random.default_rng(3), rows, columns, ring)
    assert sorted(order.ravel()) == list(range(rows * columns))
    ways = [(cell, row * columns + column) for cell, near in enumerate(open_to) for row, column in near]
    assert len(ways) == 2 * (rows * columns - 1)
    assert {(there, here) for here, there in ways} == set(ways), "a way leads both ways"
    steps = steps_from(open_to, rows, columns, (0, 0))
    assert steps.min() == 0, "connected: with one way fewer than cells there is no round trip"
    assert all(abs(int(steps.flat[here]) - int(steps.flat[there])) == 1 for here, there in ways)
