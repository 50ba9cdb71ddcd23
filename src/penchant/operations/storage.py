"""Objects that no row names: what a kill between storing and the commit, or a lost deletion, leaves behind."""

import msgspec
import structlog

from penchant.core.database import Engine
from penchant.core.objects import ObjectStore
from penchant.operations.repository import named_objects

ORPHAN_AFTER_S = 24 * 3600.0
"""Younger objects may belong to a transaction that has not committed yet."""
_PREFIX = "videos"


class Swept(msgspec.Struct, frozen=True):
    """What a sweep found."""

    objects: int
    """Looked at."""
    size_bytes: int
    orphans: list[str]
    """Keys that no row names, older than a day; gone, unless it was a dry run."""
    orphan_bytes: int
    dry_run: bool


def sweep_objects(engine: Engine, objects: ObjectStore, now_s: float, *, dry_run: bool = False) -> Swept:
    """Delete the orphans among the videos' objects.

    now_s: Unix seconds by the store's clock.
    """
    # The objects first, then the rows: what gets its row in between is named.
    found = list(objects.listing(_PREFIX))
    with engine.connect() as connection:
        named = named_objects(connection)
    orphans = [one for one in found if one.key not in named and one.modified_at_s < now_s - ORPHAN_AFTER_S]
    if not dry_run:
        for one in orphans:
            objects.delete(one.key)
        if orphans:
            structlog.get_logger("storage").info("orphans_swept", count=len(orphans))
    return Swept(
        len(found),
        sum(one.size_bytes for one in found),
        sorted(one.key for one in orphans),
        sum(one.size_bytes for one in orphans),
        dry_run,
    )
