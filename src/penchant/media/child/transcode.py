"""Renditions of a foreign file, in one decode: H.264 High and AAC in MP4s that play while they load."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from penchant.media.cadence import Ticks
from penchant.media.child.loudness import gain_for
from penchant.media.child.opening import DAMAGE, Opened, Refusal, open_own
from penchant.media.child.part import PartEnd, open_part
from penchant.media.child.picture_track import PictureTrack
from penchant.media.child.sound_track import SoundShaper, SoundTrack
from penchant.media.geometry import Size, fit_short_side
from penchant.media.limits import MediaLimits
from penchant.media.messages import Progress, RenditionFacts, Renditions, SourceFacts, Target, Transcode

_REPORT_EVERY = 0.02
_MOST_BROKEN = 0.2
_Packet: TypeAlias = "Packet[VideoStream] | Packet[AudioStream] | Packet[Stream]"


class _Output:
    """One rendition while it is written."""

    def __init__(self, target: Target, facts: SourceFacts, container: OutputContainer, *, sound: bool) -> None:
        self._file = Path(target.file)
        self._container = container
        self._size = fit_short_side(Size(facts.width, facts.height), target.short_side)
        self._rate = Fraction(*facts.rate)
        ticks = Ticks(self._rate, most_ticks=max(1, round(facts.duration_ms / 1000 * float(self._rate))))
        container.metadata.clear()
        self._picture = PictureTrack(container, self._size, self._rate, facts.rotation, ticks)
        self._sound = SoundTrack(container) if sound else None

    def show(self, frame: VideoFrame, at_s: float) -> None:
        self._mux(self._picture.push(frame, at_s))

    def play(self, frame: AudioFrame) -> None:
        if self._sound is not None:
            self._mux(self._sound.push(frame))

    def finish(self, end_s: float) -> None:
        self._mux(self._picture.finish(end_s))
        if self._sound is not None:
            self._mux(self._sound.finish())

    def facts(self) -> RenditionFacts:
        """Once the container is closed."""
        return RenditionFacts(
            width=self._size.width,
            height=self._size.height,
            frames=self._picture.frames,
            duration_ms=round(1000 * self._picture.frames / float(self._rate)),
            has_sound=self._sound is not None and self._sound.written > 0,
            size_bytes=self._file.stat().st_size,
        )

    def _mux(self, packets: Iterable[_Packet]) -> None:
        for packet in packets:
            self._container.mux(packet)


class _UsedSound:
    """The sound of another rendition of ours, in step with the picture; it was levelled when that was made."""

    def __init__(self, container: InputContainer, shaper: SoundShaper) -> None:
        self._frames = container.decode(container.streams.audio[0])
        self._shaper = shaper
        self._heard_s = 0.0

    def until(self, at_s: float) -> Iterator[AudioFrame]:
        """What is heard up to this moment and was not given yet; nothing once the sound is over."""
        while self._heard_s < at_s:
            frame = next(self._frames, None)
            if frame is None:
                return
            start_s = self._heard_s if frame.time is None else frame.time
            self._heard_s = start_s + frame.samples / frame.sample_rate
            yield from self._shaper.push(frame, start_s)


def transcode(request: Transcode, report: Callable[[Progress], None]) -> Renditions:
    """Write a rendition to the file of each target.

    Raises:
        Refusal: the file turned out damaged or larger than it claimed.
    """
    facts = request.facts
    measured = facts.has_sound and not request.sound
    gain_db = gain_for(request.source, request.limits, facts) if measured else 0.0
    opened = open_part(request.source, request.limits, facts)
    if not measured:
        opened = opened._replace(sound=None)
    shaper = SoundShaper(facts.duration_ms / 1000, gain_db)
    with ExitStack() as stack:
        stack.enter_context(opened.container)
        used = None
        if request.sound:
            used = _UsedSound(stack.enter_context(open_own(request.sound)), shaper)
        has_sound = used is not None or opened.sound is not None
        outputs = []
        for target in request.targets:
            container = stack.enter_context(av.open(target.file, "w", format="mp4", options=_MUXER))
            outputs.append(_Output(target, facts, container, sound=has_sound))
        _fill(outputs, opened, request, shaper, used, report)
    return Renditions(made=tuple(output.facts() for output in outputs), gain_db=round(gain_db, 2))


def _fill(
    outputs: list[_Output],
    opened: Opened,
    request: Transcode,
    shaper: SoundShaper,
    used: "_UsedSound | None",
    report: Callable[[Progress], None],
) -> None:
    facts = request.facts
    end_s = facts.duration_ms / 1000
    for stream in (opened.video, opened.sound):
        if stream is not None:
            stream.codec_context.thread_type = "AUTO"
    pictures = 0
    reported = 0.0
    for frame in _decode(opened, request.limits, facts):
        if isinstance(frame, VideoFrame):
            if frame.pts is None:
                continue
            pictures += 1
            at_s = frame.time - facts.part_s
            for output in outputs:
                output.show(frame, at_s)
            if used is not None:
                _play(outputs, used.until(at_s))
            share = min(1.0, at_s / end_s)
            if share >= reported + _REPORT_EVERY:
                reported = share
                report(Progress(round(share, 3)))
        else:
            _play(outputs, shaper.push(frame, frame.time - facts.part_s if frame.time is not None else None))
    if not pictures:
        raise Refusal("damaged", "no picture could be decoded")
    if used is not None:
        _play(outputs, used.until(end_s))
    _play(outputs, shaper.finish())
    for output in outputs:
        output.finish(end_s)


def _play(outputs: list[_Output], sound: Iterable[AudioFrame]) -> None:
    for frame in sound:
        for output in outputs:
            output.play(frame)


_MUXER = {"movflags": "+faststart", "fflags": "+bitexact"}


def _decode(opened: Opened, limits: MediaLimits, facts: SourceFacts) -> Iterator[VideoFrame | AudioFrame]:
    """All frames that can be decoded until the part ends, in file order; single damaged packets are skipped.

    Raises:
        Refusal: too many of them were damaged, or a picture grew beyond the limits.
    """
    streams = [stream for stream in (opened.video, opened.sound) if stream is not None]
    going = {stream.index: PartEnd(facts) for stream in streams}
    packets = broken = 0
    for packet in _packets(opened, streams):
        if not going:
            break
        if packet.stream.index not in going:
            continue
        packets += 1
        try:
            frames = packet.decode()
        except DAMAGE:
            broken += 1
            continue
        for frame in frames:
            if isinstance(frame, VideoFrame) and frame.width * frame.height > limits.pixels:
                raise Refusal("too_large_picture", f"grew to {frame.width}x{frame.height}")
            if isinstance(frame, VideoFrame | AudioFrame):
                yield frame
                if going[packet.stream.index].passed(frame.time):
                    del going[packet.stream.index]
                    break
    if broken > 2 and broken > _MOST_BROKEN * packets:
        raise Refusal("damaged", f"{broken} of {packets} packets")


def _packets(opened: Opened, streams: list[VideoStream | AudioStream]) -> Iterator[_Packet]:
    try:
        yield from opened.container.demux(*streams)
    except DAMAGE:
        return  # a file that ends in rubbish; how much is missing was judged by the probe
