"""What stays, and why: for the bundle's maker who decides by it, and for its receiver who reads it."""

from typing import Final

from penchant.operations import manifest as m
from penchant.operations.handover.model import Plan

_SECRETS: Final = frozenset({m.SECRETS + "installation"})
"""Sessions, passwords' second factors and what is sealed for people open with it and with nothing else."""
EPOCHS: Final = f"{m.OBJECTS}epochs/"

STAYS: Final = (
    ("the ledgers' signing keys", "a key never signs two histories: the receiver's own key goes on in the same tree"),
    ("the databases' passwords", "a received database is a new one with a new password"),
    ("certificates of the old machines, and the keys of its content credentials", "they say who the old operator is"),
    ("addresses, ports and file paths among the settings", "they belong to the old machines"),
    ("logs, caches and unfinished drafts", "nothing is made from them"),
)
LEARNED: Final = (
    "epochs, their snapshots and what pages were ranked with",
    "it crosses only by a licence; the receiver's learner begins from its own log of events, and pages made before "
    "the hand-over cannot be scored again there",
)


def goes(name: str, *, licensed: bool) -> bool:
    """Whether a part of a cell's copy goes along. `licensed`: what was learned, too."""
    if name.startswith(m.SECRETS):
        return name in _SECRETS
    return licensed or not name.startswith(EPOCHS)


def stays(plan: Plan) -> tuple[tuple[str, str], ...]:
    """What stays → why."""
    left = [name for name in plan.names if name not in plan.licences]
    what, why = LEARNED
    return (*STAYS, (f"what was learned in {', '.join(left)}: {what}", why)) if left else STAYS


def excluded(plan: Plan) -> str:
    """EXCLUDED.md."""
    lines = [f"# What is not in this bundle\n\nMarkets: {', '.join(plan.names)}.\n"]
    lines += [f"- **{what}**: {why}." for what, why in stays(plan)]
    if plan.rehearsal:
        lines.append("\nThis is a **rehearsal**: people may go on adding things where it was made.")
    return "\n".join(lines) + "\n"
