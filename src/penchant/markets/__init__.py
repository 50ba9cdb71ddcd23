"""A market: the rules of one cell. Row 1: stands on `core`; every cell is built from one `Market`."""
