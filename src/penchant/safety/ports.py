"""What the policy and the detectors agree on: what can be looked at, and what a look says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from penchant.core.database import Connection
from penchant.core.ids import AccountId
from penchant.safety.detection.views import ClipHashes
from penchant.safety.model import TargetKind


@dataclass(frozen=True)
class Finding:
    """What one look at a target says."""

    label: str
    """A name of the policy's vocabulary: known_illegal, known_bad, nudity, hate, harassment, spam, scam_link,
    duplicate, …"""
    source: str
    """The detector: hash, nudity, words, links, spam."""
    confidence: int
    """Thousandths."""
    evidence: Mapping[str, str | int | list[str | int]] = field(default_factory=dict)
    """What it stands on, small; without the offending content itself."""


@dataclass(frozen=True)
class Exhibit:
    """What can be looked at of one target."""

    pictures: NDArray[np.uint8] | None = None
    """(F, H, W, 3) RGB, sampled evenly; None where there are none to see."""
    times_ms: Sequence[int] = ()
    """F times from the clip's start."""
    hashes: ClipHashes | None = None
    """What the pictures are known by, where they were hashed before."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """By field: title, caption, comment, speech, on_screen."""
    language: str = ""
    """That its creator named; empty where nobody did."""
    creator: AccountId | None = None
    target: int = 0
    """The id of what is looked at; 0 for what has none."""


class Detector(Protocol):
    """One way of looking. What it cannot look at, it says nothing of."""

    name: str

    def look(self, item: Exhibit) -> Sequence[Finding]: ...


class Found(Protocol):
    """Where findings go: inside the transaction that makes what was looked at public, or after it."""

    def __call__(
        self, connection: Connection, kind: TargetKind, target: int, findings: Sequence[Finding]
    ) -> object: ...
