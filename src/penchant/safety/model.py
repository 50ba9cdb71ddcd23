"""What can be reported and decided, and how a report looks to a moderator."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

TargetKind = Literal["video", "comment", "account"]
Reason = Literal[
    "illegal",
    "violence",
    "sexual",
    "minor_safety",
    "hate",
    "harassment",
    "self_harm",
    "spam",
    "copyright",
    "other",
]
Action = Literal["remove", "restore", "dismiss", "suspend", "unsuspend"]

REASONS: tuple[Reason, ...] = get_args(Reason)
NOTE_CHARACTERS = 1000
REASON_CHARACTERS = 500


@dataclass(frozen=True)
class Decision:
    """What a moderator decided, with the reason that the people concerned may ask for."""

    action: Action
    reason: str
    decided_by: str | None
    """Handle; None where that account is gone."""
    decided_at: datetime


@dataclass(frozen=True)
class Case:
    """All reports about one target."""

    id: int
    kind: TargetKind
    target: int
    count: int
    reasons: tuple[Reason, ...]
    """Most recent first."""
    notes: tuple[str, ...]
    created_at: datetime
    decision: Decision | None
