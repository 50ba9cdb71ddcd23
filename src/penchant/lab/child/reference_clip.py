"""Draws the clips that `penchant bench media` converts: `python -m penchant.lab.child.reference_clip KIND FILE S SEED`.

The same arguments draw the same pictures on every machine.
"""

import sys
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.container import OutputContainer
from numpy.typing import NDArray

WIDTH, HEIGHT, FPS, RATE = 1080, 1920, 30, 48_000
_MARGIN = 400
_BT2020, _PQ = 9, 16
_CODECS: dict[str, tuple[str, str, dict[str, str]]] = {
    # As phones write: much data, little search.
    "ordinary": ("libx264", "yuv420p", {"preset": "ultrafast", "b": "16M", "maxrate": "20M", "bufsize": "20M"}),
    "hard": ("libx264", "yuv420p", {"preset": "ultrafast", "b": "24M", "maxrate": "28M", "bufsize": "28M"}),
    "hdr": ("libx265", "yuv420p10le", {"preset": "ultrafast", "x265-params": "log-level=none:bitrate=16000"}),
}
Plane = NDArray[np.int16]


def main(kind: str, path: str, seconds: float, seed: int) -> None:
    codec, pixels, options = _CODECS[kind]
    rng = np.random.default_rng(seed)
    with av.open(path, "w", format="mov") as output:
        video: Any = output.add_stream(codec, rate=Fraction(FPS), options=options)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, pixels
        context = video.codec_context
        if kind == "hdr":
            context.colorspace = context.color_primaries = _BT2020
            context.color_trc, context.color_range = _PQ, 1
        sound = output.add_stream("aac", rate=RATE, layout="stereo")
        for number, planes in enumerate(draw(kind, round(seconds * FPS), rng)):
            frame = _frame(planes, pixels)
            if kind == "hdr":
                frame.colorspace = frame.color_primaries = _BT2020
                frame.color_trc = _PQ
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            output.mux(video.encode(frame))
        output.mux(video.encode(None))
        _write_sound(output, sound, seconds, rng)


def draw(kind: str, frames: int, rng: np.random.Generator) -> Iterator[tuple[Plane, Plane, Plane]]:
    """(Y, Cb, Cr) of 8 bits for each frame.

    Ordinary: a scene with soft and sharp detail under a slow camera, twelve things that move through it, a cut every
    six seconds, the grain of a phone's sensor. Hard: a camera that races, coarse grain, a cut every second.
    """
    hard = kind == "hard"
    grain = [rng.normal(0, 9.0 if hard else 1.5, (HEIGHT, WIDTH)).astype(np.int16) for _ in range(6)]
    every = FPS if hard else 6 * FPS
    for start in range(0, frames, every):
        scene = [_texture(rng, HEIGHT + _MARGIN, WIDTH + _MARGIN, 140), *(_chroma(rng) for _ in range(2))]
        things = [_Thing(rng) for _ in range(12)]
        pace = 12.0 if hard else 0.7
        for at in range(min(every, frames - start)):
            top, left = (int(_MARGIN / 2 * (1 + np.sin(pace * at / 60 + turn))) // 2 * 2 for turn in (0.0, 1.2))
            y = scene[0][top : top + HEIGHT, left : left + WIDTH].copy()
            cb, cr = (c[top // 2 : (top + HEIGHT) // 2, left // 2 : (left + WIDTH) // 2].copy() for c in scene[1:])
            for thing in things:
                thing.paint(y, cb, cr, at * (4 if hard else 1))
            yield np.clip(y + grain[int(rng.integers(6))], 16, 235), cb, cr


class _Thing:
    """A shaded disc on a straight way."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._radius = int(rng.integers(40, 160)) // 2 * 2
        self._start, self._pace = rng.uniform(0, (HEIGHT, WIDTH)), rng.uniform(-6, 6, 2)
        self._levels = rng.integers(40, 216, 3)
        side = np.arange(-self._radius, self._radius)
        distance = np.hypot(side[:, None], side[None, :]) / self._radius
        self._inside = distance < 1
        self._shade = (self._levels[0] * (1.1 - 0.5 * distance)).astype(np.int16)

    def paint(self, y: Plane, cb: Plane, cr: Plane, at: float) -> None:
        span = 2 * self._radius
        room = np.array([HEIGHT - span, WIDTH - span])
        top, left = (np.mod(self._start + self._pace * at, room)).astype(int) // 2 * 2
        window = y[top : top + span, left : left + span]
        window[self._inside] = self._shade[self._inside]
        for plane, level in ((cb, self._levels[1]), (cr, self._levels[2])):
            half = plane[top // 2 : (top + span) // 2, left // 2 : (left + span) // 2]
            half[self._inside[::2, ::2]] = level


def _texture(rng: np.random.Generator, height: int, width: int, spread: float) -> Plane:
    """Noise of four scales with amplitude falling like the scale, as natural pictures have; mean 126.

    Source: Field, Relations between the statistics of natural images (JOSA A 4, 1987): power falls as 1/f².
    """
    total = np.zeros((height, width), np.float32)
    for cell in (256, 64, 16, 4):
        grid = rng.random((height // cell + 2, width // cell + 2), np.float32) - 0.5
        rows, columns = np.arange(height) / cell, np.arange(width) / cell
        r, c = rows.astype(int), columns.astype(int)
        down, right = (rows - r).astype(np.float32)[:, None], (columns - c).astype(np.float32)[None, :]
        above = grid[r][:, c] * (1 - right) + grid[r][:, c + 1] * right
        below = grid[r + 1][:, c] * (1 - right) + grid[r + 1][:, c + 1] * right
        total += (above * (1 - down) + below * down) * (cell / 256) ** 0.6
    return np.asarray(126 + spread * total, np.int16)


def _chroma(rng: np.random.Generator) -> Plane:
    return _texture(rng, (HEIGHT + _MARGIN) // 2, (WIDTH + _MARGIN) // 2, 50)


def _frame(planes: tuple[Plane, Plane, Plane], pixels: str) -> av.VideoFrame:
    frame = av.VideoFrame(WIDTH, HEIGHT, pixels)
    deep = pixels.endswith("10le")
    for plane, values in zip(frame.planes, planes, strict=True):
        whole = np.zeros((plane.height, plane.line_size // (2 if deep else 1)), np.uint16 if deep else np.uint8)
        whole[:, : plane.width] = np.clip(values * 4 if deep else values, 0, 1023 if deep else 255)
        plane.update(whole.tobytes())
    return frame


def _write_sound(output: OutputContainer, sound: Any, seconds: float, rng: np.random.Generator) -> None:
    """A voice-like tone with pauses over soft noise, about −24 LUFS."""
    at = np.arange(round(seconds * RATE)) / RATE
    voice = sum(np.sin(2 * np.pi * 170 * k * at) / k for k in range(1, 8)) * np.maximum(0, np.sin(2 * np.pi * 2 * at))
    mono = (0.08 * voice + rng.normal(0, 0.004, at.size)).astype(np.float32)
    for start in range(0, mono.size, 1024):
        frame = av.AudioFrame.from_ndarray(np.tile(mono[start : start + 1024], (2, 1)), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        output.mux(sound.encode(frame))
    output.mux(sound.encode(None))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
