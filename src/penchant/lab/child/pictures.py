"""Pictures as bare pixels: `python -m penchant.lab.child.pictures SIDE SIDE` reads a path a line on standard input.

For each path it writes the picture as (SIDE, SIDE, 3) RGB bytes, once for each side, on grey where it is transparent.
"""

import sys

import av
import numpy as np
from av.video.frame import VideoFrame

_GREY = 128


def main(sides: list[int]) -> None:
    for line in sys.stdin:
        with av.open(line.rstrip("\n")) as container:
            rgba = next(container.decode(video=0)).to_ndarray(format="rgba").astype(np.uint16)
        opaque = rgba[..., 3:]
        flat = ((rgba[..., :3] * opaque + _GREY * (255 - opaque)) // 255).astype(np.uint8)
        # Area alone keeps small pictures blocky; they are made larger smoothly.
        frame = VideoFrame.from_ndarray(flat, format="rgb24")
        for side in sides:
            how = "AREA" if min(flat.shape[:2]) >= side else "BICUBIC"
            sys.stdout.buffer.write(frame.reformat(side, side, "rgb24", interpolation=how).to_ndarray().tobytes())
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main([int(side) for side in sys.argv[1:]])
