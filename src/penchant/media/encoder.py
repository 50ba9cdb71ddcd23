"""The content vector: what a clip looks and sounds like, so that a new video can be recommended unseen.

`ContentEncoder` is the port; vectors of different encoders are never compared, so each carries its name.
"""

import zlib
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from penchant.media import picture_features
from penchant.media.encoder_scale import CENTRES, SPREADS
from penchant.media.sound_features import SOUND_RATE, sound

__all__ = ["DIMENSIONS", "FRAME_SIDE", "SOUND_RATE", "BasicEncoder", "Clip", "ContentEncoder"]

DIMENSIONS = 64
FRAME_SIDE = 64


class Clip(NamedTuple):
    """What an encoder gets to see and hear."""

    frames: NDArray[np.uint8]
    """(T, 64, 64, 3) RGB, T ≥ 1, squeezed to a square whatever the clip's shape."""
    times_s: NDArray[np.float64]
    """(T,) seconds from the clip's start, ascending."""
    sound: NDArray[np.float32]
    """(N,) mono at `SOUND_RATE`, within ±1; empty if there is none."""
    title: str = ""
    hashtags: tuple[str, ...] = ()


class ContentEncoder(Protocol):
    """Makes content vectors; a new version is a new name."""

    name: str

    def encode(self, clip: Clip) -> NDArray[np.int8]:
        """(D,) int8, compared by cosine; never all zero."""
        ...


class Group(NamedTuple):
    """A run of dimensions that describe one aspect."""

    name: str
    size: int
    share: float
    """The most that this aspect adds to a cosine; shares sum to 1."""


GROUPS = (
    Group("colour", 10, 0.12),
    Group("layout", 10, 0.12),
    Group("texture", 14, 0.29),
    Group("motion", 10, 0.20),
    Group("sound", 14, 0.23),
    Group("text", 6, 0.04),
)


class BasicEncoder:
    """Statistics of colour, layout, texture, motion, sound; hashed n-grams of the text; nothing learned.

    Each group is centred and scaled by fixed numbers, brought to length √share and rounded to int8, so that
    the cosine of two clips is the weighted mean of the groups' cosines and no aspect drowns the others.
    """

    name = "basic-1"

    def encode(self, clip: Clip) -> NDArray[np.int8]:
        """(64,) int8."""
        pieces = [
            np.sqrt(np.float32(group.share)) * _unit(values)
            for group, values in zip(GROUPS, standardised(clip), strict=True)
        ]
        vector = np.concatenate(pieces)
        longest = float(np.abs(vector).max())
        if longest < 1e-6:
            vector, longest = np.ones(DIMENSIONS, np.float32), 1.0
        return np.asarray(np.rint(vector * (127.0 / longest)), np.int8)


def raw_groups(clip: Clip) -> list[NDArray[np.float32]]:
    """The statistics of each group but the text's, as they are measured."""
    return [
        picture_features.colour(clip.frames),
        picture_features.layout(clip.frames),
        picture_features.texture(clip.frames),
        picture_features.motion(clip.frames, clip.times_s),
        sound(clip.sound),
    ]


def standardised(clip: Clip) -> list[NDArray[np.float32]]:
    """All groups in order, centred and scaled; a group that the clip lacks is zero."""
    groups = []
    for group, values in zip(GROUPS, raw_groups(clip), strict=False):
        if not values.any():
            groups.append(values)
            continue
        centred = (values - np.asarray(CENTRES[group.name], np.float32)) / np.asarray(SPREADS[group.name], np.float32)
        groups.append(np.clip(centred, -2.5, 2.5))
    groups.append(text(clip.title, clip.hashtags))
    return groups


def text(title: str, hashtags: tuple[str, ...]) -> NDArray[np.float32]:
    """(6,): signed hashed character trigrams of title and hashtags; zero for no text.

    Source: Weinberger et al., Feature Hashing for Large Scale Multitask Learning (arXiv 0902.2206), §2.
    """
    values = np.zeros(6, np.float32)
    for word in [*title.lower().split(), *(tag.lower() for tag in hashtags)]:
        padded = f"^{word[:40]}$"
        for at in range(len(padded) - 2):
            digest = zlib.crc32(padded[at : at + 3].encode())
            values[digest % 6] += 1.0 if digest >> 16 & 1 else -1.0
    return values


def _unit(values: NDArray[np.float32]) -> NDArray[np.float32]:
    length = float(np.linalg.norm(values))
    return values / length if length > 1e-6 else np.zeros_like(values)
