"""Decodes what the content encoder looks at (small frames, mono sound) and lets it make the vector."""

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from penchant.media.child.opening import open_own
from penchant.media.encoder import FRAME_SIDE, SOUND_RATE, BasicEncoder, Clip
from penchant.media.messages import ContentVector, Vectors

_FRAMES_PER_S = 8.0
_WHOLE_UNTIL_S = 16.0
_WINDOW_S = 5.0


def vectors(request: Vectors) -> ContentVector:
    """The clip's vector: all of a short clip, three windows of a longer one."""
    frames: list[NDArray[np.uint8]] = []
    times: list[float] = []
    sound: list[NDArray[np.float32]] = []
    for start_s, end_s in _windows(request.duration_ms / 1000):
        _read_window(request.rendition, start_s, end_s, frames, times, sound)
    clip = Clip(
        frames=np.stack(frames),
        times_s=np.asarray(times, dtype=np.float64),
        sound=np.concatenate(sound) if sound else np.zeros(0, np.float32),
        title=request.title,
        hashtags=request.hashtags,
    )
    encoder = BasicEncoder()
    return ContentVector(encoder=encoder.name, vector=encoder.encode(clip).tobytes())


def _windows(duration_s: float) -> list[tuple[float, float]]:
    if duration_s <= _WHOLE_UNTIL_S:
        return [(0.0, duration_s)]
    return [(share * duration_s, share * duration_s + _WINDOW_S) for share in (0.1, 0.45, 0.75)]


def _read_window(
    rendition: str,
    start_s: float,
    end_s: float,
    frames: list[NDArray[np.uint8]],
    times: list[float],
    sound: list[NDArray[np.float32]],
) -> None:
    small = VideoReformatter()
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
                    if at_s >= end_s and times and times[-1] >= start_s:
                        return
                    frames.append(
                        np.asarray(
                            small.reformat(frame, FRAME_SIDE, FRAME_SIDE, "rgb24", interpolation="AREA").to_ndarray()
                        )
                    )
                    times.append(at_s)
                    next_s = max(next_s, at_s) + 1 / _FRAMES_PER_S - 1e-3
                elif isinstance(frame, AudioFrame) and start_s <= at_s < end_s:
                    sound += [np.asarray(piece.to_ndarray(), np.float32).reshape(-1) for piece in mono.resample(frame)]
