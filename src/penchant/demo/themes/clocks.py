"""Clocks: a dial through the day, a choir of hands, pendulums drifting apart and together, rings of time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from penchant.demo.paint.colour import Frame, Ramp, ramp
from penchant.demo.paint.shapes import capsule, ink, over
from penchant.demo.paint.stage import Stage, Style, Theme


def dial(stage: Stage) -> Iterator[Frame]:
    """One large clock whose hands race through twelve hours while day turns to night behind it."""
    palette = stage.palette
    radius = stage.width * 0.41
    centre_y, centre_x = stage.height * stage.rng.uniform(0.42, 0.58), stage.width / 2
    y = np.arange(stage.height, dtype=np.float32)[:, None] + 0.5 - np.float32(centre_y)
    x = np.arange(stage.width, dtype=np.float32)[None, :] + 0.5 - np.float32(centre_x)
    far = np.sqrt(y * y + x * x)
    sky = stage.ramp(1024, cyclic=True)
    falling = np.linspace(0, 0.22, stage.height, dtype=np.float32)[:, None] + 0 * x
    face, rim = ink(far - radius), ink(np.abs(far - radius) - stage.width * 0.012)
    marks = np.zeros_like(far)
    for number in range(12):
        angle = np.pi * number / 6
        long = 0.8 if number % 3 == 0 else 0.87
        marks = np.maximum(
            marks,
            ink(
                capsule(y, x, *_polar(radius * long, angle), *_polar(radius * 0.93, angle))
                - stage.width * (0.009 if number % 3 == 0 else 0.005)
            ),
        )
    shadow = np.clip(1 - (far - radius) / (stage.width * 0.12), 0, 1) ** 2 * 0.35
    # All that stands still, as one layer: what it lets through and what it adds.
    through, still = (1 - shadow)[..., None].astype(np.float32), np.zeros((*far.shape, 3), np.float32)
    for colour, cover in ((palette[4], face), (palette[2], rim), (palette[1], marks)):
        over(still, colour, cover)
        through *= 1 - cover[..., None]
    extent = int(radius) + 2
    near = (
        slice(int(centre_y) - extent, int(centre_y) + extent),
        slice(max(0, int(centre_x) - extent), int(centre_x) + extent),
    )
    near_y, near_x = y[near[0]], x[:, near[1]]
    start = stage.rng.uniform(0, 2 * np.pi)
    sweeps = stage.turns(4)
    for part in stage.loop():
        frame = sky.paint_around(falling + np.float32(part)) * through + still
        minute = start + 2 * np.pi * part * sweeps
        hour = start / 12 + 2 * np.pi * part
        tick = (part * stage.beats) % 1
        settled = 1 - float(np.exp(-12 * tick) * np.cos(18 * tick))
        second = np.pi / 6 * (int(part * stage.beats) + settled)
        for angle, share, thick, colour in (
            (hour, 0.52, 0.022, palette[0]),
            (minute, 0.8, 0.015, palette[0]),
            (second, 0.86, 0.006, palette[3]),
        ):
            tail, tip = _polar(-radius * 0.12, angle), _polar(radius * share, angle)
            over(frame[near], colour, ink(capsule(near_y, near_x, *tail, *tip) - stage.width * thick))
        over(frame[near], palette[3], ink(far[near] - stage.width * 0.03))
        yield frame.astype(np.uint8)


def _polar(radius: float, angle: float) -> tuple[float, float]:
    """(y, x) at a clock angle: 0 is twelve, turning to the right."""
    return -radius * float(np.cos(angle)), radius * float(np.sin(angle))


def choir(stage: Stage) -> Iterator[Frame]:
    """A wall of small clocks whose hands move as one, fall into waves and find each other again."""
    size = round(stage.width / 6)
    rows, columns = -(-stage.height // size), 6
    half = size / 2
    y, x = (np.mgrid[0:size, 0:size].astype(np.float32) + 0.5) - np.float32(half)
    far = np.sqrt(y * y + x * x)
    row, column = np.mgrid[0:rows, 0:columns].astype(np.float32)
    disc, rim = ink(far - half * 0.9), ink(np.abs(far - half * 0.9) - half * 0.02)
    base = np.tile(np.maximum(disc * 0.16, rim * 0.3), (rows, columns))[: stage.height, : stage.width]
    table = stage.ramp()
    # Poses of the two hands: squares, crosses, rings, waves; the choir eases from one to the next.
    centre_row, centre_column = (rows - 1) / 2, (columns - 1) / 2
    outward = np.arctan2(column - centre_column, -(row - centre_row))
    wave = 2 * np.pi * (row / rows + column / columns / 2)
    poses = [
        (np.pi / 2 + 0 * row, -np.pi / 2 + 0 * row),
        (outward, outward + np.pi),
        (wave, wave + np.pi / 2),
        (np.pi / 4 + np.pi / 2 * ((row + column) % 2), np.pi * 5 / 4 + np.pi / 2 * ((row + column) % 2)),
        (outward + np.pi / 2, outward - np.pi / 2),
        (np.pi / 2 * ((row % 2) + 1), np.pi / 2 * ((column % 2) * 2)),
    ]
    chosen = [poses[place] for place in stage.rng.permutation(len(poses))[: max(2, stage.turns(4))]]
    lag = 0.35 * (row / rows if stage.rng.random() < 0.5 else np.hypot(row - centre_row, column - centre_column) / rows)
    for part in stage.loop():
        place = part * len(chosen)
        index, since = int(place), place - int(place)
        eased = np.clip((since - lag) / 0.6, 0, 1)
        eased = eased * eased * eased * (eased * (6 * eased - 15) + 10)
        tone = base.copy()
        for hand in (0, 1):
            spin = 2 * np.pi * (1 if hand == 0 else -1)
            here, there = chosen[index][hand], chosen[(index + 1) % len(chosen)][hand]
            angle = (here + eased * (_nearest(there - here) + spin)).astype(np.float32)
            up, right = -np.cos(angle)[:, None, :, None], np.sin(angle)[:, None, :, None]
            down_y, along_x = y[None, :, None, :], x[None, :, None, :]
            along = np.clip(down_y * up + along_x * right, 0, half * 0.78)
            apart = np.sqrt((down_y - along * up) ** 2 + (along_x - along * right) ** 2)
            drawn = ink(apart - half * 0.085).reshape(rows * size, columns * size)[: stage.height, : stage.width]
            glow = 0.72 + 0.26 * np.sin(np.pi * eased)
            lit = np.repeat(np.repeat(glow, size, 0), size, 1)[: stage.height, : stage.width]
            tone += drawn * (lit - tone)
        yield table.paint(tone)


def _nearest(turn: NDArray[np.floating]) -> NDArray[np.floating]:
    """The same turn, between half a turn back and half a turn on."""
    return np.asarray((turn + np.pi) % (2 * np.pi) - np.pi)


def pendulums(stage: Stage) -> Iterator[Frame]:
    """Fifteen pendulums, each a swing faster than the last: a wave, chaos, and order again at the end."""
    count = 15
    y, x = stage.grid()
    shades = stage.ramp(256)
    top = -1.62
    lengths = 1.15 + 1.75 * np.linspace(0, 1, count)[::-1] ** 1.1
    swings = np.arange(count) + stage.turns(2)
    width = 2 / stage.width
    night = ramp((stage.palette[0], stage.palette[1]), 256)
    ground = night.paint(np.clip((y + 1.8) / 3.9, 0, 1) + 0 * x).astype(np.float32)
    colours = [tuple(int(part) for part in shades.colours[90 + place * 160 // count]) for place in range(count)]
    wide = stage.rng.uniform(0.3, 0.42)
    for part in stage.loop():
        frame = ground.copy()
        for place in range(count):
            for ghost in (0.004, 0.002, 0.0):
                angle = wide * np.cos(2 * np.pi * swings[place] * (part - ghost))
                bob_y, bob_x = top + lengths[place] * np.cos(angle), lengths[place] * np.sin(angle)
                if not ghost:
                    rows = slice(0, min(stage.height, int((bob_y + 1.8) / width)))
                    left = max(0, int((min(bob_x, 0) + 1) / width) - 3)
                    right = min(stage.width, int((max(bob_x, 0) + 1) / width) + 4)
                    line = ink((capsule(y[rows], x[:, left:right], top, 0.0, bob_y, bob_x)) / width - 0.5) * 0.35
                    over(frame[rows, left:right], colours[place], line)
                size = 0.078 if not ghost else 0.07
                above = max(0, int((bob_y - 0.1) / width + stage.height / 2))
                before = max(0, int((bob_x - 0.1) / width + stage.width / 2))
                near_y, near_x = y[above : above + int(0.2 / width)], x[:, before : before + int(0.2 / width)]
                far = np.sqrt((near_y - bob_y) ** 2 + (near_x - bob_x) ** 2)
                area = frame[above : above + near_y.shape[0], before : before + near_x.shape[1]]
                over(area, colours[place], ink((far - size) / width) * (1.0 if not ghost else 0.3))
                if not ghost:
                    shine = np.exp(-((near_y - bob_y + 0.022) ** 2 + (near_x - bob_x + 0.02) ** 2) / 0.0007)
                    over(area, stage.palette[4], shine * ink((far - size) / width) * 0.75)
        yield frame.astype(np.uint8)


def orrery(stage: Stage) -> Iterator[Frame]:
    """Rings of time: seconds inside, hours outside, each an arc that fills and lets go."""
    y, x = stage.grid()
    far, angle = np.sqrt(y * y + x * x), (np.arctan2(x, -y) / (2 * np.pi)) % 1
    rings = 7
    inner, step = 0.16, 0.116
    turns = sorted((int(stage.rng.integers(1, 9)) for _ in range(rings)), reverse=True)
    start = stage.rng.uniform(0, 1, rings)
    hue = [0.3 + 0.6 * ring / (rings - 1) for ring in range(rings)]
    table: Ramp = stage.ramp()
    bands = []
    width = 2 / stage.width
    for ring in range(rings):
        middle = inner + ring * step + step / 2
        near = np.abs(far - middle)
        cells = np.flatnonzero(near.ravel() < step / 2)
        bands.append((cells, near.ravel()[cells], angle.ravel()[cells], far.ravel()[cells], middle))
    glow = 0.03 + 0.10 * np.exp(-((far / 0.9) ** 2))
    for part in stage.loop():
        tone = glow.astype(np.float32).copy()
        flat = tone.ravel()
        flat += (0.96 - flat) * ink((far.ravel() - (0.1 + 0.02 * stage.kick(part, 3))) / width)
        for ring, (cells, near, along, distance, middle) in enumerate(bands):
            place = start[ring] + part * turns[ring]
            length = 0.16 + 0.62 * (0.5 - 0.5 * np.cos(2 * np.pi * (part * stage.turns(4) + start[ring])))
            behind = (place - along) % 1
            track = ink((near - step * 0.03) / width)
            body = ink((near - step * 0.34) / width) * ink((behind - length) * 2 * np.pi * distance / width)
            body = body * ink(-(behind * 2 * np.pi * distance) / width + 0.0)
            tip = 2 * np.pi * (place % 1)
            head = np.sqrt(distance**2 + middle**2 - 2 * distance * middle * np.cos(along * 2 * np.pi - tip))
            round_end = ink((head - step * 0.34) / width)
            fading = np.clip(1 - behind / length, 0, 1)
            value = flat[cells]
            value += track * (0.3 - value) * 0.6
            value += body * (0.1 + (hue[ring] - 0.1) * fading**0.7 - value)
            value += round_end * (hue[ring] - value)
            value += ink((head - step * 0.13) / width) * (1 - value)
            flat[cells] = value
        yield table.paint(tone)


THEME = Theme(
    name="clocks",
    styles={
        "dial": Style(dial),
        "choir": Style(choir, 0.6),
        "pendulums": Style(pendulums, 0.6),
        "orrery": Style(orrery, 0.6),
    },
    palettes={
        "brass": ("#15110d", "#3b2f22", "#8c6a3a", "#e0a84a", "#f8efd9"),
        "enamel": ("#0f1c2e", "#1f4368", "#4f86b0", "#e4573d", "#f7f4ec"),
        "mint": ("#12201d", "#21453f", "#4f9d86", "#f2b84b", "#f3f7ec"),
        "plum": ("#190f22", "#43265c", "#8a58a6", "#ff8f70", "#fbeee6"),
        "slate": ("#121417", "#2e343c", "#76808c", "#ffcf33", "#f4f4f0"),
    },
)
