"""What shows a clip without playing it: a strip of small frames for scrubbing, and a short silent preview."""

from fractions import Fraction

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from penchant.media.child.opening import Refusal, open_own
from penchant.media.geometry import Size, fit_short_side
from penchant.media.messages import STRIP_COLUMNS, STRIP_ROWS, Glimpses, GlimpsesFacts

_TILE_SHORT_SIDE = 90
_PREVIEW_SHORT_SIDE = 240
_PREVIEW_FROM = 0.2
"""Share of the clip before the preview begins: beginnings are often black or shaky."""
_PREVIEW_S = 3.0
_PREVIEW_FPS = 10
_PREVIEW_BITS_PER_S = 500_000


def glimpses(request: Glimpses) -> GlimpsesFacts:
    """Write `request.strip` and `request.preview`, in one decode.

    Raises:
        Refusal: `check_failed`, the rendition has no frame.
    """
    tiles = STRIP_COLUMNS * STRIP_ROWS
    length_s = request.duration_ms / 1000
    start_s = min(_PREVIEW_FROM * length_s, max(0.0, length_s - _PREVIEW_S))
    strip: list[VideoFrame] = []
    moving: list[VideoFrame] = []
    small = VideoReformatter(), VideoReformatter()
    with open_own(request.rendition) as container:
        video = container.streams.video[0]
        video.codec_context.thread_type = "AUTO"
        shown = Size(video.width, video.height)
        tile, moving_size = (fit_short_side(shown, side) for side in (_TILE_SHORT_SIDE, _PREVIEW_SHORT_SIDE))
        for frame in container.decode(video):
            at_s = float(frame.time or 0.0)
            # The tile of a stretch shows its first frame; where a clip has fewer frames than tiles, one fills several.
            while len(strip) < tiles and at_s >= len(strip) * length_s / tiles:
                strip.append(small[0].reformat(frame, tile.width, tile.height, "rgb24", interpolation="AREA"))
            if start_s + len(moving) / _PREVIEW_FPS <= at_s < start_s + _PREVIEW_S:
                moving.append(small[1].reformat(frame, *moving_size, "yuv420p", interpolation="AREA"))
    if not strip:
        raise Refusal("check_failed", "no frame for a strip")
    strip += [strip[-1]] * (tiles - len(strip))
    _write_strip(strip, request.strip)
    _write_preview(moving, moving_size, request.preview)
    return GlimpsesFacts(
        strip=(STRIP_COLUMNS * tile.width, STRIP_ROWS * tile.height), preview=(moving_size.width, moving_size.height)
    )


def _write_strip(frames: list[VideoFrame], target: str) -> None:
    pictures = [frame.to_ndarray() for frame in frames]
    rows = [np.hstack(pictures[at : at + STRIP_COLUMNS]) for at in range(0, len(pictures), STRIP_COLUMNS)]
    whole = av.VideoFrame.from_ndarray(np.ascontiguousarray(np.vstack(rows)), format="rgb24")
    picture = VideoReformatter().reformat(whole, format="yuvj420p", dst_color_range="JPEG")
    picture.save(f"file:{target}", qscale="6")


def _write_preview(frames: list[VideoFrame], size: Size, target: str) -> None:
    options = {
        "preset": "veryfast",
        "crf": "28",
        "maxrate": str(_PREVIEW_BITS_PER_S),
        "bufsize": str(_PREVIEW_BITS_PER_S),
        "bf": "0",
    }
    with av.open(target, "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"}) as output:
        output.metadata.clear()
        stream = output.add_stream("libx264", rate=_PREVIEW_FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = size.width, size.height, "yuv420p"
        for number, frame in enumerate(frames):
            frame.pts, frame.time_base, frame.pict_type = number, Fraction(1, _PREVIEW_FPS), 0
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
