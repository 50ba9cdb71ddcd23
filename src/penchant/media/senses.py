"""What is to be heard and seen of a video that is ready, out of its smallest size, by a sandboxed child."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from penchant.catalog.model import Video
from penchant.core.objects import ObjectStore
from penchant.media.encoder import Clip
from penchant.media.limits import ChildLimits
from penchant.media.workshop import MOST_STILLS, STILL_SIDE, Pictures, open_workshop


class Senses:
    """For jobs that look at a video again, long after its upload."""

    def __init__(self, objects: ObjectStore, work_root: Path, child_limits: ChildLimits) -> None:
        self._objects = objects
        self._work_root = work_root
        self._child_limits = child_limits

    def hear(self, video: Video) -> NDArray[np.int16]:
        """(N,) samples, mono, `transcriber.SPEECH_RATE` a second; N = 0 where there is no sound.

        Raises:
            MediaRefused: a child failed over it.
            NotFound: its file is gone.
        """
        with open_workshop(None, self._work_root, child_limits=self._child_limits) as workshop:
            return workshop.listen(self._smallest(video), video.duration_ms)

    def see(self, video: Video) -> Clip:
        """What a content encoder looks at and listens to, with what the video's creator says of it.

        Raises:
            MediaRefused: a child failed over it.
            NotFound: its file is gone.
        """
        with open_workshop(None, self._work_root, child_limits=self._child_limits) as workshop:
            return told(workshop.look(self._smallest(video), video.duration_ms), video)

    def stills(self, video: Video, short_side: int = STILL_SIDE, most: int = MOST_STILLS) -> Pictures:
        """Evenly sampled pictures, `most` of them at most.

        Raises:
            MediaRefused: a child failed over it.
            NotFound: its file is gone.
        """
        with open_workshop(None, self._work_root, child_limits=self._child_limits) as workshop:
            return workshop.stills(self._smallest(video), video.duration_ms, short_side, most)

    def _smallest(self, video: Video) -> Iterator[bytes]:
        return self._objects.read(video.renditions[0].object_key)


def told(clip: Clip, video: Video) -> Clip:
    """The clip with what its creator says of it."""
    return clip._replace(title=video.title, hashtags=video.hashtags, language=video.language)
