"""The ledger: an append-only record of what a cell did, signed and provable. Row 1: stands on `core`.

Other rooms append typed leaves inside their own transactions; one sequencer orders them, writes tiles and signs.
"""
