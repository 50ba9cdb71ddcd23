"""What the program is given (a line, then pixels) and what it answers (a line)."""

import msgspec


class Read(msgspec.Struct, frozen=True):
    """The line before the pixels: so many pictures of that size, RGB, a byte a colour."""

    count: int
    height: int
    width: int


class Lines(msgspec.Struct, frozen=True):
    """The lines of each picture, from top to bottom."""

    lines: list[list[str]]
