"""The sound of a rendition: any decoded frames in; AAC, 48 kHz, stereo, in step with the picture out."""

from collections.abc import Iterator
from fractions import Fraction

from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.error import BlockingIOError as NothingReady
from av.error import EOFError as AllPulled
from av.filter import Graph
from av.packet import Packet

RATE = 48_000
_SAMPLES_PER_PACKET = 1024
_BITS_PER_S = 128_000
_STEREO = 2


class SoundTrack:
    """Resamples and encodes; gaps are filled with silence, overlaps trimmed, nothing goes past the end."""

    def __init__(self, output: OutputContainer, end_s: float) -> None:
        self._stream = output.add_stream("aac", rate=RATE, layout="stereo", bit_rate=_BITS_PER_S)
        self._end_s = end_s
        self._most = int(end_s * RATE)
        self.written = 0
        self._graph: Graph | None = None
        self._like: tuple[str, str, int] | None = None
        self._expected_s = 0.0

    def push(self, frame: AudioFrame, at_s: float | None) -> "Iterator[Packet[AudioStream]]":
        """Packets that become ready; `at_s`: seconds from the clip's start, None: after the last frame."""
        start_s = self._expected_s if at_s is None else at_s
        length_s = frame.samples / frame.sample_rate
        if start_s >= self._end_s or start_s + length_s <= 0:
            return
        self._expected_s = start_s + length_s
        like = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._graph is None or like != self._like:
            yield from self._flush()
            self._graph, self._like = _resampler(frame, self.written), like
        frame.time_base = Fraction(1, frame.sample_rate)
        frame.pts = round(start_s * frame.sample_rate)
        self._graph.push(frame)
        yield from self._pull()

    def finish(self) -> "Iterator[Packet[AudioStream]]":
        yield from self._flush()
        yield from self._stream.encode(None)

    def _flush(self) -> "Iterator[Packet[AudioStream]]":
        if self._graph is not None:
            self._graph.push(None)
            yield from self._pull()
            self._graph = None

    def _pull(self) -> "Iterator[Packet[AudioStream]]":
        while self._graph is not None and self.written < self._most:
            try:
                ready = self._graph.pull()
            except (NothingReady, AllPulled):
                return
            assert isinstance(ready, AudioFrame)
            ready.pts = self.written
            ready.time_base = Fraction(1, RATE)
            self.written += ready.samples
            yield from self._stream.encode(ready)


def _resampler(like: AudioFrame, written: int) -> Graph:
    graph = Graph()
    source = graph.add_abuffer(
        sample_rate=like.sample_rate,
        format=like.format,
        layout=like.layout,
        time_base=Fraction(1, like.sample_rate),
    )
    # async=1: fill and trim only where time stamps jump; never stretch the sound.
    resample = graph.add("aresample", f"{RATE}:async=1:min_hard_comp=0.1:first_pts={written}")
    shape = graph.add("aformat", f"sample_fmts=fltp:channel_layouts=stereo:sample_rates={RATE}")
    graph.link_nodes(source, resample, shape, graph.add("abuffersink")).configure()
    graph.set_audio_frame_size(_SAMPLES_PER_PACKET)
    return graph
