"""Videos as the rest of Penchant sees them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from penchant.catalog.provenance import Provenance
from penchant.core.ids import AccountId, SoundId, VideoId

VideoState = Literal["uploaded", "processing", "ready", "failed", "removed"]
RenditionName = Literal[
    "480p",
    "720p",
    "1080p",
    "poster",
    "strip",
    "preview",
    "cover-1",
    "cover-2",
    "cover-3",
    "cover-4",
    "cover-5",
    "cover-6",
]

TITLE_CHARACTERS = 150
ALT_TEXT_CHARACTERS = 1_000
HASHTAGS = 12
CAPTIONS = 40
"""Languages in which one video may have captions."""


@dataclass(frozen=True)
class Rendition:
    """One file of a video: a size that plays, a cover to choose, or the poster, which is one of the covers."""

    name: RenditionName
    object_key: str
    content_type: str
    size_bytes: int
    sha256: str
    """Hexadecimal; the ETag of the file."""
    width: int
    height: int


class OriginalSound(NamedTuple):
    """A sound with the video that it came with."""

    id: SoundId
    title: str
    creator: AccountId
    video: VideoId


@dataclass(frozen=True)
class Creator:
    id: AccountId
    handle: str
    name: str
    private: bool = False
    """Only followers see what they publish."""


@dataclass(frozen=True)
class Sound:
    id: SoundId
    title: str
    """Empty where it has none but "original sound", in whatever language."""
    creator: Creator
    """Whom to credit."""


class Restrictions(NamedTuple):
    """What decisions that stand take from a video that is listed, or hold back until somebody has looked."""

    reach: int = 100
    """Per cent of viewers whom the feed may show it to; 0: it is held, and nobody but its creator sees it."""
    adults_only: bool = False
    warnings: tuple[str, ...] = ()
    """Labels that are said with it."""

    @property
    def held(self) -> bool:
        return self.reach == 0


class Captions(NamedTuple):
    """That there are captions in a language."""

    language: str
    cues: int
    changed_at: datetime
    automatic: bool = False
    """Written by a program that listened; nobody has looked at them."""


@dataclass(frozen=True)
class Video:
    """A video with what a viewer sees of it."""

    id: VideoId
    creator: Creator
    title: str
    language: str
    hashtags: tuple[str, ...]
    state: VideoState
    duration_ms: int
    width: int
    height: int
    sound: Sound | None
    is_demo: bool
    created_at: datetime
    like_count: int
    comment_count: int
    failure_code: str | None
    failure_text: str | None
    renditions: tuple[Rendition, ...]
    """Playable sizes, smallest first; the others are apart."""
    poster: Rendition | None
    strip: Rendition | None = None
    """Small frames for scrubbing: `media.messages.STRIP_COLUMNS` by `STRIP_ROWS`, each for an equal stretch."""
    preview: Rendition | None = None
    """A few seconds without sound."""
    captions: tuple[Captions, ...] = ()
    """By language."""
    alt_text: str = ""
    """What is to be seen, for people who cannot see it."""
    provenance: Provenance | None = None
    """The verdict on its original's content credentials; None where nobody looked."""
    restrictions: Restrictions = Restrictions()

    def has_words_of_a_person(self, language: str) -> bool:
        """Whether somebody wrote captions in this language, in the form of whatever country."""
        wanted = primary_language(language)
        return any(not entry.automatic and primary_language(entry.language) == wanted for entry in self.captions)


def primary_language(tag: str) -> str:
    """`pt` of `pt-BR`."""
    return tag.partition("-")[0]


class VideoFacts(msgspec.Struct, frozen=True):
    """What the pipeline filters and spaces by; small, because a page reads hundreds."""

    id: VideoId
    creator: AccountId
    sound: SoundId | None
    language: str
    hashtags: tuple[str, ...]
    reach: int = 100
    """As in `Restrictions`."""
    adults_only: bool = False
    private: bool = False
    """Only followers of its creator see it."""
    warnings: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    """Title and alternative text, where they were asked for."""
