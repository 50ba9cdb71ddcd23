"""The same pictures posted by somebody else: a video against the newest of the own catalogue."""

from collections.abc import Sequence
from typing import Final

from penchant.core.database import Connection, Engine
from penchant.core.ids import AccountId, VideoId, format_id
from penchant.safety.detection import bank_rows
from penchant.safety.detection.hash_detector import clip_of
from penchant.safety.detection.matching import ACT_FROM, Gallery, Known
from penchant.safety.detection.views import LAYOUT, unpack
from penchant.safety.ports import Exhibit, Finding

MOST_VIDEOS: Final = 20_000
"""The newest so many are compared with: 100 MB of memory."""
_EVERY: Final = 4
"""Of a known video every fourth picture: about one a second."""
_PIECE: Final = 500


class DuplicateDetector:
    """A `Detector` that remembers the catalogue in pieces of 500 videos; what is newer than they is read each time."""

    name = "spam"

    def __init__(self, engine: Engine, most: int = MOST_VIDEOS) -> None:
        self._engine = engine
        self._most = most
        self._pieces: list[tuple[Gallery, list[tuple[VideoId, AccountId]]]] = []
        self._until = -1

    def look(self, item: Exhibit) -> Sequence[Finding]:
        """`duplicate` where somebody else's video has most of the same pictures; of one's own, nothing."""
        clip = clip_of(item)
        if clip is None or not len(clip.asked):
            return []
        with self._engine.connect() as connection:
            self._read(connection)
            newest = _gallery(bank_rows.listed_after(connection, self._until, LAYOUT, _PIECE))
        for gallery, who in reversed([*self._pieces, newest]):
            for match in gallery.matches(clip, ACT_FROM):
                video, creator = who[match.entry]
                if creator != item.creator and video != item.target:
                    evidence: dict[str, str | int | list[str | int]] = {
                        "video": format_id(video),
                        "frames": match.frames,
                        "of": match.asked,
                        "at_ms": list(match.times_ms),
                    }
                    return [Finding("duplicate", self.name, match.share, evidence)]
        return []

    def _read(self, connection: Connection) -> None:
        """Remember what has come in whole pieces."""
        if self._until < 0:
            self._until = bank_rows.newest_number(connection, back=self._most)
        while len(piece := bank_rows.listed_after(connection, self._until, LAYOUT, _PIECE)) == _PIECE:
            self._pieces.append(_gallery(piece))
            self._until = piece[-1].number
        del self._pieces[: max(0, len(self._pieces) - self._most // _PIECE)]


def _gallery(
    videos: Sequence[bank_rows.KnownVideo],
) -> tuple[Gallery, list[tuple[VideoId, AccountId]]]:
    clips = [unpack(video.hashes).known[::_EVERY, :1] for video in videos]
    known = [Known(format_id(video.video), clip) for video, clip in zip(videos, clips, strict=True)]
    return Gallery(known), [(video.video, video.creator) for video in videos]
