"""Draws, plays and encodes one clip straight to its final files: no transcode follows."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from penchant.demo.messages import Made, Order
from penchant.demo.paint.colour import Frame
from penchant.demo.plan import FPS, HEIGHT, WIDTH, Clip
from penchant.demo.sounds import PIECES, SAMPLE_RATE
from penchant.demo.themes import THEMES
from penchant.media.child.look import squeezed
from penchant.media.encoder import FRAME_SIDE, SOUND_RATE, VIEW_SIDE, VIEWS, ClipEncoder
from penchant.media.encoder import Clip as Seen
from penchant.media.poster_quality import frame_quality, pick_poster

_LOOK_EVERY = FPS // 8
"""The content encoder sees eight frames a second, as in the media child."""
_ENCODER = ClipEncoder()
_POSTERS = 9
_X264 = {
    "preset": "veryfast",
    "profile": "high",
    "crf": "25",
    "threads": "1",
    # Closed groups of at most two seconds; no B-frames, which stall players that preload and seek. Search for motion
    # is the cheapest there is: half the time, and on drawn pictures as good.
    "x264-params": f"keyint={2 * FPS}:min-keyint={FPS}:open-gop=0:bframes=0:rc-lookahead=6:weightp=0"
    ":me=dia:subme=1:partitions=i4x4,i8x8:vbv-maxrate=2400:vbv-bufsize=4800",
}


def make(order: Order) -> Made:
    """Write the clip's MP4 and poster, whole or not at all, and describe them."""
    began = time.process_time()
    clip = order.clip
    sound = PIECES[clip.theme][clip.piece].render(clip.frames * SAMPLE_RATE // FPS, _seed_of(clip.piece))
    poster = _Poster(clip.frames)
    seen: list[NDArray[np.uint8]] = []
    views: list[NDArray[np.uint8]] = []
    looked_at = {clip.frames * (2 * view + 1) // (2 * VIEWS) for view in range(VIEWS)}
    part = order.video_path + ".part"
    with av.open(part, "w", format="mp4", options={"movflags": "+faststart"}) as container:
        picture_track, sound_track = _tracks(container)
        scale, small, large = VideoReformatter(), VideoReformatter(), VideoReformatter()
        for number, drawn in enumerate(_draw(clip)):
            frame = _video_frame(drawn)
            if number % _LOOK_EVERY == 0:
                seen.append(squeezed(small, frame, FRAME_SIDE))
            if number in looked_at:
                views.append(squeezed(large, frame, VIEW_SIDE))
            full = scale.reformat(
                frame,
                WIDTH,
                HEIGHT,
                "yuv420p",
                dst_colorspace=Colorspace.ITU709,
                dst_color_range=ColorRange.MPEG,
                interpolation="BICUBIC",
            )
            full.pts, full.time_base = number, Fraction(1, FPS)
            poster.consider(number, full)
            container.mux(picture_track.encode(full))
        container.mux(picture_track.encode(None))
        _write_sound(container, sound_track, sound)
    os.replace(part, order.video_path)
    poster.save(order.poster_path)
    times = np.arange(len(seen), dtype=np.float64) * (_LOOK_EVERY / FPS)
    # The title is what any upload tells; theme and hashtags stay untold, so that taste has to be learned.
    vector = _ENCODER.encode(
        Seen(np.stack(seen), times, _mono(sound), np.stack(views), clip.title, language=clip.language)
    )
    return Made(
        width=WIDTH,
        height=HEIGHT,
        duration_ms=clip.duration_ms,
        encoder=_ENCODER.name,
        vector=vector.tobytes(),
        cpu_ms=round(1000 * (time.process_time() - began)),
    )


def _draw(clip: Clip) -> Iterator[Frame]:
    rng = np.random.default_rng(clip.seed)
    return THEMES[clip.theme].draw(
        clip.style, clip.palette, clip.tempo, rng, (HEIGHT, WIDTH), clip.frames, FPS, clip.spelled
    )


def _video_frame(drawn: Frame) -> VideoFrame:
    """(H, W, 3) uint8 as a frame; what a ramp painted is handed over with its padding byte, uncopied."""
    height, width, _ = drawn.shape
    packed = drawn.base
    painted = packed is not None and packed.dtype == np.uint32 and packed.size == height * width
    if packed is not None and painted and drawn.strides == (4 * width, 4, 1):
        padded = packed.reshape(height, width).view(np.uint8).reshape(height, width, 4)
        return VideoFrame.from_ndarray(padded, format="rgba")
    return VideoFrame.from_ndarray(np.ascontiguousarray(drawn), format="rgb24")


def _seed_of(piece: str) -> int:
    """A sound is the same in all its clips but for its length."""
    return int.from_bytes(piece.encode()[:6], "big")


def _tracks(container: OutputContainer) -> tuple[VideoStream, AudioStream]:
    picture = container.add_stream("libx264", rate=FPS, options=_X264)
    picture.width, picture.height, picture.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    picture.codec_context.thread_count = 1
    picture.codec_context.color_primaries = picture.codec_context.color_trc = picture.codec_context.colorspace = 1
    picture.codec_context.color_range = 1
    sound = container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo", options={"aac_coder": "fast"})
    sound.bit_rate = 96_000
    return picture, sound


def _write_sound(container: OutputContainer, track: AudioStream, sound: NDArray[np.float32]) -> None:
    """Encode (N, 2) float32 at 48 kHz."""
    for start in range(0, len(sound), 1024):
        frame = AudioFrame.from_ndarray(
            np.ascontiguousarray(sound[start : start + 1024].T), format="fltp", layout="stereo"
        )
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, start, Fraction(1, SAMPLE_RATE)
        container.mux(track.encode(frame))
    container.mux(track.encode(None))


def _mono(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N, 2) at 48 kHz → (M,) at the content encoder's rate."""
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(sound.T), format="fltp", layout="stereo")
    frame.sample_rate = SAMPLE_RATE
    resampler = AudioResampler(format="flt", layout="mono", rate=SOUND_RATE)
    pieces = [*resampler.resample(frame), *resampler.resample(None)]
    return np.concatenate([np.asarray(piece.to_ndarray(), np.float32).reshape(-1) for piece in pieces])


class _Poster:
    """Keeps the best of a few frames spread over the clip; the first frame is never among them."""

    def __init__(self, frames: int) -> None:
        self._places = {frames * place // (_POSTERS + 1) for place in range(1, _POSTERS + 1)}
        self._kept: list[tuple[float, VideoFrame]] = []

    def consider(self, number: int, frame: VideoFrame) -> None:
        if number in self._places:
            luma = np.asarray(frame.to_ndarray(format="gray"), np.uint8)[::3, ::3]
            self._kept.append((frame_quality(luma), frame))

    def save(self, path: str) -> None:
        qualities = [quality for quality, _ in self._kept]
        _, best = self._kept[pick_poster([0.0, *qualities]) - 1]
        part = path + ".part"
        jpeg = VideoReformatter().reformat(best, WIDTH, HEIGHT, "yuvj420p", dst_color_range=ColorRange.JPEG)
        with av.open(part, "w", format="image2", options={"update": "1"}) as container:
            track = container.add_stream("mjpeg", rate=1, options={"qscale": "4"})
            track.width, track.height, track.pix_fmt = WIDTH, HEIGHT, "yuvj420p"
            track.codec_context.qmin = track.codec_context.qmax = 4
            jpeg.pts = 0
            container.mux(track.encode(jpeg))
            container.mux(track.encode(None))
        os.replace(part, path)
