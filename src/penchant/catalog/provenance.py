"""What a video's original said of its own origin: the verdict on its content credentials (C2PA)."""

from datetime import datetime
from typing import Final, Literal

import msgspec

Status = Literal["absent", "trusted", "unknown_issuer", "broken"]
"""No credentials; signed by an issuer on the operator's list; signed by somebody else; not what was signed."""

Problem = Literal["changed", "altered", "certificate", "history", "unreadable", "elsewhere"]
"""What is wrong with them.

changed: the video itself was changed after it was signed. altered: the credentials were. certificate: the signature's
certificate was not valid, or not at that time. history: the same of something that the original was made from.
unreadable: what is there makes no sense. elsewhere: they are on another server, which nobody asks (with `absent`).
"""

MADE_BY_AI: Final = frozenset({"trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"})
"""Sources that say: made by a trained model, or partly.

Source: IPTC NewsCodes, Digital Source Type.
"""
SOURCES: Final = MADE_BY_AI | {
    "algorithmicMedia",
    "algorithmicallyEnhanced",
    "composite",
    "compositeCapture",
    "compositeSynthetic",
    "computationalCapture",
    "dataDrivenMedia",
    "digitalArt",
    "digitalCapture",
    "digitalCreation",
    "humanEdits",
    "minorHumanEdits",
    "negativeFilm",
    "positiveFilm",
    "print",
    "screenCapture",
    "softwareImage",
    "virtualRecording",
}
"""The codes that are kept; others are dropped."""
MOST_ACTIONS: Final = 20
MOST_FAILURES: Final = 12
NAME_CHARACTERS: Final = 100


class Provenance(msgspec.Struct, frozen=True):
    """The verdict, and as much of what the credentials say as is kept. Names are foreign words: never markup.

    Anybody can sign with any name; names mean something only where `status` is `trusted`.
    """

    status: Status
    problem: Problem | None = None
    issuer: str = ""
    """Organization of the certificate that signed."""
    generator: str = ""
    """Program or device that wrote the credentials, with its version."""
    signed_at: datetime | None = None
    """By a trusted time stamp."""
    source: str = ""
    """One of `SOURCES`: how the video came to be. Where several are named, the one that says AI."""
    actions: tuple[str, ...] = ()
    """What was done to it, in order: `c2pa.created`, `c2pa.edited` and so on."""
    failures: tuple[str, ...] = ()
    """Validation codes of the C2PA specification."""

    @property
    def made_by_ai(self) -> bool:
        """Whether the credentials say so, whoever signed them."""
        return self.source in MADE_BY_AI
