"""A program that draws test clips with PyAV, in a process of its own as the house rule wants.

`python clip_maker.py` reads one JSON object on stdin (the fields of `ClipRecipe` in `conftest.py`).
"""

import json
import sys
import wave
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.container import OutputContainer
from numpy.typing import NDArray

Recipe = dict[str, Any]


def main(recipe: Recipe) -> None:
    rng = np.random.default_rng(recipe["seed"])
    options = {"movflags": recipe["movflags"]} if recipe["movflags"] else {}
    with av.open(recipe["path"], "w", format=recipe["container"], options=options) as output:
        for key, value in recipe["metadata"].items():
            output.metadata[key] = value
        video = add_video(output, recipe) if recipe["video_codec"] else None
        sound: Any = None
        if recipe["channels"]:
            layout = {1: "mono", 2: "stereo", 6: "5.1"}[recipe["channels"]]
            sound = output.add_stream(recipe["audio_codec"], rate=recipe["sample_rate"], layout=layout)
        if video is not None:
            write_picture(output, video, recipe, rng)
        if sound is not None:
            write_sound(output, sound, recipe, layout)


def add_video(output: OutputContainer, recipe: Recipe) -> Any:
    options = {"preset": "ultrafast"} if recipe["video_codec"] in ("libx264", "libx265") else {}
    if recipe["patches"]:
        options |= {"crf": "4"}
    if recipe["gop"]:
        options |= {"g": str(recipe["gop"])}
    video = output.add_stream(recipe["video_codec"], rate=Fraction(recipe["fps"]), options=options)
    video.width, video.height, video.pix_fmt = recipe["width"], recipe["height"], recipe["pix_fmt"]
    if recipe["transfer"]:
        video.codec_context.color_trc, video.codec_context.color_primaries = recipe["transfer"], 9
        video.codec_context.colorspace, video.codec_context.color_range = 9, 1
    if recipe["rotation"]:
        video.set_display_rotation(-recipe["rotation"])
    return video


def write_picture(output: OutputContainer, video: Any, recipe: Recipe, rng: np.random.Generator) -> None:
    width, height, count = recipe["width"], recipe["height"], recipe["frames"]
    shrunk = 8 if width * height > 8_000_000 else 1  # drawing 8K pixel by pixel takes longer than playing it
    if recipe["patches"]:
        write_patches(output, video, recipe)
        return
    base = texture(width // shrunk, height // shrunk, rng, recipe["detail"])
    video.codec_context.time_base = Fraction(1, 1000) if recipe["vfr"] else 1 / Fraction(recipe["fps"])
    at_ms = 0
    for index in range(count):
        picture = np.roll(base, (3 * index, 2 * index), axis=(0, 1)).copy()
        # A white corner at the stored picture's top left shows what rotation did.
        picture[: picture.shape[0] // 8, : picture.shape[1] // 8] = 255
        if recipe["numbered"]:
            columns = 16 * np.arange(picture.shape[1]) // picture.shape[1]
            picture[:] = (255 * (index >> columns & 1)).astype(np.uint8)[None, :, None]
        if recipe["black_start"] and index < recipe["black_start"]:
            picture[:] = 0
        frame = av.VideoFrame.from_ndarray(picture, "rgb24")
        frame = frame.reformat(width=width, height=height, format=recipe["pix_fmt"])
        if recipe["vfr"]:
            frame.pts, frame.time_base = at_ms, Fraction(1, 1000)
            at_ms += int(rng.choice([17, 33, 33, 33, 50, 400 if index == count // 2 else 33]))
        else:
            frame.pts, frame.time_base = index, 1 / Fraction(recipe["fps"])
        for packet in video.encode(frame):
            output.mux(packet)
    for packet in video.encode(None):
        output.mux(packet)


def write_patches(output: OutputContainer, video: Any, recipe: Recipe) -> None:
    """A still chart of equal columns, each a code (Y, Cb, Cr) of 10 bits."""
    video.codec_context.time_base = 1 / Fraction(recipe["fps"])
    width, height = recipe["width"], recipe["height"]
    patches = np.asarray(recipe["patches"], np.uint16)
    for index in range(recipe["frames"]):
        frame = av.VideoFrame(width, height, "yuv420p10le")
        frame.colorspace, frame.color_range = 9, 1
        frame.color_trc, frame.color_primaries = recipe["transfer"], 9
        for channel, plane in enumerate(frame.planes):
            columns = plane.width * np.arange(len(patches)) // len(patches)
            row = np.zeros(plane.line_size // 2, np.uint16)
            for start, code in zip(columns, patches[:, channel], strict=True):
                row[start:] = code
            plane.update(np.tile(row, plane.height).tobytes())
        frame.pts, frame.time_base = index, 1 / Fraction(recipe["fps"])
        output.mux(video.encode(frame))
    output.mux(video.encode(None))


def texture(width: int, height: int, rng: np.random.Generator, detail: float) -> NDArray[np.uint8]:
    """Smooth colour noise with some grain: roughly as hard to encode as a phone video."""
    grid = rng.random((max(2, height // 64), max(2, width // 64), 3))
    rows = np.linspace(0, grid.shape[0] - 1.001, height)
    columns = np.linspace(0, grid.shape[1] - 1.001, width)
    r, c = rows.astype(int), columns.astype(int)
    fr, fc = (rows - r)[:, None, None], (columns - c)[None, :, None]
    smooth = (
        grid[r][:, c] * (1 - fr) * (1 - fc)
        + grid[r + 1][:, c] * fr * (1 - fc)
        + grid[r][:, c + 1] * (1 - fr) * fc
        + grid[r + 1][:, c + 1] * fr * fc
    )
    grain = rng.normal(0, detail, (height, width, 1))
    return np.asarray(np.clip((smooth + grain) * 230 + 10, 0, 255), np.uint8)


def write_sound(output: OutputContainer, sound: Any, recipe: Recipe, layout: str) -> None:
    rate, channels = recipe["sample_rate"], recipe["channels"]
    heard = wav(recipe["sound_file"]) if recipe["sound_file"] else tone(recipe)
    samples = np.tile(heard.astype(np.float32), (channels, 1))
    for start in range(0, len(heard), 1024):
        piece = np.ascontiguousarray(samples[:, start : start + 1024])
        frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
        for packet in sound.encode(frame):
            output.mux(packet)
    for packet in sound.encode(None):
        output.mux(packet)


def tone(recipe: Recipe) -> NDArray[np.float64]:
    """A pulsing A."""
    at = np.arange(int(recipe["sound_seconds"] * recipe["sample_rate"])) / recipe["sample_rate"]
    samples = recipe["amplitude"] * np.sin(2 * np.pi * 440 * at) * (1 + np.sin(2 * np.pi * 3 * at)) / 2
    samples[at < recipe["sound_from"]] = 0
    return samples


def wav(path: str) -> NDArray[np.float64]:
    """Samples of a file, within ±1."""
    with wave.open(path) as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16) / 32_768


if __name__ == "__main__":
    main(json.load(sys.stdin))
