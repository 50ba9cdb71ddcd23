"""A market: the rules of one cell, the orders about it and its life cycle. Row 1: stands on `core`; every cell is
built from one `Market`.
"""
