"""Videos and what belongs to them: captions of text, sounds, hashtags, renditions, and who may see what.

Row 3: stands on `accounts`; `media` makes its renditions, `feed` shows them.
"""
