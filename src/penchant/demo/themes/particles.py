"""Particles: dust in a current, a turning galaxy, fireworks, a strange attractor."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from penchant.demo.paint.colour import Frame, Ramp
from penchant.demo.paint.field import Light, clouds
from penchant.demo.paint.stage import Stage, Style, Theme


def _print(light: Light, table: Ramp, exposure: float, bloom: float) -> Frame:
    """Light as a frame: its hue along the palette, its brightness from near black over the colour to white."""
    bright, hue = light.developed(exposure, bloom)
    colour = 0.28 + 0.7 * np.clip(hue, 0, 1)
    shade = 3 + 52 * bright
    return table.at((colour * 255).astype(np.int32) * 64 + shade.astype(np.int32))


def current(stage: Stage) -> Iterator[Frame]:
    """Dust carried by a slowly changing current; every grain leaves a trail."""
    rng = stage.rng
    table = stage.shaded()
    light = Light(stage.height, stage.width, 0.965)
    count = 2600
    hills = [clouds(rng, stage.height, stage.width, rng.uniform(2.5, 4.5)) for _ in range(2)]
    # Along the level lines of a hill nothing piles up: the current has no source and no sink.
    flow = [(-np.gradient(hill, axis=1), np.gradient(hill, axis=0)) for hill in hills]
    y, x = rng.uniform(0, stage.height, count), rng.uniform(0, stage.width, count)
    hue = np.clip(y / stage.height * 0.8 + rng.normal(0.1, 0.1, count), 0, 1)
    life = rng.integers(20, 110, count)
    speed = 62 * stage.width / 240

    def drift(part: float) -> None:
        nonlocal y, x, life
        turn = 0.5 + 0.5 * np.sin(2 * np.pi * part)
        row = np.clip(y.astype(int), 0, stage.height - 1)
        column = np.clip(x.astype(int), 0, stage.width - 1)
        pace = speed * (0.55 + 0.7 * stage.kick(part, 2.0))
        down = flow[0][0][row, column] * (1 - turn) + flow[1][0][row, column] * turn
        right = flow[0][1][row, column] * (1 - turn) + flow[1][1][row, column] * turn
        light.fade()
        for share in (0.0, 0.5):
            light.add(y + down * pace * share, x + right * pace * share, np.full(count, 0.16), hue)
        y, x, life = y + down * pace, x + right * pace, life - 1
        gone = (life <= 0) | (y < 0) | (y >= stage.height) | (x < 0) | (x >= stage.width)
        y[gone], x[gone] = rng.uniform(0, stage.height, gone.sum()), rng.uniform(0, stage.width, gone.sum())
        life[gone] = rng.integers(40, 120, gone.sum())

    for _ in range(24):
        drift(0.0)
    for part in stage.loop():
        drift(part)
        yield _print(light, table, 1.25, 0.35)


def galaxy(stage: Stage) -> Iterator[Frame]:
    """Stars on spiral arms, seen from above at an angle that slowly tips."""
    rng = stage.rng
    table = stage.shaded()
    arms = int(rng.integers(2, 5))
    count = 11000
    radius = rng.exponential(0.42, count) + 0.01
    wind = rng.uniform(2.4, 4.2)
    angle = rng.integers(0, arms, count) * 2 * np.pi / arms + wind * np.log1p(3 * radius)
    angle = angle + rng.normal(0, 0.22, count) * (0.35 + radius)
    lift = rng.normal(0, 0.035, count) * np.exp(-radius)
    hue = np.clip(1.0 - 0.75 * radius + rng.normal(0, 0.1, count), 0, 1)
    weight = rng.pareto(2.6, count).clip(0, 6) * 0.55 + 0.12
    sky_y, sky_x = rng.uniform(0, stage.height, 260), rng.uniform(0, stage.width, 260)
    sky_weight = rng.exponential(0.22, 260)
    tip = rng.uniform(0, 2 * np.pi)
    lean = np.pi / 2 + rng.uniform(-0.6, 0.6)
    sign = rng.choice([-1, 1])
    for part in stage.loop():
        turned = angle + sign * 2 * np.pi * part / arms * stage.turns(12)
        slant = 0.8 + 0.2 * np.sin(2 * np.pi * part + tip)
        side, ahead = radius * np.cos(turned), radius * np.sin(turned) * slant + lift
        right = np.cos(lean) * side - np.sin(lean) * ahead
        down = np.sin(lean) * side + np.cos(lean) * ahead
        light = Light(stage.height, stage.width, 0.0)
        twinkle = 0.7 + 0.3 * np.sin(40 * angle + 2 * np.pi * part * 3)
        size = stage.width * 0.8
        light.add(stage.height / 2 + down * size, stage.width / 2 + right * size, weight * twinkle, hue)
        light.add(sky_y, sky_x, sky_weight, np.full(260, 0.8))
        yield _print(light, table, 0.95, 1.5 + 0.5 * stage.kick(part, 3))


def fireworks(stage: Stage) -> Iterator[Frame]:
    """Shells rise and burst on the beat; sparks fall and fade."""
    rng = stage.rng
    table = stage.shaded()
    light = Light(stage.height, stage.width, 0.9)
    unit = stage.width
    every = stage.frames / stage.turns(1.0)
    due = -24.0
    place = np.zeros((0, 2))
    pace = np.zeros((0, 2))
    spark = np.zeros((0, 3))  # heat, hue, fading per frame
    for frame in range(-24, stage.frames):
        while due <= frame:
            due += every
            many = int(rng.integers(110, 260))
            centre = np.array([rng.uniform(0.14, 0.62) * stage.height, rng.uniform(0.16, 0.84) * unit])
            around = rng.uniform(0, 2 * np.pi, many)
            kind = rng.integers(3)
            reach = np.sqrt(rng.uniform(0, 1, many)) if kind == 0 else rng.normal(1, 0.05, many)
            if kind == 2:
                reach = np.where(rng.random(many) < 0.45, reach * 0.5, reach)
            burst = np.stack([np.sin(around), np.cos(around)], 1) * reach[:, None] * rng.uniform(0.014, 0.03) * unit
            hue = np.clip(rng.choice([0.15, 0.45, 0.75, 0.95]) + rng.normal(0, 0.07, many), 0, 1)
            place = np.concatenate([place, np.repeat(centre[None], many, 0)])
            pace = np.concatenate([pace, burst])
            fading = rng.uniform(0.93, 0.965, many)
            spark = np.concatenate([spark, np.stack([np.full(many, 1.5), hue, fading], 1)])
        light.fade()
        for share in (0.0, 0.5):
            here = place + pace * share
            flicker = spark[:, 0] * rng.uniform(0.5, 1.2, len(spark))
            light.add(here[:, 0], here[:, 1], flicker, spark[:, 1])
        place = place + pace
        pace = pace * 0.955
        pace[:, 0] += unit * 0.00032
        spark[:, 0] *= spark[:, 2]
        bright = spark[:, 0] > 0.03
        place, pace, spark = place[bright], pace[bright], spark[bright]
        if frame >= 0:
            yield _print(light, table, 0.9, 1.8)


def attractor(stage: Stage) -> Iterator[Frame]:
    """A strange attractor, exposed like a photograph while its four numbers wander.

    Source: P. de Jong's map: x' = sin(a y) - cos(b x), y' = sin(c x) - cos(d y).
    """
    rng = stage.rng
    table = stage.shaded()
    known = ((1.4, -2.3, 2.4, -2.1), (-2.0, -2.0, -1.2, 2.0), (2.01, -2.53, 1.61, -0.33), (-2.7, -0.09, -0.86, -2.2))
    centre = np.array(known[rng.integers(len(known))])
    swing = rng.uniform(0.08, 0.2, 4)
    phase = rng.uniform(0, 2 * np.pi, 4)
    x, y = rng.uniform(-1, 1, (2, 7000)).astype(np.float32)
    light = Light(stage.height, stage.width, 0.72)
    # Fitted to the picture: where the map goes over the whole clip.
    ways = []
    for angle in np.linspace(0, 2 * np.pi, 12, endpoint=False):
        a, b, c, d = centre + swing * np.sin(angle + phase)
        for _ in range(6):
            x, y = np.sin(a * y) - np.cos(b * x), np.sin(c * x) - np.cos(d * y)
        ways.append(np.stack([x, y]))
    low, high = np.quantile(np.concatenate(ways, axis=1), [0.004, 0.996], axis=1)
    middle, stretch = (low + high) / 2, np.array([0.86 * stage.height, 0.88 * stage.width]) / (high - low)
    x, y = x.astype(np.float32), y.astype(np.float32)
    for frame in range(-6, stage.frames):
        angle = 2 * np.pi * frame / stage.frames
        a, b, c, d = (centre + swing * np.sin(angle + phase)).astype(np.float32)
        light.fade()
        for step in range(4):
            x, y = np.sin(a * y) - np.cos(b * x), np.sin(c * x) - np.cos(d * y)
            if step:
                down = stage.height / 2 + (x - middle[0]) * stretch[0]
                right = stage.width / 2 + (y - middle[1]) * stretch[1]
                light.add(down, right, np.full(x.size, 0.07), (x + y) * 0.25 + 0.5)
        if frame >= 0:
            yield _print(light, table, 1.5 + 0.5 * stage.kick(frame / stage.frames, 3), 0.4)


THEME = Theme(
    name="particles",
    styles={
        "current": Style(current),
        "galaxy": Style(galaxy),
        "fireworks": Style(fireworks),
        "attractor": Style(attractor),
    },
    palettes={
        "nebula": ("#05040f", "#1d1147", "#6c2a9c", "#ef5da8", "#ffd6a5"),
        "abyss": ("#020710", "#062a4f", "#0f7fb5", "#54e0d0", "#f4ffd9"),
        "forge": ("#0a0506", "#3d0d12", "#b3301c", "#ff9a3c", "#fff2c2"),
        "aurora": ("#030b12", "#07384a", "#12936f", "#8df08b", "#e9d4ff"),
        "opal": ("#08070f", "#2b2560", "#4f86d9", "#f3a6d8", "#fdfbe0"),
    },
)
