"""Real clips, damaged by a seeded hand: the same number always gives the same file."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path

FLIPS = 2000
PER_CENTS = 100
KEPT_OF = 20
"""One in so many is in the default suite."""

_TELLING = (b"\0\0\0\0", b"\0\0\0\1", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\xff\xff\xff\xff", b"\xff\xff\xff\xf0")


def small_clips(make_clip: Callable[..., Path], folder: Path) -> list[bytes]:
    """The same moments as MP4 with its table first, WebM and GIF, a few kilobytes each."""
    size = {"width": 96, "height": 128, "frames": 45, "sound_seconds": 1.5, "detail": 0.01}
    webm = {"container": "webm", "video_codec": "libvpx", "audio_codec": "libopus", "sample_rate": 48_000}
    gif = {"container": "gif", "video_codec": "gif", "pix_fmt": "rgb8", "channels": 0, "fps": "20", "frames": 30}
    return [
        make_clip(folder / "clip.mp4", **size, movflags="faststart").read_bytes(),
        make_clip(folder / "clip.webm", **size, **webm).read_bytes(),
        make_clip(folder / "clip.gif", **{**size, **gif}).read_bytes(),
    ]


def truncated(clip: bytes, per_cent: int) -> bytes:
    """The first `per_cent` hundredths of a clip."""
    return clip[: len(clip) * per_cent // 100]


def flipped(clips: Sequence[bytes], number: int) -> bytes:
    """One of the clips with 1 to 256 bits turned over; half of the time near its start, where the tables are."""
    rng = random.Random(number)
    damaged = bytearray(clips[number % len(clips)])
    reach = len(damaged) if rng.random() < 0.5 else min(len(damaged), 2048)
    for _ in range(2 ** rng.randrange(9)):
        damaged[rng.randrange(reach)] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def mutated(clips: Sequence[bytes], seed: int) -> bytes:
    """Harder than `flipped`: telling numbers, pieces left out, doubled and moved, two clips in one."""
    rng = random.Random(seed)
    file = bytearray(rng.choice(clips))
    for _ in range(rng.randint(1, 12)):
        at = rng.randrange(max(1, min(len(file), 4096) if rng.random() < 0.6 else len(file)))
        piece = file[at : at + 2 ** rng.randrange(12)]
        match rng.randrange(6):
            case 0:
                file[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                file[at : at + 4] = rng.choice(_TELLING)
            case 2:
                del file[at : at + len(piece)]
            case 3:
                file[at:at] = piece * rng.randint(1, 4)
            case 4:
                to = rng.randrange(len(file) + 1)
                file[to:to] = piece
            case _:
                other = rng.choice(clips)
                start = rng.randrange(len(other))
                file[at : at + len(piece)] = other[start : start + len(piece)]
    return bytes(file)
