"""Colour fields: soft light that mixes, veils that breathe, bands that bend, squares within squares."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from penchant.demo.paint.colour import Frame, Ramp, from_oklab, mix, ramp, rgb, to_oklab
from penchant.demo.paint.field import clouds, enlarge, smoothstep
from penchant.demo.paint.shapes import ink
from penchant.demo.paint.stage import Stage, Style, Theme


def haze(stage: Stage) -> Iterator[Frame]:
    """Clouds of pure colour drift into each other; mixed where colours keep their life (OKLab)."""
    rng = stage.rng
    lab = to_oklab(np.stack([rgb(colour) for colour in stage.palette]))
    count = 7
    own = lab[np.concatenate([np.arange(5), rng.integers(1, 5, count - 5)])]
    height, width = 54, 30
    y, x = np.linspace(-1.78, 1.78, height)[:, None], np.linspace(-1, 1, width)[None, :]
    place = rng.uniform([-1.7, -0.9], [1.7, 0.9], (count, 2))
    phase, turns = rng.uniform(0, 2 * np.pi, (count, 2)), rng.integers(1, 3, (count, 2))
    sizes = rng.uniform(0.45, 0.9, count)
    for part in stage.loop():
        weights, mixed = np.zeros((height, width, 1)), np.zeros((height, width, 3))
        for blob in range(count):
            angle = 2 * np.pi * part * turns[blob] + phase[blob]
            down, right = place[blob] + 0.55 * np.sin(angle)
            size = sizes[blob] * (1 + 0.15 * np.sin(2 * np.pi * part * stage.turns(4) + blob))
            near = (((y - down) ** 2 + (x - right) ** 2)[..., None] / size**2 + 0.1) ** -1.9
            weights += near
            mixed += near * own[blob]
        small = from_oklab((mixed / weights).reshape(-1, 3)).reshape(height, width, 3)
        big = [enlarge(small[..., channel].astype(np.float32), stage.height, stage.width) for channel in range(3)]
        yield np.clip(np.stack(big, axis=-1), 0, 255).astype(np.uint8)


def veils(stage: Stage) -> Iterator[Frame]:
    """Two or three great soft rectangles on a ground, glowing in turn; their edges are brushed, not cut."""
    rng = stage.rng
    y = np.linspace(0, 1, stage.height, dtype=np.float32)[:, None]
    x = np.linspace(0, 1, stage.width, dtype=np.float32)[None, :]
    count = int(rng.choice([2, 3]))
    shares = rng.dirichlet(np.full(count, 9.0)) * 0.6 + 0.4 / count
    cuts = np.cumsum(shares) * 0.9 + 0.05
    cuts = np.concatenate([[0.05], cuts])
    brushed = clouds(rng, stage.height, stage.width, 34) * 0.0035 + clouds(rng, stage.height, stage.width, 5) * 0.004
    grain = clouds(rng, stage.height, stage.width, 60) * 3.0 + clouds(rng, stage.height, stage.width, 4) * 7
    order = rng.permutation(np.array([1, 2, 3, 4]))[:count]
    sides = (np.minimum(x - 0.08, 0.92 - x) * stage.width / stage.height + brushed).astype(np.float32)
    brushed = brushed.astype(np.float32)
    ground = rgb(mix(stage.palette[0], stage.palette[int(order[0])], 0.22)).astype(np.float32)
    for part in stage.loop():
        frame = np.empty((stage.height, stage.width, 3), np.float32)
        frame[:] = ground
        frame += grain[..., None] * np.float32(0.5)
        drift = 0.045 * np.sin(2 * np.pi * (part * stage.turns(8) + np.arange(count + 1) / 3))
        drift[[0, -1]] = 0
        for band in range(count):
            top, bottom = (
                np.float32(cuts[band] + drift[band] + 0.016),
                np.float32(cuts[band + 1] + drift[band + 1] - 0.016),
            )
            mask = smoothstep(-0.02, 0.03, np.minimum(np.minimum(y - top, bottom - y) + brushed, sides))
            breath = 0.5 + 0.5 * np.sin(2 * np.pi * (part * stage.turns(8) + band / count))
            here = stage.palette[int(order[band])]
            there = stage.palette[int(order[(band + 1) % count])]
            colour = mix(here, there, 0.7 * float(breath))
            fall = 1 - 0.16 * np.abs(y - (cuts[band] + cuts[band + 1]) / 2) / 0.3
            glow = mask * np.float32(0.8 + 0.2 * breath)
            paint = rgb(colour).astype(np.float32) * fall[..., None] + grain[..., None]
            frame += glow[..., None] * (paint - frame)
        yield np.clip(frame, 0, 255).astype(np.uint8)


def bands(stage: Stage) -> Iterator[Frame]:
    """Stripes of changing width that bend together, so that the flat picture seems to swell."""
    rng = stage.rng
    y, x = stage.grid()
    stripes = int(rng.choice([9, 12, 15]))
    sequence = rng.permutation(5)
    colours = [stage.palette[int(sequence[stripe % 5])] for stripe in range(stripes)]
    steps = 64
    table = np.concatenate(
        [ramp((colour, colours[(place + 1) % stripes]), steps).packed for place, colour in enumerate(colours)]
    )
    painted = Ramp(table)
    slant = rng.uniform(-0.5, 0.5)
    pitch, lift = rng.uniform(0.9, 1.7), rng.uniform(0, 2 * np.pi)
    tall = rng.uniform(0.16, 0.3)
    sharp = stripes / 3.8 * 2 / stage.width
    for part in stage.loop():
        angle = 2 * np.pi * part
        bend = tall * np.sin(pitch * 2.1 * x + 0.8 * y + angle + lift) + 0.5 * tall * np.sin(2.9 * y - angle * 2)
        along = y + slant * x + bend
        swell = along + 0.17 * np.sin(2.4 * along + angle * stage.turns(8))
        value = (swell * stripes / 3.8 + part * 5) % stripes
        whole = np.floor(value)
        edge = np.clip((value - whole - 1) / (sharp * 1.5) + 1, 0, 0.999)
        yield painted.at(((whole + edge) * steps).astype(np.int32))


def homage(stage: Stage) -> Iterator[Frame]:
    """Squares or circles within each other, each its own colour, opening one out of the other towards the eye."""
    rng = stage.rng
    y, x = stage.grid()
    turn = rng.uniform(0.1, 0.35) * rng.choice([-1, 1])
    rounding = float(rng.choice([0.0, 0.15, 1.0]))
    sequence = [stage.palette[int(place)] for place in rng.permutation(5)]
    count, steps = 9, 32
    pixel = 2 / stage.width
    tables = []
    for first in range(5):
        colours = [sequence[(ring - first) % 5] for ring in range(count, -1, -1)]
        pairs = [ramp(pair, steps).packed for pair in zip(colours, [*colours[1:], colours[-1]], strict=True)]
        tables.append(Ramp(np.concatenate(pairs)))
    # Five steps outwards bring the colours back to where they were.
    opened = 5 * max(1, round(stage.turns(2) / 5))
    for part in stage.loop():
        shift = part * opened
        first = int(shift)
        sway, rise = 0.2 * np.sin(2 * np.pi * part), 0.22 * np.cos(2 * np.pi * part)
        inside = np.zeros((stage.height, stage.width), np.float32)
        for ring in range(count):
            size = 2.3 * ((ring + shift - first) / count) ** 1.3
            if size < pixel:
                continue
            depth = 1 - size / 2.3
            angle = turn * depth * np.sin(2 * np.pi * part) * 2
            down, right = y - np.float32(rise * depth), x - np.float32(sway * depth)
            across = np.abs(np.float32(np.cos(angle)) * right - np.float32(np.sin(angle)) * down)
            upright = np.abs(np.float32(np.sin(angle)) * right + np.float32(np.cos(angle)) * down)
            core = np.float32(size * (1 - rounding))
            if rounding:
                out_x, out_y = np.maximum(across - core, 0), np.maximum(upright - core, 0)
                distance = np.sqrt(out_x * out_x + out_y * out_y) - np.float32(size * rounding)
            else:
                distance = np.maximum(across, upright) - core
            inside += ink(distance / np.float32(pixel))
        yield tables[first % 5].at((inside * (steps - 0.01)).astype(np.int32))


THEME = Theme(
    name="colourfields",
    styles={
        "haze": Style(haze),
        "veils": Style(veils, 0.35),
        "bands": Style(bands, 0.75),
        "homage": Style(homage, 0.5),
    },
    palettes={
        "apricot": ("#7a2e3b", "#e0604c", "#f7a072", "#f9d5a7", "#fff4e4"),
        "lupin": ("#34307a", "#7067c7", "#c58bd6", "#f6b8c8", "#fdebe3"),
        "meadow": ("#1f5a4a", "#5fa777", "#b9d279", "#f4e285", "#fffbe0"),
        "harbour": ("#1c3d6e", "#3f7fbf", "#8fc7d9", "#f4c98b", "#fdf3e1"),
        "sorbet": ("#b3365e", "#f0648c", "#ffb26b", "#9ad7c8", "#fff3e8"),
    },
)
