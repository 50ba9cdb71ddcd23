"""Decodes what a content encoder looks at and listens to, for who may open no media."""

from pathlib import Path

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from penchant.media.child.opening import open_own
from penchant.media.encoder import FRAME_SIDE, SOUND_RATE, VIEW_SIDE, VIEWS
from penchant.media.messages import Look, Seen

_FRAMES_PER_S = 8.0
_WHOLE_UNTIL_S = 16.0
_WINDOW_S = 5.0


def look(request: Look) -> Seen:
    """Write small frames and sound, all of a short clip, three windows of a longer one, and a few larger pictures."""
    windows = _windows(request.duration_ms / 1000)
    window_s = windows[0][1] - windows[0][0]
    taken = _Taken(VIEWS, len(windows) * window_s / VIEWS)
    for start_s, end_s in windows:
        _read_window(request.rendition, start_s, end_s, taken)
    with Path(request.target).open("wb") as file:
        file.writelines(picture.tobytes() for picture in (*taken.frames, *taken.views))
        file.writelines(piece.tobytes() for piece in taken.sound)
    return Seen(tuple(taken.times), len(taken.views), sum(map(len, taken.sound)))


class _Taken:
    """What was taken so far; pictures are the first after every `every_s` seconds of what is looked at."""

    def __init__(self, views: int, every_s: float) -> None:
        self.frames: list[NDArray[np.uint8]] = []
        self.times: list[float] = []
        self.views: list[NDArray[np.uint8]] = []
        self.sound: list[NDArray[np.float32]] = []
        self._most = views
        self._every = max(1, round(every_s * _FRAMES_PER_S))
        self._small = VideoReformatter()
        self._large = VideoReformatter()

    def picture(self, frame: VideoFrame, at_s: float) -> None:
        # From the middle of each stretch: first frames are often black.
        if len(self.views) < self._most and len(self.frames) % self._every == self._every // 2:
            self.views.append(squeezed(self._large, frame, VIEW_SIDE))
        self.frames.append(squeezed(self._small, frame, FRAME_SIDE))
        self.times.append(at_s)


def squeezed(scale: VideoReformatter, frame: VideoFrame, side: int) -> NDArray[np.uint8]:
    """A frame as (side, side, 3) RGB, whatever its shape; `scale` keeps what it worked out for the frame before."""
    return np.asarray(scale.reformat(frame, side, side, "rgb24", interpolation="AREA").to_ndarray(), np.uint8)


def _windows(duration_s: float) -> list[tuple[float, float]]:
    if duration_s <= _WHOLE_UNTIL_S:
        return [(0.0, duration_s)]
    return [(share * duration_s, share * duration_s + _WINDOW_S) for share in (0.1, 0.45, 0.75)]


def _read_window(rendition: str, start_s: float, end_s: float, taken: _Taken) -> None:
    mono = AudioResampler(format="flt", layout="mono", rate=SOUND_RATE)
    next_s = start_s
    with open_own(rendition) as container:
        video = container.streams.video[0]
        video.codec_context.thread_type = "AUTO"
        streams = [video, *container.streams.audio[:1]]
        if start_s > 0:
            container.seek(int(start_s * 1_000_000))
        for packet in container.demux(*streams):
            for frame in packet.decode():
                if not isinstance(frame, VideoFrame | AudioFrame):
                    continue
                at_s = float(frame.time or 0.0)
                if isinstance(frame, VideoFrame) and next_s <= at_s:
                    if at_s >= end_s and taken.times and taken.times[-1] >= start_s:
                        return
                    taken.picture(frame, at_s)
                    next_s = max(next_s, at_s) + 1 / _FRAMES_PER_S - 1e-3
                elif isinstance(frame, AudioFrame) and start_s <= at_s < end_s:
                    pieces = mono.resample(frame)
                    taken.sound += [np.asarray(piece.to_ndarray(), np.float32).reshape(-1) for piece in pieces]
