"""SSIM of a rendition against its source: `python -m penchant.lab.child.likeness SOURCE RENDITION` prints it."""

import sys
from fractions import Fraction

import av
from av.container import InputContainer
from av.error import BlockingIOError as NothingReady
from av.error import EOFError as AllPulled
from av.filter import Graph

_EVERY = 10
"""Frames between two that are compared."""


def main(source: str, rendition: str) -> None:
    with av.open(source) as original, av.open(rendition) as made:
        print(round(ssim(original, made), 5))


def ssim(original: InputContainer, made: InputContainer) -> float:
    """Mean of the filter's `All` over every tenth frame; the source is scaled to the rendition's size.

    Both have the same constant rate, so that frames of the same number belong together.
    Source: Wang et al., Image quality assessment: from error visibility to structural similarity (2004).
    """
    pictures = [container.streams.video[0] for container in (original, made)]
    for picture in pictures:
        picture.codec_context.thread_type = "AUTO"
    graph = Graph()
    entrances = [
        graph.add("buffer", f"video_size={p.width}x{p.height}:pix_fmt={p.pix_fmt}:time_base=1/30:pixel_aspect=1/1")
        for p in pictures
    ]
    size = f"{pictures[1].width}:{pictures[1].height}"
    scale, shape, compare = (
        graph.add("scale", f"{size}:flags=bicubic"),
        graph.add("format", "yuv420p"),
        graph.add("ssim"),
    )
    exit_ = graph.add("buffersink")
    entrances[0].link_to(scale)
    scale.link_to(shape)
    shape.link_to(compare, 0, 0)
    entrances[1].link_to(compare, 0, 1)
    compare.link_to(exit_)
    graph.configure()
    found: list[float] = []
    for number, pair in enumerate(zip(original.decode(video=0), made.decode(video=0), strict=False)):
        if number % _EVERY:
            continue
        for frame, entrance in zip(pair, entrances, strict=True):
            frame.pts, frame.time_base = number, Fraction(1, 30)
            entrance.push(frame)
        try:
            while True:
                found.append(float(exit_.pull().metadata["lavfi.ssim.All"]))
        except (NothingReady, AllPulled):
            continue
    return sum(found) / len(found)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
