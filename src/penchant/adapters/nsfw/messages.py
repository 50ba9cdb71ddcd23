"""What the program is given (a line, then pixels) and what it answers (a line)."""

import msgspec


class Look(msgspec.Struct, frozen=True):
    """The line before the pixels: so many pictures of that size, RGB, a byte a colour."""

    count: int
    height: int
    width: int


class Scores(msgspec.Struct, frozen=True):
    """How likely each picture shows nudity, 0 to 1."""

    scores: list[float]
