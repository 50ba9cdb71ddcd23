"""A program that reads a file with PyAV and tells what it saw, as JSON: `python clip_reader.py FILE`."""

import json
import sys
from typing import Any

import av
import numpy as np
from av.filter import Graph


def main(path: str) -> None:
    with av.open(path) as container:
        video = container.streams.video[0]
        audio = container.streams.audio[0] if container.streams.audio else None
        pts: list[int] = []
        b_frames = False
        sound_s = 0.0
        onset_s: float | None = None
        last_key = gop = 0.0
        frames: list[av.VideoFrame] = []
        meter = loudness_meter(audio) if audio else None
        lufs = -70.0
        for packet in container.demux(*(s for s in (video, audio) if s is not None)):
            if packet.stream is video and packet.pts is not None:
                b_frames |= packet.pts != packet.dts
            for frame in packet.decode():
                if isinstance(frame, av.VideoFrame):
                    pts.append(frame.pts or 0)
                    if frame.key_frame:
                        last_key = frame.time or 0.0
                    gop = max(gop, (frame.time or 0.0) - last_key)
                    frames.append(frame)
                elif isinstance(frame, av.AudioFrame):
                    sound_s += frame.samples / frame.sample_rate
                    onset_s = onset(frame) if onset_s is None else onset_s
                    lufs = measure(meter, frame, lufs)
        if meter is not None:
            lufs = measure(meter, None, lufs)
        middle = frames[len(frames) // 2]
        picture = middle.to_ndarray(format="gray")
        h, w = picture.shape[0] // 12, picture.shape[1] // 12
        corners = [picture[:h, :w], picture[:h, -w:], picture[-h:, :w], picture[-h:, -w:]]
        gaps = np.diff(pts)
        print(
            json.dumps(
                {
                    "width": middle.width,
                    "height": middle.height,
                    "frames": len(frames),
                    "duration_s": float((video.duration or 0) * (video.time_base or 0)),
                    "video_codec": video.codec_context.name,
                    "profile": video.profile or "",
                    "pix_fmt": middle.format.name,
                    "audio": audio and [audio.codec_context.name, audio.sample_rate, audio.channels],
                    "b_frames": bool(b_frames),
                    "longest_gop_s": gop,
                    "irregular": bool(len(gaps) and np.ptp(gaps) > 1),
                    "metadata": dict(container.metadata),
                    "corners": [float(corner.mean()) for corner in corners],
                    "sound_s": sound_s,
                    "onset_s": onset_s,
                    "lufs": lufs,
                    "transfer": int(middle.color_trc),
                    "numbers": [number(frame) for frame in (frames[0], frames[-1])],
                    "row": [[int(v) for v in pixel] for pixel in rgb_row(middle)],
                }
            )
        )


def loudness_meter(audio: Any) -> Graph:
    graph = Graph()
    graph.link_nodes(
        graph.add_abuffer(template=audio), graph.add("ebur128", "metadata=1"), graph.add("abuffersink")
    ).configure()
    return graph


def measure(meter: Any, frame: av.AudioFrame | None, lufs: float) -> float:
    meter.push(frame)
    while True:
        try:
            lufs = float(meter.pull().metadata.get("lavfi.r128.I", lufs))
        except (av.error.BlockingIOError, av.error.EOFError):
            return lufs


def onset(frame: av.AudioFrame) -> float | None:
    """When the first loud sample of a frame sounds."""
    loud = np.flatnonzero(np.abs(frame.to_ndarray()).max(axis=0) > 0.02)
    return float(frame.time or 0.0) + loud[0] / frame.sample_rate if len(loud) else None


def number(frame: av.VideoFrame) -> int:
    """Of a numbered picture."""
    return sum(1 << bit for bit, pixel in enumerate(rgb_row(frame)) if pixel[1] > 128)


def rgb_row(frame: av.VideoFrame) -> Any:
    """(16, 3): colours along the middle row, at the middles of 16 columns."""
    picture = frame.to_ndarray(format="rgb24")
    columns = (np.arange(16) * 2 + 1) * picture.shape[1] // 32
    return picture[picture.shape[0] // 2, columns]


if __name__ == "__main__":
    main(sys.argv[1])
