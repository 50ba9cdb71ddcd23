"""The commands of `penchant`.

Row 10: nothing stands on it.
"""
