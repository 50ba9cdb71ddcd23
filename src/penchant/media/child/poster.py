"""Still pictures for a clip: the best of about a dozen frames, as JPEG, for its creator to choose among."""

from collections.abc import Iterator

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from penchant.media.child.opening import Refusal, open_own
from penchant.media.geometry import Size, fit_short_side
from penchant.media.messages import Poster, PosterFacts
from penchant.media.poster_quality import frame_quality, pick_covers, pick_poster

_CANDIDATES = 12
_SHORT_SIDE = 480
_LOOK_AT = 192
_SEQUENTIAL_MS = 20_000


def poster(request: Poster) -> PosterFacts:
    """Write the best frames to `request.targets`.

    Raises:
        Refusal: `check_failed`, the rendition has no frame.
    """
    candidates = list(_candidates(request))
    if not candidates:
        raise Refusal("check_failed", "no frame for a poster")
    small = VideoReformatter()
    qualities = [
        frame_quality(np.asarray(small.reformat(frame, *_small(frame), "gray").to_ndarray(), dtype=np.uint8))
        for frame in candidates
    ]
    covers = pick_covers(qualities, len(request.targets))
    size = fit_short_side(Size(candidates[0].width, candidates[0].height), _SHORT_SIDE)
    for at, target in zip(covers, request.targets, strict=False):
        picture = VideoReformatter().reformat(
            candidates[at], size.width, size.height, "yuvj420p", dst_color_range="JPEG"
        )
        picture.save(f"file:{target}", qscale="4")
    return PosterFacts(
        at_ms=tuple(round(1000 * float(candidates[at].time or 0)) for at in covers),
        best=covers.index(pick_poster(qualities)),
        width=size.width,
        height=size.height,
    )


def _small(frame: VideoFrame) -> Size:
    return fit_short_side(Size(frame.width, frame.height), _LOOK_AT)


def _candidates(request: Poster) -> Iterator[VideoFrame]:
    """The first frame, then frames spread evenly; of longer clips only key frames, which cost less."""
    every_s = request.duration_ms / 1000 / (_CANDIDATES + 1)
    with open_own(request.rendition) as container:
        video = container.streams.video[0]
        video.codec_context.thread_type = "AUTO"
        if request.duration_ms > _SEQUENTIAL_MS:
            video.codec_context.skip_frame = "NONKEY"
        next_s = 0.0
        for frame in container.decode(video):
            at_s = float(frame.time or 0.0)
            if at_s >= next_s:
                yield frame
                next_s = max(next_s + every_s, at_s)
