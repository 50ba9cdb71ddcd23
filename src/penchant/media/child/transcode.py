"""One rendition from a foreign file: H.264 High and AAC in an MP4 that plays while it loads."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

import av
import av.error
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from penchant.media.cadence import Ticks
from penchant.media.child.opening import Opened, Refusal, open_foreign
from penchant.media.child.picture_track import PictureTrack
from penchant.media.child.sound_track import SoundTrack
from penchant.media.geometry import Size, fit_short_side
from penchant.media.limits import MediaLimits
from penchant.media.messages import Progress, RenditionFacts, Transcode

_REPORT_EVERY = 0.02
_MOST_BROKEN = 0.2
_Packet: TypeAlias = "Packet[VideoStream] | Packet[AudioStream] | Packet[Stream]"


def transcode(request: Transcode, report: Callable[[Progress], None]) -> RenditionFacts:
    """Write the rendition to `request.target`.

    Raises:
        Refusal: the file turned out damaged or larger than it claimed.
    """
    facts = request.facts
    size = fit_short_side(Size(facts.width, facts.height), request.short_side)
    rate = Fraction(*facts.rate)
    end_s = facts.duration_ms / 1000
    opened = open_foreign(request.source, request.limits)
    with opened.container, av.open(request.target, "w", format="mp4", options=_MUXER) as output:
        output.metadata.clear()
        picture = PictureTrack(
            output, size, rate, facts.rotation, Ticks(rate, most_ticks=max(1, round(end_s * float(rate))))
        )
        sound = SoundTrack(output, end_s) if opened.sound is not None else None
        for stream in (opened.video, opened.sound):
            if stream is not None:
                stream.codec_context.thread_type = "AUTO"
        origin_s: float | None = None
        reported = 0.0
        for frame in _decode(opened, request.limits):
            if isinstance(frame, VideoFrame):
                if frame.pts is None:
                    continue
                at_s = frame.time
                origin_s = at_s if origin_s is None else origin_s
                _mux(output, picture.push(frame, at_s - origin_s))
                share = min(1.0, (at_s - origin_s) / end_s)
                if share >= reported + _REPORT_EVERY:
                    reported = share
                    report(Progress(round(share, 3)))
            elif isinstance(frame, AudioFrame) and sound is not None:
                # Sound may come first; the picture's start is then taken from the container.
                start_s = origin_s if origin_s is not None else _claimed_start_s(opened)
                _mux(output, sound.push(frame, frame.time - start_s if frame.time is not None else None))
        if origin_s is None:
            raise Refusal("damaged", "no picture could be decoded")
        _mux(output, picture.finish(end_s))
        if sound is not None:
            _mux(output, sound.finish())
    return RenditionFacts(
        width=size.width,
        height=size.height,
        frames=picture.frames,
        duration_ms=round(1000 * picture.frames / float(rate)),
        has_sound=sound is not None and sound.written > 0,
        size_bytes=Path(request.target).stat().st_size,
    )


_MUXER = {"movflags": "+faststart", "fflags": "+bitexact"}


def _mux(output: OutputContainer, packets: Iterator[_Packet]) -> None:
    for packet in packets:
        output.mux(packet)


def _claimed_start_s(opened: Opened) -> float:
    return float((opened.video.start_time or 0) * (opened.video.time_base or 0))


def _decode(opened: Opened, limits: MediaLimits) -> Iterator[VideoFrame | AudioFrame]:
    """All frames that can be decoded, in file order; single damaged packets are skipped.

    Raises:
        Refusal: too many of them were damaged, or a picture grew beyond the limits.
    """
    streams = [stream for stream in (opened.video, opened.sound) if stream is not None]
    packets = broken = 0
    for packet in _packets(opened, streams):
        packets += 1
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            broken += 1
            continue
        for frame in frames:
            if isinstance(frame, VideoFrame) and frame.width * frame.height > limits.pixels:
                raise Refusal("too_large_picture", f"grew to {frame.width}x{frame.height}")
            if isinstance(frame, VideoFrame | AudioFrame):
                yield frame
    if broken > 2 and broken > _MOST_BROKEN * packets:
        raise Refusal("damaged", f"{broken} of {packets} packets")


def _packets(opened: Opened, streams: list[VideoStream | AudioStream]) -> Iterator[_Packet]:
    try:
        yield from opened.container.demux(*streams)
    except av.error.InvalidDataError:
        return  # a file that ends in rubbish; how much is missing was judged by the probe
