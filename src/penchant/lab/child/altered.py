"""A clip as somebody posts it who does not want it known again: `python -m penchant.lab.child.altered SOURCE FOLDER`.

For `penchant bench safety`. Writes FOLDER/NAME.mp4 for each name of `ALTERATIONS` that is given on standard input.
"""

import sys
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""(H, W, 3) RGB."""
Change = Callable[[Picture], Picture]

_EVERY = 2
"""Of the pictures every second is kept: half of the work, and still three times as many as are looked at."""
_CRF = 26
_POOR_CRF = 35


def main(source: str, folder: Path, names: Iterable[str]) -> None:
    with av.open(source) as container:
        video = container.streams.video[0]
        rate = Fraction(video.average_rate or 24) / _EVERY
        frames = (frame for number, frame in enumerate(container.decode(video)) if number % _EVERY == 0)
        pictures = [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in frames]
    for name in names:
        alter, speed, kept, crf = ALTERATIONS[name]
        start, end = (round(share * len(pictures)) for share in kept)
        write(folder / f"{name}.mp4", [alter(picture) for picture in pictures[start:end]], rate * speed, crf)
        print(name, flush=True)


def write(path: Path, pictures: list[Picture], rate: Fraction, crf: int) -> None:
    height, width = (side // 2 * 2 for side in pictures[0].shape[:2])
    with av.open(str(path), "w", format="mp4") as output:
        stream: Any = output.add_stream("libx264", rate=rate, options={"preset": "ultrafast", "crf": str(crf)})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number, picture in enumerate(pictures):
            frame = VideoFrame.from_ndarray(np.ascontiguousarray(picture[:height, :width]), format="rgb24")
            frame.pts, frame.time_base = number, 1 / rate
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))


def same(picture: Picture) -> Picture:
    return picture


def half_size(picture: Picture) -> Picture:
    frame = VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
    height, width = picture.shape[:2]
    small = frame.reformat(width // 2, height // 2, "rgb24", interpolation="AREA")
    return np.asarray(small.to_ndarray(), np.uint8)


def mirrored(picture: Picture) -> Picture:
    return picture[:, ::-1]


def kept(top: float, left: float, bottom: float, right: float) -> Change:
    """Cut: shares of height and width that are left."""

    def cut(picture: Picture) -> Picture:
        height, width = picture.shape[:2]
        return picture[round(top * height) : round(bottom * height), round(left * width) : round(right * width)]

    return cut


def framed(top: float, side: float, shade: int) -> Change:
    """A border of one colour around: shares of height and width."""

    def put(picture: Picture) -> Picture:
        height, width = picture.shape[:2]
        rows, columns = round(top * height), round(side * width)
        return np.pad(picture, ((rows, rows), (columns, columns), (0, 0)), constant_values=shade)

    return put


def captioned(picture: Picture) -> Picture:
    """White marks of the size of letters on a dark bar over the lowest eighth."""
    out = picture.copy()
    height = picture.shape[0]
    bar = out[round(0.85 * height) : round(0.97 * height)]
    bar[:] = bar // 4
    _letters(bar, 255)
    return out


def bar_above(picture: Picture) -> Picture:
    """A white bar with dark marks on top, which makes the picture higher."""
    bar = np.full((round(0.14 * picture.shape[0]), *picture.shape[1:]), 255, np.uint8)
    _letters(bar, 0)
    return np.concatenate([bar, picture])


def watermarked(picture: Picture) -> Picture:
    out = picture.copy()
    height, width = picture.shape[:2]
    _letters(out[round(0.05 * height) : round(0.13 * height), round(0.5 * width) : round(0.95 * width)], 255)
    return out


def brighter(picture: Picture) -> Picture:
    return np.asarray(np.clip(picture * np.float32(1.25) + 15, 0, 255), np.uint8)


def darker(picture: Picture) -> Picture:
    return np.asarray(picture * np.float32(0.6), np.uint8)


def one_after_the_other(*changes: Change) -> Change:
    def all_of_them(picture: Picture) -> Picture:
        for change in changes:
            picture = change(picture)
        return picture

    return all_of_them


def _letters(bar: Picture, shade: int) -> None:
    height, width = bar.shape[:2]
    rng = np.random.default_rng(7)
    step = max(4, height // 3)
    for left in range(step, width - 2 * step, step):
        if rng.random() < 0.2:
            continue
        top = round(0.3 * height + 0.1 * height * rng.random())
        bar[top : round(0.7 * height), left : left + round(0.6 * step)] = shade


_WHOLE = (0.0, 1.0)
_PLAIN, _FAST, _SLOW = Fraction(1), Fraction(5, 4), Fraction(4, 5)

ALTERATIONS: dict[str, tuple[Change, Fraction, tuple[float, float], int]] = {
    "re-encoded": (same, _PLAIN, _WHOLE, _POOR_CRF),
    "half size": (half_size, _PLAIN, _WHOLE, _CRF),
    "cropped 5 %": (kept(0.025, 0.025, 0.975, 0.975), _PLAIN, _WHOLE, _CRF),
    "cropped 10 %": (kept(0.05, 0.05, 0.95, 0.95), _PLAIN, _WHOLE, _CRF),
    "cropped 15 %": (kept(0.075, 0.075, 0.925, 0.925), _PLAIN, _WHOLE, _CRF),
    "cropped 10 %, one corner": (kept(0.1, 0.0, 1.0, 0.9), _PLAIN, _WHOLE, _CRF),
    "mirrored": (mirrored, _PLAIN, _WHOLE, _CRF),
    "bordered": (framed(0.08, 0.08, 30), _PLAIN, _WHOLE, _CRF),
    "letterboxed": (framed(0.2, 0.0, 0), _PLAIN, _WHOLE, _CRF),
    "captioned": (captioned, _PLAIN, _WHOLE, _CRF),
    "caption bar above": (bar_above, _PLAIN, _WHOLE, _CRF),
    "watermarked": (watermarked, _PLAIN, _WHOLE, _CRF),
    "brighter": (brighter, _PLAIN, _WHOLE, _CRF),
    "darker": (darker, _PLAIN, _WHOLE, _CRF),
    "slower": (same, _SLOW, _WHOLE, _CRF),
    "faster": (same, _FAST, _WHOLE, _CRF),
    "trimmed to half": (same, _PLAIN, (0.25, 0.75), _CRF),
    "mirrored, cropped, faster": (
        one_after_the_other(mirrored, kept(0.05, 0.05, 0.95, 0.95)),
        _FAST,
        _WHOLE,
        _POOR_CRF,
    ),
    "cropped, captioned, slower": (
        one_after_the_other(kept(0.05, 0.05, 0.95, 0.95), captioned),
        _SLOW,
        _WHOLE,
        _POOR_CRF,
    ),
}

if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), [line.rstrip("\n") for line in sys.stdin])
