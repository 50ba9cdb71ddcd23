"""What stands in nearly every page record beside its candidates, as a dictionary for Zstandard.

It is a part of the format (`packing.FORMAT`): never changed, or nothing that was packed with it can be read. Another
one needs another format.
"""

from typing import Final

import cbor2

_COLUMNS: Final = (
    "rows_short rows rows_lasting rows_played rows_liked place place_short crowd crowd_hours crowd_week crowd_long "
    "crowd_short crowd_surface crowd_pure surface_2h surface_8h surface_2d lift held newest since_surface hold "
    "hold_surface players_known known_gap hour creator duration duration_gap content content_new"
)
_SOURCES: Final = (
    "rows_short rows rows_played rows_liked place crowd crowd_hours crowd_short crowd_surface surface_2h surface_2d "
    "creator content turn fresh latest boosted promoted followed uniform again"
)
_FILTERS: Final = "private restricted seen blocked disliked reported saturated"
_ARMS: Final = ("turn", "explore", "trial", "followed", "audit", "again", "exploit")
TYPICAL: Final[bytes] = cbor2.dumps(
    {
        "again": [[0, arm, 1 << 30, flag] for arm in _ARMS for flag in (True, False)],
        "as_of_ms": 1_800_000_000_000,
        "before": [[0, 0]],
        "budget": {
            "trial_in_10": 1,
            "audit_in_1000": 5,
            "explore_in_10": 2,
            "creator_percent": 20,
            "trials_of_a_creator": 1,
        },
        "changes": [],
        "columns": _COLUMNS.split(),
        "context": [],
        "count": 10,
        "digests": {"scores": bytes(16), "turned": bytes(16), "worth": bytes(16)},
        "epoch": "",
        "epoch_position": 0,
        "experiments": {},
        "failed": [],
        "followed": [],
        "history_offset": 0,
        "left_out": [],
        "lent": [],
        "mode": "taste",
        "reach": [],
        "reach_key": 1 << 62,
        "recipe": "for-you-6",
        "refused": [],
        "removed": {name: [] for name in _FILTERS.split()},
        "seed": 1 << 62,
        "slots": [[0, arm, 1 << 29, False] for arm in _ARMS],
        "sources": _SOURCES.split(),
        "stood": [[-1 << 17, 0, 1, 0]],
        "tail": [],
        "teams": {},
        "turned_context": [],
        "turns_to": [],
        "values": "fc513c29a55c8ac2e3eb3f24c23aa378608c3fe6c5830e02659568f3a28f2c1f",
        "version": 7,
    },
    canonical=True,
)
