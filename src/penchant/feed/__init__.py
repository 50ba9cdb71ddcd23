"""The page: sources, hydrators, filters, scorers, selector, safety check, effects, in one readable list.

Row 6: stands on `taste`, `catalog`, `accounts`, `events`.
"""
