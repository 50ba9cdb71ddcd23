"""How other rooms write into the ledger: one call in their own transaction."""

from penchant.core.database import Connection
from penchant.ledger import repository
from penchant.ledger.leaves import Leaf, encode


def append(connection: Connection, leaf: Leaf, name: bytes | None = None) -> int:
    """Append a leaf in the caller's transaction; returns the number under which it is found again.

    Args:
        name: a digest by which it is looked up.
    """
    return repository.add(connection, leaf.kind, encode(leaf), name)
