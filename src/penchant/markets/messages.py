"""What may be asked and answered between markets. ALLOWED is the whole of it; everything else is refused."""

from typing import Annotated, Any, Final, Literal, NamedTuple, TypeAlias

import msgspec
from msgspec import Meta

from penchant.core.database import PUBLIC

PLAYABLE: Final = ("480p", "720p", "1080p")
FILE_NAMES: Final = (*PLAYABLE, "poster", "strip", "preview")
"""Files of a video that cross: what viewers get, not the covers that its creator may still choose."""
FileName: TypeAlias = Literal["480p", "720p", "1080p", "poster", "strip", "preview"]
Number: TypeAlias = Annotated[int, Meta(ge=0, le=(1 << 63) - 1)]
LEAST_VIEWERS: Final = 20
"""Nothing is told of fewer people, and every number of people is rounded down to a multiple of it."""
Some: TypeAlias = Annotated[int, Meta(ge=0, le=10**12, multiple_of=LEAST_VIEWERS)]
Many: TypeAlias = Annotated[int, Meta(ge=LEAST_VIEWERS, le=10**12, multiple_of=LEAST_VIEWERS)]
Pixels: TypeAlias = Annotated[int, Meta(ge=0, le=16_384)]
Moment: TypeAlias = Annotated[int, Meta(ge=0, le=253_402_300_799_999)]
"""Unix milliseconds, in years of four digits."""
_KEEPABLE: Final = r"^[^\x00]*\Z"
"""No text with a zero byte: no database of ours holds one, so none comes from one."""
Language: TypeAlias = Annotated[str, Meta(max_length=35, pattern=_KEEPABLE)]


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What crosses is typed, and what a type does not have does not cross."""


class AskVideos(Message, frozen=True):
    """What has changed among a market's public videos since the asker last heard."""

    after: Number = 0
    """The number of the last change that was heard; 0: from the beginning."""


class PublicFile(Message, frozen=True):
    """A file of a public video."""

    name: FileName
    content_type: Literal["video/mp4", "image/jpeg"]
    size_bytes: Annotated[int, Meta(ge=1, le=4_000_000_000)]
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    width: Pixels
    height: Pixels


class PublicCaptions(Message, frozen=True):
    """The captions of a public video in a language."""

    language: Language
    body: Annotated[str, Meta(max_length=500_000, pattern=_KEEPABLE)]
    """WebVTT."""


class PublicVideo(Message, frozen=True):
    """What anybody sees of a public video, and no more."""

    handle: Annotated[str, Meta(pattern="^[a-z0-9_]{3,24}$")]
    """Of its creator."""
    name: Annotated[str, Meta(max_length=50, pattern=_KEEPABLE)]
    title: Annotated[str, Meta(max_length=150, pattern=_KEEPABLE)]
    alt_text: Annotated[str, Meta(max_length=1_000, pattern=_KEEPABLE)]
    language: Language
    hashtags: Annotated[tuple[Annotated[str, Meta(max_length=40, pattern=_KEEPABLE)], ...], Meta(max_length=12)]
    duration_ms: Annotated[int, Meta(ge=0, le=36_000_000)]
    width: Pixels
    height: Pixels
    published_at_ms: Moment
    files: Annotated[tuple[PublicFile, ...], Meta(min_length=1, max_length=len(FILE_NAMES))]
    captions: Annotated[tuple[PublicCaptions, ...], Meta(max_length=40)]

    def __post_init__(self) -> None:
        for names in ([file.name for file in self.files], [words.language for words in self.captions]):
            if len(set(names)) < len(names):
                raise ValueError("a file, or the captions in a language, are there twice")


class Change(Message, frozen=True):
    """That a video is public now, or other than it was, or not any more."""

    number: Number
    video: Number
    now: PublicVideo | None
    """None: it was withdrawn, and has to go everywhere."""


class VideosAnswer(Message, frozen=True):
    changes: tuple[Change, ...]
    """In the order of their numbers."""
    more: bool
    anew: bool = False
    """The market was set back to before what the asker has heard: all that it told counts no more; ask from 0."""


class AskMedia(Message, frozen=True):
    """The bytes of one file of a public video."""

    video: Number
    name: FileName
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class AskCounts(Message, frozen=True):
    """How many people watched a market's public videos."""

    after: Number = 0
    """Videos with numbers above this."""


class Counted(Message, frozen=True):
    """People with an account who met a public video, each once; rounded down to multiples of `LEAST_VIEWERS`."""

    video: Number
    viewers: Many
    finished: Some
    """Who saw it to its end."""
    liked: Some


class CountsAnswer(Message, frozen=True):
    counts: tuple[Counted, ...]
    """In the order of their videos; those that fewer than `LEAST_VIEWERS` watched are not among them."""
    more: bool


class Kind(NamedTuple):
    """One thing that may be asked."""

    asked: type[Message]
    answered: type[Message] | None
    """None: the bytes of a file, of which everybody knows the digest before."""
    made_from: str
    """The only class of columns that an answer may be made from."""


ALLOWED: Final[dict[str, Kind]] = {
    "videos": Kind(AskVideos, VideosAnswer, PUBLIC),
    "media": Kind(AskMedia, None, PUBLIC),
    "counts": Kind(AskCounts, CountsAnswer, PUBLIC),
}


def encode(message: Message) -> bytes:
    """A message as it crosses: fields in the order of their type, so that equal messages are equal bytes."""
    return msgspec.json.encode(message)


def decode(body: bytes, type_: type[Any]) -> Any:
    """The inverse.

    Raises:
        msgspec.DecodeError: it is no such message: another shape, a field too many, a value out of bounds.
    """
    return msgspec.json.decode(body, type=type_)
