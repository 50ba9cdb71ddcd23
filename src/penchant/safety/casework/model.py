"""What moderators see of cases, and what they say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from penchant.safety.casework.strikes import Standing
from penchant.safety.casework.wellbeing import Rest
from penchant.safety.model import Action, Decision, Label, Reason, TargetKind
from penchant.safety.targets import About

Stage = Literal["decided", "proposed", "confirmed", "overturned", "blind"]


@dataclass(frozen=True)
class Ruling:
    """What a moderator wants done about a case."""

    action: Action
    reason: str
    rule: str | None = None
    hours: int | None = None
    propose: bool = False
    """Ask for a second opinion instead of deciding."""


@dataclass(frozen=True)
class Entry:
    """A case as it stands in the queue."""

    id: int
    kind: TargetKind
    target: int
    harm: int
    """1 to 5."""
    reach: int
    """People who were shown it."""
    confidence: int
    """Thousandths."""
    priority: float
    trusted: bool
    opened_at: datetime
    claimed_by: str | None
    """Handle of another moderator who is at it."""
    blind: bool
    """Somebody has decided it, and what they said is not told: it is judged once more."""
    proposed: bool
    """Somebody asks for a second opinion."""
    reasons: tuple[tuple[Reason, int], ...]
    """Of the reports, the most frequent first."""
    labels: tuple[str, ...]
    about: About | None
    """None where it is gone."""


@dataclass(frozen=True)
class Waiting:
    """The queue of one moderator."""

    entries: tuple[Entry, ...]
    rest: Rest


@dataclass(frozen=True)
class Note:
    """What a reporter wrote."""

    reason: Reason
    words: str
    trusted: bool
    signed_in: bool
    at: datetime


@dataclass(frozen=True)
class Opinion:
    """What one moderator said of a case."""

    by: str | None
    stage: Stage
    action: Action
    rule: str | None
    hours: int | None
    reason: str
    at: datetime


@dataclass(frozen=True)
class Context:
    """Everything that helps to decide a case."""

    entry: Entry
    labels: tuple[Label, ...]
    notes: tuple[Note, ...]
    claims: tuple[Mapping[str, Any], ...]
    """Copyright claims: name, contact, work."""
    history: tuple[Decision, ...]
    """Earlier decisions about the target."""
    standing: Standing
    """Strikes of whom it concerns."""
    other_cases: int
    """Open ones about the same account."""
    opinions: tuple[Opinion, ...]
    needs_second: bool
    """A removal needs two people."""


@dataclass(frozen=True)
class Outcome:
    """What became of a ruling."""

    case: int
    stage: Stage
    decision: int | None
    """None where it was only proposed, or judged blindly."""
