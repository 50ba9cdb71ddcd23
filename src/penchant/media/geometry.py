"""How large a rendition is: named by its short side, with even sides, never larger than its source."""

from typing import NamedTuple


class Size(NamedTuple):
    """Width and height in pixels, as shown to a person (after rotation, square pixels)."""

    width: int
    height: int

    @property
    def short_side(self) -> int:
        return min(self)

    @property
    def pixels(self) -> int:
        return self.width * self.height


def display_size(width: int, height: int, *, rotation: int, pixel_aspect: float) -> Size:
    """The size a viewer sees: pixels made square, then turned by `rotation` degrees (a multiple of 90)."""
    shown = Size(max(1, round(width * pixel_aspect)), height)
    return Size(shown.height, shown.width) if rotation % 180 else shown


def fit_short_side(source: Size, short_side: int, *, longest: int = 4096) -> Size:
    """The largest size of the source's shape whose short side is at most `short_side` and sides are even.

    Never larger than the source (but for the pixel that makes an odd side of 1 even); an extreme strip is
    bounded by `longest`, so that its long side stays decodable everywhere.
    """
    scale = min(1.0, short_side / source.short_side, longest / max(source))
    return Size(_even(source.width, scale), _even(source.height, scale))


def _even(side: int, scale: float) -> int:
    """The nearest even number, but never more than the side there is."""
    return max(2, min(2 * round(side * scale / 2), side - side % 2))


LADDER = (480, 720, 1080)
"""Short sides of the sizes that are made, in pixels, smallest first."""


def rungs_for(source: Size, ladder: tuple[int, ...] = LADDER) -> tuple[int, ...]:
    """Which short sides to make: the first rung always, each further one only where the source has more."""
    return tuple(rung for at, rung in enumerate(ladder) if at == 0 or source.short_side > ladder[at - 1])
