"""A market: the rules of one cell, the orders about it, its life cycle, and the gateway to others.

Row 1: stands on `core`; every cell is built from one `Market`. What crosses, and what becomes of it:
`operations.crossings`.
"""
