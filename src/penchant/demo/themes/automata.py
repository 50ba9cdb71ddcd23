"""Cellular automata: skins that grow like coral, spirals that chase themselves, life, and woven rules."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from penchant.demo.paint.colour import Field, Frame
from penchant.demo.paint.field import clouds, enlarge, smoothstep
from penchant.demo.paint.stage import Stage, Style, Theme

# Feed and kill rates of Gray and Scott's reaction whose patterns keep moving. Source: Pearson, arXiv patt-sol/9304003.
_REACTIONS = ((0.0367, 0.0649), (0.0545, 0.062), (0.029, 0.057), (0.039, 0.058), (0.046, 0.063))
_RULES = (18, 22, 30, 60, 90, 110, 126, 150)


def _around(cells: Field) -> Field:
    """Sum of the four neighbours, the edges joined."""
    return np.roll(cells, 1, -2) + np.roll(cells, -1, -2) + np.roll(cells, 1, -1) + np.roll(cells, -1, -1)


def coral(stage: Stage) -> Iterator[Frame]:
    """Two substances react and spread (Gray–Scott) from a few seeds until they fill the picture."""
    height, width = max(24, round(stage.height / 3)), max(16, round(stage.width / 3))
    feed, kill = _REACTIONS[stage.rng.integers(len(_REACTIONS))]
    dish = np.stack([np.ones((height, width), np.float32), np.zeros((height, width), np.float32)])
    food, life = dish
    spread = np.array([0.16, 0.08], np.float32)[:, None, None]
    hills = clouds(stage.rng, height, width, 9)
    life[hills > np.quantile(hills, 0.92)] = 0.9
    food[life > 0] = 0.4
    table = stage.shaded()

    def react(times: int) -> None:
        for _ in range(times):
            meal = food * life * life
            flow = spread * (_around(dish) - 4 * dish)
            flow[0] += np.float32(feed) * (1 - food) - meal
            flow[1] += meal - np.float32(feed + kill) * life
            np.add(dish, flow, out=dish)

    react(50)
    for _ in range(stage.frames):
        react(11)
        skin = enlarge(life, stage.height, stage.width)
        body = smoothstep(0.08, 0.34, skin)
        slope = np.zeros_like(skin)
        slope[1:, 1:] = (skin[1:, 1:] - skin[:-1, :-1]) * 14
        shade = np.clip(31 + slope * 60 * body, 4, 60)
        yield table.at((body * 235).astype(np.int32) * 64 + shade.astype(np.int32))


def spirals(stage: Stage) -> Iterator[Frame]:
    """Three substances that eat each other in a ring (Belousov–Zhabotinsky): chaos winds itself into spirals."""
    height, width = max(24, stage.height // 2), max(16, stage.width // 2)
    parts = stage.rng.random((3, height, width)).astype(np.float32)
    hunger = np.float32(stage.rng.uniform(0.85, 1.1))
    table = stage.shaded()

    def eat() -> None:
        nonlocal parts
        rows = parts + np.roll(parts, 1, 1) + np.roll(parts, -1, 1)
        near = (rows + np.roll(rows, 1, 2) + np.roll(rows, -1, 2)) * np.float32(1 / 9)
        gain = np.roll(near, -1, 0) - np.roll(near, -2, 0)
        parts = np.clip(near + hunger * near * gain, np.float32(1e-4), 1)

    for _ in range(110):
        eat()
    for _ in range(stage.frames):
        eat()
        seen = enlarge(parts[0], stage.height, stage.width, wrap=True)
        slope = np.zeros_like(seen)
        slope[1:, 1:] = (seen[1:, 1:] - seen[:-1, :-1]) * 90
        hue = np.clip(seen * 300, 0, 255).astype(np.int32)
        yield table.at(hue * 64 + np.clip(31 + slope, 8, 58).astype(np.int32))


def life(stage: Stage) -> Iterator[Frame]:
    """Conway's life in round cells; the newborn glow, the dead leave a warm shadow."""
    size = max(4, round(10 * stage.scale))
    rows, columns = -(-stage.height // size), -(-stage.width // size)
    alive = (stage.rng.random((rows, columns)) < 0.32) & (clouds(stage.rng, rows, columns, 3) > -0.4)
    heat = alive.astype(np.float32)
    age = np.zeros((rows, columns), np.float32)
    ramp = stage.ramp()
    y, x = np.mgrid[0:size, 0:size] - (size - 1) / 2
    inside = np.clip(size * 0.46 - np.sqrt(x * x + y * y) + 0.5, 0, 1).astype(np.float32)
    mask = np.tile(inside, (rows, columns))[: stage.height, : stage.width]
    generations = stage.beats * 4
    done = 0
    for part in stage.loop():
        while done < part * generations:
            around = _around(alive.astype(np.int8)) + sum(
                np.roll(alive, (down, right), (0, 1)).astype(np.int8) for down in (1, -1) for right in (1, -1)
            )
            alive = (around == 3) | (alive & (around == 2))
            spark = stage.rng.random(alive.shape) < 0.0006
            alive |= spark | np.roll(spark, 1, 0) | np.roll(spark, -1, 0) | np.roll(spark, 1, 1)
            age = np.where(alive, age + 1, 0)
            done += 1
        target = np.where(alive, 0.55 + 0.45 * np.exp(-age * 0.22), 0)
        heat += (target - heat) * np.where(target > heat, 0.5, 0.075)
        big = np.repeat(np.repeat(heat, size, 0), size, 1)[: stage.height, : stage.width]
        glow = enlarge(heat, stage.height, stage.width)
        yield ramp.paint(np.clip(0.05 + 0.2 * glow + mask * big * 0.9, 0, 1))


def weave(stage: Stage) -> Iterator[Frame]:
    """One of Wolfram's elementary rules, woven downwards like cloth and drawn past the eye."""
    size = max(3, round(10 * stage.scale))
    columns = -(-stage.width // size)
    pixels = size * stage.turns(1) * 4
    rows = -(-stage.height // size) + -(-pixels // size)
    rule = int(_RULES[stage.rng.integers(len(_RULES))])
    outcome = np.array([rule >> bits & 1 for bits in range(8)], np.uint8)
    row = np.zeros(columns * 2, np.uint8)
    row[stage.rng.choice(columns, int(stage.rng.integers(1, 5)), replace=False)] = 1
    row[columns:] = row[:columns]
    cloth = np.empty((rows, columns), np.uint8)
    for line in range(rows):
        cloth[line] = row[:columns]
        row = outcome[4 * np.roll(row, 1) + 2 * row + np.roll(row, -1)]
    kernel = np.exp(-(np.linspace(-2, 2, 9) ** 2))
    dense = np.apply_along_axis(lambda line: np.convolve(line, kernel / kernel.sum(), "same"), 0, cloth.astype(float))
    dense = np.apply_along_axis(lambda line: np.convolve(line, kernel / kernel.sum(), "same"), 1, dense)
    ramp = stage.ramp()
    tone = np.where(cloth, 0.35 + 0.65 * dense, 0.05 + 0.18 * dense)
    y, x = np.mgrid[0:size, 0:size] / (size - 1) * 2 - 1
    thread = (1 - 0.28 * np.maximum(np.abs(x), np.abs(y)) ** 4).astype(np.float32)
    big = np.repeat(np.repeat(tone, size, 0), size, 1) * np.tile(thread, tone.shape)
    picture = ramp.paint(big.astype(np.float32))[:, : stage.width]
    y_line = np.linspace(-1, 1, stage.height, dtype=np.float32)[:, None]
    for part in stage.loop():
        top = round(part * pixels)
        band = picture[top : top + stage.height]
        sheen = 225 + 30 * np.cos(np.pi * (y_line * 1.5 - 2 * part * stage.turns(4)))
        yield (band.astype(np.uint16) * sheen.astype(np.uint16)[:, :, None] >> 8).astype(np.uint8)


THEME = Theme(
    name="automata",
    styles={"coral": Style(coral), "spirals": Style(spirals), "life": Style(life, 1.0), "weave": Style(weave, 1.0)},
    palettes={
        "moss": ("#0d1b12", "#1f4d2b", "#6fb04a", "#d9e76c", "#fffbe3"),
        "reef": ("#1a1033", "#5b2a86", "#ff5d73", "#ffb08a", "#fff1d8"),
        "petri": ("#10243a", "#1f5f73", "#4fb7a4", "#c6e8c4", "#f8f4e6"),
        "phosphor": ("#05070d", "#063b36", "#00c48c", "#9dffb0", "#f4ffe8"),
        "clay": ("#1d1318", "#5c2e2b", "#b85c38", "#e9a96b", "#fbeed3"),
    },
)
