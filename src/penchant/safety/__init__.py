"""Protecting people: policy and decisions, detectors, queue and appeals, notes, what spreads too fast.

Row 4: stands on `catalog` and `accounts`; `feed` asks it last.
"""
