"""Kinetic type: words that fill the picture, breathe in weight, circle, and ripple."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from penchant.demo.paint.colour import Frame, Ramp, ramp
from penchant.demo.paint.letters import breadth, word
from penchant.demo.paint.shapes import ink
from penchant.demo.paint.stage import Stage, Style, Theme

_TOP = 2.0  # grid units above the capitals in a word's field: room for accents


def _words(stage: Stage) -> list[str]:
    return stage.words.split() or ["PENCHANT"]


def _inks(stage: Stage, pairs: list[tuple[int, int]]) -> list[Ramp]:
    """For each pair (ground, ink) of palette places, a ramp from one to the other."""
    return [ramp((stage.palette[ground], stage.palette[ink]), 64) for ground, ink in pairs]


def _sample(
    field: NDArray[np.float32], rows: NDArray[np.floating], columns: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Samples at rows (H, 1 or W) and columns (1 or H, W), blended across columns; outside is far from any ink."""
    last = field.shape[1] - 2
    inside = (rows >= 0) & (rows < field.shape[0]) & (columns >= 0) & (columns <= last)
    row = np.clip(rows, 0, field.shape[0] - 1).astype(np.int32)
    column = np.clip(columns, 0, last).astype(np.int32)
    part = (columns - column).astype(np.float32)
    left = row * field.shape[1] + column
    flat = field.ravel()
    near = flat.take(left)
    near += part * (flat.take(left + 1) - near)
    return np.where(inside, near, np.float32(9))


def stack(stage: Stage) -> Iterator[Frame]:
    """One word on every row; a wave of weight rolls down through the rows."""
    rows = 8
    texts = _words(stage)
    high = stage.height / rows
    inks = _inks(stage, [(0, 4), (1, 4), (0, 3), (2, 0), (0, 4), (3, 0), (1, 4), (0, 3)])
    unit = high / 8.6
    fields = []
    for row in range(rows):
        text = texts[row % len(texts)]
        repeated = (text + " ") * max(2, int(np.ceil(2.2 * stage.width / unit / (len(text) * 5 + 3))) + 1)
        fields.append(word(repeated.strip(), unit, margin=0.4))
    pace = [stage.rng.choice([-1, 1]) * stage.width * stage.rng.uniform(0.25, 0.5) for _ in range(rows)]
    lines = [round(row * high) for row in range(rows + 1)]
    for part in stage.loop():
        frame = np.empty((stage.height, stage.width, 3), np.uint8)
        for row, field in enumerate(fields):
            wave = 0.5 + 0.5 * np.sin(2 * np.pi * (part * stage.turns(4) - row / rows))
            weight = 0.12 + 0.85 * wave**1.6
            swing = 0.5 - 0.5 * np.cos(2 * np.pi * part)
            first = int((field.shape[1] - stage.width) * 0.5 + pace[row] * (swing - 0.5))
            first = int(np.clip(first, 0, max(0, field.shape[1] - stage.width)))
            cut = field[round(unit * 0.7) :, first : first + stage.width][: lines[row + 1] - lines[row]]
            area = np.full((lines[row + 1] - lines[row], stage.width), np.float32(9))
            area[: cut.shape[0], : cut.shape[1]] = cut
            frame[lines[row] : lines[row + 1]] = inks[row].paint(np.clip((weight - area) * unit + 0.5, 0, 1))
        yield frame


def beat(stage: Stage) -> Iterator[Frame]:
    """The words one after the other on the beat, each drawn as tall as the picture."""
    texts = _words(stage)
    shown = max(len(texts), stage.beats // 2 // len(texts) * len(texts))
    pairs = [(4, 0), (0, 3), (2, 4), (3, 0), (1, 4)]
    inks = _inks(stage, [pairs[int(place)] for place in stage.rng.permutation(len(pairs))])
    fields, units, talls = [], [], []
    for line in texts:
        wide = max(breadth(line, 1.1), 9.0)
        unit = stage.width / wide
        tall = (0.8 * stage.height / unit - 2) / 6
        margin = 1.1 + (wide - breadth(line, 1.1)) / 2
        fields.append(word(line, unit, margin=margin, tall=tall))
        units.append(unit)
        talls.append(tall)
    y = np.arange(stage.height, dtype=np.float32)[:, None] + 0.5
    x = np.arange(stage.width, dtype=np.float32)[None, :]
    for part in stage.loop():
        place = part * shown
        index, since = int(place), place - int(place)
        text = index % len(texts)
        field, unit, tall = fields[text], units[text], talls[text]
        # Overshoots and settles: a damped spring in closed form.
        spring = 1 - np.exp(-9 * since) * np.cos(11 * since)
        accent = 1.0 if any(ord(character) > 127 for character in texts[text]) else 0.0
        middle = (_TOP + 3 * tall - accent / 2) * unit
        rows = (y - stage.height / 2) / max(0.15, 0.35 + 0.65 * spring) + middle
        lean = (y - stage.height / 2) * 0.16 * np.exp(-7 * since) * (-1) ** index
        columns = (x + lean + 0.012 * stage.width * np.sin(2 * np.pi * (part + y / stage.height))).astype(np.float32)
        weight = 0.18 + 0.68 * spring * (0.84 + 0.16 * np.cos(2 * np.pi * since))
        distance = _sample(field, rows, columns)
        yield inks[index % len(inks)].paint(np.clip((weight - distance) * unit + 0.5, 0, 1))


def orbit(stage: Stage) -> Iterator[Frame]:
    """Rings of words turn against each other like the discs of a planetarium."""
    texts = _words(stage)
    y, x = stage.grid()
    centre_y = np.float32(stage.rng.uniform(-0.6, 0.6))
    far = np.sqrt((y - centre_y) ** 2 + x * x)
    angle = (np.arctan2(y - centre_y, x) / (2 * np.pi) + 0.5).astype(np.float32).ravel()
    thick = float(stage.rng.uniform(0.25, 0.31))
    high = 8.4  # grid units in the thickness of a ring
    unit = 9.0
    number = (far / thick).astype(np.int32).ravel()
    row = (far / thick * high).ravel()
    palette = stage.ramp(256)
    pixels = thick / high * stage.width / 2
    disc = ink((far - thick * 0.62) * stage.width / 2).ravel()
    rings = []
    for ring in range(1, int(number.max()) + 1):
        around = 2 * np.pi * (ring + 0.5) * high
        text = texts[(ring - 1) % len(texts)]
        count = 1
        while breadth(" ".join([text] * (count + 1)), 0.9) < around and count < 40:
            count += 1
            if breadth(" ".join([text] * count), 0.9) > around * 0.93:
                break
        line = word(" ".join([text] * count), unit, margin=1.2)
        cells = np.flatnonzero(number == ring)
        # Letters stand on the inner edge, heads outwards.
        above = ((ring + 1) * high - row[cells] + 0.75) * unit
        turns = int(stage.rng.choice([-1, 1]))
        rings.append((cells, np.clip(above, 0, line.shape[0] - 1).astype(np.int32), angle[cells], line, turns))
    colours = [0.96, 0.72, 0.5, 0.84, 0.6]
    for part in stage.loop():
        tone = 0.02 + disc * (0.5 + 0.22 * stage.kick(part, 3) - 0.02)
        for place, (cells, height, along, line, turns) in enumerate(rings):
            weight = 0.3 + 0.5 * (0.5 + 0.5 * np.sin(2 * np.pi * (part * stage.turns(4) - place / 5))) ** 1.5
            place_in_line = ((along + np.float32(turns * part + place * 0.13)) % 1 * (line.shape[1] - 1)).astype(
                np.int32
            )
            inked = np.clip((np.float32(weight) - line[height, place_in_line]) * pixels + 0.5, 0, 1)
            tone[cells] = 0.02 + inked * (colours[place % 5] - 0.02)
        yield palette.paint(tone.reshape(far.shape))


def ripple(stage: Stage) -> Iterator[Frame]:
    """Words that sway like a flag; behind them hang the places where they just were, a colour for each."""
    texts = _words(stage)
    lines = texts if len(texts) <= 3 else [" ".join(texts[: len(texts) - 2]), *texts[-2:]]
    echoes, lag = 6, max(2, stage.fps // 7)
    y, x = stage.grid()
    fields = []
    high = stage.height * 0.66 / len(lines)
    for text in lines:
        wide = max(breadth(text, 1.0), 8.0)
        unit = 0.84 * stage.width / wide
        field = word(text, unit, margin=1.0 + (wide - breadth(text, 1.0)) / 2, tall=max(0.7, (high * 0.78 / unit) / 6))
        fields.append((field, unit))
    table = ramp(
        [stage.palette[0], stage.palette[1], stage.palette[1], stage.palette[2], stage.palette[3], stage.palette[4]],
        640,
    )
    column = np.arange(stage.width, dtype=np.float32)[None, :]
    row = np.arange(stage.height, dtype=np.float32)[:, None]
    start = stage.rng.uniform(0, 2 * np.pi)
    past: deque[NDArray[np.float32]] = deque(maxlen=(echoes - 1) * lag + 1)
    for frame in range(-(echoes - 1) * lag, stage.frames):
        angle = start + 2 * np.pi * frame / stage.frames
        turns = stage.turns(4)
        sway = stage.width * (0.055 * np.sin(2.4 * x + angle * turns) + 0.035 * np.sin(angle * turns * 2))
        side = stage.width * 0.06 * np.sin(1.5 * y + angle * turns)
        cover = np.zeros((stage.height, stage.width), np.float32)
        for line, (field, unit) in enumerate(fields):
            middle = stage.height / 2 + (line - (len(fields) - 1) / 2) * high
            top, bottom = max(0, int(middle - high * 0.85)), min(stage.height, int(middle + high * 0.85))
            rows = np.rint(row[top:bottom] - sway - middle) + field.shape[0] // 2
            columns = (column - side[top:bottom] - stage.width / 2 + field.shape[1] / 2).astype(np.float32)
            weight = 0.62 + 0.16 * np.sin(angle * turns + line)
            inked = np.clip((weight - _sample(field, rows, columns)) * unit + 0.5, 0, 1)
            np.maximum(cover[top:bottom], inked, out=cover[top:bottom])
        past.append(cover)
        if frame >= 0:
            tone = np.zeros_like(cover)
            for step in range(echoes):
                tone += past[step * lag] * (np.float32((step + 1) / echoes) - tone)
            yield table.paint(tone)


THEME = Theme(
    name="kinetic",
    styles={
        "stack": Style(stack, 1.0),
        "beat": Style(beat, 0.8),
        "orbit": Style(orbit, 0.75),
        "ripple": Style(ripple, 0.7),
    },
    palettes={
        "poster": ("#14110f", "#34312d", "#e4572e", "#f3a712", "#f5efe0"),
        "riso": ("#1b1464", "#2d3a9e", "#ff5c8a", "#ffd23f", "#fff7e8"),
        "mint": ("#0c2d33", "#14555a", "#2ec4a6", "#c7f464", "#fdfcf0"),
        "cherry": ("#2b0a1e", "#5c1238", "#e6194b", "#ff9f80", "#fff0e5"),
        "paper": ("#101820", "#2a3b4c", "#3d7ea6", "#f2aa4c", "#fbf6ea"),
    },
)
