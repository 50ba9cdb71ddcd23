"""What the media child is asked and what it answers: one JSON object a line, over its pipes.

File names are ours and relative to the child's work folder; titles travel here, never in arguments or paths.
"""

import msgspec

from penchant.catalog.provenance import Provenance
from penchant.media.cut import Cut
from penchant.media.limits import ChildLimits, MediaLimits
from penchant.media.sniff import Demuxer


class Confine(msgspec.Struct, frozen=True, tag="confine", tag_field="verb"):
    """The first line: give up rights, before anything is opened."""

    limits: ChildLimits


class Probe(msgspec.Struct, frozen=True, tag="probe", tag_field="verb"):
    """Look at a foreign file: what is it, is the wanted part within the limits? Answered by `SourceFacts`."""

    source: str
    limits: MediaLimits
    cut: Cut = Cut()


class Judge(msgspec.Struct, frozen=True, tag="judge", tag_field="verb"):
    """Validate the content credentials of a foreign file. Answered by `Verdict`."""

    source: str
    anchors: str | None
    """File with the certificates of the authorities whose issuers are trusted, PEM; None where nobody is."""


class Target(msgspec.Struct, frozen=True):
    """One rendition to make: the file to write and its short side in pixels."""

    file: str
    short_side: int


class Transcode(msgspec.Struct, frozen=True, tag="transcode", tag_field="verb"):
    """Make renditions of a foreign file, all in one decode. Answered by `Renditions`, with `Progress` on the way."""

    source: str
    targets: tuple[Target, ...]
    facts: "SourceFacts"
    limits: MediaLimits
    sound: str = ""
    """A rendition of ours whose sound, from its start, is heard instead of the source's."""


class Sign(msgspec.Struct, frozen=True, tag="sign", tag_field="verb"):
    """Write content credentials into a rendition of ours. Answered by `Signed`, after one `ToSign`."""

    rendition: str
    chain: str
    """The certificates that belong to the signature, as PEM."""
    original: Provenance | None
    """The verdict on the file that it was made from."""
    cut: Cut = Cut()
    """What its creator left out of that."""


class Signature(msgspec.Struct, frozen=True, tag="signature", tag_field="verb"):
    """What the parent says to `ToSign`: an ECDSA signature, r and s in 32 bytes each; empty where it refuses."""

    signature: bytes


class Check(msgspec.Struct, frozen=True, tag="check", tag_field="verb"):
    """Play a rendition of ours back from first to last frame. Answered by `Checked`."""

    rendition: str
    expected: "RenditionFacts"


class Poster(msgspec.Struct, frozen=True, tag="poster", tag_field="verb"):
    """Choose still pictures from a rendition of ours. Answered by `PosterFacts`."""

    rendition: str
    targets: tuple[str, ...]
    """Files for as many candidates; of a very short clip not all are written."""
    duration_ms: int


STRIP_COLUMNS, STRIP_ROWS = 5, 4
"""Small frames in a strip, in the order of reading; each stands for an equal stretch of the clip."""


class Glimpses(msgspec.Struct, frozen=True, tag="glimpses", tag_field="verb"):
    """Make a strip of small frames and a silent preview of a rendition of ours. Answered by `GlimpsesFacts`."""

    rendition: str
    strip: str
    preview: str
    duration_ms: int


class Look(msgspec.Struct, frozen=True, tag="look", tag_field="verb"):
    """Write what a content encoder looks at, out of a rendition of ours. Answered by `Seen`."""

    rendition: str
    target: str
    duration_ms: int


class Stills(msgspec.Struct, frozen=True, tag="stills", tag_field="verb"):
    """Write evenly sampled pictures of a rendition of ours. Answered by `StillsFacts`."""

    rendition: str
    target: str
    every_ms: int
    most: int
    short_side: int


class Listen(msgspec.Struct, frozen=True, tag="listen", tag_field="verb"):
    """Write the sound of a rendition of ours as bare samples. Answered by `Samples`."""

    rendition: str
    target: str


Request = Confine | Probe | Judge | Transcode | Sign | Signature | Check | Poster | Glimpses | Look | Stills | Listen


class Confined(msgspec.Struct, frozen=True, kw_only=True, tag="confined", tag_field="answer"):
    """What the kernel granted; anything False makes the sandbox weak."""

    unprivileged: bool = False
    """It is not root, inside or outside."""
    user_namespace: bool = False
    network_namespace: bool = False
    files: bool = False
    """Nothing outside its folder can be opened (Landlock, or the folder as root of all paths)."""
    system_calls: bool = False
    """The system-call filter is in place."""
    limits: bool = False

    @property
    def missing(self) -> tuple[str, ...]:
        """What the child could do, in words, because the kernel refused a part; empty where the sandbox is whole."""
        dangers = {
            "it runs as root": self.unprivileged,
            "it has no user namespace of its own": self.user_namespace,
            "it can reach the network": self.network_namespace,
            "it can open files outside its folder": self.files,
            "it may make any system call": self.system_calls,
            "memory and time are not limited": self.limits,
        }
        return tuple(words for words, prevented in dangers.items() if not prevented)

    @property
    def weak(self) -> bool:
        return bool(self.missing)


class SourceFacts(msgspec.Struct, frozen=True, tag="source", tag_field="answer"):
    """A file that may be transcoded, measured by reading all its packets, and the part of it that is wanted."""

    demuxer: Demuxer
    origin_s: float
    """When its first picture is shown, by the file's own clock."""
    start_ms: int
    """Where the part begins, after that."""
    duration_ms: int
    """Of the part."""
    width: int
    """As shown: after rotation, with square pixels."""
    height: int
    rotation: int
    """Degrees that the stored picture is turned clockwise before it is shown: 0, 90, 180 or 270."""
    rate: tuple[int, int]
    """Pictures a second for every rendition, as a fraction; at most 30."""
    has_sound: bool
    """And that is wanted."""
    video_codec: str
    audio_codec: str | None

    @property
    def part_s(self) -> float:
        """Where the part begins, by the file's own clock."""
        return self.origin_s + self.start_ms / 1000


class RenditionFacts(msgspec.Struct, frozen=True):
    """A progressive MP4 as its encoder believes it to be."""

    width: int
    height: int
    frames: int
    duration_ms: int
    has_sound: bool
    size_bytes: int


class Renditions(msgspec.Struct, frozen=True, tag="renditions", tag_field="answer"):
    """What one decode made, in the order of the targets."""

    made: tuple[RenditionFacts, ...]
    gain_db: float
    """What was added to the sound's level."""


class Verdict(msgspec.Struct, frozen=True, tag="verdict", tag_field="answer"):
    """What a foreign file's content credentials are worth."""

    provenance: Provenance


class ToSign(msgspec.Struct, frozen=True, tag="to_sign", tag_field="answer"):
    """The child asks for a signature over these bytes: a COSE `Sig_structure` (RFC 9052 section 4.4)."""

    content: bytes


class Signed(msgspec.Struct, frozen=True, tag="signed", tag_field="answer"):
    """How many bytes the credentials take; 0 with the reason, for our log, where the rendition stays without."""

    size_bytes: int
    problem: str = ""


class Checked(msgspec.Struct, frozen=True, tag="checked", tag_field="answer"):
    """A rendition that was decoded whole and is what it claims to be."""

    frames: int
    duration_ms: int


class PosterFacts(msgspec.Struct, frozen=True, tag="poster", tag_field="answer"):
    """The still pictures: which moments they show, in order, which of them is best, and their size."""

    at_ms: tuple[int, ...]
    best: int
    width: int
    height: int


class GlimpsesFacts(msgspec.Struct, frozen=True, tag="glimpsed", tag_field="answer"):
    """Width and height of the strip and of the preview."""

    strip: tuple[int, int]
    preview: tuple[int, int]


class Seen(msgspec.Struct, frozen=True, tag="seen", tag_field="answer"):
    """What was written, one after the other: T small frames, V larger pictures, N samples (`encoder.Clip`)."""

    times_s: tuple[float, ...]
    """Of the T frames, seconds from the clip's start, ascending."""
    views: int
    samples: int


class StillsFacts(msgspec.Struct, frozen=True, tag="stills", tag_field="answer"):
    """What was written: a picture of that size, RGB, for each time."""

    times_ms: tuple[int, ...]
    width: int
    height: int


class Samples(msgspec.Struct, frozen=True, tag="samples", tag_field="answer"):
    """How many int16 samples were written, mono, `media.transcriber.SPEECH_RATE` a second; 0: there is no sound."""

    count: int


class Progress(msgspec.Struct, frozen=True, tag="progress", tag_field="answer"):
    """How far a transcode is, 0 to 1."""

    share: float


class Refused(msgspec.Struct, frozen=True, tag="refused", tag_field="answer"):
    """The file cannot be used: a code of `media.reasons`, and a detail for our log, not for people."""

    code: str
    detail: str = ""


Answer = (
    Confined
    | SourceFacts
    | Verdict
    | Renditions
    | ToSign
    | Signed
    | Checked
    | PosterFacts
    | GlimpsesFacts
    | Seen
    | StillsFacts
    | Samples
    | Progress
    | Refused
)
