"""What can be reported and decided, and how it looks to those concerned."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

TargetKind = Literal["video", "comment", "account", "note"]
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
Restriction = Literal["warn", "age_gate", "limit", "hold", "remove", "suspend"]
"""What takes something from somebody, the mildest first: each needs a statement of reasons."""
Action = Literal["warn", "age_gate", "limit", "hold", "remove", "suspend", "restore", "unsuspend", "dismiss"]
"""`restore` and `unsuspend` reverse what stands; `dismiss` decides that nothing is wrong."""

DISTURBING = "sensitive"
"""What a moderator's warning warns of where no rule says it."""

REASONS: tuple[Reason, ...] = get_args(Reason)
RESTRICTIONS: tuple[Restriction, ...] = get_args(Restriction)
NOTE_CHARACTERS = 1000
REASON_CHARACTERS = 500

ALLOWED: Mapping[TargetKind, tuple[Action, ...]] = {
    "video": ("warn", "age_gate", "limit", "hold", "remove", "restore", "dismiss"),
    "comment": ("remove", "restore", "dismiss"),
    "account": ("suspend", "unsuspend", "dismiss"),
    "note": ("remove", "restore", "dismiss"),
}
"""What can be decided about a target of each kind."""


@dataclass(frozen=True)
class Label:
    """One thing that somebody or something says of a target."""

    id: int
    label: str
    source: str
    confidence: int
    """Thousandths."""
    evidence: Mapping[str, Any]
    made_at: datetime

    def cited(self) -> dict[str, Any]:
        """As a decision keeps it: whatever becomes of the label later."""
        return {
            "label": self.label,
            "source": self.source,
            "confidence": self.confidence,
            "evidence": dict(self.evidence),
        }


@dataclass(frozen=True)
class Decision:
    """What was decided, by whom or by which rule, on what evidence; the people concerned may ask for it."""

    id: int
    kind: TargetKind
    target: int
    action: Action
    reason: str
    """In words."""
    decided_by: str | None
    """Handle; None where a rule decided alone, or that account is gone."""
    decided_at: datetime
    rule: str | None
    policy: str | None
    """Version of the policy, and the first 12 digits of its SHA-256, as 3-1a2b3c4d5e6f."""
    automated: bool
    evidence: tuple[Mapping[str, Any], ...]
    ends_at: datetime | None
    reversed_by: int | None
    """The decision that took this one back."""


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
