"""What comes from another market is looked at as an upload is, before anybody sees it: by the child in its sandbox."""

from collections.abc import Callable
from typing import NamedTuple

from penchant.catalog.model import Video
from penchant.media.encoder import ContentEncoder
from penchant.media.senses import Senses
from penchant.safety.detection.examine import Examined, Examiner


class Looked(NamedTuple):
    """What was seen and heard of a video."""

    encoder: str
    vector: bytes
    """The content vector by which it is recommended; made here, because nothing learned crosses."""
    examined: Examined
    """What known-bad hashes and the other detectors say."""


Look = Callable[[Video], Looked]
"""Raises: MediaRefused where it cannot be played, NotFound where its file is gone."""


def look_with(senses: Senses, encoder: ContentEncoder, examiner: Examiner) -> Look:
    """The look of a cell with all its senses."""

    def look(video: Video) -> Looked:
        vector = encoder.encode(senses.see(video))
        pictures, times_ms = senses.stills(video)
        return Looked(encoder.name, vector.tobytes(), examiner.look(video, pictures, times_ms))

    return look
