"""Protecting people: reports, decisions with reasons.

Row 4: stands on `catalog` and `accounts`; `feed` asks it last.
"""
