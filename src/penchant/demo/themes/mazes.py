"""Mazes: carved as one watches, flooded by light, walked in circles, tiled from two arcs.

Every pixel knows *when* the light reaches it. A frame colours the moments, of which there are few, and looks
every pixel up among them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from penchant.demo.paint.colour import Frame
from penchant.demo.paint.field import enlarge
from penchant.demo.paint.maze import Cells, Ways, carve, steps_from
from penchant.demo.paint.shapes import ink
from penchant.demo.paint.stage import Stage, Style, Theme

_FINE, _SPANS, _WALLS = 8192, 512, 8


def _lay(
    stage: Stage, size: int, wall: int, value: Cells, open_to: Ways
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The cells' values as a picture (H, W), blended across openings, and where the ways are."""
    rows, columns = value.shape
    height, width = rows * size, columns * size
    picture = np.zeros((height, width), np.float32)
    way = np.zeros((height, width), bool)
    lower, upper = wall // 2, size - (wall - wall // 2)
    blend = np.linspace(0, 1, size, dtype=np.float32)
    for row in range(rows):
        for column in range(columns):
            top, left, here = row * size, column * size, value[row, column]
            picture[top + lower : top + upper, left + lower : left + upper] = here
            way[top + lower : top + upper, left + lower : left + upper] = True
    middle = size // 2
    for row in range(rows):
        for column in range(columns):
            here = value[row, column]
            for to_row, to_column in open_to[row * columns + column]:
                there = value[to_row, to_column]
                # The next cell on the way: a smooth step. Another branch: the opening belongs to the later cell.
                apart = abs(int(there) - int(here)) > 1
                step = np.full(size, max(here, there), np.float32) if apart else here + (there - here) * blend
                side = slice(upper - middle, size - middle + lower) if apart else slice(0, size)
                if to_row == row + 1:
                    top, left = row * size + middle, column * size
                    picture[top : top + size, left + lower : left + upper][side] = step[side, None]
                    way[top : top + size, left + lower : left + upper] = True
                elif to_column == column + 1:
                    top, left = row * size, column * size + middle
                    picture[top + lower : top + upper, left : left + size][:, side] = step[None, side]
                    way[top + lower : top + upper, left : left + size] = True
    down, right = (height - stage.height) // 2, (width - stage.width) // 2
    cut = (slice(down, down + stage.height), slice(right, right + stage.width))
    return picture[cut], way[cut]


def _square(stage: Stage, across: int) -> tuple[int, int, int, int]:
    """Cell size and wall in pixels, rows and columns that cover the picture."""
    size = max(6, round(stage.width / across))
    return size, max(2, round(size * 0.24)), -(-stage.height // size) + 1, -(-stage.width // size) + 1


def _moments(arrival: NDArray[np.float32], way: NDArray[np.bool_]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """The few different moments of a picture: where each pixel's stands (H, W; 0 for walls), and the list of them."""
    last = float(arrival.max()) + 1e-3
    place = np.where(way, 1 + (arrival * np.float32((_FINE - 2) / last)).astype(np.int32), 0)
    moments = np.maximum(np.arange(_FINE, dtype=np.float32) - 1, 0) * np.float32(last / (_FINE - 2))
    return place.astype(np.int32), moments


def digger(stage: Stage) -> Iterator[Frame]:
    """The maze is dug: a bright head wanders, the fresh way glows and cools."""
    size, wall, rows, columns = _square(stage, int(stage.rng.choice([12, 15, 18])))
    open_to, order = carve(stage.rng, rows, columns)
    arrival, way = _lay(stage, size, wall, order, open_to)
    total = float(order.max())
    place, moments = _moments(arrival, way)
    ramp = stage.ramp()
    for part in stage.loop():
        age = np.float32(1.12 * part * total) - moments
        glow = np.exp(-np.maximum(age, 0) * np.float32(9 / total))
        tide = 0.30 + 0.16 * np.sin(moments * np.float32(14 / total) - np.float32(2 * np.pi * part * stage.turns(4)))
        tone = np.where(age >= 0, tide + (0.98 - tide) * glow, 0.05)
        tone[0] = 0.05
        yield ramp.through(tone).at(place)


def flood(stage: Stage) -> Iterator[Frame]:
    """Light floods the maze from one cell and comes in rings, one on each beat."""
    size, wall, rows, columns = _square(stage, int(stage.rng.choice([14, 18, 22])))
    open_to, _ = carve(stage.rng, rows, columns)
    start = (int(stage.rng.integers(rows // 4, rows * 3 // 4)), int(stage.rng.integers(columns // 4, columns * 3 // 4)))
    steps = steps_from(open_to, rows, columns, start)
    arrival, way = _lay(stage, size, wall, steps, open_to)
    reach = float(np.quantile(steps, 0.98))
    place, moments = _moments(arrival, way)
    ramp = stage.ramp(cyclic=True)
    hue = 0.1 + 0.9 * moments / reach
    pulse = stage.turns(1)
    rings = 9.0
    for part in stage.loop():
        wave = (moments * np.float32(rings / reach) - np.float32(part * pulse)) % 1
        crest = (1 - wave) ** 4
        tone = 0.03 + 0.5 * (0.2 + 0.8 * np.abs((hue - part) % 1 * 2 - 1)) * (0.42 + 0.58 * crest)
        tone[0] = 0
        yield ramp.through(tone).at(place)


def labyrinth(stage: Stage) -> Iterator[Frame]:
    """A round maze that turns while light walks from its heart to its rim."""
    y, x = stage.grid()
    lift = np.float32(stage.rng.uniform(-0.25, 0.25))
    far = np.sqrt((y - lift) ** 2 + x * x)
    bearing = np.arctan2(y - lift, x) / (2 * np.pi) + 0.5
    rings, sectors = int(stage.rng.choice([8, 10])), int(stage.rng.choice([24, 30]))
    hole = 0.34
    thick = (1.75 - hole) / rings
    open_to, _ = carve(stage.rng, rings, sectors, ring=True)
    steps = steps_from(open_to, rings, sectors, (0, 0)).astype(np.float32)
    fine = 16  # samples of the turned picture per sector
    around = np.arange(sectors * fine) / fine
    sector, across = around.astype(int), around % 1
    place = (far - hole) / thick
    # The maze as a strip over (radius, angle), painted once; a frame looks it up turned.
    tall = 30
    levels = rings * tall
    level = (np.arange(levels) + 0.5) / tall
    ring, up = level.astype(int), level % 1
    arrival = steps[ring][:, sector].copy()
    radius = hole + level * thick
    width = 2 / stage.width
    wall = np.zeros((levels, sectors * fine), np.float32)
    half = thick * 0.13
    for row in range(levels):
        this = int(ring[row])
        to_side = np.minimum(across, 1 - across) * (2 * np.pi * radius[row] / sectors)
        other = np.where(across < 0.5, sector - 1, sector + 1) % sectors
        closed = np.array(
            [(this, int(o)) not in open_to[this * sectors + int(s)] for s, o in zip(sector, other, strict=True)]
        )
        wall[row] = np.where(closed, ink((to_side - half) / width), 0)
        next_ring = this + (1 if up[row] > 0.5 else -1)
        to_edge = min(up[row], 1 - up[row]) * thick
        shut = np.array([(next_ring, int(s)) not in open_to[this * sectors + int(s)] for s in sector])
        corner = np.hypot(to_edge, np.minimum(to_side, half * 9))
        wall[row] = np.maximum(wall[row], np.where(shut, ink((to_edge - half) / width), ink((corner - half) / width)))
    # Moment and wall as one number; two turns side by side, so that turning is adding to the place.
    total = float(steps.max())
    strip = np.rint(arrival * ((_SPANS - 1) / total)) * _WALLS + np.rint(wall * (_WALLS - 1))
    strip = np.tile(strip.astype(np.int32), (1, 2)).ravel()
    columns = sectors * fine
    row_at = np.clip((place * tall).astype(np.int32), 0, levels - 1)
    base = row_at * (2 * columns) + (bearing * columns).astype(np.int32) % columns
    inside = (place >= 0) & (place < rings)
    moment = np.repeat(np.arange(_SPANS) / (_SPANS - 1), _WALLS)
    solid = np.tile(np.arange(_WALLS) / (_WALLS - 1), _SPANS)
    ramp = stage.ramp(cyclic=True)
    outside, heart = ~inside, ink((far - hole * 0.5) / width)
    sign = int(stage.rng.choice([-1, 1]))
    for part in stage.loop():
        wave = (moment * 5 - part * stage.turns(2)) % 1
        tone = (0.07 + 0.40 * (1 - wave) ** 2.2) * (1 - solid)
        frame = ramp.through(tone).at(np.take(strip, base + int(sign * part * columns / 3) % columns))
        rest = 0.015 + heart[outside] * (0.285 + 0.19 * stage.kick(part, 3))
        frame[outside] = ramp.paint(rest)
        yield frame


def truchet(stage: Stage) -> Iterator[Frame]:
    """Tiles of two quarter circles each, thrown at random; beads run along the endless bands they make."""
    size = round(stage.width / int(stage.rng.choice([4, 5, 6])))
    rows, columns = -(-stage.height // size) + 1, -(-stage.width // size) + 1
    y, x = (np.mgrid[0:size, 0:size].astype(np.float32) + 0.5) / size
    flips = stage.rng.random((rows, columns)) < 0.5
    near, along = (
        np.zeros((rows * size, columns * size), np.float32),
        np.zeros((rows * size, columns * size), np.float32),
    )
    for row in range(rows):
        for column in range(columns):
            flip = flips[row, column]
            across = 1 - x if flip else x
            first, second = np.hypot(y, across), np.hypot(1 - y, 1 - across)
            closer = first < second
            radius = np.where(closer, first, second)
            angle = np.where(closer, np.arctan2(y, across), np.arctan2(1 - y, 1 - across)) / (np.pi / 2)
            # Flow must agree across tile edges: its sense alternates like a chessboard.
            sense = 1.0 if ((row + column) % 2 == 0) != flip else -1.0
            area = (slice(row * size, row * size + size), slice(column * size, column * size + size))
            near[area] = np.abs(radius - 0.5)
            along[area] = angle * sense
    cut = (slice(0, stage.height), slice(0, stage.width))
    near, along = near[cut], along[cut]
    band = ink((near - 0.21) * size)
    edge = ink((np.abs(near - 0.21) - 0.018) * size)
    hills = enlarge(stage.rng.uniform(0, 1, (7, 5)), stage.height, stage.width).astype(np.float32)
    round_body = np.clip(1 - (near / 0.21) ** 2, 0, 1) ** 0.5
    ramp = stage.ramp(cyclic=True)
    beads = int(stage.rng.choice([1, 2]))
    for part in stage.loop():
        run = (along * beads - np.float32(part * stage.turns(1))) % 1
        bead = np.exp(-((run - 0.5) ** 2 * 22 + (near / 0.12) ** 2))
        hue = 0.17 + 0.19 * np.sin(2 * np.pi * (hills * 1.6 - np.float32(part)))
        tone = 0.03 + band * (hue * (0.4 + 0.6 * round_body))
        tone = tone + bead * (0.49 - tone)
        yield ramp.paint((tone * (1 - edge * 0.8)).astype(np.float32))


THEME = Theme(
    name="mazes",
    styles={
        "digger": Style(digger, 1.0),
        "flood": Style(flood, 1.0),
        "labyrinth": Style(labyrinth, 0.75),
        "truchet": Style(truchet, 0.75),
    },
    palettes={
        "garden": ("#0e1f1a", "#1c5b45", "#48a868", "#c8d96f", "#fff6c9"),
        "lava": ("#17090f", "#5a1230", "#d1383d", "#ff9f45", "#ffefb0"),
        "arcade": ("#0b0a1f", "#2b1f7a", "#7b3ff2", "#22d3ee", "#f0fbff"),
        "sand": ("#201a17", "#6b4a35", "#c48b56", "#ecd29b", "#fffaf0"),
        "lichen": ("#12181f", "#2d5566", "#7fb7a3", "#f0c987", "#fdf3e0"),
    },
)
