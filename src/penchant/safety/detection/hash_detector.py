"""Known-bad pictures and videos: a clip's hashes against every bank."""

from collections.abc import Sequence
from typing import Final

from penchant.core.database import Engine
from penchant.safety.detection import bank_rows
from penchant.safety.detection.banks import BankService
from penchant.safety.detection.matching import ACT_FROM, Match
from penchant.safety.detection.views import ClipHashes, hash_clip
from penchant.safety.ports import Exhibit, Finding

NAME: Final = "hash"
ALONE: Final = "bank"
"""The source of findings by banks that may act alone: the policy tells them from others by it."""


class HashDetector:
    """A `Detector` of what banks know."""

    name = NAME

    def __init__(self, engine: Engine, banks: BankService) -> None:
        self._engine = engine
        self._banks = banks

    def look(self, item: Exhibit) -> Sequence[Finding]:
        """A finding for each bank that knows the clip, from 40 % on."""
        clip = clip_of(item)
        if clip is None or not len(clip.asked):
            return []
        with self._engine.connect() as connection:
            names = list(bank_rows.revisions(connection))
        return [finding for name in names for finding in self.look_in(name, clip)]

    def look_in(self, name: str, clip: ClipHashes) -> list[Finding]:
        """The surest match of one bank, if any."""
        with self._engine.connect() as connection:
            bank = bank_rows.bank(connection, name)
            if bank is None:
                return []
            matches = self._banks.gallery(connection, name).matches(clip)
        return [_finding(bank.label, bank.name, bank.acts_alone, matches[0])] if matches else []


def clip_of(item: Exhibit) -> ClipHashes | None:
    """What an exhibit is known by; None where there is nothing to see."""
    if item.hashes is not None or item.pictures is None:
        return item.hashes
    return hash_clip(item.pictures, tuple(item.times_ms))


def acts_alone(finding: Finding) -> bool:
    """Whether a finding stops a video before anybody has looked: a sure match with a bank that may."""
    return finding.source == ALONE and finding.confidence >= ACT_FROM


def _finding(label: str, bank: str, alone: bool, match: Match) -> Finding:
    evidence: dict[str, str | int | list[str | int]] = {
        "bank": bank,
        "entry": match.name,
        "frames": match.frames,
        "of": match.asked,
        "bits": match.bits,
        "at_ms": list(match.times_ms),
    }
    return Finding(label, ALONE if alone else NAME, match.share, evidence)
