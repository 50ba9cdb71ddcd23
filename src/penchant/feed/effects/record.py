"""The page record: everything from which the page can be made again, written before the page goes out."""

import cbor2

from penchant.feed.model import Query
from penchant.feed.pipeline import Result
from penchant.taste.ranker import COLUMNS

VERSION = 1


def page_record(query: Query, recipe: str, result: Result) -> bytes:
    """Canonical CBOR (RFC 8949, 4.2) of integers, text and bytes; no float anywhere.

    Rows are `(K, F)` little-endian int32, scores `(K,)` little-endian int64; columns name the F. Slots are
    [candidate, arm, propensity in Q30, spacing relaxed].
    """
    candidates = result.candidates
    return cbor2.dumps(
        {
            "version": VERSION,
            "recipe": recipe,
            "mode": query.mode,
            "as_of_ms": query.as_of_ms,
            "seed": query.seed,
            "count": query.count,
            "epoch": query.epoch.digest,
            "epoch_position": query.epoch.position,
            "history_offset": query.history.offset,
            "tail": list(query.tail),
            "columns": list(COLUMNS),
            "candidates": candidates.ids.astype("<i8").tobytes(),
            "sources": [",".join(names) for names in candidates.sources],
            "rows": candidates.features.astype("<i4").tobytes(),
            "scores": candidates.scores.astype("<i8").tobytes(),
            "removed": {name: list(ids) for name, ids in result.trace.removed.items()},
            "failed": list(result.trace.failed),
            "slots": [[slot.index, slot.arm, slot.propensity_q30, slot.relaxed] for slot in result.slots],
        },
        canonical=True,
    )


def read_record(record: bytes) -> dict[str, object]:
    """The record's fields."""
    fields: dict[str, object] = cbor2.loads(record)
    return fields
