"""People: accounts, the random subjects that events carry, sessions, keys, follows, blocks, ages and what they need.

Row 2: stands on `markets`, `events` and `core`; `catalog` and `taste` stand on it.
"""
