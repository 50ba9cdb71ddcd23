"""What the ledger holds of a decision: a commitment to everything in it that never changes."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from penchant.core.clock import as_ms
from penchant.core.database import Connection
from penchant.ledger.leaves import Decision, commit
from penchant.ledger.record import append

FIELDS: Final = (
    "id", "kind", "target_id", "action", "reason", "decided_at", "rule", "policy", "automated", "evidence", "reach",
    "ends_at", "ground", "basis", "category", "harm", "source", "content_date", "content_language",
)  # fmt: skip
"""But who decided and whom it concerns: those may be erased."""


def content_of(decision: Mapping[str, Any]) -> bytes:
    """The bytes that are committed to, from a row of decisions or what becomes one: JSON, keys in order."""
    return msgspec.json.encode({name: decision[name] for name in FIELDS}, order="deterministic")


def tell(connection: Connection, decision: Mapping[str, Any]) -> dict[str, Any]:
    """Append the leaf of a decision; returns the columns that open it: its number in the ledger, and the salt."""
    commitment, salt = commit(content_of(decision))
    leaf = Decision(
        at_ms=as_ms(decision["decided_at"]),
        commitment=commitment,
        action=decision["action"].encode(),
        target_kind=decision["kind"].encode(),
        automated=int(decision["automated"]),
    )
    return {"entry": append(connection, leaf), "salt": salt}
