"""Opens a foreign file where the chosen part begins, and notices where it ends."""

from penchant.media.child.opening import DAMAGE, Opened, open_foreign
from penchant.media.limits import MediaLimits
from penchant.media.messages import SourceFacts

_LEAD_S = 1.0
"""Decoded before the part: sound lies apart from its picture in a file, and decoders of sound start rough."""
_WORTH_A_SEEK_MS = 2_000
_FRAMES_BEYOND = 10


def open_part(source: str, limits: MediaLimits, facts: SourceFacts) -> Opened:
    """Open a file so that what is decoded begins at or before the part.

    A file whose index leads past the part, or that cannot be sought in, is read from its start.

    Raises:
        Refusal: see `open_foreign`.
    """
    opened = open_foreign(source, limits)
    base = opened.video.time_base
    if facts.start_ms < _WORTH_A_SEEK_MS or not base:
        return opened
    target = int((facts.part_s - _LEAD_S) / base)
    try:
        opened.container.seek(target, stream=opened.video)
        packets = opened.container.demux(opened.video)
        first = next((packet.pts for packet in packets if packet.pts is not None), None)
        if first is not None and first * base <= facts.part_s:
            opened.container.seek(target, stream=opened.video)
            return opened
    except DAMAGE:
        pass
    opened.container.close()
    return open_foreign(source, limits)


class PartEnd:
    """Says when a track is past the part: one odd time stamp is no end, ten in a row are."""

    def __init__(self, facts: SourceFacts) -> None:
        self._end_s = facts.part_s + facts.duration_ms / 1000
        self._beyond = 0

    def passed(self, time_s: float | None) -> bool:
        """Told the time of each frame, by the file's clock."""
        if time_s is not None:
            self._beyond = self._beyond + 1 if time_s >= self._end_s else 0
        return self._beyond >= _FRAMES_BEYOND
