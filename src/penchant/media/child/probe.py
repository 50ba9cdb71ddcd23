"""Measures a foreign file: reads every packet, decodes one picture, checks the limits."""

from itertools import pairwise
from typing import NamedTuple

import av.error
from av.video.frame import VideoFrame

from penchant.media.cadence import output_rate
from penchant.media.child.opening import DAMAGE, Opened, Refusal, open_foreign
from penchant.media.cut import Part
from penchant.media.geometry import display_size
from penchant.media.limits import MediaLimits
from penchant.media.messages import Probe, SourceFacts

_SHORTEST_MS = 500
_SMALLEST_SIDE = 16
_MOST_PACKETS = 2_000_000
_FIRST_PICTURE_WITHIN = 300
_COMPLETE = 0.95


class _Span(NamedTuple):
    times_s: list[float]
    end_s: float


def probe(request: Probe) -> SourceFacts:
    """What the file is, if the wanted part of it may be transcoded.

    Raises:
        Refusal: with the reason why not.
    """
    limits = request.limits
    longest_ms = limits.longest_source_ms if request.cut.trims else limits.longest_ms
    opened = open_foreign(request.source, limits)
    with opened.container:
        _check_claimed_size(opened, limits)
        span = _measure(opened, limits, longest_ms)
        duration_ms = round((span.end_s - span.times_s[0]) * 1000)
        _check_span(opened, span, duration_ms, limits, longest_ms)
        part = _part(request, duration_ms)
    # A second look from the start: seeking back is what damaged files do worst.
    opened = open_foreign(request.source, limits)
    with opened.container:
        frame = _first_picture(opened, limits)
        rotation = -frame.rotation % 360
        if rotation % 90:
            rotation = 0  # a slanted display matrix is art or an attack; show the picture as stored
        aspect = opened.video.sample_aspect_ratio
        pixel_aspect = float(aspect) if aspect and 0.1 <= aspect <= 10 else 1.0
        shown = display_size(frame.width, frame.height, rotation=rotation, pixel_aspect=pixel_aspect)
        if shown.short_side < _SMALLEST_SIDE:
            raise Refusal("too_small_picture", f"{shown.width}x{shown.height}")
        rate = output_rate(span.times_s)
        return SourceFacts(
            demuxer=opened.demuxer,
            origin_s=span.times_s[0],
            start_ms=part.start_ms,
            duration_ms=part.duration_ms,
            width=shown.width,
            height=shown.height,
            rotation=rotation,
            rate=(rate.numerator, rate.denominator),
            has_sound=opened.sound is not None and not request.cut.mute,
            video_codec=opened.video.codec_context.name,
            audio_codec=opened.sound.codec_context.name if opened.sound is not None else None,
        )


def _check_claimed_size(opened: Opened, limits: MediaLimits) -> None:
    context = opened.video.codec_context
    if max(context.width, context.height) > limits.side or context.width * context.height > limits.pixels:
        raise Refusal("too_large_picture", f"{context.width}x{context.height}")


def _measure(opened: Opened, limits: MediaLimits, longest_ms: int) -> _Span:
    """Times of all pictures, in seconds, sorted, and when the last one ends."""
    most = int(longest_ms / 1000 * limits.frames_per_second) + limits.frames_per_second
    times: list[float] = []
    end_s = 0.0
    base = float(opened.video.time_base or 0)
    packets = 0
    try:
        for packet in opened.container.demux(opened.video):
            packets += 1
            moment = packet.pts if packet.pts is not None else packet.dts
            if moment is None or packet.size == 0 or packet.is_discard:
                continue
            times.append(moment * base)
            end_s = max(end_s if len(times) > 1 else moment * base, (moment + (packet.duration or 0)) * base)
            if len(times) > most or packets > _MOST_PACKETS:
                raise Refusal("too_many_frames", f"over {most} pictures")
    except av.error.FFmpegError as error:
        if isinstance(error, MemoryError):
            raise
        # What was read until here counts; the caller sees that it is less than was claimed.
    if not times:
        raise Refusal("truncated" if opened.breaks_off else "no_picture", "no picture in the video track")
    times.sort()
    if end_s <= times[-1]:
        gaps = sorted(b - a for a, b in pairwise(times) if b > a)
        end_s = times[-1] + (gaps[len(gaps) // 2] if gaps else 0.0)
    return _Span(times, end_s)


def _check_span(opened: Opened, span: _Span, duration_ms: int, limits: MediaLimits, longest_ms: int) -> None:
    claimed_frames = opened.video.frames
    container_us = opened.container.duration
    if opened.breaks_off and (
        len(span.times_s) < _COMPLETE * claimed_frames
        or (container_us is not None and opened.demuxer == "matroska" and duration_ms < _COMPLETE * container_us / 1000)
    ):
        raise Refusal("truncated", f"{len(span.times_s)} of {claimed_frames} pictures")
    if duration_ms > longest_ms:
        raise Refusal("too_long", f"{duration_ms} ms")
    if duration_ms < _SHORTEST_MS:
        raise Refusal("too_short", f"{duration_ms} ms")
    if len(span.times_s) / (duration_ms / 1000) > limits.frames_per_second * 1.05:
        raise Refusal("too_many_frames", f"{len(span.times_s)} in {duration_ms} ms")


def _part(request: Probe, duration_ms: int) -> Part:
    part = request.cut.part_of(duration_ms)
    if part is None:
        raise Refusal("trim_outside", f"{request.cut} of {duration_ms} ms")
    if part.duration_ms > request.limits.longest_ms:
        raise Refusal("too_long", f"{part.duration_ms} ms")
    return part


def _first_picture(opened: Opened, limits: MediaLimits) -> VideoFrame:
    tried = 0
    for packet in opened.container.demux(opened.video):
        tried += 1
        if tried > _FIRST_PICTURE_WITHIN:
            break
        try:
            frames = opened.video.decode(packet)
        except DAMAGE:
            continue
        for frame in frames:
            if max(frame.width, frame.height) > limits.side or frame.width * frame.height > limits.pixels:
                raise Refusal("too_large_picture", f"{frame.width}x{frame.height}")
            return frame
    raise Refusal("damaged", f"no picture in {tried} packets")
