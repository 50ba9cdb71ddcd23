"""Keeping an installation alive: processes, backup, restore, checks.

Row 7: beside `adapters`, `lab` and `demo`.
"""
