"""What one upload may cost: the bounds that the probe checks and the sandbox enforces."""

import msgspec

MIB = 1 << 20
NOBODY = 65_534
"""User and group of a child whose worker is root."""


class MediaLimits(msgspec.Struct, frozen=True):
    """Bounds on what a file may claim to be. They travel to the child inside each request."""

    seconds: float = 180.0
    """Longest video accepted, in seconds; half a second more is forgiven, because phones stop late."""
    source_seconds: float = 1800.0
    """Longest file of which a part may be taken."""
    side: int = 8192
    """Longest side of a picture, in pixels."""
    pixels: int = 8192 * 4608
    """Most pixels in one picture: 8K passes, 65535 by 65535 does not."""
    frames_per_second: int = 240
    """Most pictures in one second (slow motion of phones reaches 240)."""
    streams: int = 16
    """Most tracks in one file; phones write up to five."""

    @property
    def longest_ms(self) -> int:
        return round(self.seconds * 1000) + 500

    @property
    def longest_source_ms(self) -> int:
        return max(round(self.source_seconds * 1000), self.longest_ms)


class ChildLimits(msgspec.Struct, frozen=True):
    """What the kernel lets one child use. Given to the child as its first line, before it opens anything."""

    memory_bytes: int = 4096 * MIB
    """Address space; an 8K picture is 57 MB and a decoder keeps about twenty."""
    cpu_s: int = 1800
    """Processor seconds over all threads."""
    file_bytes: int = 1024 * MIB
    """Largest file that it may write."""
    processes: int = 96
    """Threads and processes (decoders and x264 use threads); enforced only inside an own user namespace."""
    files: int = 64
    """Open file descriptors."""
    strict: bool = True
    """Do nothing where the kernel grants less than the whole sandbox (the setting `media_sandbox`)."""


def wall_limit_s(duration_ms: int) -> float:
    """Seconds that converting a clip of this length may take: a minute, and five times its length."""
    return 60.0 + 5.0 * duration_ms / 1000
