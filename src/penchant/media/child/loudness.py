"""How loud a foreign file's sound is, and what brings it to the loudness that all videos here have.

The first of two passes, over the sound alone: 20 s of it take a tenth of a second, so even the first playable
rendition has the right level.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from av.audio.frame import AudioFrame
from av.error import BlockingIOError as NothingReady
from av.error import EOFError as AllPulled
from av.filter import Graph

from penchant.media.child.opening import DAMAGE
from penchant.media.child.part import PartEnd, open_part
from penchant.media.child.sound_track import PEAK_LIMIT, RATE, SoundShaper
from penchant.media.limits import MediaLimits
from penchant.media.messages import SourceFacts

TARGET_LUFS = -16.0
"""Integrated loudness of every rendition."""
_SILENT_LUFS = -50.0
"""Quieter sound is a room or nothing: made louder it would be noise."""
_NEAR_LU = 0.1
_ROUNDS = 3


class Loudness(NamedTuple):
    """What a pass over the sound measured."""

    lufs: float
    """Integrated, gated; −70 for silence and for what is shorter than one block of 400 ms."""
    peak: float
    """Largest sample, 1 is full scale."""


def gain_for(source: str, limits: MediaLimits, facts: SourceFacts) -> float:
    """Decibels to add to the sound of `source`, so that the part of it that is wanted has `TARGET_LUFS`.

    Where the peaks have to be limited, the limiter takes loudness away; then what comes out of it is measured and
    the gain corrected. 0 for silence and where there is no sound.

    Source: EBU R 128 (2020), ITU-R BS.1770-4.
    """
    found = measure(source, limits, facts)
    if found.lufs < _SILENT_LUFS:
        return 0.0
    gain_db = TARGET_LUFS - found.lufs
    if gain_db <= 0 or found.peak * 10 ** (gain_db / 20) <= PEAK_LIMIT:
        return gain_db
    for _ in range(_ROUNDS):
        missing = TARGET_LUFS - measure(source, limits, facts, gain_db).lufs
        gain_db += missing
        if abs(missing) < _NEAR_LU:
            break
    return gain_db


def measure(source: str, limits: MediaLimits, facts: SourceFacts, gain_db: float = 0.0) -> Loudness:
    """Loudness of what a rendition would sound like with this gain."""
    opened = open_part(source, limits, facts)
    with opened.container:
        if opened.sound is None:
            return Loudness(-70.0, 0.0)
        shaper, meter, end = SoundShaper(facts.duration_ms / 1000, gain_db), _Meter(), PartEnd(facts)
        try:
            for packet in opened.container.demux(opened.sound):
                try:
                    frames = packet.decode()
                except DAMAGE:
                    continue
                for frame in frames:
                    at_s = frame.time - facts.part_s if frame.time is not None else None
                    meter.push(shaper.push(frame, at_s))
                if any(end.passed(frame.time) for frame in frames):
                    break
        except DAMAGE:
            pass  # a file that ends in rubbish; the transcode stops there, too
        meter.push(shaper.finish())
        return meter.finish()


class _Meter:
    def __init__(self) -> None:
        graph = Graph()
        source = graph.add("abuffer", f"sample_rate={RATE}:sample_fmt=fltp:channel_layout=stereo:time_base=1/{RATE}")
        graph.link_nodes(source, graph.add("ebur128", "metadata=1"), graph.add("abuffersink")).configure()
        self._graph = graph
        self._lufs = -70.0
        self._peak = 0.0

    def push(self, frames: Iterable[AudioFrame]) -> None:
        for frame in frames:
            self._peak = max(self._peak, float(np.abs(frame.to_ndarray()).max()))
            self._graph.push(frame)
            self._read()

    def finish(self) -> Loudness:
        self._graph.push(None)
        self._read()
        return Loudness(self._lufs, self._peak)

    def _read(self) -> None:
        while True:
            try:
                measured = self._graph.pull()
            except (NothingReady, AllPulled):
                return
            self._lufs = float(measured.metadata.get("lavfi.r128.I", self._lufs))
