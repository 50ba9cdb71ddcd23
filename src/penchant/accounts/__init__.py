"""People: accounts, the random subjects that events carry, sessions, keys, follows, blocks, ages.

Row 2: stands on `markets`, `events` and `core`; `catalog` and `taste` stand on it.
"""
