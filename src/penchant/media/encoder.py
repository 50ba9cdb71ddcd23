"""The content vector: what a clip shows, sounds like and says, so that a new video can be recommended unseen.

`ContentEncoder` is the port; vectors of different encoders are never compared, so each carries its name.
"""

import zlib
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from penchant.media import picture_features
from penchant.media.encoder_scale import CENTRES, SPREADS
from penchant.media.picture_meaning import DIMENSIONS as MEANINGS
from penchant.media.picture_meaning import VIEW_SIDE, Meaning
from penchant.media.sound_features import SOUND_RATE, sound
from penchant.media.written_language import written_language

__all__ = ["FRAME_SIDE", "GROUPS", "SOUND_RATE", "VIEWS", "VIEW_SIDE", "Clip", "ClipEncoder", "ContentEncoder"]

FRAME_SIDE = 64
VIEWS = 4
"""Larger pictures that a clip is looked at by; each costs twice as much as everything else."""


class Clip(NamedTuple):
    """What an encoder gets to see, hear and read."""

    frames: NDArray[np.uint8]
    """(T, 64, 64, 3) RGB, T ≥ 1, squeezed to a square whatever the clip's shape."""
    times_s: NDArray[np.float64]
    """(T,) seconds from the clip's start, ascending."""
    sound: NDArray[np.float32]
    """(N,) mono at `SOUND_RATE`, within ±1; empty if there is none."""
    views: NDArray[np.uint8]
    """(V, S, S, 3) RGB, S = `VIEW_SIDE`, at most `VIEWS` of the frames, larger; V = 0 of a clip of a moment."""
    title: str = ""
    hashtags: tuple[str, ...] = ()
    language: str = ""
    """That its creator named; what the title is written in counts for more, where that can be told."""


class ContentEncoder(Protocol):
    """Makes content vectors; a new version is a new name."""

    @property
    def name(self) -> str: ...

    def encode(self, clip: Clip) -> NDArray[np.int8]:
        """(D,) int8, compared by cosine; never all zero. D is the same for every clip."""
        ...


class Group(NamedTuple):
    """A run of dimensions that describe one aspect."""

    name: str
    size: int
    share: float
    """The most that this aspect adds to a cosine; shares sum to 1."""


GROUPS = (
    Group("meaning", MEANINGS, 0.44),
    Group("colour", 10, 0.06),
    Group("texture", 14, 0.12),
    Group("motion", 10, 0.08),
    Group("sound", 14, 0.20),
    Group("text", 32, 0.06),
    Group("language", 8, 0.04),
)
DIMENSIONS = sum(group.size for group in GROUPS)


class ClipEncoder:
    """What pictures are of, by a learned network; statistics of colour, texture, motion, sound; words and language.

    Each group is centred and scaled by fixed numbers, brought to length √share and rounded to int8, so that
    the cosine of two clips is the weighted mean of the groups' cosines and no aspect drowns the others.
    """

    name = "clip-1"

    @cached_property
    def _meaning(self) -> Meaning:
        """Read at the first clip: who only shows videos needs no network."""
        return Meaning()

    def encode(self, clip: Clip) -> NDArray[np.int8]:
        """(D,) int8.

        Raises:
            WeightsMissing: the network's weights are not installed.
        """
        pieces = [np.sqrt(np.float32(group.share)) * _unit(self._standardised(group.name, clip)) for group in GROUPS]
        vector = np.concatenate(pieces)
        longest = float(np.abs(vector).max())
        if longest < 1e-6:
            vector, longest = np.ones(DIMENSIONS, np.float32), 1.0
        return np.asarray(np.rint(vector * (127.0 / longest)), np.int8)

    def _standardised(self, group: str, clip: Clip) -> NDArray[np.float32]:
        """A group's numbers, about 0; all zero where the clip lacks it."""
        match group:
            case "meaning":
                return self._meaning.of(clip.views)
            case "text":
                return text(clip.title, clip.hashtags)
            case "language":
                return language(written_language(clip.title) or clip.language)
            case "colour":
                values = picture_features.colour(clip.frames)
            case "texture":
                values = picture_features.texture(clip.frames)
            case "motion":
                values = picture_features.motion(clip.frames, clip.times_s)
            case _:
                values = sound(clip.sound)
        if not values.any():
            return values
        centred = (values - np.asarray(CENTRES[group], np.float32)) / np.asarray(SPREADS[group], np.float32)
        return np.clip(centred, -2.5, 2.5)


def text(title: str, hashtags: tuple[str, ...]) -> NDArray[np.float32]:
    """(32,): signed hashed character trigrams of title and hashtags; zero for no text.

    Source: Weinberger et al., Feature Hashing for Large Scale Multitask Learning (arXiv 0902.2206), §2.
    """
    values = np.zeros(32, np.float32)
    for word in [*title.lower().split(), *(tag.lower() for tag in hashtags)]:
        padded = f"^{word[:40]}$"
        for at in range(len(padded) - 2):
            digest = zlib.crc32(padded[at : at + 3].encode())
            values[digest % 32] += 1.0 if digest >> 16 & 1 else -1.0
    return values


def language(code: str) -> NDArray[np.float32]:
    """(8,): signs drawn by the primary language, so that two languages are about as far apart as any; zero for none."""
    primary = code.partition("-")[0].lower()
    if not primary:
        return np.zeros(8, np.float32)
    # The lowest bits of a checksum are those of its last letters.
    digest = zlib.crc32(f"language {primary}".encode()) * 0x9E3779B1 >> 16
    return np.array([1.0 if digest >> bit & 1 else -1.0 for bit in range(8)], np.float32)


def _unit(values: NDArray[np.float32]) -> NDArray[np.float32]:
    length = float(np.linalg.norm(values))
    return values / length if length > 1e-6 else np.zeros_like(values)
