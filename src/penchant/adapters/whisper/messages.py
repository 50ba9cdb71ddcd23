"""What the program is given (a line, then samples) and what it answers (a line)."""

import msgspec


class Speech(msgspec.Struct, frozen=True):
    """The line before the samples: how many int16 numbers follow, in the byte order of this machine."""

    samples: int


class Heard(msgspec.Struct, frozen=True, tag="heard", tag_field="answer"):
    """Every word as (start, end, text), in milliseconds."""

    words: list[tuple[int, int, str]]


class NotHeard(msgspec.Struct, frozen=True, tag="not_heard", tag_field="answer"):
    """Why there is no answer, for our log."""

    detail: str


Answer = Heard | NotHeard
