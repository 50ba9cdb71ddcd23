"""Evenly sampled pictures of a rendition, in its own shape, for what looks at them in safety's name."""

from pathlib import Path

import numpy as np
from av.video.reformatter import VideoReformatter

from penchant.media.child.opening import Refusal, open_own
from penchant.media.geometry import Size, fit_short_side
from penchant.media.messages import Stills, StillsFacts


def stills(request: Stills) -> StillsFacts:
    """Write pictures as bare RGB, one after the other, the first of each stretch of `request.every_ms`.

    Raises:
        Refusal: `check_failed`, the rendition has no frame.
    """
    scale, times = VideoReformatter(), list[int]()
    with open_own(request.rendition) as container, Path(request.target).open("wb") as file:
        video = container.streams.video[0]
        video.codec_context.thread_type = "AUTO"
        size = fit_short_side(Size(video.width, video.height), request.short_side)
        for frame in container.decode(video):
            at_ms = round(1000 * float(frame.time or 0.0))
            if at_ms < len(times) * request.every_ms:
                continue
            picture = scale.reformat(frame, size.width, size.height, "rgb24", interpolation="AREA").to_ndarray()
            file.write(np.ascontiguousarray(picture, np.uint8).tobytes())
            times.append(at_ms)
            if len(times) == request.most:
                break
    if not times:
        raise Refusal("check_failed", "no frame to look at")
    return StillsFacts(tuple(times), size.width, size.height)
