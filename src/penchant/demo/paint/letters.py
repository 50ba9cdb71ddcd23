"""A small alphabet of strokes, and words as distance fields: any weight from hairline to black, at any size.

A letter is drawn on a grid 4 wide and 6 high (y down, cap line 0, base line 6) as strokes: `L x,y x,y …` is a
line, `A cx,cy rx,ry from,to` an arc in degrees (0 right, 90 down).
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_STROKES = {
    "A": "L 0,6 2,0 4,6|L 0.7,4 3.3,4",
    "B": "L 0,6 0,0 2.1,0|A 2.1,1.45 1.5,1.45 -90,90|L 0,2.9 2.3,2.9|A 2.3,4.45 1.7,1.55 -90,90|L 2.3,6 0,6",
    "C": "A 2.6,3 2.6,3 -48,-312",
    "D": "L 0,0 0,6 1.4,6|A 1.4,3 2.6,3 90,-90|L 1.4,0 0,0",
    "E": "L 3.3,0 0,0 0,6 3.3,6|L 0,2.9 2.9,2.9",
    "F": "L 3.3,0 0,0 0,6|L 0,2.9 2.8,2.9",
    "G": "A 2.6,3 2.6,3 -48,-360|L 5.2,3 3.1,3",
    "H": "L 0,0 0,6|L 4,0 4,6|L 0,2.9 4,2.9",
    "I": "L 0,0 0,6",
    "J": "L 2.4,0 2.4,4.5|A 1.2,4.5 1.2,1.5 0,180",
    "K": "L 0,0 0,6|L 3.8,0 0,3.7|L 1.3,2.5 4,6",
    "L": "L 0,0 0,6 3.1,6",
    "M": "L 0,6 0.4,0 2.4,4.4 4.4,0 4.8,6",
    "N": "L 0,6 0,0 4,6 4,0",
    "O": "A 2.7,3 2.7,3 0,360",
    "P": "L 0,6 0,0 2,0|A 2,1.65 1.65,1.65 -90,90|L 2,3.3 0,3.3",
    "Q": "A 2.7,3 2.7,3 0,360|L 3.4,4.3 5.2,6.2",
    "R": "L 0,6 0,0 2,0|A 2,1.6 1.6,1.6 -90,90|L 2,3.2 0,3.2|L 1.9,3.2 3.9,6",
    "S": "A 1.8,1.5 1.65,1.5 -30,-270|A 1.8,4.5 1.8,1.5 -90,155",
    "T": "L 0,0 4,0|L 2,0 2,6",
    "U": "L 0,0 0,4|A 2,4 2,2 180,0|L 4,4 4,0",
    "V": "L 0,0 2,6 4,0",
    "W": "L 0,0 1.4,6 3,0.8 4.6,6 6,0",
    "X": "L 0,0 4,6|L 4,0 0,6",
    "Y": "L 0,0 2,3.1 4,0|L 2,3.1 2,6",
    "Z": "L 0,0 3.8,0 0,6 3.8,6",
    "0": "A 2,3 2,3 0,360",
    "1": "L 0,1.2 1.4,0 1.4,6",
    "2": "A 1.8,1.8 1.8,1.8 190,395|L 3.28,2.83 0,6 3.8,6",
    "3": "A 1.8,1.45 1.6,1.45 200,450|A 1.8,4.45 1.8,1.55 -90,160",
    "4": "L 3,6 3,0 0,4.2 4,4.2",
    "5": "L 3.4,0 0.6,0 0.3,2.6|A 1.8,4.1 1.9,1.9 -140,150",
    "6": "A 2,4.1 1.9,1.9 0,360|L 2.9,0 0.4,3.2",
    "7": "L 0,0 3.8,0 1.2,6",
    "8": "A 1.9,1.5 1.5,1.5 0,360|A 1.9,4.5 1.9,1.5 0,360",
    "9": "A 1.9,1.9 1.9,1.9 0,360|L 3.5,2.8 1.1,6",
    "'": "L 0.3,0 0.1,1.4",
    "-": "L 0,3.2 1.8,3.2",
    "+": "L 0,3.2 2.6,3.2|L 1.3,1.9 1.3,4.5",
    ".": "L 0,6 0.01,6",
    ",": "L 0.3,5.9 0,7",
    "!": "L 0,0 0,3.9|L 0,6 0.01,6",
    "?": "A 1.5,1.6 1.5,1.6 190,400|L 2.6,2.65 1.4,4.1|L 1.4,6 1.41,6",
    ":": "L 0,2.2 0.01,2.2|L 0,6 0.01,6",
    "&": "L 4,6 0.9,1.9|A 1.8,1.2 1.15,1.2 145,395|L 2.75,1.9 0.5,3.6|A 1.5,4.55 1.45,1.45 215,20|L 2.9,5 3.9,3.4",
}
_MARKS = {
    "\u0301": "L 0,-0.9 0.9,-1.7",
    "\u0300": "L 0.9,-0.9 0,-1.7",
    "\u0302": "L -0.2,-0.9 0.5,-1.7 1.2,-0.9",
    "\u0308": "L -0.1,-1.3 -0.09,-1.3|L 1.1,-1.3 1.11,-1.3",
    "\u0327": "L 0.6,6.2 0.5,7|A 0.3,7.1 0.35,0.35 -60,120",
}
_GAP = 1.9
_SPACE = 2.6


def breadth(text: str, margin: float = 1.2) -> float:
    """The width of a line of text in grid units, margins included."""
    inked = sum(_SPACE if character == " " else letter(character)[1] + _GAP for character in text.upper())
    return max(margin + inked - _GAP + margin, 2 * margin)


@lru_cache(maxsize=256)
def letter(character: str) -> tuple[NDArray[np.float32], float]:
    """Segments (N, 4) of x0, y0, x1, y1 and the width of one letter; unknown ones draw nothing."""
    plain, *marks = list(unicodedata.normalize("NFD", character))
    segments = _segments(_STROKES.get(plain.upper(), ""))
    width = float(max(segments[:, [0, 2]].max(), 0.0)) if len(segments) else 0.0
    for mark in marks:
        drawn = _segments(_MARKS.get(mark, ""))
        if len(drawn):
            drawn[:, [0, 2]] += width / 2 - 0.5
            segments = np.concatenate([segments, drawn])
    return segments, width


def _segments(strokes: str) -> NDArray[np.float32]:
    found: list[list[float]] = []
    for stroke in filter(None, strokes.split("|")):
        kind, *numbers = stroke.split()
        pairs = [tuple(float(part) for part in number.split(",")) for number in numbers]
        if kind == "A":
            (centre_x, centre_y), (wide, high), (start, stop) = pairs
            turn = np.radians(np.linspace(start, stop, max(4, int(abs(stop - start) / 15) + 1)))
            points = [(centre_x + wide * float(np.cos(t)), centre_y + high * float(np.sin(t))) for t in turn]
        else:
            points = [(pair[0], pair[1]) for pair in pairs]
        found += [[*one, *other] for one, other in pairwise(points)]
    return np.array(found, dtype=np.float32).reshape(-1, 4)


def distances(segments: NDArray[np.float32], y: NDArray[np.float32], x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Distance from each point of the grid y (H, 1), x (1, W) to the nearest of the segments (N, 4): (H, W)."""
    nearest = np.full(np.broadcast_shapes(y.shape, x.shape), 1e9, dtype=np.float32)
    for x0, y0, x1, y1 in segments:
        along_x, along_y = x1 - x0, y1 - y0
        length = along_x * along_x + along_y * along_y + 1e-9
        part = np.clip(((x - x0) * along_x + (y - y0) * along_y) / length, 0, 1)
        np.minimum(nearest, (x - x0 - part * along_x) ** 2 + (y - y0 - part * along_y) ** 2, out=nearest)
    return np.sqrt(nearest)


@lru_cache(maxsize=64)
def word(text: str, unit: float, margin: float = 1.2, tall: float = 1.0) -> NDArray[np.float32]:
    """A line of text as distance field (H, W) in units of the letter grid; `unit` pixels to one grid unit.

    `margin` units are left free left and right, two above for accents, two below. `tall` stretches the letters
    upwards without thickening their strokes: capitals are 6 × `tall` units high.
    """
    place = margin
    columns: list[NDArray[np.float32]] = []
    for character in text.upper():
        if character == " ":
            place += _SPACE
            continue
        segments, width = letter(character)
        shifted = segments.copy()
        shifted[:, [0, 2]] += place
        shifted[:, [1, 3]] = np.where(shifted[:, [1, 3]] < 0, shifted[:, [1, 3]], shifted[:, [1, 3]] * tall)
        columns.append(shifted)
        place += width + _GAP
    total = breadth(text, margin)
    y = ((np.arange(round((6 * tall + 4) * unit), dtype=np.float32) + 0.5) / unit - 2)[:, None]
    x = ((np.arange(round(total * unit), dtype=np.float32) + 0.5) / unit)[None, :]
    nearest = np.full((y.size, x.size), 9.0, dtype=np.float32)
    for segments in columns:
        # Only the columns around the letter: the rest is further away than any weight.
        left = max(0, int((segments[:, [0, 2]].min() - 2.5) * unit))
        right = min(x.size, int((segments[:, [0, 2]].max() + 2.5) * unit) + 1)
        area = nearest[:, left:right]
        np.minimum(area, distances(segments, y, x[:, left:right]), out=area)
    return nearest
