"""Videos as the rest of Penchant sees them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from penchant.core.ids import AccountId, SoundId, VideoId

VideoState = Literal["uploaded", "processing", "ready", "failed", "removed"]
RenditionName = Literal["480p", "720p", "poster"]

TITLE_CHARACTERS = 150
HASHTAGS = 12


@dataclass(frozen=True)
class Rendition:
    """One file of a video: a size that plays, or the poster."""

    name: RenditionName
    object_key: str
    content_type: str
    size_bytes: int
    sha256: str
    """Hexadecimal; the ETag of the file."""
    width: int
    height: int


@dataclass(frozen=True)
class Sound:
    id: SoundId
    title: str


@dataclass(frozen=True)
class Creator:
    id: AccountId
    handle: str
    name: str


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
    """Playable sizes, smallest first; the poster is apart."""
    poster: Rendition | None


class VideoFacts(msgspec.Struct, frozen=True):
    """What the pipeline filters and spaces by; small, because a page reads hundreds."""

    id: VideoId
    creator: AccountId
    sound: SoundId | None
    language: str
    hashtags: tuple[str, ...]
