"""Fractals: Julia sets that breathe, a fall into the Mandelbrot set, lace of circles, a tree in the wind."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from penchant.demo.paint.colour import Field, Frame
from penchant.demo.paint.field import Light
from penchant.demo.paint.stage import Stage, Style, Theme

_JULIA = (
    -0.8 + 0.162j,
    -0.7269 + 0.1989j,
    0.295 + 0.018j,
    -0.835 - 0.2321j,
    -0.7454 + 0.1231j,
    0.375 + 0.12j,
    -0.54 + 0.55j,
)
_LACE = ((0.7, 0.62), (0.75, 0.55), (0.66, 0.7), (0.62, 0.62), (0.8, 0.6))
_DEPTHS = (
    -0.743643887037151 + 0.131825904205330j,
    -0.77568377 + 0.13646737j,
    -0.1010963638 + 0.9562865108j,
    0.001643721971153 + 0.822467633298876j,
)


def escape_time(
    z_real: Field, z_imag: Field, c_real: Field | np.float32, c_imag: Field | np.float32, limit: int
) -> Field:
    """Smooth escape times of z² + c for flat arrays of z and one or as many c, `limit` where nothing escaped.

    Looks for escapes at every third step only: n - log2(log2 |z|²) stays the same once z is far out.
    """
    time = np.full(z_real.shape, float(limit), dtype=np.float32)
    alive = np.arange(z_real.size)
    for step in range(3, limit + 1, 3):
        for _ in range(3):
            square_real, square_imag = z_real * z_real, z_imag * z_imag
            z_imag = 2 * z_real * z_imag + c_imag
            z_real = square_real - square_imag + c_real
        far = z_real * z_real + z_imag * z_imag
        out = far > 64.0
        if out.any():
            time[alive[out]] = step - np.log2(np.log2(far[out]))
            stay = ~out
            alive, z_real, z_imag = alive[stay], z_real[stay], z_imag[stay]
            if isinstance(c_real, np.ndarray) and isinstance(c_imag, np.ndarray):
                c_real, c_imag = c_real[stay], c_imag[stay]
        if not alive.size:
            break
    return time


def julia(stage: Stage) -> Iterator[Frame]:
    """c circles slowly around a place just outside the Mandelbrot set, where Julia sets fall to dust and spirals."""
    y, x = stage.grid()
    centre = _JULIA[stage.rng.integers(len(_JULIA))]
    turn = np.float32(stage.rng.uniform(0.5, 1.3))
    zoom = np.float32(stage.rng.uniform(0.5, 0.85))
    ramp = stage.ramp(cyclic=True)
    # The set looks the same turned by half a turn, so only the upper half is computed.
    half = (stage.height + 1) // 2
    right = zoom * (np.cos(turn) * x - np.sin(turn) * y[:half])
    down = zoom * (np.sin(turn) * x + np.cos(turn) * y[:half])
    for part in stage.loop():
        angle = 2 * np.pi * part
        c = centre + 0.0075 * np.exp(1j * angle)
        zoomed = np.float32(1 + 0.12 * np.cos(angle))
        z_real, z_imag = (zoomed * right).ravel(), (zoomed * down).ravel()
        time = escape_time(z_real, z_imag, np.float32(c.real), np.float32(c.imag), 99).reshape(half, -1)
        value = 0.42 * np.log2(np.maximum(time, 1)) - 0.42 - 0.06 * np.sin(angle * stage.turns(4))
        upper = ramp.paint_around(np.where(time >= 99, 0, value))
        yield np.concatenate([upper, upper[: stage.height - half][::-1, ::-1]])


def plunge(stage: Stage) -> Iterator[Frame]:
    """A fall into the Mandelbrot set.

    The whole way is computed once as a strip over (log radius, angle); each frame is a look-up in it, since
    falling is a shift along the strip and turning a shift across it.
    """
    around = 560
    step = 2 * np.pi / around
    y, x = stage.grid()
    radius = np.log(np.sqrt(x * x + y * y))
    fall = 0.85 * stage.seconds
    rows = int((radius.max() - radius.min() + fall) / step) + 3
    centre = _DEPTHS[stage.rng.integers(len(_DEPTHS))]
    start = np.log(stage.rng.uniform(0.03, 0.06))
    reach = np.exp(start + radius.max() - step * np.arange(rows))[:, None]
    angle = step * np.arange(around)[None, :] + stage.rng.uniform(0, 2 * np.pi)
    c_real = (centre.real + reach * np.cos(angle)).ravel()
    c_imag = (centre.imag + reach * np.sin(angle)).ravel()
    time = np.empty(c_real.shape, dtype=np.float32)
    for first in range(0, c_real.size, 16384):
        part_real, part_imag = c_real[first : first + 16384], c_imag[first : first + 16384]
        time[first : first + 16384] = escape_time(part_real, part_imag, part_real, part_imag, 300)
    strip = np.log2(np.maximum(time, 1)).reshape(rows, around)
    inside = time.reshape(rows, around) >= 300
    ramp = stage.ramp(cyclic=True)
    painted = (strip * 0.62 * ramp.size).astype(np.int32) & (ramp.size - 1)
    painted[inside] = 0
    colours = np.concatenate([ramp.packed[painted]] * 2, axis=1).ravel()
    row = ((radius.max() - radius) / step).astype(np.int32)
    column = ((np.arctan2(y, x) + np.pi) / step).astype(np.int32) % around
    base = row * (2 * around) + column
    direction = stage.rng.choice([-1, 1])
    for part in stage.loop():
        shift = int(fall * part / step) * 2 * around + int(direction * part * around / 4) % around
        yield np.take(colours, base + shift, mode="clip").view(np.uint8).reshape(*base.shape, 4)[..., :3]


def lace(stage: Stage) -> Iterator[Frame]:
    """Lace and lanterns: the plane folded into a quarter, turned inside out and shifted, again and again.

    Source: the "Kali set" (z' = |z| / |z|² - c), coloured by how much each step still moves a point.
    """
    y, x = stage.grid()
    # Folded at both axes, so a quarter of the picture is all that is computed.
    half_y, half_x = (stage.height + 1) // 2, (stage.width + 1) // 2
    table = stage.shaded(cyclic=True)
    centre = np.array(_LACE[stage.rng.integers(len(_LACE))])
    zoom = stage.rng.uniform(0.75, 1.1)
    for part in stage.loop():
        angle = 2 * np.pi * part
        c_real = np.float32(centre[0] + 0.03 * np.cos(angle))
        c_imag = np.float32(centre[1] + 0.03 * np.sin(angle))
        wide = np.float32(zoom * (1 + 0.15 * np.sin(angle)))
        a: Field = np.broadcast_to(wide * np.abs(x[:, :half_x]), (half_y, half_x)).copy()
        b: Field = np.broadcast_to(wide * np.abs(y[:half_y]), (half_y, half_x)).copy()
        moved, trap = np.zeros_like(a), np.full_like(a, 9.0)
        before: Field = np.zeros_like(a)
        for _ in range(13):
            square = a * a + b * b + np.float32(1e-5)
            a, b = np.abs(a) / square - c_real, np.abs(b) / square - c_imag
            out = np.sqrt(a * a + b * b)
            moved += np.exp(-1 / (np.abs(out - before) + np.float32(1e-3)))
            np.minimum(trap, out, out=trap)
            before = out
        hue = (moved * 30 + 256 * part).astype(np.int32) & 255
        shade = np.clip(4 + 34 * trap**0.5 + 10 * np.exp(-trap * 9), 0, 60).astype(np.int32)
        quarter = table.at(hue * 64 + shade)
        upper = np.concatenate([quarter, quarter[:, : stage.width - half_x][:, ::-1]], axis=1)
        yield np.concatenate([upper, upper[: stage.height - half_y][::-1]])


def tree(stage: Stage) -> Iterator[Frame]:
    """A tree of eleven generations before a large moon, swaying; its twigs blossom with the beat."""
    generations = 11
    rng = stage.rng
    spread, shrink = rng.uniform(0.3, 0.42), rng.uniform(0.79, 0.82)
    bend = [rng.normal(0, 0.13, 2**level) for level in range(generations)]
    stretch = [np.exp(rng.normal(0, 0.13, 2**level)) for level in range(generations)]
    table = stage.shaded()
    y_line, x_line = stage.grid()
    moon_y, moon_x = rng.uniform(-0.9, -0.4), rng.uniform(-0.4, 0.4)
    far = np.hypot(y_line - np.float32(moon_y), x_line - np.float32(moon_x))
    moon = np.clip((0.52 - far) * stage.width / 2, 0, 1)
    sky = 0.14 + 0.5 * np.clip((y_line + 1.78) / 3.56, 0, 1) ** 1.3 + 0.12 * np.exp(-far)
    sky = sky + moon * (0.88 - sky)
    hills = 1.5 + 0.1 * np.sin(2.2 * x_line + far[0, 0]) + 0.05 * np.sin(5.1 * x_line)
    ground = np.clip((y_line - hills) * stage.width / 2, 0, 1)
    sky = sky + ground * (0.05 - sky)
    for part in stage.loop():
        light = Light(stage.height, stage.width, 0.0)
        y, x, direction = np.array([stage.height * 0.95]), np.array([stage.width * 0.5]), np.array([-np.pi / 2])
        length = np.array([stage.height * 0.135])
        dots: list[tuple[Field, Field, Field, Field]] = []
        for level in range(generations):
            gust = np.sin(2 * np.pi * (stage.turns(4) * part - 0.06 * level) + x / stage.width * 2)
            direction = direction + bend[level] + 0.012 * (1 + level * 0.5) * gust
            long = length * stretch[level]
            end_y, end_x = y + np.sin(direction) * long, x + np.cos(direction) * long
            thick = 6.5 * stage.width / 240 * 0.62**level
            across = np.linspace(-1, 1, max(1, round(thick * 1.8))) * thick / 2
            steps = np.linspace(0, 1, max(3, int(long.mean() / 0.8)), endpoint=False)
            mid_y = y[:, None] + (end_y - y)[:, None] * steps
            mid_x = x[:, None] + (end_x - x)[:, None] * steps
            taper = 1 - 0.38 * steps
            wide = across[:, None, None] * taper
            dot_y = (mid_y + np.cos(direction)[:, None] * wide).ravel()
            dot_x = (mid_x - np.sin(direction)[:, None] * wide).ravel()
            weight = np.full(dot_y.size, min(1.0, 0.5 + thick / 4) * long.mean() / steps.size)
            dots.append((dot_y, dot_x, weight, np.full(dot_y.size, 0.04)))
            fork = np.stack([direction - spread, direction + spread], axis=1)
            y, x, direction = np.repeat(end_y, 2), np.repeat(end_x, 2), fork.ravel()
            length = np.repeat(long, 2) * shrink
        bloom = 2.2 + 2.2 * stage.kick(part, 2.5)
        for down, right in ((0, 0), (0.8, 0.3), (-0.3, 0.8), (-0.8, -0.3), (0.3, -0.8)):
            size = 0.9 * stage.width / 240
            dots.append((end_y + down * size, end_x + right * size, np.full(end_y.size, bloom), np.ones(end_y.size)))
        light.add(*(np.concatenate(column) for column in zip(*dots, strict=True)))
        bright, hue = light.developed(2.2, bloom=0.0)
        colour = sky + bright * (hue - sky)
        shade = 31 + 10 * bright * hue
        yield table.at((np.clip(colour, 0, 1) * 255).astype(np.int32) * 64 + shade.astype(np.int32))


THEME = Theme(
    name="fractals",
    styles={"julia": Style(julia), "plunge": Style(plunge), "lace": Style(lace), "tree": Style(tree)},
    palettes={
        "ember": ("#0b0620", "#3b0f4f", "#a3234e", "#f0643c", "#ffd27a", "#fff6dc"),
        "glacier": ("#04101f", "#0b3350", "#1b7f9c", "#7fd6d0", "#f2fbf3"),
        "orchid": ("#120318", "#4a0d5c", "#b0338f", "#f58bb5", "#ffe9ec"),
        "verdigris": ("#06140f", "#0f4a3f", "#2f9e77", "#b5e48c", "#fdf8d5"),
        "regalia": ("#05061a", "#152a7a", "#3c6fe0", "#f3c64d", "#fff5d6"),
    },
)
