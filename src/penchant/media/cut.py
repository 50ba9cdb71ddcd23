"""Which part of a file becomes the video, and whether with its sound: said with the post, applied in the transcode.

Times are milliseconds after the file's first picture.
"""

from typing import NamedTuple

import msgspec

from penchant.core.errors import Invalid

SHORTEST_MS = 1_000
"""What has to be left of a file that is cut."""
_MOST_MS = 86_400_000
_SLACK_MS = 500
"""A browser and a decoder disagree by this much on where a file ends."""


class Part(NamedTuple):
    """A stretch of a file."""

    start_ms: int
    duration_ms: int


class Cut(msgspec.Struct, frozen=True, omit_defaults=True):
    """What its creator wants of a file; as it is made, the whole of it. Stored with the upload, so every try cuts
    the same.
    """

    start_ms: int = 0
    end_ms: int | None = None
    """None: to the file's end."""
    mute: bool = False
    """Without its sound."""

    @property
    def trims(self) -> bool:
        return self.start_ms > 0 or self.end_ms is not None

    def part_of(self, duration_ms: int) -> Part | None:
        """The part of a file of this length; None where it reaches beyond the end or leaves less than a second."""
        if not self.trims:
            return Part(0, duration_ms)
        end_ms = duration_ms if self.end_ms is None else self.end_ms
        if end_ms > duration_ms + _SLACK_MS:
            return None
        left_ms = min(end_ms, duration_ms) - self.start_ms
        return Part(self.start_ms, left_ms) if left_ms >= SHORTEST_MS else None


def clean_cut(start_ms: int, end_ms: int | None, longest_ms: int, *, mute: bool) -> Cut:
    """A cut that may fit a file; how long the file is shows later.

    longest_ms: what the market allows.

    Raises:
        Invalid: with `start_ms` or `end_ms` in its fields.
    """
    fields = {}
    if not 0 <= start_ms <= _MOST_MS:
        fields["start_ms"] = "milliseconds after the beginning, 0 or more"
    if end_ms is not None:
        if not 0 <= end_ms <= _MOST_MS or end_ms - start_ms < SHORTEST_MS:
            fields["end_ms"] = f"at least {SHORTEST_MS} milliseconds after start_ms"
        elif end_ms - start_ms > longest_ms:
            fields["end_ms"] = f"at most {longest_ms} milliseconds after start_ms"
    if fields:
        raise Invalid("this part of the video cannot be taken", fields=fields)
    return Cut(start_ms, end_ms, mute)
