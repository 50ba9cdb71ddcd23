"""What the media child is asked and what it answers: one JSON object a line, over its pipes.

File names are ours and relative to the child's work folder; titles travel here, never in arguments or paths.
"""

import msgspec

from penchant.media.limits import ChildLimits, MediaLimits
from penchant.media.sniff import Demuxer


class Confine(msgspec.Struct, frozen=True, tag="confine", tag_field="verb"):
    """The first line: give up rights, before anything is opened."""

    limits: ChildLimits


class Probe(msgspec.Struct, frozen=True, tag="probe", tag_field="verb"):
    """Look at a foreign file: what is it, is it within the limits? Answered by `SourceFacts`."""

    source: str
    limits: MediaLimits


class Transcode(msgspec.Struct, frozen=True, tag="transcode", tag_field="verb"):
    """Make one rendition of a foreign file. Answered by `RenditionFacts`, with `Progress` on the way."""

    source: str
    target: str
    short_side: int
    facts: "SourceFacts"
    limits: MediaLimits


class Check(msgspec.Struct, frozen=True, tag="check", tag_field="verb"):
    """Play a rendition of ours back from first to last frame. Answered by `Checked`."""

    rendition: str
    expected: "RenditionFacts"


class Poster(msgspec.Struct, frozen=True, tag="poster", tag_field="verb"):
    """Choose a still picture from a rendition of ours. Answered by `PosterFacts`."""

    rendition: str
    target: str
    duration_ms: int


class Vectors(msgspec.Struct, frozen=True, tag="vectors", tag_field="verb"):
    """Describe a rendition of ours as a content vector. Answered by `ContentVector`."""

    rendition: str
    duration_ms: int
    title: str = ""
    hashtags: tuple[str, ...] = ()


Request = Confine | Probe | Transcode | Check | Poster | Vectors


class Confined(msgspec.Struct, frozen=True, tag="confined", tag_field="answer"):
    """What the kernel granted; anything False makes the sandbox weak."""

    user_namespace: bool
    network_namespace: bool
    limits: bool

    @property
    def weak(self) -> bool:
        return not (self.user_namespace and self.network_namespace and self.limits)


class SourceFacts(msgspec.Struct, frozen=True, tag="source", tag_field="answer"):
    """A file that may be transcoded, measured by reading all its packets."""

    demuxer: Demuxer
    duration_ms: int
    width: int
    """As shown: after rotation, with square pixels."""
    height: int
    rotation: int
    """Degrees that the stored picture is turned clockwise before it is shown: 0, 90, 180 or 270."""
    rate: tuple[int, int]
    """Pictures a second for every rendition, as a fraction; at most 30."""
    has_sound: bool
    video_codec: str
    audio_codec: str | None


class RenditionFacts(msgspec.Struct, frozen=True, tag="rendition", tag_field="answer"):
    """A progressive MP4 as its encoder believes it to be."""

    width: int
    height: int
    frames: int
    duration_ms: int
    has_sound: bool
    size_bytes: int


class Checked(msgspec.Struct, frozen=True, tag="checked", tag_field="answer"):
    """A rendition that was decoded whole and is what it claims to be."""

    frames: int
    duration_ms: int


class PosterFacts(msgspec.Struct, frozen=True, tag="poster", tag_field="answer"):
    """The still picture: which moment it shows, and its size."""

    at_ms: int
    width: int
    height: int


class ContentVector(msgspec.Struct, frozen=True, tag="vector", tag_field="answer"):
    """A clip's content vector: (64,) int8, as bytes, by the named encoder."""

    encoder: str
    vector: bytes


class Progress(msgspec.Struct, frozen=True, tag="progress", tag_field="answer"):
    """How far a transcode is, 0 to 1."""

    share: float


class Refused(msgspec.Struct, frozen=True, tag="refused", tag_field="answer"):
    """The file cannot be used: a code of `media.reasons`, and a detail for our log, not for people."""

    code: str
    detail: str = ""


Answer = Confined | SourceFacts | RenditionFacts | Checked | PosterFacts | ContentVector | Progress | Refused
