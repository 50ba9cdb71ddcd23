"""What looks at content, and what it says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

Pictures = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Finding:
    """What one look at a target says."""

    label: str
    """A name of the policy's vocabulary: known_illegal, known_bad, nudity, hate, spam, scam_link, duplicate, …"""
    source: str
    """The detector: hash, nudity, words, links, spam."""
    confidence: int
    """Thousandths."""
    evidence: Mapping[str, str | int | Sequence[str | int]] = field(default_factory=dict)
    """What it stands on, small; without the offending content itself."""


@dataclass(frozen=True)
class Content:
    """What can be looked at of one target; what it has not is empty."""

    pictures: Pictures = field(default_factory=lambda: np.zeros((0, 0, 0, 3), dtype=np.uint8))
    """(F, H, W, 3) RGB, sampled evenly."""
    at_ms: Sequence[int] = ()
    """(F) when each is shown."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """By field: title, alt_text, caption, comment, speech, on_screen."""
    language: str = ""


class Detector(Protocol):
    """Looks at content for one kind of harm, offline."""

    name: str

    def look(self, content: Content) -> Sequence[Finding]:
        """What it finds; nothing where there is nothing to say."""
        ...
