"""Words drawn onto pictures as creators write them on videos, for measuring what reads them (extra `detect`)."""

import textwrap
from typing import Final

import numpy as np
from numpy.typing import NDArray

_MARGIN_PX: Final = 20
_LETTER: Final = 0.55
"""Width of a letter, of the size."""
_OUTLINE_PX: Final = 2
_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)


def write_on(picture: NDArray[np.uint8], text: str, size_px: int, *, outlined: bool, top_px: int) -> NDArray[np.uint8]:
    """A picture, (H, W, 3), with white words in OpenCV's own font from `top_px` on, in as many lines as they need."""
    import cv2

    drawn, font = np.ascontiguousarray(picture).copy(), cv2.FontFace("sans")
    letters = int((picture.shape[1] - 2 * _MARGIN_PX) / (_LETTER * size_px))
    steps = (-_OUTLINE_PX, 0, _OUTLINE_PX)
    around = [(x, y, _BLACK) for x in steps for y in steps] if outlined else []
    for number, line in enumerate(textwrap.wrap(text, max(letters, 1)), start=1):
        left, bottom = _MARGIN_PX, top_px + round(1.4 * size_px * number)
        for right, down, colour in [*around, (0, 0, _WHITE)]:
            cv2.putText(drawn, line, (left + right, bottom + down), colour, font, size_px)
    return drawn
