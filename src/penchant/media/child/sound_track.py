"""The sound of a rendition: any decoded frames in; AAC, 48 kHz, stereo, levelled, in step with the picture out."""

from collections.abc import Iterator
from fractions import Fraction

from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.error import BlockingIOError as NothingReady
from av.error import EOFError as AllPulled
from av.filter import Graph
from av.filter.context import FilterContext
from av.packet import Packet

RATE = 48_000
PEAK_LIMIT = 0.84
"""No sample of amplified sound is larger: −1.5 dBFS, which leaves AAC room to overshoot."""
_SAMPLES_PER_PACKET = 1024
_BITS_PER_S = 128_000


class SoundShaper:
    """Resamples and levels; gaps are filled with silence, overlaps trimmed, nothing goes past the end."""

    def __init__(self, end_s: float, gain_db: float = 0.0) -> None:
        self._end_s = end_s
        self._gain_db = gain_db
        self._most = int(end_s * RATE)
        self.written = 0
        self._graph: Graph | None = None
        self._like: tuple[str, str, int] | None = None
        self._expected_s = 0.0

    def push(self, frame: AudioFrame, at_s: float | None) -> Iterator[AudioFrame]:
        """Sound that becomes ready; `at_s`: seconds from the clip's start, None: after the last frame."""
        start_s = self._expected_s if at_s is None else at_s
        length_s = frame.samples / frame.sample_rate
        if start_s >= self._end_s or start_s + length_s <= 0:
            return
        self._expected_s = start_s + length_s
        like = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._graph is None or like != self._like:
            yield from self.finish()
            self._graph, self._like = _graph(frame, self.written, self._gain_db), like
        frame.time_base = Fraction(1, frame.sample_rate)
        frame.pts = round(start_s * frame.sample_rate)
        self._graph.push(frame)
        yield from self._pull()

    def finish(self) -> Iterator[AudioFrame]:
        """The last sound."""
        if self._graph is not None:
            self._graph.push(None)
            yield from self._pull()
            self._graph = None

    def _pull(self) -> Iterator[AudioFrame]:
        while self._graph is not None and self.written < self._most:
            try:
                ready = self._graph.pull()
            except (NothingReady, AllPulled):
                return
            assert isinstance(ready, AudioFrame)
            ready.pts = self.written
            ready.time_base = Fraction(1, RATE)
            self.written += ready.samples
            yield ready


class SoundTrack:
    """Encodes shaped sound."""

    def __init__(self, output: OutputContainer) -> None:
        self._stream = output.add_stream("aac", rate=RATE, layout="stereo", bit_rate=_BITS_PER_S)
        self.written = 0

    def push(self, frame: AudioFrame) -> "Iterator[Packet[AudioStream]]":
        """Packets that become ready."""
        self.written += frame.samples
        yield from self._stream.encode(frame)

    def finish(self) -> "Iterator[Packet[AudioStream]]":
        """The last packets."""
        yield from self._stream.encode(None)


def _graph(like: AudioFrame, written: int, gain_db: float) -> Graph:
    graph = Graph()
    chain: list[FilterContext] = [
        graph.add_abuffer(
            sample_rate=like.sample_rate,
            format=like.format,
            layout=like.layout,
            time_base=Fraction(1, like.sample_rate),
        ),
        # async=1: fill and trim only where time stamps jump; never stretch the sound.
        graph.add("aresample", f"{RATE}:async=1:min_hard_comp=0.1:first_pts={written}"),
        graph.add("aformat", f"sample_fmts=fltp:channel_layouts=stereo:sample_rates={RATE}"),
    ]
    if gain_db:
        chain.append(graph.add("volume", f"{gain_db}dB:precision=float"))
    if gain_db > 0:
        # latency=1: what the limiter looks ahead does not put the sound behind the picture.
        chain.append(graph.add("alimiter", f"limit={PEAK_LIMIT}:attack=5:release=60:level=0:latency=1"))
        chain.append(graph.add("aformat", "sample_fmts=fltp"))
    graph.link_nodes(*chain, graph.add("abuffersink")).configure()
    graph.set_audio_frame_size(_SAMPLES_PER_PACKET)
    return graph
