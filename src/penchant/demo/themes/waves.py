"""Waves: rings on water, ridges of sound, a sea at dusk, strings of light."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from penchant.demo.paint.colour import Frame
from penchant.demo.paint.stage import Stage, Style, Theme


def rings(stage: Stage) -> Iterator[Frame]:
    """A few drops at slowly moving places; their rings cross, lit from above."""
    y, x = stage.grid()
    table = stage.shaded()
    drops = int(stage.rng.integers(3, 6))
    place = stage.rng.uniform([-1.6, -0.8], [1.6, 0.8], (drops, 2))
    phase = stage.rng.uniform(0, 2 * np.pi, (drops, 2))
    fine = stage.rng.uniform(9, 17, drops)
    beat = stage.turns(2)
    for part in stage.loop():
        angle = 2 * np.pi * part
        water = np.zeros((stage.height, stage.width), np.float32)
        for drop in range(drops):
            down = np.float32(place[drop, 0] + 0.22 * np.sin(angle + phase[drop, 0]))
            right = np.float32(place[drop, 1] + 0.22 * np.sin(angle + phase[drop, 1]))
            far = np.sqrt((y - down) ** 2 + (x - right) ** 2)
            water += np.cos(np.float32(fine[drop]) * far - np.float32(beat * angle)) / (0.55 + far)
        slope = np.zeros_like(water)
        slope[1:-1, 1:-1] = (water[2:, 1:-1] - water[:-2, 1:-1]) + 0.6 * (water[1:-1, 2:] - water[1:-1, :-2])
        hue = np.clip(118 + water * (86 / np.sqrt(drops)), 0, 255).astype(np.int32)
        shade = np.clip(29 + slope * 46, 2, 62).astype(np.int32)
        yield table.at(hue * 64 + shade)


def ridges(stage: Stage) -> Iterator[Frame]:
    """Lines behind lines, each hiding what is behind it, as a pulsar was once drawn."""
    lines = 30
    x = np.linspace(-1, 1, stage.width, dtype=np.float32)
    ramp = stage.ramp()
    rng = stage.rng
    waves = 7
    pitch = rng.uniform(3, 13, (waves, 1))
    turns = rng.integers(1, 4, (waves, 1)) * rng.choice([-1, 1], (waves, 1))
    start = rng.uniform(0, 2 * np.pi, (waves, 1)) + rng.uniform(0.1, 0.55, (waves, 1)) * np.arange(lines)
    hill = np.exp(-((x / 0.45) ** 2))
    gap = stage.height * 0.74 / lines
    base = stage.height * 0.2 + gap * np.arange(lines)
    tall = stage.height * 0.14
    width = np.float32(1.5 * stage.scale)
    for part in stage.loop():
        shape = np.zeros((lines, stage.width), np.float32)
        for wave in range(waves):
            angle = pitch[wave] * x + start[wave][:, None] + 2 * np.pi * turns[wave] * part
            shape += np.sin(angle).astype(np.float32)
        swell = 0.8 + 0.35 * stage.kick(part, 2.0)
        height = tall * swell * hill * (np.abs(shape) / 3.4) ** 1.4 + gap * 0.08 * shape * (1 - hill)
        lean = np.sqrt(1 + np.gradient(height, axis=1) ** 2).astype(np.float32)
        tone = np.full((stage.height, stage.width), 0.03, np.float32)
        for line in range(lines):
            crest = (base[line] - height[line]).astype(np.float32)
            top, bottom = max(0, int(crest.min()) - 3), min(stage.height, int(base[line] + gap * 1.5) + 3)
            far = np.arange(top, bottom, dtype=np.float32)[:, None] - crest
            area = tone[top:bottom]
            body = 0.03 + np.float32(0.5) * np.clip(height[line] / tall, 0, 1) * np.clip(1 - far / (tall * 0.9), 0, 1)
            np.copyto(area, body, where=far > 0)
            drawn = np.clip(width + 0.5 - np.abs(far) / lean[line], 0, 1)
            colour = (0.62 + 0.38 * np.clip(height[line] / tall, 0, 1)).astype(np.float32)
            area += drawn * (colour - area)
        yield ramp.paint(tone)


def sea(stage: Stage) -> Iterator[Frame]:
    """Nine rows of waves under a low sun, nearer ones larger and slower to pass."""
    layers = 9
    rng = stage.rng
    y = np.arange(stage.height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, stage.width, dtype=np.float32)[None, :]
    sea_hues = layers * 16
    table = stage.shaded(sea_hues + 64)
    depth = (np.arange(layers) / (layers - 1)) ** 1.3
    level = stage.height * (0.4 + 0.52 * depth)
    tall = stage.height * (0.006 + 0.042 * depth)
    pitch = 15 - 10.5 * depth
    turns = np.array([int(rng.integers(1, 3)) for _ in range(layers)])
    start = rng.uniform(0, 2 * np.pi, (layers, 3))
    sun_x, sun_y = rng.uniform(-0.4, 0.4), stage.height * 0.3
    far = np.sqrt(((x - sun_x) * stage.width / 2) ** 2 + (y - sun_y) ** 2)
    disc = np.clip(stage.width * 0.17 - far + 0.5, 0, 1)
    halo = np.exp(-far / (stage.width * 0.35))
    # The sky runs from the middle of the palette overhead to its light end at the horizon and around the sun.
    sky_hue = np.clip(sea_hues * 0.72 + 64 * np.clip(y / level[0], 0, 1) ** 1.4 + 58 * halo, 0, sea_hues + 63)
    glade = np.exp(-(((x - sun_x) / 0.2) ** 2))
    for part in stage.loop():
        angle = 2 * np.pi * part
        index = np.zeros((stage.height, stage.width), np.float32)
        under = np.full((stage.height, stage.width), -1, np.float32)
        for layer in range(layers):
            phase = pitch[layer] * x + start[layer, 0] + turns[layer] * angle
            swell = np.sin(phase + 0.55 * np.sin(phase + start[layer, 1]))
            swell = swell + 0.3 * np.sin(2.3 * pitch[layer] * x + start[layer, 2] - turns[layer] * angle)
            bob = 0.6 * np.sin(angle * stage.turns(4) + 0.8 * layer)
            crest = (level[layer] - tall[layer] * (swell + bob)).astype(np.float32)
            top = max(0, int(crest.min()) - 1)
            below = y[top:] - crest
            index[top:] += np.clip(below + 0.5, 0, 1)
            np.copyto(under[top:], below / np.float32(2 + 50 * depth[layer] * stage.scale * 1.5), where=below > 0)
        foam = np.exp(-under * 1.6) * (under >= 0)
        sky = under < 0
        shade = np.where(sky, 31 + 24 * disc, 24 + 15 * foam + 16 * foam * glade)
        hue = np.where(sky, sky_hue, (layers - index) * 16)
        yield table.at(hue.astype(np.int32) * 64 + np.clip(shade, 0, 63).astype(np.int32))


def strings(stage: Stage) -> Iterator[Frame]:
    """Strings of light across the dark, plucked by the beat."""
    y, x = stage.grid()
    ramp = stage.ramp()
    rng = stage.rng
    count = 9
    base = np.linspace(-1.35, 1.35, count)
    pitch = rng.uniform(1.2, 4.2, (count, 2))
    start = rng.uniform(0, 2 * np.pi, (count, 2))
    turns = rng.integers(1, 4, (count, 2)) * rng.choice([-1, 1], (count, 2))
    shared = rng.uniform(0.6, 1.5)
    across = np.cos(x * np.pi / 2.2)
    for part in stage.loop():
        angle = 2 * np.pi * part
        glow = np.full((stage.height, stage.width), 0.0, np.float32)
        for string in range(count):
            move = np.sin(pitch[string, 0] * x + start[string, 0] + turns[string, 0] * angle)
            move = move + 0.5 * np.sin(pitch[string, 1] * 2 * x + start[string, 1] + turns[string, 1] * angle)
            pull = 0.24 + 0.1 * np.sin(shared * string + angle * stage.turns(4))
            line = (base[string] + pull * across * move).astype(np.float32)
            far = y - line
            far *= far
            far += np.float32(0.0011)
            glow += np.float32(0.0016 * (1 + 0.8 * stage.kick((part + string / count / stage.beats) % 1, 3))) / far
        # A soft knee keeps each core bright without clipping the glow around it.
        yield ramp.paint(np.clip(1.12 * glow / (0.55 + glow), 0, 1))


THEME = Theme(
    name="waves",
    styles={"rings": Style(rings), "ridges": Style(ridges, 0.7), "sea": Style(sea, 0.75), "strings": Style(strings)},
    palettes={
        "lagoon": ("#031926", "#0a4c66", "#1f8fa8", "#8bd8cf", "#fdf6e3"),
        "dusk": ("#0e1030", "#3a2263", "#9b3a76", "#f0806a", "#ffdba4"),
        "north": ("#071018", "#16324a", "#3f6f8f", "#a7c6d4", "#f6f3ea"),
        "tropic": ("#04222c", "#005f6b", "#12b5a6", "#ffd166", "#fff3d6"),
        "ink": ("#0b0b12", "#23263f", "#5a6aa8", "#c3cdf0", "#ffffff"),
    },
)
